/**
 * The queue's filter → SQL. Everything a person types is a parameter, and what an event may carry
 * goes through the same keptText as the rows did.
 *
 * A page of the queue is a union of walks, one for each state and outcome that the filter leaves,
 * each along its own stretch of an index; so the first page of a million cases reads as many rows
 * as it shows, and the next page goes on from the last row by comparing with it.
 */
import type { CaseFilter } from '../api/case-shapes.ts'
import type { Queries, Value } from '../database.ts'
import type { Engine } from '../engine.ts'
import { keptText } from '../projection/kept-text.ts'
import { caseColumns, type StoredCase } from './case-row.ts'
import { isEmpty, isFew, knownTags, type Span, type Spans, spansFound, spansOf } from './spans.ts'
import { tagOf } from './tags.ts'

export interface FilterContext {
  readonly filter: CaseFilter
  /** Who asks: `me` in the filter. */
  readonly me: string
  readonly at: number
  readonly engine: Pick<Engine, 'keep'>
}

/** Collects parameters: `add` gives the `$n` of one. */
export interface Parameters {
  readonly values: Value[]
  add(value: Value): string
}

export function newParameters(): Parameters {
  const values: Value[] = []
  return { values, add: (value) => `$${values.push(value)}` }
}

type Order = NonNullable<CaseFilter['order']>

interface OrderBy {
  readonly columns: readonly (keyof StoredCase)[]
  readonly direction: 'ASC' | 'DESC'
}
const orders: Readonly<Record<Order, OrderBy>> = {
  risk: { columns: ['score', 'money', 'recorded_at', 'key'], direction: 'DESC' },
  newest: { columns: ['recorded_at', 'key'], direction: 'DESC' },
  oldest: { columns: ['recorded_at', 'key'], direction: 'ASC' },
  money: { columns: ['money', 'score', 'recorded_at', 'key'], direction: 'DESC' },
}
export const orderOf = (filter: CaseFilter): Order => filter.order ?? 'risk'

const listed = (text: string | undefined): readonly string[] =>
  text === undefined
    ? []
    : text
        .split(',')
        .map((one) => keptText(one.trim()))
        .filter((one) => one !== '')

/** Tags that many cases have, one list a field: a case has one of each. */
export function sharedTags(filter: CaseFilter): readonly (readonly string[])[] {
  const several = (['rule', 'tier', 'campaign', 'merchant', 'channel'] as const).map((kind) =>
    listed(filter[kind]).map((value) => tagOf(kind, value)),
  )
  const alert = filter.alert === undefined ? [] : [tagOf('alert', filter.alert)]
  return [...several, alert].filter((tags) => tags.length > 0)
}

/** One value each, whatever is in it. */
const rareTags = (filter: CaseFilter): readonly (readonly string[])[] =>
  (['user', 'device', 'ip'] as const).flatMap((kind) => {
    const value = filter[kind]
    return value === undefined ? [] : [[tagOf(kind, value)]]
  })

/** Conditions on cases, but for state and outcome. */
export function conditionsOf(context: FilterContext, parameters: Parameters): readonly string[] {
  const { filter } = context
  const conditions: string[] = []
  for (const tags of [...sharedTags(filter), ...rareTags(filter)]) {
    const operator = tags.length === 1 ? '@>' : '&&'
    conditions.push(`tags ${operator} ${parameters.add(tags)}::text[]`)
  }
  const isOneOf = (column: string, values: readonly string[]) => {
    if (values.length > 0) conditions.push(`${column} = ANY(${parameters.add(values)}::text[])`)
  }
  isOneOf('kind', listed(filter.kind))
  isOneOf('verdict', listed(filter.verdict))
  const compare = (column: string, operator: '>=' | '<=', value: number | undefined) => {
    if (value !== undefined) conditions.push(`${column} ${operator} ${parameters.add(value)}`)
  }
  compare('score', '>=', filter.scoreMin)
  compare('score', '<=', filter.scoreMax)
  compare('recorded_at', '>=', filter.from)
  compare('recorded_at', '<=', filter.to)
  if (filter.secondOpinion === 'true') conditions.push('second_opinion')
  if (filter.assignee !== undefined) conditions.push(assigned(context, parameters))
  return conditions
}

function assigned({ filter, me, at }: FilterContext, parameters: Parameters): string {
  const now = parameters.add(at)
  if (filter.assignee === 'nobody') return `(assignee IS NULL OR locked_until <= ${now})`
  const who = filter.assignee === 'me' ? me : keptText(filter.assignee ?? '')
  return `(assignee = ${parameters.add(who)} AND locked_until > ${now})`
}

/** Of few cases each, and of many. */
const rareKinds = ['user', 'device', 'ip', 'phone', 'code', 'referrer', 'sender', 'event'] as const
const searchedShared = ['campaign', 'merchant', 'alert', 'rule'] as const
const keptKinds = ['user', 'device', 'ip', 'phone', 'code', 'referrer'] as const
const keyStart = /^[0-9a-f]{4,32}(?:@.*)?$/

export const searchOf = (filter: CaseFilter): string => filter.search?.trim() ?? ''
const searchedTags = (search: string) => searchedShared.map((kind) => tagOf(kind, search))

/**
 * The text as it stands and in the form that lists keep it, of each kind that few cases share; or a
 * key's start.
 */
function searched(search: string, { engine }: FilterContext, parameters: Parameters): string {
  const tags = new Set(rareKinds.map((kind) => tagOf(kind, search)))
  for (const kind of keptKinds) {
    const kept = engine.keep(kind, search)
    if (kept !== null) tags.add(tagOf(kind, kept))
  }
  const found = `tags && ${parameters.add([...tags])}::text[]`
  const lower = search.toLowerCase()
  if (!keyStart.test(lower)) return found
  const start = lower.split('@')[0]!
  return `(${found} OR (key >= ${parameters.add(start)} AND key < ${parameters.add(`${start}g`)}))`
}

/** Cases of a filter, and what is known of them: together all variants leave each case once. */
export interface Variant {
  readonly conditions: readonly string[]
  /** Null where nothing is known. */
  readonly spans: Spans | null
  /** Whether tags are among the conditions. */
  readonly isByTags: boolean
}

/** A search is two: for what few cases have, and for what many have, which is found otherwise. */
export async function variantsOf(
  queries: Queries,
  context: FilterContext,
  parameters: Parameters,
): Promise<readonly Variant[]> {
  const { filter } = context
  const conditions = conditionsOf(context, parameters)
  const groups = sharedTags(filter)
  const { scoreMin, scoreMax, from, to } = filter
  const isBounded = [scoreMin, scoreMax, from, to].some((bound) => bound !== undefined)
  const spans = groups.length > 0 || isBounded ? await spansOf(queries, groups) : null
  const named = rareTags(filter)
  const isByTags = groups.length > 0 || named.length > 0
  const search = searchOf(filter)
  if (search === '') {
    const few = named.length === 0 ? null : await fewOf(queries, named)
    return [{ conditions, spans: few ?? spans, isByTags }]
  }
  const rare = searched(search, context, parameters)
  const own = newParameters()
  const found = searched(search, context, own)
  const of = { values: own.values, max: fewMaxDefault }
  const few = (await spansFound(queries, found, of)) ?? spans
  const first = { conditions: [...conditions, rare], spans: few, isByTags: true }
  const tags = await knownTags(queries, searchedTags(search))
  if (tags.length === 0) return [first]
  const many = [...conditions, `tags && ${parameters.add(tags)}::text[]`, `NOT ${rare}`]
  const ofMany = await spansOf(queries, [...groups, tags])
  return [first, { conditions: many, spans: ofMany, isByTags: true }]
}

/** What is known of the cases of a user, device or address; null where they are many. */
function fewOf(queries: Queries, named: readonly (readonly string[])[]): Promise<Spans | null> {
  const of = { values: [named.flat()], max: fewMaxDefault }
  return spansFound(queries, 'tags @> $1::text[]', of)
}

export interface PageOf {
  readonly limit: number
  /** The last row of the page before, as `cursorOf` gave it. */
  readonly after: string | null
  /** States to walk; default: those of the filter. */
  readonly states?: readonly string[]
  readonly more?: readonly string[]
  /** Up to so many are found and put in order; of more, an index is walked. Default 12,000. */
  readonly fewMax?: number
}

/** Cases in order. Null where `after` is no cursor of this order. */
export async function readCases(
  queries: Queries,
  context: FilterContext,
  page: PageOf,
  parameters: Parameters = newParameters(),
): Promise<readonly StoredCase[] | null> {
  const { filter } = context
  const { columns: by, direction } = orders[orderOf(filter)]
  const more = [...(page.more ?? [])]
  if (page.after !== null) {
    const last = parseCursor(page.after, by)
    if (last === null) return null
    const values = last.map((value, at) => `${parameters.add(value)}${casts[by[at]!] ?? ''}`)
    const operator = direction === 'DESC' ? '<' : '>'
    more.push(`(${by.join(', ')}) ${operator} (${values.join(', ')})`)
  }
  const variants = await variantsOf(queries, context, parameters)
  const order = `ORDER BY ${by.map((column) => `${column} ${direction}`).join(', ')}`
  const limit = `LIMIT ${parameters.add(page.limit)}`
  const on = walksOf(filter, page.states)
  const fewMax = page.fewMax ?? fewMaxDefault
  const walking = { filter, on, fewMax }
  const withMore = (one: Variant) => ({ ...one, conditions: [...one.conditions, ...more] })
  const walks = variants
    .flatMap((variant) => fromsOf(withMore(variant), walking))
    .map((from) => `(SELECT * FROM ${from} ${order} ${limit})`)
  if (walks.length === 0) return []
  const sql = `SELECT * FROM (${walks.join(' UNION ALL ')}) AS walked ${order} ${limit}`
  return await queries.query<StoredCase>(sql, parameters.values)
}

/** Rows that are read at random by their tags in some 50 ms. */
const fewMaxDefault = 12_000

interface Walking {
  readonly filter: CaseFilter
  readonly on: readonly Walk[]
  readonly fewMax: number
}

/**
 * Where many have the tags, the index of the order is walked for each state and outcome, from where
 * the first can be; few are found by their tags and put in order: a walk would pass the others by
 * the hundred thousand.
 */
function fromsOf({ conditions, spans }: Variant, { filter, on, fewMax }: Walking): string[] {
  const rows = (...where: string[]) =>
    `(SELECT ${caseColumns} FROM cases WHERE ${[...where, ...conditions].join(' AND ')}`
  const own = ([state, outcome]: Walk) => `state = '${state}' AND outcome = '${outcome}'`
  if (spans === null) return on.map((walk) => `${rows(own(walk))}) AS walk`)
  if (isFew(spans, fewMax) && on.length > 0) {
    // Said so that no index of an order is thought to be of use.
    const any = on.map((walk) => `(${own(walk)})`).join(' OR ')
    return [`${rows(`(${any}) IS TRUE`)} OFFSET 0) AS few`]
  }
  return on.map((walk) => {
    const span = spans[walk[1]]
    const bound = isEmpty(span, filter) ? 'false' : boundOf(span, orderOf(filter))
    return `${rows(own(walk), bound)}) AS walk`
  })
}

function boundOf({ score_max, money_max, recorded_min, recorded_max }: Span, order: Order): string {
  switch (order) {
    case 'risk':
      return `(score, money) <= (${score_max}::smallint, ${money_max}::bigint)`
    case 'money':
      return `(money, score) <= (${money_max}::bigint, ${score_max}::smallint)`
    case 'newest':
      return `recorded_at <= ${recorded_max}`
    case 'oldest':
      return `recorded_at >= ${recorded_min}`
  }
}

const casts: Partial<Record<keyof StoredCase, string>> = {
  score: '::smallint',
  money: '::bigint',
  recorded_at: '::bigint',
  key: '::text',
}

export type Walk = readonly [state: string, outcome: 'review' | 'block']

/** Texts of our own only. An outcome that there is not finds nothing. */
export function walksOf(filter: CaseFilter, states?: readonly string[]): readonly Walk[] {
  const wanted = listed(filter.outcome)
  const outcomes = (['review', 'block'] as const).filter(
    (one) => wanted.length === 0 || wanted.includes(one),
  )
  const { state } = filter
  const of = states ?? (state === undefined || state === 'any' ? ['open', 'decided'] : [state])
  return of.flatMap((one) => outcomes.map((outcome): Walk => [one, outcome]))
}

export function cursorOf(row: StoredCase, filter: CaseFilter): string {
  return orders[orderOf(filter)].columns.map((column) => String(row[column])).join('~')
}

function parseCursor(after: string, by: readonly string[]): readonly Value[] | null {
  const parts = after.split('~')
  if (parts.length !== by.length) return null
  const values = parts.map((part, at) => (by[at] === 'key' ? part : Number(part)))
  const isWhole = values.every((value) =>
    typeof value === 'number' ? Number.isSafeInteger(value) : /^[0-9a-f]{32}$/.test(value),
  )
  return isWhole ? values : null
}
