/**
 * The queue's filter → SQL. Everything a person types is a parameter, and what an event may carry
 * goes through the same keptText as the rows did.
 *
 * A page of the queue is a union of walks, one for each state and outcome that the filter leaves,
 * each along its own stretch of an index; so the first page of a million cases reads as many rows
 * as it shows, and the next page goes on from the last row by comparing with it.
 */
import type { CaseFilter } from '../api/case-shapes.ts'
import type { Value } from '../database.ts'
import type { Engine } from '../engine.ts'
import { keptText } from '../projection/kept-text.ts'
import type { StoredCase } from './case-row.ts'
import { type TagKind, tagOf } from './tags.ts'

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

/** Conditions on cases, but for state and outcome. */
export function conditionsOf(context: FilterContext, parameters: Parameters): readonly string[] {
  const { filter } = context
  const conditions: string[] = []
  const anyTag = (kind: TagKind, values: readonly string[]) => {
    if (values.length === 0) return
    const tags = values.map((value) => tagOf(kind, value))
    const operator = tags.length === 1 ? '@>' : '&&'
    conditions.push(`tags ${operator} ${parameters.add(tags)}::text[]`)
  }
  const oneTag = (kind: TagKind, value: string | undefined) =>
    anyTag(kind, value === undefined ? [] : [value])
  anyTag('rule', listed(filter.rule))
  anyTag('tier', listed(filter.tier))
  anyTag('campaign', listed(filter.campaign))
  anyTag('merchant', listed(filter.merchant))
  anyTag('channel', listed(filter.channel))
  oneTag('user', filter.user)
  oneTag('device', filter.device)
  oneTag('ip', filter.ip)
  oneTag('alert', filter.alert)
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
  const search = filter.search?.trim() ?? ''
  if (search !== '') conditions.push(searched(search, context, parameters))
  return conditions
}

function assigned({ filter, me, at }: FilterContext, parameters: Parameters): string {
  const now = parameters.add(at)
  if (filter.assignee === 'nobody') return `(assignee IS NULL OR locked_until <= ${now})`
  const who = filter.assignee === 'me' ? me : keptText(filter.assignee ?? '')
  return `(assignee = ${parameters.add(who)} AND locked_until > ${now})`
}

const searchedKinds: readonly TagKind[] = [
  ...(['user', 'device', 'ip', 'phone', 'code', 'referrer', 'sender', 'event'] as const),
  ...(['campaign', 'merchant', 'alert', 'rule'] as const),
]
const keptKinds = ['user', 'device', 'ip', 'phone', 'code', 'referrer'] as const
const keyStart = /^[0-9a-f]{4,32}(?:@.*)?$/

/** The text as it stands and in the form that lists keep it, of every kind; or a key's start. */
function searched(search: string, { engine }: FilterContext, parameters: Parameters): string {
  const tags = new Set(searchedKinds.map((kind) => tagOf(kind, search)))
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

export interface PageOf {
  readonly limit: number
  /** The last row of the page before, as `cursorOf` gave it. */
  readonly after: string | null
  /** States to walk; default: those of the filter. */
  readonly states?: readonly string[]
  readonly more?: readonly string[]
}

/** SELECT of `columns`, in order. Null where `after` is no cursor of this order. */
export function pageSql(
  context: FilterContext,
  columns: string,
  page: PageOf,
  parameters: Parameters,
): string | null {
  const { filter } = context
  const { columns: by, direction } = orders[orderOf(filter)]
  const conditions = [...conditionsOf(context, parameters), ...(page.more ?? [])]
  if (page.after !== null) {
    const last = parseCursor(page.after, by)
    if (last === null) return null
    const values = last.map((value, at) => `${parameters.add(value)}${casts[by[at]!] ?? ''}`)
    const operator = direction === 'DESC' ? '<' : '>'
    conditions.push(`(${by.join(', ')}) ${operator} (${values.join(', ')})`)
  }
  const order = `ORDER BY ${by.map((column) => `${column} ${direction}`).join(', ')}`
  const limit = `LIMIT ${parameters.add(page.limit)}`
  const walks = walksOf(filter, page.states).map(([state, outcome]) => {
    const where = [`state = '${state}'`, `outcome = '${outcome}'`, ...conditions].join(' AND ')
    return `(SELECT ${columns} FROM cases WHERE ${where} ${order} ${limit})`
  })
  return `SELECT * FROM (${walks.join(' UNION ALL ')}) AS walked ${order} ${limit}`
}

const casts: Partial<Record<keyof StoredCase, string>> = {
  score: '::smallint',
  money: '::bigint',
  recorded_at: '::bigint',
  key: '::text',
}

export type Walk = readonly [state: string, outcome: string]

/** Texts of our own only. */
export function walksOf(filter: CaseFilter, states?: readonly string[]): readonly Walk[] {
  const wanted = listed(filter.outcome)
  const outcomes = (['review', 'block'] as const).filter(
    (one) => wanted.length === 0 || wanted.includes(one),
  )
  // None that there is: one walk that finds nothing, so that every parameter is still used.
  const walked = outcomes.length === 0 ? ['none'] : outcomes
  const { state } = filter
  const of = states ?? (state === undefined || state === 'any' ? ['open', 'decided'] : [state])
  return of.flatMap((one) => walked.map((outcome): Walk => [one, outcome]))
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
