/**
 * Logs of fixed-size entries for one kind of entity, in flat memory: a hash index from the entity's
 * 64-bit key to a log, a few numbers per log, and the entries in blocks of a slab. An entity with
 * one event costs about 60 bytes beside its entries; nothing here is a JavaScript object per
 * entity.
 *
 * A log keeps at most `cap` entries. What is cut, trimmed or evicted leaves its largest event time
 * in `cutAt`, also for logs that were dropped whole (`forgottenAt`), so a window that reaches below
 * it is known to be a lower bound and never silently low.
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

const smallestBlock = 2

export class LogTable {
  #slab: Slab
  readonly #bytesMax: number
  readonly #stride: number
  readonly #cap: number
  /** Hash index: log number + 1, or 0. */
  #index = new Int32Array(1024)
  #used = 0
  #free: number[] = []
  #low = new Uint32Array(512)
  #high = new Uint32Array(512)
  /** First float of the log's block in the slab, and of its first entry within the block. */
  #block = new Float64Array(512)
  #start = new Uint16Array(512)
  #count = new Uint16Array(512)
  #room = new Uint16Array(512)
  #cutAt = new Float64Array(512)
  #newest = new Float64Array(512)
  /** Largest event time of any log that was dropped whole. */
  #forgottenAt = Number.NEGATIVE_INFINITY

  constructor({ stride, cap, bytesMax }: LogTableOptions) {
    this.#stride = stride
    this.#cap = cap
    this.#bytesMax = bytesMax
    this.#slab = new Slab(bytesMax)
  }

  get logs(): number {
    return this.#used - this.#free.length
  }

  /** Bytes of the entries' pages. */
  get bytes(): number {
    return this.#slab.bytes
  }

  /** The log of a key, or -1. */
  find(low: number, high: number): number {
    const mask = this.#index.length - 1
    for (let slot = low & mask; ; slot = (slot + 1) & mask) {
      const log = this.#index[slot]! - 1
      if (log < 0) return -1
      if (this.#low[log] === low && this.#high[log] === high) return log
    }
  }

  /** The log of a key, made where there is none. */
  ensure(low: number, high: number): number {
    const found = this.find(low, high)
    if (found >= 0) return found
    if ((this.logs + 1) * 2 > this.#index.length) this.#rebuildIndex(this.#index.length * 2)
    const block = this.#allocate(smallestBlock)
    const log = this.#free.pop() ?? this.#used++
    if (log >= this.#low.length) this.#growLogs()
    this.#low[log] = low
    this.#high[log] = high
    this.#block[log] = block
    this.#room[log] = smallestBlock
    this.#start[log] = 0
    this.#count[log] = 0
    this.#cutAt[log] = this.#forgottenAt
    this.#newest[log] = Number.NEGATIVE_INFINITY
    this.#link(log)
    return log
  }

  count(log: number): number {
    return this.#count[log]!
  }

  /** Largest event time that this log no longer holds; -Infinity where it holds all. */
  cutAt(log: number): number {
    return this.#cutAt[log]!
  }

  /** Float of the log's first entry, inside the page that `floats` gives. */
  firstFloat(log: number): number {
    return this.#slab.offsetOf(this.#block[log]!) + this.#start[log]! * this.#stride
  }

  floats(log: number): Float64Array {
    return this.#slab.floatsAt(this.#block[log]!)
  }

  ints(log: number): Uint32Array {
    return this.#slab.intsAt(this.#block[log]!)
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
    for (let place = this.#count[log]! - 1; place >= 0; place -= 1) {
      const words = first + place * this.#stride * 2
      if (ints[words + 2] !== idLow || ints[words + 3] !== idHigh) continue
      if (time === null || floats[words / 2] === time) return place
    }
    return -1
  }

  /** Appends one entry. The log may then hold `cap` + 1: call cut when the event has read. */
  append(log: number, entry: Float64Array): void {
    if (this.#start[log]! + this.#count[log]! === this.#room[log]!) this.#makeRoom(log)
    const floats = this.floats(log)
    const at = this.firstFloat(log) + this.#count[log]! * this.#stride
    for (let index = 0; index < this.#stride; index += 1) floats[at + index] = entry[index]!
    this.#count[log]! += 1
    if (entry[0]! > this.#newest[log]!) this.#newest[log] = entry[0]!
  }

  /** Takes the last entry back. */
  unappend(log: number): void {
    this.#count[log]! -= 1
  }

  /** Brings a log back to its cap: the smallest event time goes. */
  cut(log: number): void {
    const count = this.#count[log]!
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
    this.#start[log]! += 1
    this.#count[log]! -= 1
  }

  /** Forgets leading entries whose event time (word 0, or `word`) is at or before a time. */
  trim(log: number, before: number, word = 0): void {
    const floats = this.floats(log)
    let first = this.firstFloat(log)
    while (this.#count[log]! > 0 && floats[first + word]! <= before) {
      this.#raiseCut(log, floats[first + word]!)
      first += this.#stride
      this.#start[log]! += 1
      this.#count[log]! -= 1
    }
    if (this.#count[log] === 0) this.#start[log] = 0
  }

  /** Drops every log but `keep` whose newest event time is at or before a time; gives how many. */
  dropQuiet(before: number, keep = -1): number {
    let dropped = 0
    for (let log = 0; log < this.#used; log += 1) {
      if (this.#room[log] === 0 || log === keep || this.#newest[log]! > before) continue
      this.#slab.release(this.#block[log]!, this.#room[log]! * this.#stride)
      this.#forget(log)
      dropped += 1
    }
    if (dropped > 0) this.#rebuildIndex(this.#index.length)
    return dropped
  }

  /** Whoever comes back under this key reads no lower than saturated. */
  #forget(log: number): void {
    this.#forgottenAt = Math.max(this.#forgottenAt, this.#newest[log]!, this.#cutAt[log]!)
    this.#room[log] = 0
    this.#free.push(log)
  }

  #raiseCut(log: number, time: number): void {
    if (time > this.#cutAt[log]!) this.#cutAt[log] = time
  }

  /** Moves entries to the front of the block, or into a block of twice the size. */
  #makeRoom(log: number): void {
    const count = this.#count[log]!
    const stride = this.#stride
    if (this.#start[log]! > this.#room[log]! >> 3) {
      const first = this.firstFloat(log)
      const block = this.#slab.offsetOf(this.#block[log]!)
      this.floats(log).copyWithin(block, first, first + count * stride)
      this.#start[log] = 0
      return
    }
    const largest = this.#cap + 1 + (this.#cap >> 2)
    const room = Math.min(this.#room[log]! * 2, largest)
    const block = this.#allocate(room, log)
    const first = this.firstFloat(log)
    const from = this.floats(log)
    this.#slab
      .floatsAt(block)
      .set(from.subarray(first, first + count * stride), this.#slab.offsetOf(block))
    this.#slab.release(this.#block[log]!, this.#room[log]! * stride)
    this.#block[log] = block
    this.#room[log] = room
    this.#start[log] = 0
  }

  /** A block for some entries; where memory is at its bound, the quietest logs make way. */
  #allocate(entries: number, keep = -1): number {
    for (;;) {
      const block = this.#slab.allocate(entries * this.#stride)
      if (block >= 0) return block
      this.dropQuiet(this.#quietest(), keep)
      this.#compact(keep)
    }
  }

  /**
   * Moves every log into fresh pages, `keep` first, so that what was freed is one stretch again. In
   * another order blocks may leave more of a page unused: a log that finds no room is dropped.
   */
  #compact(keep: number): void {
    const from = this.#slab
    this.#slab = new Slab(this.#bytesMax)
    if (keep >= 0) this.#move(keep, from)
    let dropped = 0
    for (let log = 0; log < this.#used; log += 1) {
      if (log === keep || this.#room[log] === 0 || this.#move(log, from)) continue
      this.#forget(log)
      dropped += 1
    }
    if (dropped > 0) this.#rebuildIndex(this.#index.length)
  }

  #move(log: number, from: Slab): boolean {
    const size = this.#room[log]! * this.#stride
    const block = this.#slab.allocate(size)
    if (block < 0) return false
    const first = from.offsetOf(this.#block[log]!)
    const floats = from.floatsAt(this.#block[log]!).subarray(first, first + size)
    this.#slab.floatsAt(block).set(floats, this.#slab.offsetOf(block))
    this.#block[log] = block
    return true
  }

  /** An event time that about a tenth of the logs have not passed, from a sample of them. */
  #quietest(): number {
    const step = Math.max(1, Math.floor(this.#used / 1024))
    const sample: number[] = []
    for (let log = 0; log < this.#used; log += step) {
      if (this.#room[log] !== 0) sample.push(this.#newest[log]!)
    }
    sample.sort((a, b) => a - b)
    return sample[Math.floor(sample.length / 10)] ?? Number.POSITIVE_INFINITY
  }

  #link(log: number): void {
    const mask = this.#index.length - 1
    let slot = this.#low[log]! & mask
    while (this.#index[slot] !== 0) slot = (slot + 1) & mask
    this.#index[slot] = log + 1
  }

  #rebuildIndex(size: number): void {
    this.#index = new Int32Array(size)
    for (let log = 0; log < this.#used; log += 1) if (this.#room[log] !== 0) this.#link(log)
  }

  #growLogs(): void {
    const size = this.#low.length * 2
    const grown = <T extends { set(from: T): void }>(to: T, from: T): T => {
      to.set(from)
      return to
    }
    this.#low = grown(new Uint32Array(size), this.#low)
    this.#high = grown(new Uint32Array(size), this.#high)
    this.#block = grown(new Float64Array(size), this.#block)
    this.#start = grown(new Uint16Array(size), this.#start)
    this.#count = grown(new Uint16Array(size), this.#count)
    this.#room = grown(new Uint16Array(size), this.#room)
    this.#cutAt = grown(new Float64Array(size), this.#cutAt)
    this.#newest = grown(new Float64Array(size), this.#newest)
  }
}
