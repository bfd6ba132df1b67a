/**
 * Transitions of alerts → one row per raising. They may come out of order where a database is
 * filled anew by several readers, so a later state is never turned back.
 */

import type { Alert } from '../../core/schema.gen.ts'
import type { Queries } from '../database.ts'
import { calendarDate } from '../programme/calendar-date.ts'
import { giveBack } from './begin-anew.ts'
import { keptText } from './kept-text.ts'

export async function projectAlerts(queries: Queries, alerts: readonly Alert[]): Promise<void> {
  for (const alert of alerts) {
    if (alert.transition === 'unknown') continue
    const { at, transition } = alert
    await queries.query(upsert, [
      keptText(alert.raisedId, 420),
      alert.condition,
      keptText(alert.scope, 300),
      calendarDate(alert.day),
      transition,
      at,
      transition === 'cleared' ? at : null,
      transition === 'closed' ? at : null,
      alert.redemptions,
      alert.abnormal,
      alert.abnormalUsers,
      alert.share,
      alert.threshold,
    ])
  }
  const ids = alerts.map(({ raisedId }) => keptText(raisedId, 420))
  await giveBack(queries, 'alert', ids)
}

const upsert = `INSERT INTO alerts AS a
    (id, condition, scope, day, state, raised_at, cleared_at, closed_at, redemptions, abnormal,
     abnormal_users, share, threshold)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
  ON CONFLICT (id) DO UPDATE SET
    state = CASE
      WHEN 'closed' IN (a.state, excluded.state) THEN 'closed'
      WHEN 'cleared' IN (a.state, excluded.state) THEN 'cleared'
      ELSE 'raised' END,
    raised_at = least(a.raised_at, excluded.raised_at),
    cleared_at = coalesce(a.cleared_at, excluded.cleared_at),
    closed_at = coalesce(a.closed_at, excluded.closed_at),
    redemptions = greatest(a.redemptions, excluded.redemptions),
    abnormal = greatest(a.abnormal, excluded.abnormal),
    abnormal_users = greatest(a.abnormal_users, excluded.abnormal_users),
    share = CASE WHEN excluded.redemptions >= a.redemptions THEN excluded.share ELSE a.share END,
    threshold = CASE WHEN excluded.state = 'raised' THEN excluded.threshold ELSE a.threshold END`
