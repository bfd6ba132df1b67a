/** The share of abnormal redemptions of a scope over a day, from the counters of the projection. */
import type { z } from 'zod'
import { pointMs } from '../../core/alerting/day-forecast.ts'
import type { sharePoint } from '../api/programme-shapes.ts'
import type { Queries } from '../database.ts'
import type { Handlers } from '../handlers.ts'
import type { ConsoleParts } from '../parts.ts'
import { scopeMax } from '../projection/audit-counts.ts'
import { keptText } from '../projection/kept-text.ts'
import { oneOf } from '../store/store.ts'
import { calendarDate, dayNumber } from './calendar-date.ts'
import { coreScope, shownScope } from './scope-names.ts'

type SharePoint = z.output<typeof sharePoint>

const scopesMax = 50

export async function sharePoints(
  queries: Queries,
  scope: string,
  day: number,
): Promise<SharePoint[]> {
  const rows = await queries.query<{ at: number; redemptions: number; abnormal: number }>(
    `SELECT at, redemptions, abnormal FROM scope_points WHERE day = $1 AND scope = $2 ORDER BY at`,
    [day, keptText(scope, scopeMax)],
  )
  let redemptions = 0
  let abnormal = 0
  return rows.map((row) => {
    redemptions += row.redemptions
    abnormal += row.abnormal
    const share = redemptions === 0 ? 0 : abnormal / redemptions
    return { at: row.at + pointMs, redemptions, abnormal, share }
  })
}

export function newShares({ database, engine }: ConsoleParts): Pick<Handlers, 'showShares'> {
  return {
    async showShares({ query }) {
      const day = query.day === undefined ? await newestDay(database) : dayNumber(query.day)
      const [points, scopes] = await Promise.all([
        sharePoints(database, coreScope(query.scope), day),
        database.query<{ scope: string }>(
          `SELECT scope FROM scope_days WHERE day = $1
           ORDER BY redemptions DESC, scope LIMIT ${scopesMax}`,
          [day],
        ),
      ])
      return {
        scope: shownScope(coreScope(query.scope)),
        day: calendarDate(day),
        points,
        threshold: engine.playbook.alerting.abnormalShareMax,
        minimum: engine.playbook.alerting.minRedemptions,
        scopes: scopes.map(({ scope }) => shownScope(scope)),
      }
    },
  }
}

/** Of the newest event time that has redemptions. */
export async function newestDay(queries: Queries): Promise<number> {
  const sql = 'SELECT max(day) AS day FROM scope_days'
  const row = await oneOf<{ day: number | null }>(queries, sql)
  return row?.day ?? 0
}
