/**
 * One batch of logged events in, everything that follows from them out, in the same order: observe
 * → derive → judge → score → decide → tally → alert. The store is the only thing awaited. All else
 * is a pure function of its arguments, which is why a recorded event with its recorded inputs
 * judges to the same bytes. A batch that failed can be given again: nothing is counted twice.
 */

import { scopesOf } from './core/alerting/scopes.ts'
import {
  type AlertsInForce,
  newShareMonitor,
  type ShareMonitor,
} from './core/alerting/share-monitor.ts'
import { type TalliedEvent, tallyBatch } from './core/alerting/tally.ts'
import { decideBatch, newDecisionRows, type Undecided } from './core/decision/decide.ts'
import { reportOf } from './core/decision/report.ts'
import { timeRejection } from './core/event/decode.ts'
import { eventKeyOf, type Keys } from './core/event/keyed-hash.ts'
import { newCalendar } from './core/event/time-zone.ts'
import type { Playbook } from './core/rules/playbook.ts'
import type {
  Audit,
  DeadLetter,
  Decision,
  Event,
  Inputs,
  Readings,
  Report,
  Tally,
} from './core/schema.gen.ts'
import {
  coarseSlackMaxMs,
  hashSlots,
  latenessMs,
  type Observation,
  shardLagMs,
  sourcePosition,
} from './core/signals/observation.ts'
import { newHashPool, type ObservationContext, toObservation } from './core/signals/observe.ts'
import type { SignalRow } from './core/signals/row.ts'
import { WindowHash } from './core/signals/window-hash.ts'
import { conflictLetter, eventLetter } from './dead-letter.ts'
import type { Facts } from './facts.ts'
import type { LoggedEvent, Outputs } from './log/stream.ts'
import type { Observed, SignalStore } from './state/signal-store.ts'

export interface PipelineParts {
  readonly store: SignalStore
  readonly playbook: Playbook
  readonly facts: Facts
  readonly keys: Keys
  /** Alerts that a monitor raises elsewhere. Without it the pipeline folds its own tallies. */
  readonly followed?: AlertsInForce
  /** Record time that events were judged up to before, in milliseconds. */
  readonly judgedTo?: number
}

/**
 * What became of one event: its audit record, the place of the event that it repeats, or a dead
 * letter.
 */
export type Judged =
  | {
      readonly kind: 'decided'
      readonly audit: Audit
      /** Keyed hash of the user where the event is abnormal, else empty. */
      readonly userHash: string
    }
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

export function newPipeline(parts: PipelineParts): Pipeline {
  return new BatchPipeline(parts)
}

/** An event's observation and what the store said of it; null where its date is forged. */
type Seen = { readonly observation: Observation; readonly observed: Observed } | null

class BatchPipeline implements Pipeline {
  readonly #parts: PipelineParts
  readonly #monitor: ShareMonitor | null
  readonly #alerts: AlertsInForce
  readonly #rows: readonly SignalRow[]
  readonly #context: ObservationContext
  #watermark: number

  constructor(parts: PipelineParts) {
    const { alerting, timeZone, version } = parts.playbook
    this.#parts = parts
    this.#rows = newDecisionRows(parts.playbook)
    const own = () => newShareMonitor({ alerting, timeZone, version })
    this.#monitor = parts.followed === undefined ? own() : null
    this.#alerts = parts.followed ?? this.#monitor!
    this.#watermark = parts.judgedTo ?? Number.NEGATIVE_INFINITY
    this.#context = {
      hash: new WindowHash(parts.keys.window),
      calendar: newCalendar(timeZone),
      room: newHashPool(),
    }
  }

  async process(events: readonly LoggedEvent[]): Promise<JudgedBatch> {
    if (events.length > batchEventsMax)
      throw new RangeError(`a batch has at most ${batchEventsMax} events`)
    const seen = await this.#observe(events)
    const judged = this.#judge(events, seen)
    return { judged, outputs: this.#outputsOf(judged), watermark: this.#watermark }
  }

  async rebuild(events: readonly LoggedEvent[]): Promise<void> {
    const { observations, latest } = this.#place(events)
    await this.#parts.store.absorb(observations)
    this.#watermark = latest
  }

  rebuildAlerts(tallies: readonly Tally[], committedAt: number): void {
    for (const tally of tallies) this.#monitor?.fold([tally], tally.recordedAt)
    this.#monitor?.fold([], committedAt)
  }

  async #observe(events: readonly LoggedEvent[]): Promise<readonly Seen[]> {
    const { placed, observations, latest } = this.#place(events)
    const observed = await this.#parts.store.observe(observations)
    this.#watermark = latest
    let next = 0
    return placed.map((observation) =>
      observation === null ? null : { observation, observed: observed[next++]! },
    )
  }

  /**
   * Null for an event whose date is forged: it must neither push out nor slip under a window. The
   * horizon of each is that of its own turn, also where the batch is given again.
   */
  #place(events: readonly LoggedEvent[]) {
    let latest = this.#watermark
    const placed = events.map(({ event, recordedAt, source, partition, offset }) => {
      latest = Math.max(latest, recordedAt)
      if (timeRejection(event.occurredAt, recordedAt) !== null) return null
      const slack = Math.min(event.resolutionMs, coarseSlackMaxMs)
      const horizon = latest - latenessMs - shardLagMs - slack
      const position = sourcePosition(source, partition, offset)
      return toObservation(event, { recordedAt, horizon, position }, this.#context)
    })
    return { placed, observations: placed.filter((one) => one !== null), latest }
  }

  /** What needs a decision is decided together, so that models score many rows at once. */
  #judge(events: readonly LoggedEvent[], seen: readonly Seen[]): readonly Judged[] {
    const sorted = events.map((logged, index) => this.#sort(logged, seen[index]!))
    const undecided = sorted.filter((one) => 'inputs' in one)
    const decisions = decideBatch(undecided, this.#parts.playbook, this.#rows)
    let next = 0
    return sorted.map((one, index) => {
      if (!('inputs' in one)) return one
      return toJudged(events[index]!, one, { seen: seen[index]!, decision: decisions[next++]! })
    })
  }

  #sort(logged: LoggedEvent, seen: Seen): Undecided | Exclude<Judged, Decided> {
    const { event, recordedAt } = logged
    if (seen === null) return { kind: 'dead', letter: forgedDateLetter(logged) }
    const { sighting, firstPosition, readings } = seen.observed
    if (sighting === 'conflicting')
      return { kind: 'dead', letter: conflictLetter(logged, firstPosition) }
    if (sighting === 'duplicate' || readings === null) return { kind: 'duplicate', firstPosition }
    const eventKey = eventKeyOf(event.user, event.id, event.occurredAt)
    const inputs = this.#inputsOf(logged, seen.observed, readings)
    return { named: { event, eventKey, recordedAt }, inputs }
  }

  #inputsOf({ event, recordedAt }: LoggedEvent, observed: Observed, readings: Readings): Inputs {
    const { facts } = this.#parts
    return {
      readings,
      lists: facts.lists(event, recordedAt),
      address: facts.address(event.ip),
      campaign: facts.campaign(event),
      switch: facts.switchState(),
      alerts: event.kind === 'redemption' ? this.#alertsInForce(event) : none,
      late: observed.late,
      repeatsSaturated: observed.repeatsSaturated,
    }
  }

  #alertsInForce(event: Event): readonly string[] {
    if (!this.#alerts.anyRaised()) return none
    return this.#alerts.inForce(scopesOf(event), this.#dayOf(event))
  }

  #outputsOf(judged: readonly Judged[]): Outputs {
    const { timeZone, alerting } = this.#parts.playbook
    const [audits, decisions]: [Audit[], Decision[]] = [[], []]
    const [reports, deadLetters]: [Report[], DeadLetter[]] = [[], []]
    const tallied: TalliedEvent[] = []
    for (const one of judged) {
      if (one.kind === 'dead') deadLetters.push(one.letter)
      if (one.kind !== 'decided') continue
      const { audit, userHash } = one
      const { event, decision, inputs } = audit
      audits.push(audit)
      if (decision.outcome !== 'allow') decisions.push(decision)
      const report = this.#reportOf(audit)
      if (report !== null) reports.push(report)
      // One whose repeats are forgotten could be counted twice: in neither part of the share.
      if (!inputs.repeatsSaturated) tallied.push({ event, abnormal: decision.abnormal, userHash })
    }
    const watermark = this.#watermark
    const usersMax = alerting.minAbnormalUsers
    const tallies = tallyBatch(tallied, { zone: timeZone, usersMax, watermark })
    const alerts = this.#monitor?.fold(tallies, watermark) ?? []
    return { audits, decisions, tallies, alerts, reports, deadLetters }
  }

  #reportOf({ event, inputs, decision: { eventKey } }: Audit): Report | null {
    const { reportAmountMin } = this.#parts.playbook
    return reportOf(event, inputs, { eventKey, day: this.#dayOf(event), reportAmountMin })
  }

  #dayOf({ occurredAt }: Event): number {
    return this.#context.calendar(occurredAt).day
  }
}

const none: readonly string[] = []

function forgedDateLetter(logged: LoggedEvent): DeadLetter {
  return eventLetter(timeRejection(logged.event.occurredAt, logged.recordedAt)!, logged)
}

type Decided = Extract<Judged, { kind: 'decided' }>

function toJudged(
  { event, recordedAt, source, partition, offset }: LoggedEvent,
  { inputs }: Undecided,
  { seen, decision }: { readonly seen: Seen; readonly decision: Decision },
): Decided {
  const kept = withoutGeo(event)
  const audit = { recordedAt, source, partition, offset, event: kept, inputs, decision }
  const userHash = decision.abnormal ? userHashOf(seen!.observation) : ''
  return { kind: 'decided', audit, userHash }
}

/** The audit is kept for longer than places may be. */
function withoutGeo(event: Event): Event {
  return event.geo === null ? event : { ...event, geo: null }
}

function userHashOf({ hashes }: Observation): string {
  const word = (at: number) => hashes[at]!.toString(16).padStart(8, '0')
  return word(hashSlots.user + 1) + word(hashSlots.user)
}
