/**
 * The generated day as JSON for `start`, which takes events at its own time only: what came before
 * the load is written into its log, the last of it just now, and each event of the load is moved
 * to when it is sent. All times of an event move together, so that ages and spans stay what they
 * were. A load is the day in fast motion: hours of it pass in a minute, and fill the windows more.
 */
import type { CouponEvent } from '../core/schema.gen.ts'
import type { GenerateOptions } from '../generate/campaign-day.ts'
import { type DecidedEvent, decidedEvents } from './day-load.ts'

const loadKinds = ['redemption', 'claim'] as const
export type LoadKind = (typeof loadKinds)[number]

export interface HttpDayOptions {
  readonly seed: number
  /** Events before the load. */
  readonly before: number
  /** Events that the loads take of each kind. */
  readonly needs: Readonly<Record<LoadKind, number>>
  readonly now: number
}

export interface HttpDay {
  /** By so much the day is moved for `now` to be the end of what was before the load. */
  readonly movedMs: number
  /** In order of record time, moved. */
  readonly before: readonly DecidedEvent[]
  /** The next `count` bodies; event n of them is of the time `atMs(n)`. */
  bodies(kind: LoadKind, count: number, atMs: (event: number) => number): readonly string[]
}

/** Of ten events of the day two are redemptions; a little more than that is asked for. */
const sharesAtLeast: Readonly<Record<LoadKind, number>> = { redemption: 0.17, claim: 0.7 }
/** More rows than events, for those that get no decision. */
const spareShare = 1.02
/** A short run is the beginning of such a day, not a day with fewer people. */
const dayRowsMin = 170_000

/** Midnight in Asia/Shanghai of the day that is generated, wherever it is moved to. */
export const dayStartAt = Date.UTC(2026, 2, 1, 16)

export function dayOf({ seed, before, needs }: HttpDayOptions): GenerateOptions {
  const after = loadKinds.map((kind) => needs[kind] / sharesAtLeast[kind])
  const events = Math.max(dayRowsMin, Math.ceil((before + Math.max(...after)) * spareShare))
  return { seed, events, scenario: 'attack', startAt: dayStartAt }
}

/** Holds all of it, some kilobyte an event. */
export function generateHttpDay(options: HttpDayOptions): HttpDay {
  const rows = decidedEvents(dayOf(options))
  const past: DecidedEvent[] = []
  while (past.length < options.before) past.push(nextOf(rows))
  const waiting: Record<LoadKind, DecidedEvent[]> = { redemption: [], claim: [] }
  while (loadKinds.some((kind) => waiting[kind].length < options.needs[kind])) {
    const row = nextOf(rows)
    const { kind } = row.published
    if (kind !== 'claim' && kind !== 'redemption') continue
    if (waiting[kind].length < options.needs[kind]) waiting[kind].push(row)
  }
  const movedMs = wholeSeconds(options.now - (past.at(-1)?.recordedAt ?? dayStartAt))
  return {
    movedMs,
    before: past.map(({ published, recordedAt }) => ({
      published: movedBy(published, movedMs),
      recordedAt: recordedAt + movedMs,
    })),
    bodies(kind, count, atMs) {
      return waiting[kind].splice(0, count).map(({ published, recordedAt }, event) => {
        const moved = movedBy(published, wholeSeconds(atMs(event) - recordedAt))
        return JSON.stringify(moved, (_, value) => value ?? undefined)
      })
    },
  }
}

function nextOf(rows: Generator<DecidedEvent, void, undefined>): DecidedEvent {
  const next = rows.next()
  if (next.done === true) throw new Error('the generated day has too few events of a kind')
  return next.value
}

/** Down, or a time to the second would become one that is not. */
const wholeSeconds = (ms: number) => Math.floor(ms / 1_000) * 1_000

function movedBy(published: CouponEvent, ms: number): CouponEvent {
  const moved = (at: number | null) => (at === null ? null : at + ms)
  return {
    ...published,
    occurredAt: published.occurredAt + ms,
    codeIssuedAt: moved(published.codeIssuedAt),
    codeExpiresAt: moved(published.codeExpiresAt),
    registeredAt: moved(published.registeredAt),
    lastActiveAt: moved(published.lastActiveAt),
    portedAt: moved(published.portedAt),
    transferredAt: moved(published.transferredAt),
  }
}
