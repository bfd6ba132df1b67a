/**
 * One batch of logged events in, everything that follows from them out, in the same order: observe
 * → derive → judge → score → decide → tally → alert. The store is the only thing awaited. All else
 * is a pure function of its arguments, which is why a recorded event with its recorded inputs
 * judges to the same bytes. A batch that failed can be given again: nothing is counted twice.
 */
import { newShareMonitor } from './core/alerting/share-monitor.ts'
import { scopesOf } from './core/alerting/scopes.ts'
import { type TalliedEvent, tallyBatch } from './core/alerting/tally.ts'
import { decide, newDecisionRow } from './core/decision/decide.ts'
import { reportOf } from './core/decision/report.ts'
import { timeRejection } from './core/event/decode.ts'
import { eventKeyOf, type Keys } from './core/event/keyed-hash.ts'
import { calendarDay } from './core/event/time-zone.ts'
import type { Playbook } from './core/rules/playbook.ts'
import type {
  Audit,
  DeadLetter,
  Event,
  Inputs,
  Readings,
  Report,
  Tally,
} from './core/schema.gen.ts'
import {
  hashSlots,
  latenessMs,
  type Observation,
  shardLagMs,
  sourcePosition,
} from './core/signals/observation.ts'
import { newHashPool, toObservation } from './core/signals/observe.ts'
import { conflictLetter, eventLetter } from './dead-letter.ts'
import type { Facts } from './facts.ts'
import type { LoggedEvent, Outputs } from './log/stream.ts'
import type { Observed, SignalStore } from './state/signal-store.ts'

export interface PipelineParts {
  readonly store: SignalStore
  readonly playbook: Playbook
  readonly facts: Facts
  readonly keys: Keys
}

/**
 * What became of one event: its audit record, the place of the event that it repeats, or a dead
 * letter.
 */
export type Judged =
  | { readonly kind: 'decided'; readonly audit: Audit; readonly userHash: string }
  | { readonly kind: 'duplicate'; readonly firstPosition: number }
  | { readonly kind: 'dead'; readonly letter: DeadLetter }

export interface JudgedBatch {
  /** One per event, in order. */
  readonly judged: readonly Judged[]
  readonly outputs: Outputs
  /** Largest record time so far, in milliseconds. */
  readonly watermark: number
}

export interface Pipeline {
  process(events: readonly LoggedEvent[]): Promise<JudgedBatch>
  /** Puts committed events back into the windows after a restart, without judging them. */
  rebuild(events: readonly LoggedEvent[]): Promise<void>
  /**
   * Puts committed tallies, and last the committed record time, back into the days of the alerts.
   */
  rebuildAlerts(tallies: readonly Tally[], committedAt: number): void
}

export const batchEventsMax = 1024

export function newPipeline({ store, playbook, facts, keys }: PipelineParts): Pipeline {
  const { alerting, timeZone, version, reportAmountMin } = playbook
  const monitor = newShareMonitor({ alerting, timeZone, version })
  const row = newDecisionRow()
  const context = { key: keys.window, zone: timeZone, room: newHashPool() }
  let watermark = Number.NEGATIVE_INFINITY

  /**
   * Null for an event whose date is forged: it must neither push out nor slip under a window. The
   * horizon of each is that of its own turn, also where the batch is given again.
   */
  const placeAll = (events: readonly LoggedEvent[]) => {
    let latest = watermark
    const placed = events.map(({ event, recordedAt, source, partition, offset }) => {
      latest = Math.max(latest, recordedAt)
      if (timeRejection(event.occurredAt, recordedAt) !== null) return null
      const horizon = latest - latenessMs - shardLagMs
      const position = sourcePosition(source, partition, offset)
      return toObservation(event, { recordedAt, horizon, position }, context)
    })
    return { placed, observations: placed.filter((one) => one !== null), latest }
  }

  const observe = async (events: readonly LoggedEvent[]) => {
    const { placed, observations, latest } = placeAll(events)
    const observed = await store.observe(observations)
    watermark = latest
    let next = 0
    return placed.map((observation) =>
      observation === null ? null : { observation, observed: observed[next++]! },
    )
  }

  const inputsOf = (
    { event, recordedAt }: LoggedEvent,
    observed: Observed,
    readings: Readings,
  ): Inputs => ({
    readings,
    lists: facts.lists(event, recordedAt),
    address: facts.address(event.ip),
    campaign: facts.campaign(event),
    switch: facts.switchState(),
    alerts:
      event.kind === 'redemption'
        ? monitor.inForce(scopesOf(event), calendarDay(timeZone, event.occurredAt).day)
        : none,
    late: observed.late,
    repeatsSaturated: observed.repeatsSaturated,
  })

  const judgeOne = (
    logged: LoggedEvent,
    seen: { observation: Observation; observed: Observed } | null,
  ): Judged => {
    const { event, recordedAt, source, partition, offset } = logged
    if (seen === null)
      return {
        kind: 'dead',
        letter: eventLetter(timeRejection(event.occurredAt, recordedAt)!, logged),
      }
    const { sighting, firstPosition, readings } = seen.observed
    if (sighting === 'conflicting')
      return { kind: 'dead', letter: conflictLetter(logged, firstPosition) }
    if (sighting === 'duplicate' || readings === null) return { kind: 'duplicate', firstPosition }
    const inputs = inputsOf(logged, seen.observed, readings)
    const eventKey = eventKeyOf(event.user, event.id, event.occurredAt)
    const decision = decide({ event, eventKey, recordedAt }, inputs, playbook, row)
    const audit = {
      recordedAt,
      source,
      partition,
      offset,
      event: withoutGeo(event),
      inputs,
      decision,
    }
    return { kind: 'decided', audit, userHash: userHashOf(seen.observation) }
  }

  const outputsOf = (judged: readonly Judged[]): Outputs => {
    const decided = judged.filter((one) => one.kind === 'decided')
    const tallies = tallyBatch(decided.filter(isTallied).map(toTallied), {
      zone: timeZone,
      usersMax: alerting.minAbnormalUsers,
      watermark,
    })
    return {
      audits: decided.map(({ audit }) => audit),
      decisions: decided.flatMap(({ audit: { decision } }) =>
        decision.outcome === 'allow' ? [] : [decision],
      ),
      tallies,
      alerts: monitor.fold(tallies, watermark),
      reports: decided.flatMap(({ audit }) => toReport(audit) ?? []),
      deadLetters: judged.flatMap((one) => (one.kind === 'dead' ? [one.letter] : [])),
    }
  }

  const toReport = ({ event, inputs, decision }: Audit): Report | null =>
    reportOf(event, inputs, {
      eventKey: decision.eventKey,
      day: calendarDay(timeZone, event.occurredAt).day,
      reportAmountMin,
    })

  return {
    async process(events) {
      if (events.length > batchEventsMax)
        throw new RangeError(`a batch has at most ${batchEventsMax} events`)
      const seen = await observe(events)
      const judged = events.map((logged, index) => judgeOne(logged, seen[index]!))
      return { judged, outputs: outputsOf(judged), watermark }
    },
    async rebuild(events) {
      const { observations, latest } = placeAll(events)
      await store.absorb(observations)
      watermark = latest
    },
    rebuildAlerts(tallies, committedAt) {
      for (const tally of tallies) monitor.fold([tally], tally.recordedAt)
      monitor.fold([], committedAt)
    },
  }
}

const none: readonly string[] = []

/** The audit is kept for longer than places may be. */
function withoutGeo(event: Event): Event {
  return event.geo === null ? event : { ...event, geo: null }
}

function userHashOf({ hashes }: Observation): string {
  const word = (at: number) => hashes[at]!.toString(16).padStart(8, '0')
  return word(hashSlots.user + 1) + word(hashSlots.user)
}

type Decided = Extract<Judged, { kind: 'decided' }>

/** A user whose repeats are forgotten could be counted twice: neither numerator nor denominator. */
const isTallied = ({ audit }: Decided) => !audit.inputs.repeatsSaturated

const toTallied = ({ audit: { event, decision }, userHash }: Decided): TalliedEvent => ({
  event,
  abnormal: decision.abnormal,
  userHash,
})
