/**
 * A compiled mapping at work: one row in, its events out. What cannot be worked out is a rejection
 * of that event alone, and its detail names field and rule, never the value.
 */
import { EvaluationError } from '@marcbachmann/cel-js'
import { type Rejection, reject } from '../core/event/rejection.ts'
import type { CouponEvent, Labels } from '../core/schema.gen.ts'
import {
  type FieldKind,
  flagOf,
  newFieldValues,
  numberOf,
  publishedEvent,
  requiredFields,
  setField,
  textOf,
} from './mapped-fields.ts'
import type { MappedKind } from './mapping-file.ts'
import { ValueProblem } from './mapping-functions.ts'

export interface MappedEvent {
  readonly published: CouponEvent
  /** Null where the mapping leaves it to occurredAt + resolutionMs. */
  readonly recordedAt: number | null
  readonly labels: Labels | null
}

/** Events of one row; `idOf` names the event that the expansion at that place makes. */
export type RowMapping = (
  values: readonly string[],
  idOf: (expansion: number) => string,
) => (MappedEvent | Rejection)[]

export type Context = Record<string, unknown>

export interface CompiledExpression {
  readonly name: string
  readonly kind: FieldKind
  readonly evaluate: (context: Context) => unknown
}

export interface CompiledExpansion {
  readonly kind: MappedKind
  readonly when: CompiledExpression | null
  readonly fields: readonly CompiledExpression[]
}

export interface CompiledMapping {
  readonly name: string
  readonly columns: readonly string[]
  readonly resolutionMs: number
  readonly lets: readonly CompiledExpression[]
  readonly expand: readonly CompiledExpansion[]
  readonly recordedAt: CompiledExpression | null
  readonly labels: readonly CompiledExpression[]
}

export function rowMapping(mapping: CompiledMapping): RowMapping {
  const { context, take } = rowContext(mapping)
  return (values, idOf) => {
    const failure = take(values)
    if (failure !== null) return [failure]
    const events: (MappedEvent | Rejection)[] = []
    mapping.expand.forEach((expansion, at) => {
      const made = orRejection(() => mappedEvent(mapping, expansion, context, () => idOf(at)))
      if (made !== null) events.push(made)
    })
    return events
  }
}

/** One context for all rows: `take` fills it with a row, for expressions to look at. */
export function rowContext({ columns, lets }: Pick<CompiledMapping, 'columns' | 'lets'>): {
  readonly context: Context
  readonly take: (values: readonly string[]) => Rejection | null
} {
  const row: Record<string, string> = {}
  const context: Context = { row }
  const take = (values: readonly string[]) => {
    columns.forEach((column, at) => {
      const value = values[at] ?? ''
      context[column] = value
      row[column] = value
    })
    return orRejection(() => {
      for (const expression of lets) context[expression.name] = resultOf(expression, context)
      return null
    })
  }
  return { context, take }
}

function mappedEvent(
  mapping: CompiledMapping,
  { kind, when, fields }: CompiledExpansion,
  context: Context,
  id: () => string,
): MappedEvent | Rejection | null {
  if (when !== null && flagOf(resultOf(when, context)) !== true) return null
  const values = newFieldValues()
  values.numbers.resolutionMs = mapping.resolutionMs
  for (const field of fields) {
    const value = resultOf(field, context)
    within(field.name, () => setField(values, field.name, field.kind, value))
  }
  for (const name of requiredFields) {
    if ((values.texts[name] ?? values.numbers[name] ?? null) === null)
      return reject('missing-field', `${name} is empty`)
  }
  const { recordedAt } = mapping
  return {
    published: publishedEvent(id(), kind, values),
    recordedAt: recordedAt === null ? null : numberOf(resultOf(recordedAt, context)),
    labels: labelsOf(mapping, context),
  }
}

/** Null where fraud is: nothing is known of the row. */
function labelsOf({ labels, name }: CompiledMapping, context: Context): Labels | null {
  const given: Record<string, string | null> = {}
  let fraud: boolean | null = null
  for (const label of labels) {
    const value = resultOf(label, context)
    if (label.name === 'fraud') fraud = flagOf(value)
    else given[label.name] = textOf(value)
  }
  if (fraud === null) return null
  const { kind = null, actor = null, target = null } = given
  return { fraud, kind, actor, source: name, target }
}

export function resultOf({ name, evaluate }: CompiledExpression, context: Context): unknown {
  return within(name, () => evaluate(context))
}

/** Names the field in what goes wrong inside. */
export function within<T>(name: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof ValueProblem) throw new ValueProblem(`${name}: ${error.message}`)
    if (error instanceof EvaluationError) throw new ValueProblem(`${name}: ${error.summary}`)
    if (error instanceof RangeError) throw new ValueProblem(`${name}: out of range`)
    throw error
  }
}

export function orRejection<T>(work: () => T): T | Rejection {
  try {
    return work()
  } catch (error) {
    if (error instanceof ValueProblem) return reject('bad-field', error.message)
    throw error
  }
}
