/**
 * Messages of one input partition, fetched and not yet taken, in the order of offsets. A fetch is
 * taken in only where it goes on exactly where the last one ended, or at the place last sought:
 * what was under way when the place changed is dropped, so that no message is missed, doubled, or
 * read under one epoch and judged under another.
 *
 *     open(40)   offer(40..43) ✓   offer(44..49) ✓   open(42)   offer(50..) ✗   offer(42..) ✓
 */
import type { IHeaders } from 'kafkajs'

export interface FetchedMessage {
  /** Topic without prefix. */
  readonly source: string
  readonly partition: number
  readonly offset: number
  /** LogAppendTime in milliseconds. */
  readonly recordedAt: number
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: IHeaders
}

/** What one fetch brought of a partition. */
export interface Fetch {
  readonly fetchedOffset: number
  /** The offset to go on at: past control records, which bring no message. */
  readonly nextOffset: number
  /** The partition's end when it was asked. */
  readonly endOffset: number
  readonly messages: readonly FetchedMessage[]
}

/** Bytes that a message takes beside its value, about. */
const messageOverheadBytes = 256

export class PartitionQueue {
  #messages: FetchedMessage[] = []
  #head = 0
  #bytes = 0
  /** Where the next fetch must begin; null while nothing may come in. */
  #expected: number | null = null
  #end = 0

  /** Starts anew at `offset`; `endOffset` is the partition's end as far as it is known. */
  open(offset: number, endOffset: number): void {
    this.#empty()
    this.#expected = offset
    this.#end = endOffset
  }

  /** Drops everything and takes nothing until it is opened. */
  close(): void {
    this.#empty()
    this.#expected = null
  }

  /** Whether the fetch was taken in. */
  offer(fetch: Fetch): boolean {
    if (this.#expected !== fetch.fetchedOffset) return false
    for (const message of fetch.messages) {
      this.#messages.push(message)
      this.#bytes += bytesOf(message)
    }
    this.#expected = fetch.nextOffset
    this.#end = Math.max(this.#end, fetch.endOffset, fetch.nextOffset)
    return true
  }

  peek(): FetchedMessage | null {
    return this.#messages[this.#head] ?? null
  }

  take(): FetchedMessage {
    const message = this.#messages[this.#head]
    if (message === undefined) throw new Error('nothing to take')
    this.#head += 1
    this.#bytes -= bytesOf(message)
    if (this.#head === this.#messages.length) this.#empty()
    return message
  }

  /** First offset that was not taken. */
  nextOffset(): number {
    const head = this.#messages[this.#head]
    return head === undefined ? (this.#expected ?? 0) : head.offset
  }

  /** Where the next fetch must begin, null while closed. */
  expected(): number | null {
    return this.#expected
  }

  /** Nothing is here although the partition is known to hold more. */
  isBehind(): boolean {
    return this.peek() === null && this.#expected !== null && this.#expected < this.#end
  }

  /** Messages between what was taken and the known end. */
  lag(): number {
    return this.#expected === null ? 0 : Math.max(0, this.#end - this.nextOffset())
  }

  bytes(): number {
    return this.#bytes
  }

  #empty(): void {
    this.#messages = []
    this.#head = 0
    this.#bytes = 0
  }
}

const bytesOf = ({ value }: FetchedMessage) => (value?.length ?? 0) + messageOverheadBytes
