/**
 * Everything in one process on an embedded log: append, judge, commit, then answer. One batch is
 * under way at a time. What was judged but could not be committed (a full disk) is kept and
 * committed before anything else, so nothing is judged twice and nothing is lost; what was appended
 * but not judged (a crash) is judged first at the next start.
 * serves: D24
 */
import { decodeEvent, timeRejection } from './core/event/decode.ts'
import { publishedFromJson } from './core/event/decode-json.ts'
import type { Keys } from './core/event/keyed-hash.ts'
import { asReason, type Rejection } from './core/event/rejection.ts'
import type { Alert, DeadLetter, Event, Progress, Report } from './core/schema.gen.ts'
import { bytesLetter } from './dead-letter.ts'
import type { SubmitResult } from './http/submit-result.ts'
import { type EmbeddedLog, embeddedSource, type KeptOutputs } from './log/embedded-log.ts'
import type { LoggedEvent, Outputs } from './log/stream.ts'
import { batchEventsMax, type Judged, type JudgedBatch, type Pipeline } from './pipeline.ts'
import type { Clock } from './runtime/clock.ts'
import { EdgeError } from './runtime/edge-error.ts'
import { newSerial } from './runtime/serial.ts'

export type FillWindows = (onFilled: (events: number) => void) => Promise<void>

export interface EmbeddedParts {
  readonly log: EmbeddedLog
  readonly pipeline: Pipeline
  readonly keys: Keys
  readonly clock: Clock
  readonly playbookVersion: string
  /**
   * Puts what the log has into the windows, for a pipeline that begins at the log's record time.
   * Absent: the pipeline puts it there itself.
   */
  readonly fillWindows?: FillWindows | null
  onAlert(alert: Alert): void
}

export interface Embedded {
  /** Takes published events as they came over HTTP; one result each, after the commit. */
  submit(published: readonly unknown[]): Promise<readonly SubmitResult[]>
  /** Takes decoded events of one record time; what became of them, after the commit. */
  take(
    events: readonly Event[],
    recordedAt: number,
    letters: readonly DeadLetter[],
  ): Promise<TakenBatch>
  /** Commits what reviewers said; what was judged before stands before it. All of it or nothing. */
  publish(said: Said): Promise<void>
  /** Judges what is in the log and not judged yet. */
  catchUp(letters?: readonly DeadLetter[]): Promise<TakenBatch>
}

/** Verdicts, and the superseding decisions that follow from them. */
export type Said = Pick<KeptOutputs, 'reviews' | 'decisions'>

/** What became of events, in order, and all that followed from them. */
export interface TakenBatch {
  readonly judged: readonly Judged[]
  readonly alerts: readonly Alert[]
  readonly reports: readonly Report[]
}

/** Rebuilds windows, repeats and alerts from the log, then judges what a crash left unjudged. */
export async function openEmbedded(
  parts: EmbeddedParts,
  onRebuilt: (events: number) => void,
): Promise<Embedded> {
  const { log, pipeline } = parts
  const fill = parts.fillWindows ?? ((onFilled) => rebuildFrom(log, pipeline, onFilled))
  await fill(onRebuilt)
  const { progress } = log.committed()
  for await (const tallies of log.readOutputs('tallies'))
    pipeline.rebuildAlerts(tallies, Number.NEGATIVE_INFINITY)
  if (progress !== null) pipeline.rebuildAlerts([], progress.recordedAt)
  return new OneAtATime(parts)
}

/** Puts the log's history into the windows of a pipeline, each event in its own time. */
export async function rebuildFrom(
  log: Pick<EmbeddedLog, 'history'>,
  pipeline: Pipeline,
  onRebuilt: (events: number) => void,
): Promise<void> {
  let rebuilt = 0
  for await (const events of log.history()) {
    await pipeline.rebuild(events)
    rebuilt += events.length
    onRebuilt(rebuilt)
  }
}

const noOutputs: Outputs = {
  audits: [],
  decisions: [],
  tallies: [],
  alerts: [],
  reports: [],
  deadLetters: [],
}

interface Pending {
  readonly outputs: Outputs
  readonly progress: Progress
}

class OneAtATime implements Embedded {
  readonly #parts: EmbeddedParts
  readonly #inTurn = newSerial()
  /** Read from the log, which gives every event once, and not judged yet. */
  #unjudged: readonly LoggedEvent[] = []
  #pending: Pending | null = null

  constructor(parts: EmbeddedParts) {
    this.#parts = parts
  }

  // Requests, and whoever tries again after a failure, must not commit the same batch twice.
  submit(published: readonly unknown[]): Promise<readonly SubmitResult[]> {
    return this.#inTurn(() => this.#submit(published))
  }

  take(
    events: readonly Event[],
    recordedAt: number,
    letters: readonly DeadLetter[],
  ): Promise<TakenBatch> {
    return this.#inTurn(() => this.#take(events, recordedAt, letters))
  }

  publish(said: Said): Promise<void> {
    return this.#inTurn(async () => {
      await this.#commitPending()
      await this.#parts.log.commit({ ...noOutputs, ...said }, this.#progressTo(undefined, 0))
    })
  }

  catchUp(letters: readonly DeadLetter[] = []): Promise<TakenBatch> {
    return this.#inTurn(() => this.#judgeAll(letters))
  }

  async #submit(published: readonly unknown[]): Promise<readonly SubmitResult[]> {
    const { clock, keys, log } = this.#parts
    const now = clock.now()
    const decoded = published.map((one) => decodeOne(one, now, keys))
    const events = decoded.filter((one): one is Event => !('rejected' in one))
    const letters = decoded.flatMap((one, index) =>
      'rejected' in one ? [httpLetter(one, published[index], now)] : [],
    )
    const firstOffset = log.endOffset()
    const { judged } = await this.#take(events, now, letters)
    if (judged.length !== events.length)
      throw new EdgeError('busy', 'the log holds other events; send the same again', true)
    const byOffset = new Map(judged.map((one, index) => [firstOffset + index, one]))
    const results: SubmitResult[] = []
    let next = 0
    for (const one of decoded) {
      results.push(
        'rejected' in one
          ? { status: 'rejected', reason: one.reason, detail: one.detail }
          : await this.#answer(judged[next++]!, byOffset),
      )
    }
    return results
  }

  async #take(
    events: readonly Event[],
    recordedAt: number,
    letters: readonly DeadLetter[],
  ): Promise<TakenBatch> {
    // First what an earlier failure left, so that the results below are those of these events.
    await this.#judgeAll([])
    await this.#parts.log.append(events, recordedAt)
    return this.#judgeAll(letters)
  }

  async #judgeAll(letters: readonly DeadLetter[]): Promise<TakenBatch> {
    const judged: Judged[] = []
    const alerts: Alert[] = []
    const reports: Report[] = []
    let extra = letters
    for (;;) {
      const batch = await this.#judgeNext(extra)
      extra = []
      if (batch === null) return { judged, alerts, reports }
      judged.push(...batch.judged)
      alerts.push(...batch.outputs.alerts)
      reports.push(...batch.outputs.reports)
      if (batch.judged.length === 0) return { judged, alerts, reports }
    }
  }

  async #judgeNext(letters: readonly DeadLetter[]): Promise<JudgedBatch | null> {
    const { log, pipeline } = this.#parts
    await this.#commitPending()
    if (this.#unjudged.length === 0) this.#unjudged = await log.read(batchEventsMax)
    const last = this.#unjudged.at(-1)
    if (last === undefined && letters.length === 0) return null
    const batch = await pipeline.process(this.#unjudged)
    this.#unjudged = []
    const deadLetters = [...letters, ...batch.outputs.deadLetters]
    this.#pending = {
      outputs: letters.length === 0 ? batch.outputs : { ...batch.outputs, deadLetters },
      progress: this.#progressTo(last, batch.watermark),
    }
    await this.#commitPending()
    return batch
  }

  async #commitPending(): Promise<void> {
    if (this.#pending === null) return
    const { outputs, progress } = this.#pending
    await this.#parts.log.commit(outputs, progress)
    this.#pending = null
    outputs.alerts.forEach(this.#parts.onAlert)
  }

  /** Past the last event judged; where there was none, where the log stands. */
  #progressTo(last: LoggedEvent | undefined, watermark: number): Progress {
    const { log, playbookVersion } = this.#parts
    const committed = log.committed()
    const nextOffset = last === undefined ? committed.nextOffset : last.offset + 1
    return {
      shard: 0,
      offsets: [{ topic: embeddedSource, partition: 0, nextOffset }],
      recordedAt: last === undefined ? (committed.progress?.recordedAt ?? 0) : watermark,
      playbookVersion,
    }
  }

  async #answer(judged: Judged, byOffset: ReadonlyMap<number, Judged>): Promise<SubmitResult> {
    if (judged.kind === 'decided')
      return { status: 'decided', decision: judged.audit.decision, repeated: false }
    if (judged.kind === 'dead') {
      const { reason, detail } = judged.letter
      return reason === 'conflicting-id'
        ? { status: 'conflict', detail }
        : { status: 'rejected', reason: asReason(reason), detail }
    }
    const offset = judged.firstPosition % 2 ** 40
    const first = byOffset.get(offset)
    const audit = first?.kind === 'decided' ? first.audit : await this.#parts.log.auditAt(offset)
    if (audit !== null) return { status: 'decided', decision: audit.decision, repeated: true }
    const detail = 'the id was used before, by an event that could not be decided'
    return { status: 'conflict', detail }
  }
}

function decodeOne(published: unknown, now: number, keys: Keys): Event | Rejection {
  const read = publishedFromJson(published)
  const event = 'rejected' in read ? read : decodeEvent(read, keys)
  return 'rejected' in event ? event : (timeRejection(event.occurredAt, now) ?? event)
}

/** The body was JSON once, so writing it again gives bytes that say what was sent. */
function httpLetter(rejection: Rejection, published: unknown, recordedAt: number): DeadLetter {
  const bytes = Buffer.from(JSON.stringify(published) ?? 'null')
  return bytesLetter(rejection, bytes, { source: 'http', partition: 0, offset: 0, recordedAt })
}
