/**
 * The queue's filter and its form in the URL. The URL is the state: what is shared, saved and gone
 * back to is the query string, and anything in it that is no filter is left out.
 */
import type { CaseFilter } from '../../api/case-shapes.ts'

/** A filter as it is sent: every field that is there. */
export type CaseQuery = Readonly<CaseFilter>

const states = ['open', 'decided', 'any'] as const
const orders = ['risk', 'newest', 'oldest', 'money'] as const
export type Order = (typeof orders)[number]

/** Fields that hold several values with commas between them. */
export const severalFields = [
  'outcome',
  'rule',
  'tier',
  'campaign',
  'merchant',
  'channel',
  'kind',
  'verdict',
] as const
export type SeveralField = (typeof severalFields)[number]
const textFields = ['user', 'device', 'ip', 'search', 'assignee', 'alert'] as const
const numberFields = ['scoreMin', 'scoreMax', 'from', 'to'] as const
export type FilterField = keyof CaseFilter

export function readFilter(query: URLSearchParams): CaseQuery {
  const filter: CaseFilter = {}
  const state = states.find((known) => known === query.get('state'))
  filter.state = state ?? 'open'
  const order = orders.find((known) => known === query.get('order'))
  if (order !== undefined && order !== 'risk') filter.order = order
  for (const field of severalFields) {
    const value = tidy(query.get(field) ?? '')
    if (value !== '') filter[field] = value
  }
  for (const field of textFields) {
    const value = query
      .get(field)
      ?.trim()
      .slice(0, field === 'assignee' ? 100 : 200)
    if (value !== undefined && value !== '') filter[field] = value
  }
  for (const field of numberFields) {
    const value = query.get(field) ?? ''
    const number = Number(value)
    const isScore = field.startsWith('score')
    if (/^\d{1,15}$/.test(value) && (!isScore || number <= 100)) filter[field] = number
  }
  if (query.get('secondOpinion') === 'true') filter.secondOpinion = 'true'
  return filter
}

const tidy = (value: string) =>
  [
    ...new Set(
      value
        .slice(0, 2_000)
        .split(',')
        .map((one) => one.trim()),
    ),
  ]
    .filter((one) => one !== '')
    .join(',')

/** The query string, fields in one order, what goes without saying left out. */
export function writeFilter(filter: CaseQuery): string {
  const query = new URLSearchParams()
  const fields = [
    'state',
    ...severalFields,
    ...textFields,
    ...numberFields,
    'secondOpinion',
    'order',
  ]
  for (const field of fields) {
    const value = filter[field as FilterField]
    if (value === undefined || value === '') continue
    if (field === 'state' && value === 'open') continue
    if (field === 'order' && value === 'risk') continue
    query.set(field, String(value))
  }
  return query.toString()
}

export const valuesOf = (filter: CaseQuery, field: SeveralField): readonly string[] =>
  (filter[field] ?? '').split(',').filter((one) => one !== '')

/** The filter with one value of a field put in, or taken out where it is in. */
export function toggleValue(filter: CaseQuery, field: SeveralField, value: string): CaseQuery {
  const held = valuesOf(filter, field)
  const next = held.includes(value) ? held.filter((one) => one !== value) : [...held, value]
  return withField(filter, field, next.join(','))
}

/** The filter with a field set, or without it where the value is empty. */
export function withField<F extends FilterField>(
  filter: CaseQuery,
  field: F,
  value: CaseFilter[F] | '' | undefined,
): CaseQuery {
  const { [field]: _, ...rest } = filter
  return value === undefined || value === '' ? rest : { ...rest, [field]: value }
}

/** What is narrowed, beside state and order: one chip each. */
export function chipsOf(filter: CaseQuery): readonly (readonly [FilterField, string])[] {
  const several = severalFields.flatMap((field) =>
    valuesOf(filter, field).map((value) => [field, value] as const),
  )
  const others = [...textFields, ...numberFields, 'secondOpinion' as const].flatMap((field) =>
    filter[field] === undefined ? [] : [[field, String(filter[field])] as const],
  )
  return [...several, ...others]
}

export const isNarrowed = (filter: CaseQuery): boolean => chipsOf(filter).length > 0
