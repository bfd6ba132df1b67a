/** The logs that a batch touches, each once, and where the records that it adds to them stand. */
import { KeyIndex } from './key-index.ts'
import { recordBytesOf } from './log-records.ts'
import { bucketOf, type LogKey, type LogKind, logKinds } from './redis-keys.ts'

export interface Touched extends LogKey {
  readonly bucket: number
  /** Records that the batch adds, as bytes. */
  size: number
  /** Where they begin among all records, in bytes; `next` is where the next one goes. */
  from: number
  next: number
  /** What is known of the log before the call: see append-n.lua. */
  stamp: number
  length: number
  /** The key's time to live begins anew. */
  anew: boolean
}

const kindFactor = 0x9e3779b9

export class TouchedLogs {
  readonly #logs: Touched[] = []
  readonly #records: Touched[] = []
  readonly #index = new KeyIndex()
  #bytes = 0

  get logs(): readonly Touched[] {
    return this.#logs
  }

  /** Bytes of all records. */
  get bytes(): number {
    return this.#bytes
  }

  /** One more record for a log. */
  add(kind: LogKind, low: number, high: number): void {
    const mixed = low ^ Math.imul(logKinds.indexOf(kind) + 1, kindFactor)
    let place = this.#index.get(mixed, high)
    if (place < 0) {
      place = this.#logs.length
      this.#index.set(mixed, high, place)
      this.#logs.push(newTouched(kind, low, high))
    }
    const log = this.#logs[place]!
    const size = recordBytesOf(kind)
    log.size += size
    this.#bytes += size
    this.#records.push(log)
  }

  /** Gives every log its stretch of the records; those of a bucket lie together where asked. */
  lay(byBucket: boolean): void {
    if (byBucket) this.#logs.sort((one, other) => one.bucket - other.bucket)
    let from = 0
    for (const log of this.#logs) {
      log.from = from
      log.next = from
      from += log.size
    }
  }

  /** Where a record goes, by its number in order of adding; to be asked once, in that order. */
  placeOf(record: number): number {
    const log = this.#records[record]!
    const at = log.next
    log.next += recordBytesOf(log.kind)
    return at
  }
}

function newTouched(kind: LogKind, low: number, high: number): Touched {
  const bucket = bucketOf(low)
  return {
    kind,
    low,
    high,
    bucket,
    size: 0,
    from: 0,
    next: 0,
    stamp: 0,
    length: 0,
    anew: true,
  }
}
