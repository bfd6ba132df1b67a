/**
 * What the expressions of a mapping can call, beside what CEL itself brings. All columns are texts,
 * so most of these turn a text into what a field needs; an empty text gives null, an absent field.
 * A text that is no time or number rejects the row; its message never repeats the text.
 */
import { createHash } from 'node:crypto'
import { Environment } from '@marcbachmann/cel-js'
import { zoneTable } from '../config/zone-table.ts'
import { offsetMsAt, type TimeZone } from '../core/event/time-zone.ts'

export interface MappingClock {
  readonly zone: TimeZone
  /** The instant from which a file counts its hours, in milliseconds; null where it has none. */
  readonly startAt: number | null
}

/** A value that cannot be used: the row is rejected for this reason. */
export class ValueProblem extends Error {}

/** Times before this were missing once, and zones are known from here on. */
export const earliestAt = Date.UTC(2000, 0, 1)
const hourMs = 3_600_000

export function mappingEnvironment({ zone, startAt }: MappingClock): Environment {
  const environment = new Environment({ homogeneousAggregateLiterals: false })
    .registerFunction('time(string): dyn', (text: string) => parseTime(text, zone))
    .registerFunction('time(string, string): dyn', (text: string, name: string) =>
      parseTime(text, zoneOf(name)),
    )
    .registerFunction('hours(string): double', (text: string) => finite(text, 'hours') * hourMs)
    .registerFunction('whole(string): dyn', whole)
    .registerFunction('decimal(string): dyn', (text: string) => finiteOrNull(text))
    .registerFunction('minor(string): dyn', (text: string) => minorUnits(text, 2n))
    .registerFunction('minor(string, int): dyn', minorUnits)
    .registerFunction('orNull(string): dyn', (text: string) => (text === '' ? null : text))
    .registerFunction('orNull(string, string): dyn', (text: string, missing: string) =>
      text === '' || text === missing ? null : text,
    )
    .registerFunction('md5(string): string', (text: string) =>
      createHash('md5').update(text).digest('hex'),
    )
    .registerFunction('address(string): string', addressOfCode)
  if (startAt !== null) environment.registerConstant('startAt', 'double', startAt)
  return environment
}

/** Names that a column cannot take, because a mapping needs them itself. */
export const reservedNames: ReadonlySet<string> = new Set([
  ...['row', 'startAt', 'true', 'false', 'null', 'in', 'as', 'break', 'const', 'continue', 'else'],
  ...['for', 'function', 'if', 'import', 'let', 'loop', 'package', 'namespace', 'return', 'var'],
  ...['void', 'while', 'int', 'uint', 'double', 'bool', 'string', 'bytes', 'list', 'map', 'type'],
  ...['null_type', 'dyn'],
])

// 2017-11-07 09:30:38.5, 2017-11-07T09:30:38Z, 2017-11-07T09:30+08:00, 2017-11-07, 20171107
const dateText = /(\d{4})-?(\d\d)-?(\d\d)/
const clockText = /(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?/
const offsetText = /Z|[+-]\d\d:?\d\d/
const timeText = new RegExp(
  `^${dateText.source}(?:[T ]${clockText.source})?\\s?(${offsetText.source})?$`,
)

/** Milliseconds since 1970, or null for an empty text. */
export function parseTime(text: string, zone: TimeZone): number | null {
  if (text === '') return null
  const match = timeText.exec(text)
  if (match === null) throw new ValueProblem('not a time such as 2017-11-07 09:30:38')
  const part = (group: number) => Number(match[group] ?? 0)
  const [year, month, day] = [part(1), part(2), part(3)]
  const [hour, minute, second] = [part(4), part(5), part(6)]
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month))
    throw new ValueProblem('no such day in the calendar')
  if (hour > 23 || minute > 59 || second > 59) throw new ValueProblem('no such time of the day')
  const fraction = Math.floor(Number(`0.${match[7] ?? '0'}`) * 1_000)
  const local = Date.UTC(year, month - 1, day, hour, minute, second) + fraction
  const offset = match[8]
  if (offset !== undefined) return local - fixedOffsetMs(offset)
  return local - offsetMsAt(zone, local - offsetMsAt(zone, local))
}

function daysInMonth(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
}

/** Kiribati is 14 hours ahead. */
const offsetMinutesMax = 14 * 60

function fixedOffsetMs(text: string): number {
  if (text === 'Z') return 0
  const [hours, more] = [Number(text.slice(1, 3)), Number(text.slice(-2))]
  const minutes = hours * 60 + more
  if (more > 59 || minutes > offsetMinutesMax) throw new ValueProblem('no such offset from UTC')
  return (text.startsWith('-') ? -minutes : minutes) * 60_000
}

const zones = new Map<string, TimeZone>()
const zonesMax = 600

function zoneOf(name: string): TimeZone {
  const known = zones.get(name)
  if (known !== undefined) return known
  if (zones.size >= zonesMax) throw new ValueProblem('too many different time zones')
  try {
    const zone = zoneTable(name)
    zones.set(name, zone)
    return zone
  } catch {
    throw new ValueProblem('not a time zone such as Asia/Shanghai')
  }
}

function whole(text: string): number | null {
  if (text === '') return null
  const value = Number(text)
  if (!/^[+-]?\d+(\.0*)?$/.test(text) || !Number.isSafeInteger(value))
    throw new ValueProblem('not a whole number')
  return value
}

function finiteOrNull(text: string): number | null {
  return text === '' ? null : finite(text, 'a number')
}

function finite(text: string, what: string): number {
  const value = Number(text)
  if (text.trim() === '' || !Number.isFinite(value)) throw new ValueProblem(`not ${what}`)
  return value
}

/** Money as people write it to whole minor units, rounded to the nearest: 34.56 becomes 3456. */
function minorUnits(text: string, digits: bigint): number | null {
  if (text === '') return null
  return Math.round(finite(text, 'an amount of money') * 10 ** Number(digits))
}

/**
 * An address for a data set that has only codes for addresses: each code a /64 of its own under
 * 2001:db8::/32 (documentation), so that it meets no really listed address and no other's subnet.
 */
function addressOfCode(text: string): string {
  const code = whole(text)
  if (code === null || code < 0 || code > 0xffffffff)
    throw new ValueProblem('not a code between 0 and 4294967295')
  return `2001:db8:${Math.floor(code / 65_536).toString(16)}:${(code % 65_536).toString(16)}::1`
}
