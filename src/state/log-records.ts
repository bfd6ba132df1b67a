/**
 * A log as bytes in Redis: what its entries were at some time, then a record for each event since,
 * in order of arrival. Whoever plays the records after one another through windows.ts has the log.
 *
 *     │ stamp │ cutAt │ counts │ entries as they were │ record │ record │ record │ …
 *       8       8 (24)  8        40 (64) each           48 (104) each         (in the user's log)
 *
 * The stamp is new whenever the bytes were written anew rather than appended to. A user's log holds
 * the log of ids too, with its own cutAt and what it lost before its time (repeats.ts): one record
 * tells both, so that what an id is to the user and what it adds to the windows are one step.
 * Numbers are little-endian and stand at multiples of their size. Whoever changes the layout raises
 * its number in redis-standing.ts.
 */
import {
  type EntryNumbers,
  type EntryShape,
  entryShapes,
  entrySlots,
  newEntryNumbers,
  tailBits,
  tailMask,
  writeEntry,
} from '../core/signals/entry.ts'
import { flagBits, hashSlots, hashWords, type Observation } from '../core/signals/observation.ts'
import type { LogName } from '../core/signals/readings.ts'
import type { LogView } from '../core/signals/window-view.ts'
import type { LogTable } from './log-table.ts'
import { type LogKey, logKinds } from './redis-keys.ts'

/** Kinds are places in logKinds; the user's is the first. */
export const userKind = 0
export const userRecordBytes = 104
export const plainRecordBytes = 48
export const recordBytesOf = (kind: number): number =>
  kind === userKind ? userRecordBytes : plainRecordBytes
export const headBytesOf = (kind: number): number => (kind === userKind ? 40 : 24)
export const entryBytesOf = ({ floats, columns, rest }: EntryShape): number =>
  floats * 8 + (columns + rest) * 4

/** Bit of a record's flags: the event is new by the user's log. Entries have their marks below. */
const newBit = 1 << 31
const flagsMask = Object.values(flagBits).reduce((all, bit) => all | bit, 0)
const userFloats = 7

/** Bytes that are read and written as numbers. */
export class NumberBytes {
  bytes = Buffer.alloc(0)
  floats = new Float64Array(0)
  words = new Uint32Array(0)

  /** Makes room for so many bytes; what stood there is gone where it grows. */
  ensure(size: number): void {
    if (size <= this.bytes.length) return
    const memory = new ArrayBuffer(2 ** Math.ceil(Math.log2(Math.max(size, 4096))))
    this.bytes = Buffer.from(memory)
    this.floats = new Float64Array(memory)
    this.words = new Uint32Array(memory)
  }

  /** Takes a copy of bytes that may stand anywhere in memory. */
  take(bytes: Uint8Array): void {
    this.ensure(bytes.length)
    this.bytes.set(bytes)
  }
}

/** An observation as far as a record tells it, to be filled again and again. */
export type Replayed = { -readonly [Key in keyof Observation]: Observation[Key] }

export function newReplayed(): Replayed {
  return {
    at: 0,
    recordedAt: 0,
    horizon: 0,
    position: 0,
    hashes: new Uint32Array(hashWords),
    flags: 0,
    codeTail: 0,
    codeBlock: 0,
    amount: 0,
    cell: 0,
    day: 0,
    dayStart: 0,
    dayEnd: 0,
    scopes: { campaign: null, merchant: null, category: null, channel: null },
  }
}

const plainEntry = newEntryNumbers(entryShapes.device)
const userEntry = newEntryNumbers(entryShapes.user)

/** Writes what an event adds to a log but the user's. */
export function writePlainRecord(
  out: NumberBytes,
  at: number,
  { name, isNew }: { readonly name: LogName; readonly isNew: boolean },
  observation: Observation,
): void {
  writeEntry(name, observation, plainEntry)
  out.floats[at / 8] = observation.horizon
  out.floats[at / 8 + 1] = observation.at
  const words = at / 4 + 4
  for (let index = 0; index < plainEntry.words.length; index += 1)
    out.words[words + index] = plainEntry.words[index]!
  if (isNew) out.words[words]! |= newBit
}

/** Reads it back; gives whether the event was new by the user's log. */
export function readPlainRecord(
  from: NumberBytes,
  at: number,
  { kind, low, high }: LogKey,
  into: Replayed,
): boolean {
  const { a, b, entity } = entrySlots[logKinds[kind]!]
  const { hashes } = into
  const words = at / 4 + 4
  const word = (index: number) => from.words[words + index]!
  hashes.fill(0)
  into.horizon = from.floats[at / 8]!
  into.at = from.floats[at / 8 + 1]!
  readWords(word, [a, b], into)
  hashes[entity] = low
  hashes[entity + 1] = high
  into.cell = word(5)
  return (word(0) & newBit) !== 0
}

/** Writes what an event adds to its user's logs. */
export function writeUserRecord(out: NumberBytes, at: number, observation: Observation): void {
  const { floats, words } = out
  writeEntry('user', observation, userEntry)
  const first = at / 8
  floats[first] = observation.recordedAt
  floats[first + 1] = observation.position
  floats[first + 2] = observation.horizon
  floats[first + 3] = observation.at
  floats[first + 4] = observation.amount
  floats[first + 5] = observation.dayStart
  floats[first + 6] = observation.dayEnd
  const second = (first + userFloats) * 2
  for (let index = 0; index < userEntry.words.length; index += 1)
    words[second + index] = userEntry.words[index]!
  words[second + 10] = observation.hashes[hashSlots.content]!
  words[second + 11] = observation.hashes[hashSlots.content + 1]!
}

export function readUserRecord(
  from: NumberBytes,
  at: number,
  { low, high }: { readonly low: number; readonly high: number },
  into: Replayed,
): void {
  const { floats } = from
  const { hashes } = into
  const first = at / 8
  const second = (first + userFloats) * 2
  const word = (index: number) => from.words[second + index]!
  hashes.fill(0)
  into.recordedAt = floats[first]!
  into.position = floats[first + 1]!
  into.horizon = floats[first + 2]!
  into.at = floats[first + 3]!
  into.amount = floats[first + 4]!
  into.dayStart = floats[first + 5]!
  into.dayEnd = floats[first + 6]!
  readWords(word, [entrySlots.user.a, entrySlots.user.b], into)
  hashes[hashSlots.user] = low
  hashes[hashSlots.user + 1] = high
  hashes[hashSlots.coupon] = word(8)
  into.cell = word(9)
  hashes[hashSlots.content] = word(10)
  hashes[hashSlots.content + 1] = word(11)
}

/** The words that every entry has, in the order in which writeEntry puts them. */
function readWords(
  word: (index: number) => number,
  [a, b]: readonly [number, number],
  into: Replayed,
): void {
  const { hashes } = into
  into.flags = (word(0) >>> tailBits) & flagsMask
  into.codeTail = word(0) & tailMask
  hashes[a] = word(1)
  hashes[b] = word(2)
  hashes[hashSlots.id] = word(3)
  hashes[hashSlots.id + 1] = word(4)
  into.codeBlock = word(5)
  hashes[a + 1] = word(6)
  hashes[b + 1] = word(7)
}

/** Writes the entries of a log one after another; gives where they end. */
export function writeEntries(
  out: NumberBytes,
  at: number,
  shape: EntryShape,
  view: LogView,
): number {
  const { floats, ints, times, flags, others, room, stride, count } = view
  let end = at
  for (let place = 0; place < count; place += 1) {
    for (let column = 0; column < shape.floats; column += 1)
      out.floats[end / 8 + column] = floats[times + column * room + place]!
    const words = end / 4 + shape.floats * 2
    for (let column = 0; column < shape.columns; column += 1)
      out.words[words + column] = ints[flags + column * room + place]!
    for (let index = 0; index < shape.rest; index += 1)
      out.words[words + shape.columns + index] = ints[others + place * stride + index]!
    end += entryBytesOf(shape)
  }
  return end
}

/** Appends entries to a log as they are; gives where their bytes end, and the log's name then. */
export function readEntries(
  from: NumberBytes,
  { at, count, shape }: { readonly at: number; readonly count: number; readonly shape: EntryShape },
  table: LogTable,
  log: number,
): { readonly end: number; readonly log: number } {
  const entry: EntryNumbers = newEntryNumbers(shape)
  let end = at
  let name = log
  for (let left = count; left > 0; left -= 1) {
    for (let column = 0; column < shape.floats; column += 1)
      entry.floats[column] = from.floats[end / 8 + column]!
    const words = end / 4 + shape.floats * 2
    for (let index = 0; index < entry.words.length; index += 1)
      entry.words[index] = from.words[words + index]!
    name = table.append(name, entry)
    end += entryBytesOf(shape)
  }
  return { end, log: name }
}
