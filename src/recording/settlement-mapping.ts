/**
 * How the rows of a payment side's file become settlements: a mapping as `import` has it, with
 * fields of its own, or the columns that are expected where no mapping is given.
 */
import { CommandError } from '../cli/exit.ts'
import { asMap, parseYaml, report } from '../config/yaml-reader.ts'
import { amountMax, nameCharsMax } from '../core/event/decode.ts'
import type { Keys } from '../core/event/keyed-hash.ts'
import { keepName } from '../core/event/personal.ts'
import { type Rejection, reject } from '../core/event/rejection.ts'
import { type Settlement, settlementStatuses } from '../core/reconciliation/match.ts'
import { didYouMean } from '../core/rules/nearest-name.ts'
import { numberOf, textOf } from './mapped-fields.ts'
import { orRejection, resultOf, rowContext, within } from './mapped-row.ts'
import { compileAs, compileLet, newCompiler, refuseProblems } from './mapping.ts'
import { mappingError, type RowsFormat, rowsFormatKeys, rowsFormatOf } from './mapping-file.ts'
import { earliestAt } from './mapping-functions.ts'

/** Without its place, which the reader of the file knows. */
export interface MappedSettlement {
  readonly user: string
  readonly id: string
  readonly settlement: Omit<Settlement, 'place'>
}

export type SettlementRow = (values: readonly string[]) => MappedSettlement | Rejection

const fieldKinds = {
  event: 'text',
  user: 'text',
  time: 'number',
  amount: 'number',
  currency: 'text',
  status: 'text',
} as const
type FieldName = keyof typeof fieldKinds
const fieldNames = Object.keys(fieldKinds)
const requiredFields = ['event', 'user', 'time', 'amount', 'status']

export const defaultColumns = ['event_id', 'user', 'time', 'amount', 'currency', 'status'] as const
const optionalColumn = 'currency'

const defaultText = `
fields:
  event: event_id
  user: user
  time: 'time.matches("^[0-9]{12,13}$") ? whole(time) : time(time)'
  amount: whole(amount)
  currency: '"currency" in row ? row.currency : ""'
  status: status
`

/** Throws CommandError with all problems of shape. */
export function parseSettlementMapping(path: string, text: string): RowsFormat {
  const field = parseYaml(text, path)
  const { problems } = field.source
  if (problems.length === 0) {
    const top = asMap(field, ['name', ...rowsFormatKeys])
    const rows = rowsFormatOf(top)
    for (const { name, text: written } of rows.fields)
      if (!fieldNames.includes(name))
        report(
          top.source,
          written.at,
          `a settlement has no field ${name}${didYouMean(name, fieldNames)}`,
        )
    for (const name of requiredFields)
      if (!rows.fields.some((field) => field.name === name))
        report(top.source, 0, `fields lacks ${name}; a settlement has ${fieldNames.join(', ')}`)
    if (problems.length === 0) return rows
  }
  throw mappingError(problems)
}

export function defaultSettlementMapping(format: 'csv' | 'jsonl'): RowsFormat {
  const rows = parseSettlementMapping('settlements', defaultText)
  return { ...rows, format, columns: format === 'csv' ? [] : defaultColumns }
}

/** Where no mapping is given. Throws CommandError that names every column that is not there. */
export function refuseHeader(where: string, columns: readonly string[]): void {
  const missing = defaultColumns.filter(
    (name) => name !== optionalColumn && !columns.includes(name),
  )
  if (missing.length === 0) return
  const shown = columns.slice(0, 20).map((column) => printable(column.slice(0, 60)))
  const rest = columns.length > 20 ? ` and ${columns.length - 20} more` : ''
  throw new CommandError(
    `${where}: the header has no column ${missing.join(', ')}; it has ${shown.join(', ')}${rest}: rename them, or say with --mapping what they mean`,
  )
}

/** What steers a terminal is not repeated. */
const printable = (text: string) => text.replace(/\p{C}/gu, '?')

/** `now` in milliseconds: nothing settled can be dated after it. */
export function compileSettlements(
  mapping: RowsFormat,
  columns: readonly string[],
  { origin, keys, now }: { readonly origin: string; readonly keys: Keys; readonly now: number },
): SettlementRow {
  const compiler = newCompiler(mapping, columns, origin)
  const lets = mapping.lets.map((expression) => compileLet(compiler, expression))
  const fields = mapping.fields.filter(({ name }) => isField(name))
  const compiled = fields.map((field) =>
    compileAs(compiler, field, isField(field.name) ? fieldKinds[field.name] : 'text'),
  )
  refuseProblems(compiler)
  const { context, take } = rowContext({ columns, lets })
  const valuesOf = () => {
    const texts = new Map<string, string | null>()
    const numbers = new Map<string, number | null>()
    for (const field of compiled) {
      const value = resultOf(field, context)
      within(field.name, () => {
        if (field.kind === 'number') numbers.set(field.name, numberOf(value))
        else texts.set(field.name, textOf(value))
      })
    }
    const text = (name: FieldName) => texts.get(name) ?? null
    const number = (name: FieldName) => numbers.get(name) ?? null
    return { text, number }
  }
  return (values) =>
    take(values) ??
    orRejection((): MappedSettlement | Rejection => settlementOf(valuesOf(), keys, now))
}

const isField = (name: string): name is FieldName => Object.hasOwn(fieldKinds, name)

interface Values {
  readonly text: (name: FieldName) => string | null
  readonly number: (name: FieldName) => number | null
}

function settlementOf(
  { text, number }: Values,
  keys: Keys,
  now: number,
): MappedSettlement | Rejection {
  const [event, user, at, amount] = [text('event'), text('user'), number('time'), number('amount')]
  const [currency, said] = [text('currency'), text('status')]
  for (const [name, value] of Object.entries({ event, user, time: at, status: said }))
    if (value === null) return reject('missing-field', `${name} is empty`)
  if (event === null || user === null || at === null || said === null)
    return reject('missing-field', 'a field is empty')
  for (const [name, value] of Object.entries({ event, user, currency }))
    if (value !== null && value.length > nameCharsMax)
      return reject('bad-field', `${name} is longer than ${nameCharsMax} characters`)
  const status = settlementStatuses.find((one) => one === said.trim().toLowerCase())
  if (status === undefined)
    return reject('bad-field', `status is none of ${settlementStatuses.join(', ')}`)
  const wrong = badTime(at, now) ?? badAmount(amount, status)
  if (wrong !== null) return wrong
  return {
    user: keptForm(user, keys),
    id: keptForm(event, keys),
    settlement: {
      at,
      status,
      amount,
      currency: currency === null ? null : own(currency.toUpperCase()),
    },
  }
}

/** As the recording has it; a payment side that was given our form sends that. */
const keptForm = (name: string, keys: Keys) =>
  own(/^p:[0-9a-f]{32}$/.test(name) ? name : keepName(name, keys))

/** A copy: a piece of a line would keep the line, which may be a megabyte long, in memory. */
const own = (text: string) => Buffer.from(text).toString()

function badTime(at: number, now: number): Rejection | null {
  if (!Number.isSafeInteger(at)) return reject('bad-field', 'time is no time in milliseconds')
  if (at < earliestAt) return reject('stale-time', 'time is before the year 2000')
  return at > now ? reject('future-time', 'time is still to come') : null
}

function badAmount(amount: number | null, status: Settlement['status']): Rejection | null {
  if (amount === null)
    return status === 'settled' ? reject('missing-field', 'amount is empty') : null
  if (!Number.isSafeInteger(amount))
    return reject('bad-field', 'amount is not in whole minor units; use minor()')
  if (amount < 0) return reject('negative-amount', 'amount is below zero')
  return amount > amountMax ? reject('bad-field', 'amount is larger than any') : null
}
