/** Alerts: when they were raised and cleared, what stands behind them, and who looks after them. */
import { calendarDay, dayStart } from '../../core/event/time-zone.ts'
import type { AlertShape } from '../api/programme-shapes.ts'
import { caseRowOf, type StoredCase } from '../cases/case-row.ts'
import { newParameters, readCases } from '../cases/filter.ts'
import type { Queries } from '../database.ts'
import { type Handlers, Refusal } from '../handlers.ts'
import type { ConsoleParts } from '../parts.ts'
import { oneOf } from '../store/store.ts'
import { dayNumber } from './calendar-date.ts'
import { shownScope } from './scope-names.ts'
import { sharePoints } from './shares.ts'

type Alerts = Pick<Handlers, 'listAlerts' | 'showAlert' | 'acknowledgeAlert'>

interface AlertRow {
  readonly id: string
  readonly condition: string
  readonly scope: string
  readonly day: number
  readonly state: AlertShape['state']
  readonly raised_at: number
  readonly cleared_at: number | null
  readonly closed_at: number | null
  readonly redemptions: number
  readonly abnormal: number
  readonly abnormal_users: number
  readonly share: number
  readonly threshold: number
  readonly acknowledged_by: string | null
  readonly acknowledged_at: number | null
  readonly escalated: number
  readonly waiting: number
}

const alertSql = `SELECT a.*, coalesce(m.cases, 0) AS escalated,
    coalesce(m.cases - m.fraud - m.legitimate - m.inconclusive, 0) AS waiting
  FROM alerts a LEFT JOIN marks m ON m.kind = 'alert' AND m.name = a.id`

function alertOf(row: AlertRow): AlertShape {
  return {
    id: row.id,
    condition: row.condition,
    scope: shownScope(row.scope),
    day: row.day,
    state: row.state,
    raisedAt: row.raised_at,
    clearedAt: row.cleared_at,
    closedAt: row.closed_at,
    redemptions: row.redemptions,
    abnormal: row.abnormal,
    abnormalUsers: row.abnormal_users,
    share: row.share,
    threshold: row.threshold,
    acknowledgedBy: row.acknowledged_by,
    acknowledgedAt: row.acknowledged_at,
    escalated: row.escalated,
    waiting: row.waiting,
  }
}

async function alertById(queries: Queries, id: string): Promise<AlertRow> {
  const row = await oneOf<AlertRow>(queries, `${alertSql} WHERE a.id = $1`, [id])
  if (row === null) throw new Refusal(404, 'unknown-alert', 'there is no such alert')
  return row
}

const sampledMax = 500
const samplesMax = 10
const reasonsMax = 10

export function newAlerts(parts: ConsoleParts): Alerts {
  const { database, engine, onChanged } = parts
  return {
    async listAlerts() {
      const sql = `${alertSql} ORDER BY a.raised_at DESC, a.id DESC LIMIT 200`
      return { rows: (await database.query<AlertRow>(sql)).map(alertOf) }
    },

    async showAlert({ params, caller, at }) {
      const row = await alertById(database, params.id ?? '')
      const { minRedemptions, minAbnormal, minAbnormalUsers } = engine.playbook.alerting
      const [points, flagged] = await Promise.all([
        sharePoints(database, row.scope, dayNumber(row.day)),
        flaggedOf(parts, row, caller.name, at),
      ])
      return {
        alert: alertOf(row),
        points,
        minimums: {
          redemptions: minRedemptions,
          abnormal: minAbnormal,
          abnormalUsers: minAbnormalUsers,
        },
        reasons: reasonsOf(flagged),
        samples: flagged.slice(0, samplesMax).map((one) => caseRowOf(one, at)),
      }
    },

    async acknowledgeAlert({ params, caller, at }) {
      await alertById(database, params.id ?? '')
      await database.query(
        `UPDATE alerts SET acknowledged_by = $2, acknowledged_at = $3
         WHERE id = $1 AND acknowledged_by IS NULL`,
        [params.id ?? '', caller.name, at],
      )
      onChanged(['alerts'])
      return alertOf(await alertById(database, params.id ?? ''))
    },
  }
}

/** Redemptions of the scope and day that are cases, those of the highest risk. */
async function flaggedOf(
  { database, engine }: ConsoleParts,
  { scope, day }: AlertRow,
  me: string,
  at: number,
): Promise<readonly StoredCase[]> {
  const zone = engine.playbook.timeZone
  const from = dayStart(zone, dayNumber(day))
  const { end } = calendarDay(zone, from)
  const parameters = newParameters()
  const of = `occurred_at >= ${parameters.add(from)} AND occurred_at < ${parameters.add(end)}`
  const [kind, ...rest] = scope.split(':')
  const name = rest.join(':')
  const narrowed =
    kind === 'campaign' || kind === 'merchant' || kind === 'channel'
      ? [`${kind} = ${parameters.add(name)}`]
      : []
  const context = { filter: { kind: 'redemption' }, me, at, engine }
  const page = { limit: sampledMax, after: null, more: [of, ...narrowed] }
  return (await readCases(database, context, page, parameters)) ?? []
}

function reasonsOf(cases: readonly StoredCase[]) {
  const counted = new Map<string, { reason: NonNullable<StoredCase['reason']>; count: number }>()
  for (const { reason } of cases) {
    if (reason === null) continue
    const one = counted.get(reason.code) ?? { reason, count: 0 }
    one.count += 1
    counted.set(reason.code, one)
  }
  return [...counted.values()].sort((a, b) => b.count - a.count).slice(0, reasonsMax)
}
