/**
 * Re-observed decisions held against the live ones that a recording has beside its events: which
 * differ, and from what proven cause (causes.ts). Decisions are compared while the recording is
 * replayed; the recording is read once more where some differ. Memory: some 5 KB a difference, and
 * what wanted.ts says.
 */
import { decide, newDecisionRow } from '../../core/decision/decide.ts'
import { writtenType } from '../../core/event/bounded-type.ts'
import { eventKeyOf, type Keys } from '../../core/event/keyed-hash.ts'
import { newCalendar } from '../../core/event/time-zone.ts'
import type { Playbook } from '../../core/rules/playbook.ts'
import {
  type Decision,
  type Event,
  type Inputs,
  type RecordingRow,
  schemas,
} from '../../core/schema.gen.ts'
import {
  coarseSlackMaxMs,
  latenessMs,
  type Observation,
  shardLagMs,
  sourcePosition,
} from '../../core/signals/observation.ts'
import { newHashPool, toObservation } from '../../core/signals/observe.ts'
import { WindowHash } from '../../core/signals/window-hash.ts'
import type { Judged } from '../../pipeline.ts'
import type { Recording } from '../read.ts'
import { type Cause, causes, type Differing, explainPiece, explainSighting } from './causes.ts'
import { decisivePieces, isDayName, isLogName } from './input-pieces.ts'
import { newTrialMaker } from './log-trial.ts'
import { LikelyOrders } from './order-climb.ts'
import { Wanted } from './wanted.ts'

export interface LiveDifference {
  readonly eventKey: string
  /** Outcomes; null where there is no decision. */
  readonly live: string | null
  readonly now: string | null
  readonly causes: readonly Cause[]
  /** What could not be explained, such as `device: users_1d 9, re-observed 3`. */
  readonly unexplained: readonly string[]
}

export interface AgainstLive {
  /** Decisions that both have or either should have, and those that are not the same. */
  readonly compared: number
  readonly differences: number
  /** Differences by cause; one may have several. */
  readonly byCause: Readonly<Record<Cause, number>>
  readonly unexplained: number
  /** Live decisions by another playbook: nothing to compare. */
  readonly otherPlaybook: number
  /** The first differences of each cause, and the first that are unexplained. */
  readonly examples: readonly LiveDifference[]
}

export interface AgainstLiveParts {
  readonly recording: Recording
  readonly playbook: Playbook
  readonly keys: Keys
  /** How far workers let a shard be ahead of another, in milliseconds of record time. */
  readonly driftMs: number
}

/** Differences that are looked into; beyond them they count as unexplained. */
export const differencesMax = 200_000
/** Rows without a live decision that are kept until it is known whether live went on. */
const undecidedMax = 5_000
const examplesMax = 5

/** A row whose two decisions differ. */
interface Found {
  readonly row: RecordingRow
  readonly event: Event
  readonly now: { readonly decision: Decision; readonly inputs: Inputs } | null
}

interface Undecided {
  readonly found: Found[]
  count: number
}

export class LiveComparison {
  readonly #parts: AgainstLiveParts
  readonly #type = writtenType(schemas.Decision)
  readonly #context
  readonly #signals = newDecisionRow()
  readonly #streams = new Map<string, number>()
  readonly #found: Found[] = []
  /** By stream: rows that live has no decision of, after its last that has one. */
  readonly #undecided = new Map<number, Undecided>()
  readonly #decidedTo = new Map<number, number>()
  #undecidedKept = 0
  #compared = 0
  #differences = 0
  #otherPlaybook = 0

  constructor(parts: AgainstLiveParts) {
    this.#parts = parts
    this.#context = {
      hash: new WindowHash(parts.keys.window),
      calendar: newCalendar(parts.playbook.timeZone),
      room: newHashPool(),
    }
  }

  /** Takes a row and what re-observing made of it. */
  take(row: RecordingRow, judged: Judged): void {
    const { event, decision: live } = row
    if (event === null) return
    const now = judged.kind === 'decided' ? judged.audit : null
    if (live !== null && live.playbookHash !== this.#parts.playbook.hash) {
      this.#otherPlaybook += 1
      return
    }
    const stream = this.#streamOf(row)
    if (live === null) {
      if (now !== null) this.#holdUndecided(stream, { row, event, now })
      return
    }
    this.#decidedTo.set(stream, row.offset)
    this.#addPassedOver(stream)
    this.#compared += 1
    if (now === null || !this.#same(live, now.decision)) this.#add({ row, event, now })
  }

  /** Null where the recording holds nothing to compare with. */
  async result(): Promise<AgainstLive | null> {
    if (this.#compared === 0) return null
    const report = new Report()
    report.unexplained = this.#differences - this.#found.length
    if (this.#found.length > 0) {
      const explained = await this.#explainAll()
      for (const one of explained) report.add(one)
    }
    return {
      compared: this.#compared,
      differences: this.#differences,
      byCause: report.byCause,
      unexplained: report.unexplained,
      otherPlaybook: this.#otherPlaybook,
      examples: report.examples,
    }
  }

  #same(live: Decision, now: Decision): boolean {
    return this.#type.toBuffer(live).equals(this.#type.toBuffer(now))
  }

  #add(found: Found): void {
    this.#differences += 1
    if (this.#found.length < differencesMax) this.#found.push(found)
  }

  /** A recording without decisions would pile up here for nothing, so few are kept. */
  #holdUndecided(stream: number, found: Found): void {
    const held = this.#undecided.get(stream) ?? { found: [], count: 0 }
    this.#undecided.set(stream, held)
    held.count += 1
    if (this.#undecidedKept === undecidedMax) return
    this.#undecidedKept += 1
    held.found.push(found)
  }

  /** Live went on behind them: it has decided not to decide them, and re-observing has not. */
  #addPassedOver(stream: number): void {
    const passedOver = this.#undecided.get(stream)
    if (passedOver === undefined) return
    this.#undecided.delete(stream)
    this.#undecidedKept -= passedOver.found.length
    this.#compared += passedOver.count
    this.#differences += passedOver.count - passedOver.found.length
    for (const found of passedOver.found) this.#add(found)
  }

  #streamOf({ source, partition }: RecordingRow): number {
    const name = `${partition} ${source}`
    const known = this.#streams.get(name)
    if (known !== undefined) return known
    this.#streams.set(name, this.#streams.size)
    return this.#streams.size - 1
  }

  async #explainAll(): Promise<readonly LiveDifference[]> {
    const wanted = new Wanted()
    const pieces = this.#found.map((found) => this.#want(found, wanted))
    if (!wanted.isEmpty) await this.#gather(wanted)
    const { driftMs } = this.#parts
    const parts = { wanted, newTrial: newTrialMaker(), likely: new LikelyOrders(), driftMs }
    return this.#found.map(({ row, event, now }, index) => {
      const one = this.#differing(row, event, now?.inputs ?? null)
      const decisive = pieces[index]!
      const told = {
        eventKey: eventKeyOf(event.user, event.id, event.occurredAt),
        live: row.decision?.outcome ?? null,
        now: now?.decision.outcome ?? null,
      }
      if (decisive === 'sighting') {
        const known = explainSighting(one, parts)
        return {
          ...told,
          causes: known,
          unexplained: known.length > 0 ? [] : ['decided by one of the two only'],
        }
      }
      if (decisive === null)
        return { ...told, causes: [], unexplained: ['not what its recorded inputs give'] }
      const explained = decisive.map((piece) => explainPiece(piece, one, parts))
      const loose = decisive.filter((_, at) => explained[at]!.length === 0)
      return {
        ...told,
        causes: causes.filter((cause) => explained.some((some) => some.includes(cause))),
        unexplained: loose.map((piece) => differenceText(piece, one)),
      }
    })
  }

  #differing(row: RecordingRow, event: Event, now: Inputs | null): Differing {
    const { recordedAt, offset } = row
    const live = row.inputs ?? now!
    const observation = this.#observe(event, row)
    const stream = this.#streamOf(row)
    return { event, observation, recordedAt, stream, offset, live, now: now ?? live }
  }

  /** What of the inputs decides; `sighting` where only one of the two has a decision. */
  #want({ row, event, now }: Found, wanted: Wanted) {
    const { decision, inputs, recordedAt } = row
    if (decision === null || inputs === null || now === null) {
      wanted.wantId(event)
      return 'sighting'
    }
    const named = { event, eventKey: decision.eventKey, recordedAt }
    const pieces = decisivePieces(inputs, now.inputs, (mixed) =>
      this.#same(decision, decide(named, mixed, this.#parts.playbook, this.#signals)),
    )
    const observation = this.#observe(event, row)
    for (const piece of pieces ?? []) {
      if (isLogName(piece)) wanted.wantLog(piece, observation)
      else if (isDayName(piece)) wanted.wantDay(piece, observation)
    }
    return pieces
  }

  async #gather(wanted: Wanted): Promise<void> {
    for await (const rows of this.#parts.recording.rows())
      for (const row of rows) {
        const { event, decision, inputs, recordedAt, offset } = row
        if (event === null) continue
        const stream = this.#streamOf(row)
        wanted.takeAny(event, { recordedAt, stream })
        // What was not judged yet may stand in the windows all the same.
        const mayCount = decision !== null || offset > (this.#decidedTo.get(stream) ?? -1)
        if (!mayCount) continue
        const observation = this.#observe(event, row)
        const isLate = inputs?.late ?? observation.at < observation.horizon
        wanted.takeCounted({ observation, recordedAt, stream, offset, isLate })
      }
  }

  /** Placed by its own record time: rows stand in the order of record time. */
  #observe(event: Event, { recordedAt, source, partition, offset }: RecordingRow): Observation {
    const slack = Math.min(event.resolutionMs, coarseSlackMaxMs)
    const horizon = recordedAt - latenessMs - shardLagMs - slack
    const position = sourcePosition(source, partition, offset)
    return toObservation(event, { recordedAt, horizon, position }, this.#context)
  }
}

class Report {
  readonly byCause: Record<Cause, number> = {
    'shard-order': 0,
    list: 0,
    campaign: 0,
    switch: 0,
    alert: 0,
    late: 0,
    cap: 0,
    'day-total': 0,
  }
  readonly examples: LiveDifference[] = []
  unexplained = 0

  add(one: LiveDifference): void {
    const isLoose = one.unexplained.length > 0
    const seen = isLoose ? [this.unexplained] : one.causes.map((cause) => this.byCause[cause])
    if (Math.min(...seen) < examplesMax) this.examples.push(one)
    for (const cause of one.causes) this.byCause[cause] += 1
    if (isLoose) this.unexplained += 1
  }
}

/** The fields of a piece that differ, as a person reads them. */
function differenceText(piece: Parameters<typeof explainPiece>[0], one: Differing): string {
  if (!isLogName(piece) && !isDayName(piece)) return piece
  const [live, now] = [one.live.readings[piece], one.now.readings[piece]]
  if (live === null || now === null)
    return `${piece}: ${live === null ? 're-observed' : 'live'} only`
  const values: Readonly<Record<string, number | null>> = { ...live }
  const others: Readonly<Record<string, number | null>> = { ...now }
  const fields = Object.keys(values)
    .filter((name) => values[name] !== others[name])
    .map((name) => `${name} ${values[name]}, re-observed ${others[name]}`)
  return `${piece}: ${fields.join('; ')}`
}
