/**
 * What is known of the cases that a filter leaves before any is read: at most how many of each
 * outcome there are, and between which scores, sums and times they lie. Kept for tags that many
 * cases share, by the projection; a filter without any such tag knows only what holds for all.
 */
import type { CaseFilter } from '../api/case-shapes.ts'
import type { Queries, Value } from '../database.ts'
import type { CaseRecord } from '../projection/audit-rows.ts'
import { type TagKind, tagKinds } from './tags.ts'

export interface Span {
  /** At most so many; 0: none for certain. */
  readonly cases: number
  readonly score_min: number
  readonly score_max: number
  readonly money_max: number
  readonly recorded_min: number
  readonly recorded_max: number
}
export type Spans = Readonly<Record<'review' | 'block', Span>>

interface SpanRow extends Span {
  readonly tag: string
  readonly outcome: 'review' | 'block'
}

/** Kinds of tags that many cases share. */
const sharedKinds = ['rule', 'tier', 'campaign', 'merchant', 'channel', 'alert'] as const
const shared = new Set<string>(sharedKinds.map((kind: TagKind) => tagKinds[kind]))
const isShared = (tag: string) => tag[1] === ':' && shared.has(tag[0]!)
const ofAll = ''

const none: Span = {
  cases: 0,
  score_min: 101,
  score_max: -1,
  money_max: -1,
  recorded_min: Number.MAX_SAFE_INTEGER,
  recorded_max: -1,
}

/** What cases have that have a tag of each of the groups. */
export async function spansOf(
  queries: Queries,
  groups: readonly (readonly string[])[],
): Promise<Spans> {
  const rows = await queries.query<SpanRow>('SELECT * FROM spans WHERE tag = ANY($1::text[])', [
    [ofAll, ...groups.flat()],
  ])
  const of = (outcome: SpanRow['outcome']): Span => {
    const each = [[ofAll], ...groups].map((tags) =>
      rows
        .filter((row) => row.outcome === outcome && tags.includes(row.tag))
        .reduce<Span>(eitherOf, none),
    )
    return each.reduce(bothOf)
  }
  return { review: of('review'), block: of('block') }
}

/**
 * Of cases that an index on tags finds, where there are not more than `max`; else null. Looks at
 * `max` of them at most.
 */
export async function spansFound(
  queries: Queries,
  condition: string,
  { values, max }: { readonly values: readonly Value[]; readonly max: number },
): Promise<Spans | null> {
  // The limit is kept from the planner, who would walk another index in hope of an early end.
  const rows = await queries.query<Omit<SpanRow, 'tag'>>(
    `SELECT outcome, count(*) AS cases, min(score) AS score_min, max(score) AS score_max,
       max(money) AS money_max, min(recorded_at) AS recorded_min, max(recorded_at) AS recorded_max
     FROM (SELECT * FROM (SELECT outcome, score, money, recorded_at FROM cases
             WHERE ${condition} OFFSET 0) AS every LIMIT ${max + 1}) AS found
     GROUP BY outcome`,
    values,
  )
  const of = (outcome: SpanRow['outcome']) => rows.find((row) => row.outcome === outcome) ?? none
  const spans = { review: of('review'), block: of('block') }
  return isFew(spans, max) ? spans : null
}

/** Of these tags, those that some case has. */
export async function knownTags(
  queries: Queries,
  tags: readonly string[],
): Promise<readonly string[]> {
  const sql = 'SELECT DISTINCT tag FROM spans WHERE tag = ANY($1::text[])'
  return (await queries.query<{ tag: string }>(sql, [tags])).map(({ tag }) => tag)
}

const eitherOf = (a: Span, b: Span): Span => ({
  cases: a.cases + b.cases,
  score_min: Math.min(a.score_min, b.score_min),
  score_max: Math.max(a.score_max, b.score_max),
  money_max: Math.max(a.money_max, b.money_max),
  recorded_min: Math.min(a.recorded_min, b.recorded_min),
  recorded_max: Math.max(a.recorded_max, b.recorded_max),
})

const bothOf = (a: Span, b: Span): Span => ({
  cases: Math.min(a.cases, b.cases),
  score_min: Math.max(a.score_min, b.score_min),
  score_max: Math.min(a.score_max, b.score_max),
  money_max: Math.min(a.money_max, b.money_max),
  recorded_min: Math.max(a.recorded_min, b.recorded_min),
  recorded_max: Math.min(a.recorded_max, b.recorded_max),
})

/** Whether the filter's own bounds leave none of them. */
export function isEmpty(span: Span, { scoreMin, scoreMax, from, to }: CaseFilter): boolean {
  return (
    span.cases === 0 ||
    Math.max(span.score_min, scoreMin ?? 0) > Math.min(span.score_max, scoreMax ?? 100) ||
    Math.max(span.recorded_min, from ?? 0) > Math.min(span.recorded_max, to ?? span.recorded_max)
  )
}

/** Whether so few have the tags that all of them can be read. */
export const isFew = ({ review, block }: Spans, max: number): boolean =>
  review.cases + block.cases <= max

/** What new cases add. */
export function addedSpans(cases: readonly CaseRecord[]): readonly SpanRow[] {
  const spans = new Map<string, SpanRow>()
  for (const { outcome, score, money, recorded_at, tags } of cases) {
    if (outcome === 'allow') continue
    const own: Span = {
      cases: 1,
      score_min: score,
      score_max: score,
      money_max: money,
      recorded_min: recorded_at,
      recorded_max: recorded_at,
    }
    for (const tag of [ofAll, ...new Set(tags.filter(isShared))]) {
      const key = `${outcome} ${tag}`
      spans.set(key, { tag, outcome, ...eitherOf(spans.get(key) ?? none, own) })
    }
  }
  return [...spans.values()]
}

export const addSpans = `INSERT INTO spans AS s
    (tag, outcome, cases, score_min, score_max, money_max, recorded_min, recorded_max)
  SELECT * FROM json_to_recordset($1::json) AS r(
    tag text, outcome text, cases bigint, score_min smallint, score_max smallint, money_max bigint,
    recorded_min bigint, recorded_max bigint)
  ORDER BY tag, outcome
  ON CONFLICT (tag, outcome) DO UPDATE SET
    cases = s.cases + excluded.cases,
    score_min = least(s.score_min, excluded.score_min),
    score_max = greatest(s.score_max, excluded.score_max),
    money_max = greatest(s.money_max, excluded.money_max),
    recorded_min = least(s.recorded_min, excluded.recorded_min),
    recorded_max = greatest(s.recorded_max, excluded.recorded_max)`
