/** Pages of the queue, and how many cases a filter leaves. */
import type { CaseFilter } from '../api/case-shapes.ts'
import type { Handlers } from '../handlers.ts'
import { Refusal } from '../handlers.ts'
import type { ConsoleParts } from '../parts.ts'
import { caseRowOf } from './case-row.ts'
import { cursorOf, newParameters, readCases, type Variant, variantsOf, walksOf } from './filter.ts'
import { isEmpty } from './spans.ts'

const limitDefault = 100
/** Cases that are looked at to count. */
const countedMax = 10_000
const waitingMax = 100_000
const facetMax = 50

type Listing = Pick<Handlers, 'listCases' | 'countCases'>

export function newListing({ database, engine }: ConsoleParts): Listing {
  return {
    async listCases({ query, caller, at }) {
      const { limit = limitDefault, after = null, ...filter } = query
      const context = { filter, me: caller.name, at, engine }
      const rows = await readCases(database, context, { limit: limit + 1, after })
      if (rows === null) throw new Refusal(400, 'bad-cursor', 'after is not of this order')
      const shown = rows.slice(0, limit)
      const last = shown.at(-1)
      return {
        rows: shown.map((row) => caseRowOf(row, at)),
        next: rows.length > limit && last !== undefined ? cursorOf(last, filter) : null,
      }
    },

    async countCases({ query, caller, at }) {
      const parameters = newParameters()
      const context = { filter: query, me: caller.name, at, engine }
      const variants = await variantsOf(database, context, parameters)
      const sql = countSql(query, variants, parameters.add(at))
      const [counted, [waiting]] = await Promise.all([
        sql === null ? [] : database.query<Facet>(sql, parameters.values),
        database.query<{ waiting: number; oldest: number | null }>(waitingSql, [waitingMax]),
      ])
      const facet = (name: string) =>
        counted
          .filter((one) => one.facet === name && one.value !== null)
          .map(({ value, count }) => ({ value: value!, count }))
          .slice(0, facetMax)
      const total = counted.find((one) => one.facet === 'total')?.count ?? 0
      return {
        total: Math.min(total, countedMax),
        isCapped: total > countedMax,
        outcome: facet('outcome'),
        rule: facet('rule'),
        campaign: facet('campaign'),
        merchant: facet('merchant'),
        channel: facet('channel'),
        assignee: facet('assignee'),
        waiting: waiting?.waiting ?? 0,
        oldestRecordedAt: waiting?.oldest ?? null,
      }
    },
  }
}

interface Facet {
  readonly facet: string
  readonly value: string | null
  readonly count: number
}

function countSql(filter: CaseFilter, variants: readonly Variant[], now: string): string | null {
  const columns = 'outcome, rules, campaign, merchant, channel, assignee, locked_until'
  const limit = `LIMIT ${countedMax + 1}`
  // In an index's order, so that what the filter bounds is where the walk begins.
  const isTimed = filter.from !== undefined || filter.to !== undefined
  const along = isTimed
    ? 'ORDER BY recorded_at DESC, key DESC'
    : 'ORDER BY score DESC, money DESC, recorded_at DESC, key DESC'
  const walks = variants.flatMap(({ conditions, spans, isByTags }) => {
    const on = walksOf(filter).map(([state, outcome]) =>
      spans !== null && isEmpty(spans[outcome], filter)
        ? 'false'
        : `(state = '${state}' AND outcome = '${outcome}')`,
    )
    const rows = (own: string) =>
      `SELECT ${columns} FROM cases WHERE ${[own, ...conditions].join(' AND ')}`
    if (!isByTags) return on.map((own) => `(${rows(own)} ${along} ${limit})`)
    // The limit is kept from the planner, who would read the whole table in hope of an early end.
    return on.length === 0
      ? []
      : [`(SELECT * FROM (${rows(`(${on.join(' OR ')}) IS TRUE`)} OFFSET 0) AS found ${limit})`]
  })
  if (walks.length === 0) return null
  const all = walks.join(' UNION ALL ')
  const held = `CASE WHEN locked_until > ${now} THEN assignee END`
  const facets = ['outcome', 'campaign', 'merchant', 'channel'].map((name) => one(name, name))
  return `WITH found AS MATERIALIZED (SELECT * FROM (${all}) AS a LIMIT ${countedMax + 1})
    SELECT 'total' AS facet, NULL AS value, count(*) AS count FROM found
    ${[...facets, one('assignee', held)].join('')}
    UNION ALL (SELECT 'rule', rule, count(*) FROM found, unnest(rules) AS rule
      GROUP BY rule ORDER BY 3 DESC, 2 LIMIT ${facetMax})`
}

const one = (name: string, value: string) =>
  ` UNION ALL (SELECT '${name}', ${value}, count(*) FROM found
      GROUP BY 2 ORDER BY 3 DESC, 2 LIMIT ${facetMax + 1})`

/** Of outcome review: what is blocked already waits for nobody. */
export const waitingSql = `SELECT
    (SELECT count(*) FROM (
       SELECT 1 FROM cases WHERE state = 'open' AND outcome = 'review' LIMIT $1) AS w) AS waiting,
    (SELECT recorded_at FROM cases WHERE state = 'open' AND outcome = 'review'
     ORDER BY recorded_at, key LIMIT 1) AS oldest`
