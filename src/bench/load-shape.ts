/**
 * What the load generator sends and how it knows the results again: each event carries its place in
 * the load in the trace id of its `traceparent`, which goes on to whatever is made of the event.
 */
import type { IHeaders, Message } from 'kafkajs'

export interface LoadMessage extends Message {
  /** What its topic is called, after the name that the load is sent to. */
  readonly topic: string
}

export interface LoadShape {
  /** Whether sendings must follow each other, because what is loaded goes by their order. */
  readonly inOrder: boolean
  /** To be called before a run whose pace must not wait for the making of its first `events`. */
  prepare(events: number): void
  /** Event `sequence`, which happens at `atMs` since 1970. Asked for one after the other. */
  messageOf(sequence: number, atMs: number): LoadMessage
  /** The event that this result is of; null where it is of none of this load. */
  sequenceOf(headers: IHeaders | undefined): number | null
}

/** Marks the trace ids of the load: the rest of the 32 digits is the place. */
const traceMark = 'c0c0'.repeat(5)
const sequenceDigits = 12

export function traceparentOf(sequence: number): string {
  const place = sequence.toString(16).padStart(sequenceDigits, '0')
  return `00-${traceMark}${place}-${traceMark.slice(0, 16)}-01`
}

export function sequenceOfTrace(headers: IHeaders | undefined): number | null {
  const traceparent = headers?.traceparent
  if (traceparent === undefined || Array.isArray(traceparent)) return null
  const [, trace] = traceparent.toString('latin1').split('-')
  if (trace === undefined || !trace.startsWith(traceMark)) return null
  return Number.parseInt(trace.slice(traceMark.length), 16)
}

/** Small records of a given size for the copy loop. */
export function smallRecords(bytes: number): LoadShape {
  const value = Buffer.alloc(bytes, 'abcdefghijklmnopqrstuvwxyz')
  return {
    inOrder: false,
    prepare: () => undefined,
    messageOf: (sequence) => ({
      topic: '',
      key: `user-${sequence % 1_000_000}`,
      value,
      headers: { traceparent: traceparentOf(sequence) },
    }),
    sequenceOf: sequenceOfTrace,
  }
}
