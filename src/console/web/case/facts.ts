/**
 * Reads single facts of an event as it is kept: a field that is not there or of another type is
 * null.
 */
export type EventFacts = Readonly<Record<string, unknown>>

export const textOf = (event: EventFacts, field: string): string | null => {
  const value = event[field]
  return typeof value === 'string' && value !== '' ? value : null
}

export const numberOf = (event: EventFacts, field: string): number | null => {
  const value = event[field]
  return typeof value === 'number' && Number.isFinite(value) ? value : null
}

export const flagOf = (event: EventFacts, field: string): boolean | null => {
  const value = event[field]
  return typeof value === 'boolean' ? value : null
}

export const countOf = (event: EventFacts, field: string): number => {
  const value = event[field]
  return Array.isArray(value) ? value.length : 0
}

const timeFields = /At$/
const moneyFields = /Amount$/

/** How a field is to be shown. */
export function factKind(field: string, value: unknown): 'time' | 'money' | 'text' {
  if (typeof value !== 'number') return 'text'
  if (timeFields.test(field)) return 'time'
  return moneyFields.test(field) ? 'money' : 'text'
}

/** Everything that is there, in the order it came in. */
export const factsOf = (event: EventFacts): readonly (readonly [string, unknown])[] =>
  Object.entries(event).filter(
    ([, value]) =>
      value !== null &&
      value !== undefined &&
      value !== '' &&
      !(Array.isArray(value) && value.length === 0),
  )
