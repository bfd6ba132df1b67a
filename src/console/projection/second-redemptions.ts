/**
 * The interval to a user's second redemption in a campaign (D9), as events come: which of a batch
 * may be second ones is told by their readings, and the first is looked up among the sightings. A
 * first that lies more than seven days back, or is not kept, is not found.
 */
import { newCalendar, type TimeZone } from '../../core/event/time-zone.ts'
import type { Audit } from '../../core/schema.gen.ts'
import { attemptFailed } from '../../core/signals/observe.ts'
import { scopeMax } from './audit-counts.ts'
import { keptText } from './kept-text.ts'

export function secondsOf(audits: readonly Audit[], zone: TimeZone): readonly object[] {
  const calendar = newCalendar(zone)
  return audits.flatMap(({ event, inputs, decision }) => {
    const redemptions = inputs.readings.user?.redemptions_7d ?? 0
    if (event.kind !== 'redemption' || attemptFailed(event) || redemptions < 2) return []
    return [
      {
        key: decision.eventKey,
        user_name: keptText(event.user),
        campaign: keptText(event.campaign),
        scope: keptText(`campaign:${event.campaign}`, scopeMax),
        day: calendar(event.occurredAt).day,
        occurred_at: event.occurredAt,
      },
    ]
  })
}

/** Counts those with exactly one redemption before them; the scope's day is there already. */
export const addSeconds = `UPDATE scope_days AS s
  SET seconds = s.seconds + t.seconds, second_ms = s.second_ms + t.second_ms
  FROM (
    SELECT r.day, r.scope, count(*) AS seconds, sum(r.occurred_at - b.first_at)::bigint AS second_ms
    FROM json_to_recordset($1::json) AS r(
      key text, user_name text, campaign text, scope text, day integer, occurred_at bigint)
    CROSS JOIN LATERAL (
      SELECT count(*) AS earlier, min(occurred_at) AS first_at
      FROM (
        SELECT occurred_at FROM sightings
        WHERE user_name = r.user_name AND occurred_at < r.occurred_at
          AND occurred_at > r.occurred_at - 604800000
          AND kind = 'redemption' AND campaign = r.campaign
        ORDER BY occurred_at DESC LIMIT 2
      ) AS two
    ) AS b
    WHERE b.earlier = 1
    GROUP BY r.day, r.scope
  ) AS t
  WHERE s.day = t.day AND s.scope = t.scope`
