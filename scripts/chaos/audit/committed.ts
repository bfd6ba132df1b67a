/**
 * What is committed in a partition, from its bytes alone. A record batch says which producer wrote
 * it and whether in a transaction; a control record of the same producer says how that ended. So
 * nothing rests on what a client library makes of `read_committed`.
 *
 *     base offset(8) length(4) epoch(4) magic(1) crc(4) attributes(2) last delta(4) times(8+8)
 *     producer(8) producer epoch(2) sequence(4) count(4) | records: length, attributes, time delta,
 *     offset delta, key, value, headers, all numbers zigzag varints
 */
import { gunzipSync } from 'node:zlib'

export interface LogRecord {
  readonly offset: number
  readonly timestamp: number
  readonly key: Buffer | null
  readonly value: Buffer | null
  /** Of headers with one name the last. */
  readonly headers: Readonly<Record<string, Buffer | null>>
}

/** Whatever a partition's log holds, batch by batch. */
export interface LogBatch {
  readonly baseOffset: number
  readonly lastOffset: number
  readonly producerId: string
  readonly inTransaction: boolean
  /** Null for batches of messages. */
  readonly ends: 'commit' | 'abort' | null
  readonly records: readonly LogRecord[]
}

/** Bytes before the length counts, and from there to the records. */
const [prefixBytes, headBytes] = [12, 61]
const flags = { codec: 7, transactional: 16, control: 32 } as const
const logAppendTime = 8

/** Whole batches; what is cut off at the end is left for the next fetch. */
export function readBatches(bytes: Buffer): LogBatch[] {
  const batches: LogBatch[] = []
  for (let at = 0; at + prefixBytes <= bytes.length; ) {
    const end = at + prefixBytes + bytes.readInt32BE(at + 8)
    if (end > bytes.length) break
    batches.push(readBatch(bytes.subarray(at, end)))
    at = end
  }
  return batches
}

function readBatch(batch: Buffer): LogBatch {
  if (batch[16] !== 2) throw new Error(`a record batch of version ${batch[16]}`)
  const attributes = batch.readInt16BE(21)
  const baseOffset = Number(batch.readBigInt64BE(0))
  const records = readRecords(bodyOf(batch, attributes & flags.codec), {
    baseOffset,
    firstAt: Number(batch.readBigInt64BE(27)),
    takenAt: (attributes & logAppendTime) === 0 ? null : Number(batch.readBigInt64BE(35)),
    count: batch.readInt32BE(57),
  })
  return {
    baseOffset,
    lastOffset: baseOffset + batch.readInt32BE(23),
    producerId: String(batch.readBigInt64BE(43)),
    inTransaction: (attributes & flags.transactional) !== 0,
    ends: (attributes & flags.control) === 0 ? null : endOf(records),
    records,
  }
}

/** The key of a control record: version(2), type(2). */
function endOf([record]: readonly LogRecord[]): 'commit' | 'abort' {
  return record?.key?.readInt16BE(2) === 1 ? 'commit' : 'abort'
}

function bodyOf(batch: Buffer, codec: number): Buffer {
  const body = batch.subarray(headBytes)
  if (codec === 0) return body
  if (codec === 1) return gunzipSync(body)
  throw new Error(`records compressed by codec ${codec}, which the auditor cannot read`)
}

interface BatchHead {
  readonly baseOffset: number
  readonly firstAt: number
  /** Null where each record has its own time. */
  readonly takenAt: number | null
  readonly count: number
}

function readRecords(body: Buffer, { baseOffset, firstAt, takenAt, count }: BatchHead) {
  const reader = new RecordReader(body)
  const records: LogRecord[] = []
  for (let index = 0; index < count; index += 1) {
    reader.varint()
    reader.skip(1)
    const timestamp = firstAt + reader.varint()
    const offset = baseOffset + reader.varint()
    const key = reader.bytes()
    const value = reader.bytes()
    const headers: Record<string, Buffer | null> = {}
    for (let left = reader.varint(); left > 0; left -= 1) {
      const name = String(reader.bytes())
      headers[name] = reader.bytes()
    }
    records.push({ offset, timestamp: takenAt ?? timestamp, key, value, headers })
  }
  return records
}

class RecordReader {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  skip(count: number): void {
    this.#at += count
  }

  /** Zigzag: 0, -1, 1, -2 … stand as 0, 1, 2, 3 … */
  varint(): number {
    let raw = 0
    let scale = 1
    for (;;) {
      const byte = this.#bytes[this.#at]
      if (byte === undefined) throw new Error('a record is cut off')
      this.#at += 1
      raw += (byte & 127) * scale
      if (byte < 128) break
      scale *= 128
    }
    return raw % 2 === 0 ? raw / 2 : -(raw + 1) / 2
  }

  bytes(): Buffer | null {
    const length = this.varint()
    if (length < 0) return null
    const end = this.#at + length
    if (end > this.#bytes.length) throw new Error('a record is cut off')
    const bytes = this.#bytes.subarray(this.#at, end)
    this.#at = end
    return bytes
  }
}

/** Takes the batches of one partition in order; gives out what turns out to be committed. */
export class CommittedRecords {
  readonly #open = new Map<string, LogRecord[]>()
  readonly #committed: LogRecord[] = []

  add({ producerId, inTransaction, ends, records }: LogBatch): void {
    if (ends !== null) {
      if (ends === 'commit')
        for (const record of this.#open.get(producerId) ?? []) this.#committed.push(record)
      this.#open.delete(producerId)
    } else if (inTransaction) {
      const open = this.#open.get(producerId) ?? []
      this.#open.set(producerId, open)
      for (const record of records) open.push(record)
    } else for (const record of records) this.#committed.push(record)
  }

  /** In the order of offsets. */
  records(): readonly LogRecord[] {
    return this.#committed.sort((a, b) => a.offset - b.offset)
  }

  /** Whether a transaction has not ended yet. */
  hasOpen(): boolean {
    return this.#open.size > 0
  }
}
