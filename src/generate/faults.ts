/**
 * The wire between the coupon platform and the log, with its faults: most messages arrive within
 * two seconds; at peaks 2.5 % come 15 to 30 minutes late (D18) and a few up to 100 minutes; 0.5 %
 * are sent twice, 0.05 % come again under the same id with other content, 0.05 % cannot be read,
 * and 0.02 % carry a date in the future, in 1970 or just older than is accepted.
 *
 * Rows wait in a heap until nothing can come before them, so the heap holds what is under way: some
 * thousands of rows at a peak of a run of a million.
 */
import type { CouponEvent } from '../core/schema.gen.ts'
import { newHeap } from './heap.ts'
import type { Random } from './random.ts'
import { dayMs, minuteMs, type Rhythm } from './rhythm.ts'

export interface RowLabels {
  readonly fraud: boolean
  /** Kind of dishonest actor, or the pattern of an honest person, or malformed. */
  readonly kind: string
  /** Name of the dishonest actor. */
  readonly actor: string | null
  readonly source: 'generate'
  /** The flag means what it says. */
  readonly target: null
}

export interface GeneratedRow {
  /** When the log takes it; never decreases from row to row. */
  readonly recordedAt: number
  /** The event as published; null where the message cannot be read. */
  readonly published: CouponEvent | null
  /** The message that cannot be read; null where there is an event. */
  readonly bytes: Uint8Array | null
  readonly labels: RowLabels
}

export const faultShares = {
  late: 0.025,
  lateOffPeak: 0.003,
  veryLate: 0.0003,
  duplicate: 0.005,
  conflict: 0.0005,
  malformed: 0.0005,
  misdated: 0.0002,
} as const

const duplicateBelow = faultShares.duplicate
const conflictBelow = duplicateBelow + faultShares.conflict
const malformedBelow = conflictBelow + faultShares.malformed
const misdatedBelow = malformedBelow + faultShares.misdated

export const malformedLabels: RowLabels = {
  fraud: false,
  kind: 'malformed',
  actor: null,
  source: 'generate',
  target: null,
}

export interface Wire {
  /** Rows sent so far, repeats and broken ones included. */
  readonly sent: number
  send(event: CouponEvent, labels: RowLabels): void
  /** Record time of the next row, or Infinity. */
  nextAt(): number
  take(): GeneratedRow
}

export function newWire(random: Random, rhythm: Rhythm): Wire {
  const heap = newHeap<GeneratedRow>()
  let sent = 0
  const post = (recordedAt: number, row: Omit<GeneratedRow, 'recordedAt'>) => {
    sent += 1
    heap.push(recordedAt, { recordedAt, ...row })
  }
  return {
    get sent() {
      return sent
    },
    send: (event, labels) => {
      const recordedAt = event.occurredAt + latency(random, rhythm.isPeak(event.occurredAt))
      sent += 1
      heap.push(recordedAt, { recordedAt, published: event, bytes: null, labels })
      const fate = random.unit()
      const againAt = recordedAt + 500 + random.exponential(4 * minuteMs)
      if (fate < duplicateBelow) return post(againAt, { published: event, bytes: null, labels })
      if (fate < conflictBelow) {
        const published = otherContent(event)
        return post(againAt, { published, bytes: null, labels: malformedLabels })
      }
      if (fate < malformedBelow) {
        const bytes = brokenBytes(random, { ...event, id: `${event.id}x` })
        return post(recordedAt, { published: null, bytes, labels: malformedLabels })
      }
      if (fate < misdatedBelow) {
        const occurredAt = wrongDate(random, recordedAt)
        const published = { ...event, id: `${event.id}y`, occurredAt }
        return post(recordedAt, { published, bytes: null, labels: malformedLabels })
      }
    },
    nextAt: () => heap.nextKey(),
    take: () => heap.pop(),
  }
}

function latency(random: Random, peak: boolean): number {
  const fate = random.unit()
  if (fate < faultShares.veryLate) return random.between(30 * minuteMs, 100 * minuteMs)
  if (fate < (peak ? faultShares.late : faultShares.lateOffPeak)) {
    return random.between(15 * minuteMs, 30 * minuteMs)
  }
  return 120 + random.exponential(350)
}

/** The same id with another amount, as a careless publisher's retry has. */
function otherContent(event: CouponEvent): CouponEvent {
  return { ...event, couponAmount: (event.couponAmount ?? 0) + 100 }
}

function wrongDate(random: Random, recordedAt: number): number {
  const fate = random.below(3)
  if (fate === 0) return recordedAt + random.between(6 * minuteMs, 3 * dayMs)
  if (fate === 1) return random.below(dayMs)
  return recordedAt - 7 * dayMs - random.between(1, 5 * minuteMs)
}

const text = new TextEncoder()

/** A message that no reader can accept, in one of six ways. */
function brokenBytes(random: Random, event: CouponEvent): Uint8Array {
  const way = random.below(6)
  if (way === 0) {
    const whole = text.encode(JSON.stringify(event))
    return whole.slice(0, random.between(1, whole.length - 1))
  }
  if (way === 1) {
    const bytes = text.encode(JSON.stringify(event))
    bytes[bytes.indexOf(0x22, 2) + 3] = 0xff
    return bytes
  }
  if (way === 2) return text.encode(JSON.stringify({ ...event, user: undefined }))
  if (way === 3) return text.encode(JSON.stringify({ ...event, campaign: undefined }))
  if (way === 4) return text.encode(JSON.stringify({ ...event, couponAmount: -500 }))
  return text.encode(JSON.stringify({ ...event, kind: 'refund' }))
}
