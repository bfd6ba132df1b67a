/**
 * Logs of fixed-size entries for one kind of entity, in flat memory (entry.ts says how a log is laid out): a hash index from the entity's
 * 64-bit key to a block of a slab. What is known of a log heads its entries, because a look at
 * memory that no cache holds costs as much as reading a hundred entries: an entity is found with two
 * such looks.
 *
 *     index slot       block
 *     │ block │ key    │ key │ cutAt │ newest │ count, start, room │ columns │ rest of the entries │
 *     │  + 1  │        │
 *
 * A log keeps at most `cap` entries. What is cut, trimmed or evicted leaves its largest event time
 * in `cutAt`, also for logs that were dropped whole (`forgottenAt`), so a window that reaches below
 * it is known to be a lower bound and never silently low. A log is named by its block, which moves
 * as the log grows: the name that `append` gives is the one to go on with.
 */
import type { EntryNumbers, EntryShape } from '../core/signals/entry.ts'
import type { LogView } from '../core/signals/window-view.ts'
import { Slab } from './slab.ts'

export interface LogTableOptions {
  /** Its words come to a whole number of floats. Column 0 of the floats is the event time. */
  readonly shape: EntryShape
  /** Most entries of one log. */
  readonly cap: number
  /** Most bytes of entries in the table; beyond it the logs that were quiet longest are dropped. */
  readonly bytesMax: number
}

/** Places in a block's head, in floats, and in integers where they are such. */
const head = { cutAt: 1, newest: 2, floats: 4, keyLow: 0, keyHigh: 1, count: 6, startAndRoom: 7 }
const roomUnit = 2 ** 16
const smallestRoom = 2
const slotsFirst = 1024
const slotWords = 3

export class LogTable {
  #slab: Slab
  readonly #bytesMax: number
  readonly #shape: EntryShape
  /** Floats of one entry. */
  readonly #entryFloats: number
  readonly #cap: number
  /** Three words a slot: the block + 1, or 0 where the slot is free; the key, low word first. */
  #index = newIndex(slotsFirst)
  #logs = 0
  /** Largest event time of any log that was dropped whole. */
  #forgottenAt = Number.NEGATIVE_INFINITY

  constructor({ shape, cap, bytesMax }: LogTableOptions) {
    this.#shape = shape
    this.#entryFloats = shape.floats + (shape.columns + shape.rest) / 2
    this.#cap = cap
    this.#bytesMax = bytesMax
    this.#slab = new Slab(bytesMax)
  }

  get logs(): number {
    return this.#logs
  }

  /** Bytes of the entries' pages. */
  get bytes(): number {
    return this.#slab.bytes
  }

  /** The log of a key, or -1. */
  find(low: number, high: number): number {
    return this.#index[this.#slotOf(low, high)]! - 1
  }

  /** The log of a key, made where there is none. */
  ensure(low: number, high: number): number {
    const found = this.find(low, high)
    if (found >= 0) return found
    const slots = slotsOf(this.#index)
    if ((this.#logs + 1) * 2 > slots) this.#rebuildIndex(slots * 2)
    const log = this.#allocate(smallestRoom)
    this.#logs += 1
    const word = this.#wordOf(log)
    const [floats, ints] = [this.#slab.floatsAt(log), this.#slab.intsAt(log)]
    ints[word + head.keyLow] = low
    ints[word + head.keyHigh] = high
    ints[word + head.count] = 0
    ints[word + head.startAndRoom] = smallestRoom * roomUnit
    floats[word / 2 + head.cutAt] = this.#forgottenAt
    floats[word / 2 + head.newest] = Number.NEGATIVE_INFINITY
    link(this.#index, low, high, log)
    return log
  }

  count(log: number): number {
    return this.#slab.intsAt(log)[this.#wordOf(log) + head.count]!
  }

  /** Largest event time that this log no longer holds; -Infinity where it holds all. */
  cutAt(log: number): number {
    return this.#slab.floatsAt(log)[this.#slab.offsetOf(log) + head.cutAt]!
  }

  /** Points a view at a log's entries, in order of arrival. It holds until the next append. */
  look(log: number, view: LogView): void {
    const at = this.#slab.offsetOf(log)
    const ints = this.#slab.intsAt(log)
    const startAndRoom = ints[at * 2 + head.startAndRoom]!
    const start = startAndRoom % roomUnit
    const room = startAndRoom >>> 16
    const { floats, columns, rest } = this.#shape
    const words = (at + head.floats + floats * room) * 2
    view.floats = this.#slab.floatsAt(log)
    view.ints = ints
    view.times = at + head.floats + start
    view.flags = words + start
    view.others = words + columns * room + start * rest
    view.room = room
    view.stride = rest
    view.count = ints[at * 2 + head.count]!
    view.cutAt = view.floats[at + head.cutAt]!
  }

  /**
   * Appends one entry and gives the log's name from then on. The log may then hold `cap` + 1: call
   * cut when the event has read.
   */
  append(to: number, { floats: times, words }: EntryNumbers): number {
    const log = this.#start(to) + this.count(to) === this.#room(to) ? this.#makeRoom(to) : to
    const floats = this.#slab.floatsAt(log)
    const ints = this.#slab.intsAt(log)
    const at = this.#slab.offsetOf(log)
    const room = this.#room(log)
    const count = this.count(log)
    const place = this.#start(log) + count
    const { floats: floatColumns, columns, rest } = this.#shape
    const first = at + head.floats
    for (let column = 0; column < floatColumns; column += 1)
      floats[first + column * room + place] = times[column]!
    const firstWord = (first + floatColumns * room) * 2
    for (let column = 0; column < columns; column += 1)
      ints[firstWord + column * room + place] = words[column]!
    const others = firstWord + columns * room + place * rest
    for (let index = 0; index < rest; index += 1) ints[others + index] = words[columns + index]!
    ints[at * 2 + head.count] = count + 1
    if (times[0]! > floats[at + head.newest]!) floats[at + head.newest] = times[0]!
    return log
  }

  /** Takes the last entry back. */
  unappend(log: number): void {
    this.#setCount(log, this.count(log) - 1)
  }

  /** Brings a log back to its cap: the smallest event time goes. */
  cut(log: number): void {
    const count = this.count(log)
    if (count <= this.#cap) return
    const floats = this.#slab.floatsAt(log)
    const first = this.#firstTime(log)
    let smallest = first
    for (let at = first + 1; at < first + count; at += 1) {
      if (floats[at]! < floats[smallest]!) smallest = at
    }
    this.#raiseCut(log, floats[smallest]!)
    const start = this.#start(log)
    if (smallest > first) this.#moveEntries(log, start, start + 1, smallest - first)
    this.#dropFirst(log)
  }

  /** Forgets leading entries whose event time is at or before a time. */
  trim(log: number, before: number): void {
    const floats = this.#slab.floatsAt(log)
    for (let left = this.count(log); left > 0; left -= 1) {
      const time = floats[this.#firstTime(log)]!
      if (time > before) return
      this.#raiseCut(log, time)
      this.#dropFirst(log)
    }
    this.#setStart(log, 0)
  }

  /** Drops every log but `keep` whose newest event time is at or before a time; gives how many. */
  dropQuiet(before: number, keep = -1): number {
    const logs = this.#logs
    this.#rebuildIndex(slotsOf(this.#index), (log) => {
      if (log !== keep && this.#newest(log) <= before) {
        this.#forget(log)
        this.#slab.release(log, this.#blockFloats(this.#room(log)))
        return -1
      }
      return log
    })
    return logs - this.#logs
  }

  /** Where the slot of a key begins, or a free one where it has none. */
  #slotOf(low: number, high: number): number {
    const index = this.#index
    const mask = slotsOf(index) - 1
    for (let slot = low & mask; ; slot = (slot + 1) & mask) {
      const at = slot * slotWords
      if (index[at] === 0) return at
      if (index[at + 1] === (low | 0) && index[at + 2] === (high | 0)) return at
    }
  }

  #newest(log: number): number {
    return this.#slab.floatsAt(log)[this.#slab.offsetOf(log) + head.newest]!
  }

  /** First integer of the log's block within its page. */
  #wordOf(log: number): number {
    return this.#slab.offsetOf(log) * 2
  }

  /** Where the time of the log's first entry stands. */
  #firstTime(log: number): number {
    return this.#slab.offsetOf(log) + head.floats + this.#start(log)
  }

  #setCount(log: number, count: number): void {
    this.#slab.intsAt(log)[this.#wordOf(log) + head.count] = count
  }

  /** Entries of the block before the first. */
  #start(log: number): number {
    return this.#slab.intsAt(log)[this.#wordOf(log) + head.startAndRoom]! % roomUnit
  }

  /** Entries that the block has room for. */
  #room(log: number): number {
    return this.#slab.intsAt(log)[this.#wordOf(log) + head.startAndRoom]! >>> 16
  }

  #setStart(log: number, start: number): void {
    this.#slab.intsAt(log)[this.#wordOf(log) + head.startAndRoom] =
      this.#room(log) * roomUnit + start
  }

  #dropFirst(log: number): void {
    this.#setStart(log, this.#start(log) + 1)
    this.#setCount(log, this.count(log) - 1)
  }

  #blockFloats(room: number): number {
    return head.floats + room * this.#entryFloats
  }

  /** Whoever comes back under this key reads no lower than saturated. */
  #forget(log: number): void {
    this.#forgottenAt = Math.max(this.#forgottenAt, this.#newest(log), this.cutAt(log))
    this.#logs -= 1
  }

  #raiseCut(log: number, time: number): void {
    const at = this.#slab.offsetOf(log) + head.cutAt
    const floats = this.#slab.floatsAt(log)
    if (time > floats[at]!) floats[at] = time
  }

  /** Moves entries to the front of the block, or into a block of twice the size. */
  #makeRoom(log: number): number {
    const room = this.#room(log)
    const start = this.#start(log)
    if (start <= room >> 3)
      return this.#moveTo(log, Math.min(room * 2, this.#cap + 1 + (this.#cap >> 2)))
    this.#moveEntries(log, start, 0, this.count(log))
    this.#setStart(log, 0)
    return log
  }

  /** Moves some entries within their block, from one place to another. */
  #moveEntries(log: number, from: number, to: number, count: number): void {
    const room = this.#room(log)
    const first = this.#slab.offsetOf(log) + head.floats
    const { floats, columns, rest } = this.#shape
    for (let column = 0; column < floats; column += 1) {
      const at = first + column * room
      this.#slab.floatsAt(log).copyWithin(at + to, at + from, at + from + count)
    }
    const ints = this.#slab.intsAt(log)
    const words = (first + floats * room) * 2
    for (let column = 0; column < columns; column += 1) {
      const at = words + column * room
      ints.copyWithin(at + to, at + from, at + from + count)
    }
    const others = words + columns * room
    ints.copyWithin(others + to * rest, others + from * rest, others + (from + count) * rest)
  }

  #moveTo(from: number, room: number): number {
    const key = this.#wordOf(from)
    const low = this.#slab.intsAt(from)[key + head.keyLow]!
    const high = this.#slab.intsAt(from)[key + head.keyHigh]!
    const to = this.#allocate(room, from)
    // Where others made way, the log itself may have moved.
    const slot = this.#slotOf(low, high)
    const log = this.#index[slot]! - 1
    const at = this.#slab.offsetOf(log)
    const headAt = [this.#slab.floatsAt(log), at] as const
    copy(headAt, [this.#slab.floatsAt(to), this.#slab.offsetOf(to)], head.floats)
    this.#slab.intsAt(to)[this.#wordOf(to) + head.startAndRoom] = room * roomUnit
    this.#copyEntries(log, to)
    this.#index[slot] = to + 1
    this.#slab.release(log, this.#blockFloats(this.#room(log)))
    return to
  }

  /** Copies all entries of a log to the front of another block. */
  #copyEntries(log: number, to: number): void {
    const [room, roomTo] = [this.#room(log), this.#room(to)]
    const [start, count] = [this.#start(log), this.count(log)]
    const [from, target] = [this.#slab.floatsAt(log), this.#slab.floatsAt(to)]
    const { floats, columns, rest } = this.#shape
    const first = this.#slab.offsetOf(log) + head.floats
    const firstTo = this.#slab.offsetOf(to) + head.floats
    for (let column = 0; column < floats; column += 1)
      copy([from, first + column * room + start], [target, firstTo + column * roomTo], count)
    const [ints, intsTo] = [this.#slab.intsAt(log), this.#slab.intsAt(to)]
    const [words, wordsTo] = [(first + floats * room) * 2, (firstTo + floats * roomTo) * 2]
    for (let column = 0; column < columns; column += 1)
      copy([ints, words + column * room + start], [intsTo, wordsTo + column * roomTo], count)
    const others = words + columns * room + start * rest
    copy([ints, others], [intsTo, wordsTo + columns * roomTo], count * rest)
  }

  /** A block for some entries; where memory is at its bound, the quietest logs make way. */
  #allocate(room: number, keep = -1): number {
    const size = this.#blockFloats(room)
    let kept = keep
    for (;;) {
      const block = this.#slab.allocate(size)
      if (block >= 0) return block
      this.dropQuiet(this.#quietest(), kept)
      kept = this.#compact(kept)
    }
  }

  /**
   * Moves every log into fresh pages, `keep` first, so that what was freed is one stretch again;
   * gives where `keep` is then. In another order blocks may leave more of a page unused: a log that
   * finds no room is dropped.
   */
  #compact(keep: number): number {
    const from = this.#slab
    const to = new Slab(this.#bytesMax)
    const move = (log: number): number => {
      const size = this.#blockFloats(this.#room(log))
      const block = to.allocate(size)
      if (block < 0) return -1
      const start = from.offsetOf(log)
      to.floatsAt(block).set(from.floatsAt(log).subarray(start, start + size), to.offsetOf(block))
      return block
    }
    const kept = keep < 0 ? -1 : move(keep)
    this.#rebuildIndex(slotsOf(this.#index), (log) => {
      const block = log === keep ? kept : move(log)
      if (block < 0) this.#forget(log)
      return block
    })
    this.#slab = to
    return kept
  }

  /** An event time that about a tenth of the logs have not passed, from a sample of them. */
  #quietest(): number {
    const step = Math.max(1, Math.floor(slotsOf(this.#index) / 2048)) * slotWords
    const sample: number[] = []
    for (let at = 0; at < this.#index.length; at += step) {
      if (this.#index[at] !== 0) sample.push(this.#newest(this.#index[at]! - 1))
    }
    sample.sort((a, b) => a - b)
    return sample[Math.floor(sample.length / 10)] ?? Number.POSITIVE_INFINITY
  }

  /** Makes the index anew; `place` gives where each log is from then on, or -1 to leave it out. */
  #rebuildIndex(slots: number, place: (log: number) => number = (log) => log): void {
    const [from, to] = [this.#index, newIndex(slots)]
    for (let at = 0; at < from.length; at += slotWords) {
      if (from[at] === 0) continue
      const log = place(from[at]! - 1)
      if (log >= 0) link(to, from[at + 1]!, from[at + 2]!, log)
    }
    this.#index = to
  }
}

const newIndex = (slots: number) => new Int32Array(slots * slotWords)
const slotsOf = (index: Int32Array) => index.length / slotWords

function link(index: Int32Array, low: number, high: number, log: number): void {
  const mask = slotsOf(index) - 1
  let slot = low & mask
  while (index[slot * slotWords] !== 0) slot = (slot + 1) & mask
  index[slot * slotWords] = log + 1
  index[slot * slotWords + 1] = low
  index[slot * slotWords + 2] = high
}

/** Copies numbers between two arrays or places; logs are short, so a loop beats two views. */
function copy<T extends Float64Array | Uint32Array>(
  [from, at]: readonly [T, number],
  [to, toAt]: readonly [T, number],
  count: number,
): void {
  for (let index = 0; index < count; index += 1) to[toAt + index] = from[at + index]!
}
