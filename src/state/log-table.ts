/**
 * Logs of fixed-size entries for one kind of entity, in flat memory: a hash index from the entity's
 * 64-bit key to a block of a slab. What is known of a log heads its entries, because a look at
 * memory that no cache holds costs as much as reading a hundred entries: an entity is found with two
 * such looks.
 *
 *     index slot       block
 *     │ block │ key's  │ key │ cutAt │ newest │ count, start, room │ entry │ entry │ …
 *     │  + 1  │ high ──┘ word
 *
 * A log keeps at most `cap` entries. What is cut, trimmed or evicted leaves its largest event time
 * in `cutAt`, also for logs that were dropped whole (`forgottenAt`), so a window that reaches below
 * it is known to be a lower bound and never silently low. A log is named by its block, which moves
 * as the log grows: the name that `append` gives is the one to go on with.
 */
import { Slab } from './slab.ts'

export interface LogTableOptions {
  /** Floats of one entry. */
  readonly stride: number
  /** Most entries of one log. */
  readonly cap: number
  /** Most bytes of entries in the table; beyond it the logs that were quiet longest are dropped. */
  readonly bytesMax: number
}

/** Places in a block's head, in floats, and in integers where they are such. */
const head = { cutAt: 1, newest: 2, floats: 4, keyLow: 0, keyHigh: 1, count: 6, startAndRoom: 7 }
const roomUnit = 2 ** 16
const smallestRoom = 2
const indexSizeFirst = 1024

export class LogTable {
  #slab: Slab
  readonly #bytesMax: number
  readonly #stride: number
  readonly #cap: number
  /** Two words a slot: the block + 1, or 0 where the slot is free; the high word of the key. */
  #index = new Int32Array(indexSizeFirst * 2)
  #logs = 0
  /** Largest event time of any log that was dropped whole. */
  #forgottenAt = Number.NEGATIVE_INFINITY

  constructor({ stride, cap, bytesMax }: LogTableOptions) {
    this.#stride = stride
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
    if ((this.#logs + 1) * 4 > this.#index.length) this.#rebuildIndex(this.#index.length * 2)
    const log = this.#allocate(smallestRoom)
    this.#logs += 1
    const word = this.#wordOf(log)
    const [floats, ints] = [this.floats(log), this.ints(log)]
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
    return this.ints(log)[this.#wordOf(log) + head.count]!
  }

  /** Largest event time that this log no longer holds; -Infinity where it holds all. */
  cutAt(log: number): number {
    return this.floats(log)[this.#slab.offsetOf(log) + head.cutAt]!
  }

  /** Float of the log's first entry, inside the page that `floats` gives. */
  firstFloat(log: number): number {
    return this.#slab.offsetOf(log) + head.floats + this.#start(log) * this.#stride
  }

  floats(log: number): Float64Array {
    return this.#slab.floatsAt(log)
  }

  ints(log: number): Uint32Array {
    return this.#slab.intsAt(log)
  }

  /**
   * Place among the entries of the one with this id, and this time where one is given, or -1.
   * Newest first: repeats come soon. An id may be used again once it is forgotten, so in the
   * windows only id and event time together name an event.
   */
  placeOf(log: number, idLow: number, idHigh: number, time: number | null): number {
    const ints = this.ints(log)
    const floats = this.floats(log)
    const first = this.firstFloat(log) * 2
    for (let place = this.count(log) - 1; place >= 0; place -= 1) {
      const words = first + place * this.#stride * 2
      if (ints[words + 2] !== idLow || ints[words + 3] !== idHigh) continue
      if (time === null || floats[words / 2] === time) return place
    }
    return -1
  }

  /**
   * Appends one entry and gives the log's name from then on. The log may then hold `cap` + 1: call
   * cut when the event has read.
   */
  append(to: number, entry: Float64Array): number {
    const log = this.#start(to) + this.count(to) === this.#room(to) ? this.#makeRoom(to) : to
    const floats = this.floats(log)
    const count = this.count(log)
    const at = this.firstFloat(log) + count * this.#stride
    for (let index = 0; index < this.#stride; index += 1) floats[at + index] = entry[index]!
    this.#setCount(log, count + 1)
    const newest = this.#slab.offsetOf(log) + head.newest
    if (entry[0]! > floats[newest]!) floats[newest] = entry[0]!
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
    const floats = this.floats(log)
    const first = this.firstFloat(log)
    const stride = this.#stride
    let smallest = first
    for (let at = first + stride; at < first + count * stride; at += stride) {
      if (floats[at]! < floats[smallest]!) smallest = at
    }
    this.#raiseCut(log, floats[smallest]!)
    if (smallest > first) floats.copyWithin(first + stride, first, smallest)
    this.#dropFirst(log)
  }

  /** Forgets leading entries whose event time is at or before a time. */
  trim(log: number, before: number): void {
    const floats = this.floats(log)
    for (let left = this.count(log); left > 0; left -= 1) {
      const time = floats[this.firstFloat(log)]!
      if (time > before) return
      this.#raiseCut(log, time)
      this.#dropFirst(log)
    }
    this.#setStart(log, 0)
  }

  /** Drops every log but `keep` whose newest event time is at or before a time; gives how many. */
  dropQuiet(before: number, keep = -1): number {
    const logs = this.#logs
    this.#rebuildIndex(this.#index.length, (log) => {
      if (log !== keep && this.#newest(log) <= before) {
        this.#forget(log)
        this.#slab.release(log, this.#blockFloats(this.#room(log)))
        return -1
      }
      return log
    })
    return logs - this.#logs
  }

  /** The slot of a key, or a free one where it has none. */
  #slotOf(low: number, high: number): number {
    const index = this.#index
    const mask = index.length - 2
    for (let slot = (low << 1) & mask; ; slot = (slot + 2) & mask) {
      if (index[slot] === 0) return slot
      if (index[slot + 1] === (high | 0) && this.#keyLow(index[slot]! - 1) === low) return slot
    }
  }

  #newest(log: number): number {
    return this.floats(log)[this.#slab.offsetOf(log) + head.newest]!
  }

  /** First integer of the log's block within its page. */
  #wordOf(log: number): number {
    return this.#slab.offsetOf(log) * 2
  }

  #setCount(log: number, count: number): void {
    this.ints(log)[this.#wordOf(log) + head.count] = count
  }

  /** Entries of the block before the first. */
  #start(log: number): number {
    return this.ints(log)[this.#wordOf(log) + head.startAndRoom]! % roomUnit
  }

  /** Entries that the block has room for. */
  #room(log: number): number {
    return this.ints(log)[this.#wordOf(log) + head.startAndRoom]! >>> 16
  }

  #setStart(log: number, start: number): void {
    this.ints(log)[this.#wordOf(log) + head.startAndRoom] = this.#room(log) * roomUnit + start
  }

  #dropFirst(log: number): void {
    this.#setStart(log, this.#start(log) + 1)
    this.#setCount(log, this.count(log) - 1)
  }

  #blockFloats(room: number): number {
    return head.floats + room * this.#stride
  }

  /** Whoever comes back under this key reads no lower than saturated. */
  #forget(log: number): void {
    this.#forgottenAt = Math.max(this.#forgottenAt, this.#newest(log), this.cutAt(log))
    this.#logs -= 1
  }

  #raiseCut(log: number, time: number): void {
    const at = this.#slab.offsetOf(log) + head.cutAt
    const floats = this.floats(log)
    if (time > floats[at]!) floats[at] = time
  }

  /** Moves entries to the front of the block, or into a block of twice the size. */
  #makeRoom(log: number): number {
    const room = this.#room(log)
    const floats = this.floats(log)
    const first = this.firstFloat(log)
    const end = first + this.count(log) * this.#stride
    if (this.#start(log) > room >> 3) {
      floats.copyWithin(this.#slab.offsetOf(log) + head.floats, first, end)
      this.#setStart(log, 0)
      return log
    }
    return this.#moveTo(log, Math.min(room * 2, this.#cap + 1 + (this.#cap >> 2)))
  }

  #moveTo(from: number, room: number): number {
    const [low, high] = [this.#keyLow(from), this.#keyHigh(from)]
    const to = this.#allocate(room, from)
    // Where others made way, the log itself may have moved.
    const slot = this.#slotOf(low, high)
    const log = this.#index[slot]! - 1
    const [floats, at] = [this.floats(log), this.#slab.offsetOf(log)]
    const [target, start] = [this.floats(to), this.#slab.offsetOf(to)]
    const first = this.firstFloat(log)
    target.set(floats.subarray(at, at + head.floats), start)
    target.set(floats.subarray(first, first + this.count(log) * this.#stride), start + head.floats)
    this.ints(to)[this.#wordOf(to) + head.startAndRoom] = room * roomUnit
    this.#index[slot] = to + 1
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
    this.#rebuildIndex(this.#index.length, (log) => {
      const block = log === keep ? kept : move(log)
      if (block < 0) this.#forget(log)
      return block
    })
    this.#slab = to
    return kept
  }

  /** An event time that about a tenth of the logs have not passed, from a sample of them. */
  #quietest(): number {
    const step = Math.max(1, Math.floor(this.#index.length / 4096)) * 2
    const sample: number[] = []
    for (let slot = 0; slot < this.#index.length; slot += step) {
      if (this.#index[slot] !== 0) sample.push(this.#newest(this.#index[slot]! - 1))
    }
    sample.sort((a, b) => a - b)
    return sample[Math.floor(sample.length / 10)] ?? Number.POSITIVE_INFINITY
  }

  #keyLow(log: number): number {
    return this.ints(log)[this.#wordOf(log) + head.keyLow]!
  }

  #keyHigh(log: number): number {
    return this.ints(log)[this.#wordOf(log) + head.keyHigh]!
  }

  /** Makes the index anew; `place` gives where each log is from then on, or -1 to leave it out. */
  #rebuildIndex(size: number, place: (log: number) => number = (log) => log): void {
    const index = new Int32Array(size)
    for (let slot = 0; slot < this.#index.length; slot += 2) {
      const log = this.#index[slot]! - 1
      if (log < 0) continue
      const [low, high] = [this.#keyLow(log), this.#keyHigh(log)]
      const placed = place(log)
      if (placed >= 0) link(index, low, high, placed)
    }
    this.#index = index
  }
}

function link(index: Int32Array, low: number, high: number, log: number): void {
  const mask = index.length - 2
  let slot = (low << 1) & mask
  while (index[slot] !== 0) slot = (slot + 2) & mask
  index[slot] = log + 1
  index[slot + 1] = high
}
