/**
 * Logs of fixed-size entries for one kind of entity, in flat memory: an index from the entity's key
 * (key-index.ts) to a block of a slab. What is known of a log heads its entries, because a look at
 * memory that no cache holds costs as much as reading a hundred entries: an entity is found with
 * two such looks. entry.ts says what an entry is, entry-columns.ts how entries lie in a block.
 *
 *     key ──▶ block │ key │ cutAt │ newest │ count, start, room │ columns │ rest │ stretches │
 *
 * A log keeps at most `cap` entries. What is cut, trimmed or evicted leaves its largest event time
 * in `cutAt`, also for logs that were dropped whole (`forgottenAt`), so a window that reaches below
 * it is known to be a lower bound and never silently low. A log is named by its block, which moves
 * as the log grows: the name that `append` gives is the one to go on with.
 */
import type { EntryNumbers, EntryShape } from '../core/signals/entry.ts'
import {
  floatsOfStretches,
  forgetStretches,
  oldestPlace,
  stretchEntries,
} from '../core/signals/stretch.ts'
import { type LogView, newLogView } from '../core/signals/window-view.ts'
import { glimpse, head, type LogTableOptions, roomUnit, smallestRoom } from './block-head.ts'
import { copyEntries, type EntryBlock, moveEntries, writeColumns } from './entry-columns.ts'
import { KeyIndex } from './key-index.ts'
import { moveLogs, quietTime } from './make-way.ts'
import { Slab } from './slab.ts'

export class LogTable {
  #slab: Slab
  readonly #bytesMax: number
  readonly #shape: EntryShape
  /** Floats of one entry, and of what stands before a log's entries. */
  readonly #entryFloats: number
  readonly #headFloats: number
  readonly #cap: number
  readonly #summed: boolean
  readonly #index = new KeyIndex()
  /** The log that is cut. */
  readonly #view = newLogView()
  /** No log's newest event time is below this. */
  #quietSince = Number.POSITIVE_INFINITY
  /** Largest event time of any log that was dropped whole. */
  #forgottenAt = Number.NEGATIVE_INFINITY
  /** The same of those that were dropped for want of memory. */
  #evictedAt = Number.NEGATIVE_INFINITY

  constructor({ shape, cap, bytesMax, notes = 0, summed = false }: LogTableOptions) {
    this.#shape = shape
    this.#headFloats = head.floats + notes
    this.#entryFloats = shape.floats + (shape.columns + shape.rest) / 2
    this.#cap = cap
    this.#summed = summed
    this.#bytesMax = bytesMax
    this.#slab = new Slab(bytesMax)
  }

  get logs(): number {
    return this.#index.size
  }

  /** Bytes of the entries' pages. */
  get bytes(): number {
    return this.#slab.bytes
  }

  /** Largest event time of any log that had to make way for others, whatever its age. */
  get evictedAt(): number {
    return this.#evictedAt
  }

  /** The log of a key, or -1. */
  find(low: number, high: number): number {
    return this.#index.get(low, high)
  }

  /** The log of a key, made where there is none. */
  ensure(low: number, high: number): number {
    const found = this.find(low, high)
    if (found >= 0) return found
    const log = this.#allocate(smallestRoom)
    const word = this.#wordOf(log)
    const [floats, ints] = [this.#slab.floatsAt(log), this.#slab.intsAt(log)]
    ints[word + head.keyLow] = low
    ints[word + head.keyHigh] = high
    ints[word + head.count] = 0
    ints[word + head.startAndRoom] = smallestRoom * roomUnit
    floats[word / 2 + head.cutAt] = this.#forgottenAt
    floats[word / 2 + head.newest] = Number.NEGATIVE_INFINITY
    for (let note = head.floats; note < this.#headFloats; note += 1) floats[word / 2 + note] = 0
    this.#index.set(low, high, log)
    return log
  }

  /** Brings the begin of a log's block into the cache; the number says nothing. */
  glimpse(log: number): number {
    return glimpse(this.#slab.floatsAt(log), this.#slab.offsetOf(log))
  }

  /** A number that the owner keeps with a log. */
  note(log: number, place: number): number {
    return this.#slab.floatsAt(log)[this.#slab.offsetOf(log) + head.floats + place]!
  }

  setNote(log: number, place: number, value: number): void {
    this.#slab.floatsAt(log)[this.#slab.offsetOf(log) + head.floats + place] = value
  }

  /** Takes all entries out of a log, whose past is then what is given. */
  clear(log: number, cutAt: number): void {
    const at = this.#slab.offsetOf(log)
    const floats = this.#slab.floatsAt(log)
    floats[at + head.cutAt] = cutAt
    floats[at + head.newest] = this.#quietSince = Number.NEGATIVE_INFINITY
    this.#setStart(log, 0)
    this.#setCount(log, 0)
  }

  /** Takes a copy of another table's log, which has the same shape; gives its name here. */
  adopt(from: LogTable, log: number): number {
    const at = from.#slab.offsetOf(log)
    const [floats, ints] = [from.#slab.floatsAt(log), from.#slab.intsAt(log)]
    const entries = { start: from.#start(log), count: from.count(log) }
    const room = Math.max(smallestRoom, entries.count)
    const to = this.#allocate(room)
    this.#slab.floatsAt(to).set(floats.subarray(at, at + this.#headFloats), this.#slab.offsetOf(to))
    this.#slab.intsAt(to)[this.#wordOf(to) + head.startAndRoom] = room * roomUnit
    copyEntries(this.#shape, from.#blockOf(log), this.#blockOf(to), entries)
    this.#index.set(ints[at * 2 + head.keyLow]!, ints[at * 2 + head.keyHigh]!, to)
    this.#quietSince = Math.min(this.#quietSince, this.#newest(to))
    return to
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
    const words = (at + this.#headFloats + floats * room) * 2
    view.floats = this.#slab.floatsAt(log)
    view.ints = ints
    view.times = at + this.#headFloats + start
    view.flags = words + start
    view.others = words + columns * room + start * rest
    view.room = room
    view.stride = rest
    view.count = ints[at * 2 + head.count]!
    view.start = start
    view.stretches = this.#summed && room >= stretchEntries ? this.#stretchesAt(at, room) : -1
    view.cutAt = view.floats[at + head.cutAt]!
  }

  /**
   * Appends one entry and gives the log's name from then on. The log may then hold `cap` + 1: call
   * cut when the event has read.
   */
  append(to: number, numbers: EntryNumbers): number {
    const log = this.#start(to) + this.count(to) === this.#room(to) ? this.#makeRoom(to) : to
    const count = this.count(log)
    writeColumns(this.#shape, this.#blockOf(log), this.#start(log) + count, numbers)
    this.#setCount(log, count + 1)
    const newest = this.#slab.offsetOf(log) + head.newest
    const floats = this.#slab.floatsAt(log)
    const time = numbers.floats[0]!
    if (time > floats[newest]!) floats[newest] = time
    if (time < this.#quietSince) this.#quietSince = time
    return log
  }

  /** Takes the last entry back. */
  unappend(log: number): void {
    this.#setCount(log, this.count(log) - 1)
    this.#forgetStretches(log)
  }

  /** Brings a log back to its cap: the smallest event time goes. Gives it, -Infinity for none. */
  cut(log: number): number {
    const count = this.count(log)
    if (count <= this.#cap) return Number.NEGATIVE_INFINITY
    const view = this.#view
    this.look(log, view)
    const oldest = oldestPlace(view)
    const time = view.floats[view.times + oldest]!
    this.#raiseCut(log, time)
    if (oldest > 0) {
      const from = view.start
      moveEntries(this.#shape, this.#blockOf(log), { from, to: from + 1, count: oldest })
      forgetStretches(view, oldest)
    }
    this.#dropFirst(log)
    return time
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
    this.#forgetStretches(log)
  }

  /** Drops every log whose newest event time is at or before a time. */
  dropQuiet(before: number): void {
    if (before >= this.#quietSince) this.#drop(before, (log) => this.#forget(log))
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
    return this.#slab.offsetOf(log) + this.#headFloats + this.#start(log)
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

  /** A log's block as entry-columns.ts sees it. */
  #blockOf(log: number): EntryBlock {
    return {
      floats: this.#slab.floatsAt(log),
      ints: this.#slab.intsAt(log),
      first: this.#slab.offsetOf(log) + this.#headFloats,
      room: this.#room(log),
    }
  }

  #blockFloats(room: number): number {
    const stretches = this.#summed ? floatsOfStretches(room) : 0
    return this.#headFloats + room * this.#entryFloats + stretches
  }

  /** Where the records of a block's stretches begin (core/signals/stretch.ts). */
  #stretchesAt(block: number, room: number): number {
    return block + this.#headFloats + room * this.#entryFloats
  }

  /** What the stretches were summed up to no longer holds. */
  #forgetStretches(log: number): void {
    const room = this.#room(log)
    if (!this.#summed || room < stretchEntries) return
    const at = this.#stretchesAt(this.#slab.offsetOf(log), room)
    this.#slab.floatsAt(log).fill(0, at, at + floatsOfStretches(room))
  }

  /** Whoever comes back under this key reads no lower than saturated. */
  #forget(log: number): number {
    const last = Math.max(this.#newest(log), this.cutAt(log))
    this.#forgottenAt = Math.max(this.#forgottenAt, last)
    return last
  }

  #evict(log: number): void {
    this.#evictedAt = Math.max(this.#evictedAt, this.#forget(log))
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
    moveEntries(this.#shape, this.#blockOf(log), { from: start, to: 0, count: this.count(log) })
    this.#setStart(log, 0)
    this.#forgetStretches(log)
    return log
  }

  #moveTo(from: number, room: number): number {
    const key = this.#wordOf(from)
    const low = this.#slab.intsAt(from)[key + head.keyLow]!
    const high = this.#slab.intsAt(from)[key + head.keyHigh]!
    const to = this.#allocate(room, from)
    // Where others made way, the log itself may have moved.
    const log = this.#index.get(low, high)
    const start = this.#slab.offsetOf(log)
    const copied = this.#slab.floatsAt(log).subarray(start, start + this.#headFloats)
    this.#slab.floatsAt(to).set(copied, this.#slab.offsetOf(to))
    this.#slab.intsAt(to)[this.#wordOf(to) + head.startAndRoom] = room * roomUnit
    const entries = { start: this.#start(log), count: this.count(log) }
    copyEntries(this.#shape, this.#blockOf(log), this.#blockOf(to), entries)
    this.#forgetStretches(to)
    this.#index.set(low, high, to)
    this.#slab.release(log, this.#blockFloats(this.#room(log)))
    return to
  }

  /** A block for some entries; where memory is at its bound, the quietest logs make way. */
  #allocate(room: number, keep = -1): number {
    const size = this.#blockFloats(room)
    let kept = keep
    for (;;) {
      const block = this.#slab.allocate(size)
      if (block >= 0) return block
      const quiet = quietTime(this.#index, (log) => this.#newest(log))
      this.#drop(quiet, (log) => this.#evict(log), kept)
      kept = this.#compact(kept)
    }
  }

  /** Drops the logs that were quiet up to a time, but `keep`. */
  #drop(before: number, note: (log: number) => void, keep = -1): void {
    let quietSince = Number.POSITIVE_INFINITY
    this.#index.replaceAll((log) => {
      const newest = this.#newest(log)
      if (log === keep || newest > before) {
        quietSince = Math.min(quietSince, newest)
        return log
      }
      note(log)
      this.#slab.release(log, this.#blockFloats(this.#room(log)))
      return -1
    })
    this.#quietSince = quietSince
  }

  /** Moves every log into fresh pages, `keep` first; gives where `keep` is then. */
  #compact(keep: number): number {
    const [from, to] = [this.#slab, new Slab(this.#bytesMax)]
    const kept = moveLogs(this.#index, {
      ...{ from, to, keep },
      sizeOf: (log) => this.#blockFloats(this.#room(log)),
      drop: (log) => this.#evict(log),
    })
    this.#slab = to
    return kept
  }
}
