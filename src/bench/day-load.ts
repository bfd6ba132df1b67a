/**
 * The generated day as a load for the scoring worker: claims and redemptions in the wire format,
 * with the record times of the day, so that windows, lateness and alerts are those of the day
 * however fast it is played. What gets no decision of its own (repeats, conflicts, forged dates,
 * broken messages; 0.6 % of the day) is left out: every event of the load must come out once.
 */
import { timeRejection } from '../core/event/decode.ts'
import { couponEventType } from '../core/event/decode-avro.ts'
import type { CouponEvent } from '../core/schema.gen.ts'
import { type GenerateOptions, generateRows } from '../generate/campaign-day.ts'
import { writeFrame } from '../log/kafka/wire-format.ts'
import { type LoadMessage, type LoadShape, sequenceOfTrace, traceparentOf } from './load-shape.ts'

export interface DayLoadOptions extends GenerateOptions {
  /** Of CouponEvent in the registry. */
  readonly schemaId: number
}

/** More rows than events, for those that are left out. */
const spareShare = 1.02
/** A shorter load is the beginning of such a day, not a day with fewer people. */
const dayRowsMin = 170_000

/** Holds what was prepared and not yet sent, some 800 bytes an event. */
export function dayLoad({ schemaId, ...day }: DayLoadOptions): LoadShape {
  const rows = Math.max(dayRowsMin, Math.ceil(day.events * spareShare))
  const events = decidedEvents({ ...day, events: rows })
  const ready: LoadMessage[] = []
  let [made, sent] = [0, 0]
  const make = () => {
    const next = events.next()
    if (next.done === true) throw new Error(`the day ends after ${made} events`)
    const { published, recordedAt } = next.value
    ready.push({
      topic: published.kind === 'claim' ? 'coupon.claims' : 'coupon.redemptions',
      key: published.user,
      value: writeFrame(schemaId, couponEventType.toBuffer(published)),
      timestamp: String(recordedAt),
      headers: { traceparent: traceparentOf(made) },
    })
    made += 1
  }
  return {
    inOrder: true,
    prepare(count) {
      while (made < count) make()
    },
    messageOf(sequence) {
      if (sequence !== sent) throw new Error(`event ${sequence} is not the next, which is ${sent}`)
      if (sequence === made) {
        ready.length = 0
        make()
      }
      sent += 1
      return ready[ready.length - (made - sequence)]!
    },
    sequenceOf: sequenceOfTrace,
  }
}

export interface DecidedEvent {
  readonly published: CouponEvent
  readonly recordedAt: number
}

export function* decidedEvents(day: GenerateOptions): Generator<DecidedEvent, void, undefined> {
  const seen = new Set<string>()
  for (const { published, recordedAt } of generateRows(day)) {
    if (published === null || timeRejection(published.occurredAt, recordedAt) !== null) continue
    const name = `${published.id} ${published.user}`
    if (seen.has(name)) continue
    seen.add(name)
    yield { published, recordedAt }
  }
}
