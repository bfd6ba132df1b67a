/**
 * What verdicts add up to per rule, first rule and alert: changed wherever a case's verdict is, so
 * that precision and what still waits need no walk over the cases.
 */
import type { Queries } from '../database.ts'

/**
 * Adds the verdicts of these cases, as they stand now, to the marks; with -1 takes them away. Rows
 * are changed in the order of their names, or two at once would wait in a circle.
 */
export async function markVerdicts(
  queries: Queries,
  keys: readonly string[],
  by: 1 | -1,
): Promise<void> {
  await queries.query(
    `WITH named AS (
       SELECT 'rule' AS kind, unnest(rules) AS name, verdict FROM cases WHERE key = ANY($1::text[])
       UNION ALL
       SELECT 'first', rules[1], verdict FROM cases
       WHERE key = ANY($1::text[]) AND rules[1] IS NOT NULL
       UNION ALL
       SELECT 'alert', unnest(alert_ids), verdict FROM cases WHERE key = ANY($1::text[])
     )
     INSERT INTO marks (kind, name, fraud, legitimate, inconclusive)
     SELECT kind, name,
       $2::bigint * count(*) FILTER (WHERE verdict = 'fraud'),
       $2::bigint * count(*) FILTER (WHERE verdict = 'legitimate'),
       $2::bigint * count(*) FILTER (WHERE verdict = 'inconclusive')
     FROM named GROUP BY kind, name ORDER BY kind, name
     ON CONFLICT (kind, name) DO UPDATE SET
       fraud = marks.fraud + excluded.fraud,
       legitimate = marks.legitimate + excluded.legitimate,
       inconclusive = marks.inconclusive + excluded.inconclusive`,
    [keys, by],
  )
}
