/**
 * The logs that a batch touches, each once, and where the records that it adds to them stand. One
 * is used for batch after batch, in columns: a batch touches thousands of logs, and as objects they
 * would cost more than all else that is done with them.
 */
import { KeyIndex } from './key-index.ts'
import { bucketCount, bucketOf } from './redis-keys.ts'

const kindFactor = 0x9e3779b9
const logsFirst = 4096

export class TouchedLogs {
  /** Place in logKinds, and the entity's hash. */
  kinds = new Uint8Array(logsFirst)
  lows = new Uint32Array(logsFirst)
  highs = new Uint32Array(logsFirst)
  /** Bytes of the records that the batch adds, and where they begin among all records. */
  sizes = new Uint32Array(logsFirst)
  froms = new Uint32Array(logsFirst)
  /** What is known of the log before the call; length 0 for nothing. */
  stamps = new Float64Array(logsFirst)
  lengths = new Uint32Array(logsFirst)
  /** 1 where the log is looked at closely and its key's time to live begins anew. */
  anews = new Uint8Array(logsFirst)
  /** Logs in the order in which their records lie. */
  order = new Uint32Array(logsFirst)
  /** Where the next record of a log goes. */
  #nexts = new Uint32Array(logsFirst)
  /** The log of each record. */
  #records = new Uint32Array(logsFirst)
  readonly #recordBytes: number
  readonly #index = new KeyIndex()
  #count = 0
  #recordCount = 0

  /** All records have this size. */
  constructor(recordBytes: number) {
    this.#recordBytes = recordBytes
  }

  get count(): number {
    return this.#count
  }

  /** Bytes of all records. */
  get bytes(): number {
    return this.#recordCount * this.#recordBytes
  }

  /** Begins a new batch. */
  reset(): void {
    this.#index.clear()
    this.#count = 0
    this.#recordCount = 0
  }

  /** One more record for a log. */
  add(kind: number, low: number, high: number): void {
    // Two kinds may have an entity of the same name, and so of the same hash.
    const mixed = low ^ Math.imul(kind + 1, kindFactor)
    let log = this.#index.get(mixed, high)
    if (log < 0) {
      log = this.#count
      if (log === this.lows.length) this.#grow()
      this.#index.set(mixed, high, log)
      this.kinds[log] = kind
      this.lows[log] = low
      this.highs[log] = high
      this.sizes[log] = 0
      this.#count += 1
    }
    this.sizes[log]! += this.#recordBytes
    if (this.#recordCount === this.#records.length) this.#records = grown(this.#records)
    this.#records[this.#recordCount] = log
    this.#recordCount += 1
  }

  /** Gives every log its stretch of the records; those of a bucket lie together where asked. */
  lay(byBucket: boolean): void {
    if (byBucket) this.#orderByBucket()
    else for (let log = 0; log < this.#count; log += 1) this.order[log] = log
    let from = 0
    for (let at = 0; at < this.#count; at += 1) {
      const log = this.order[at]!
      this.froms[log] = from
      this.#nexts[log] = from
      from += this.sizes[log]!
    }
  }

  /** Where a record goes, by its number in order of adding; to be asked once, in that order. */
  placeOf(record: number): number {
    const log = this.#records[record]!
    const at = this.#nexts[log]!
    this.#nexts[log] = at + this.#recordBytes
    return at
  }

  bucketOf(log: number): number {
    return bucketOf(this.lows[log]!)
  }

  #orderByBucket(): void {
    const ends = new Uint32Array(bucketCount + 1)
    for (let log = 0; log < this.#count; log += 1) ends[this.bucketOf(log) + 1]! += 1
    for (let bucket = 0; bucket < bucketCount; bucket += 1) ends[bucket + 1]! += ends[bucket]!
    for (let log = 0; log < this.#count; log += 1) {
      const bucket = this.bucketOf(log)
      this.order[ends[bucket]!] = log
      ends[bucket]! += 1
    }
  }

  #grow(): void {
    this.kinds = grown(this.kinds)
    this.lows = grown(this.lows)
    this.highs = grown(this.highs)
    this.sizes = grown(this.sizes)
    this.froms = grown(this.froms)
    this.stamps = grown(this.stamps)
    this.lengths = grown(this.lengths)
    this.anews = grown(this.anews)
    this.order = grown(this.order)
    this.#nexts = grown(this.#nexts)
  }
}

/** The same numbers with room for twice as many. */
function grown(numbers: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer>
function grown(numbers: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer>
function grown(numbers: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer>
function grown(numbers: Uint8Array | Uint32Array | Float64Array) {
  const more =
    numbers instanceof Uint8Array
      ? new Uint8Array(numbers.length * 2)
      : numbers instanceof Uint32Array
        ? new Uint32Array(numbers.length * 2)
        : new Float64Array(numbers.length * 2)
  more.set(numbers)
  return more
}
