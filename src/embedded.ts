/**
 * Everything in one process on an embedded log: append, judge, commit, then answer. One batch is
 * under way at a time. What was judged but could not be committed (a full disk) is kept and
 * committed before anything else, so nothing is judged twice and nothing is lost; what was appended
 * but not judged (a crash) is judged first at the next start.
 */
import { decodeEvent, timeRejection } from './core/event/decode.ts'
import { publishedFromJson } from './core/event/decode-json.ts'
import type { Keys } from './core/event/keyed-hash.ts'
import type { Rejection } from './core/event/rejection.ts'
import type { Alert, DeadLetter, Event, Progress, Report } from './core/schema.gen.ts'
import { bytesLetter } from './dead-letter.ts'
import type { SubmitResult } from './http/submit-result.ts'
import { type EmbeddedLog, embeddedSource } from './log/embedded-log.ts'
import type { LoggedEvent, Outputs } from './log/stream.ts'
import { batchEventsMax, type Judged, type JudgedBatch, type Pipeline } from './pipeline.ts'
import type { Clock } from './runtime/clock.ts'
import { EdgeError } from './runtime/edge-error.ts'
import { newSerial } from './runtime/serial.ts'

export interface EmbeddedParts {
  readonly log: EmbeddedLog
  readonly pipeline: Pipeline
  readonly keys: Keys
  readonly clock: Clock
  readonly playbookVersion: string
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
  /** Judges what is in the log and not judged yet. */
  catchUp(letters?: readonly DeadLetter[]): Promise<TakenBatch>
}

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
  let rebuilt = 0
  for await (const events of log.history()) {
    await pipeline.rebuild(events)
    rebuilt += events.length
    onRebuilt(rebuilt)
  }
  const { progress } = log.committed()
  for await (const tallies of log.readOutputs('tallies'))
    pipeline.rebuildAlerts(tallies, Number.NEGATIVE_INFINITY)
  if (progress !== null) pipeline.rebuildAlerts([], progress.recordedAt)
  return newEmbedded(parts)
}

interface Pending {
  readonly outputs: Outputs
  readonly progress: Progress
}

function newEmbedded({
  log,
  pipeline,
  keys,
  clock,
  playbookVersion,
  onAlert,
}: EmbeddedParts): Embedded {
  /** Read from the log, which gives every event once, and not judged yet. */
  let unjudged: readonly LoggedEvent[] = []
  let pending: Pending | null = null
  const inTurn = newSerial()

  const commitPending = async () => {
    if (pending === null) return
    const { outputs, progress } = pending
    await log.commit(outputs, progress)
    pending = null
    outputs.alerts.forEach(onAlert)
  }

  const progressTo = (nextOffset: number, recordedAt: number): Progress => ({
    shard: 0,
    offsets: [{ topic: embeddedSource, partition: 0, nextOffset }],
    recordedAt,
    playbookVersion,
  })

  const judgeNext = async (letters: readonly DeadLetter[]): Promise<JudgedBatch | null> => {
    await commitPending()
    if (unjudged.length === 0) unjudged = await log.read(batchEventsMax)
    const last = unjudged.at(-1)
    if (last === undefined && letters.length === 0) return null
    const batch = await pipeline.process(unjudged)
    unjudged = []
    const outputs =
      letters.length === 0
        ? batch.outputs
        : { ...batch.outputs, deadLetters: [...letters, ...batch.outputs.deadLetters] }
    const committed = log.committed()
    const recordedAt = last === undefined ? (committed.progress?.recordedAt ?? 0) : batch.watermark
    pending = {
      outputs,
      progress: progressTo(last === undefined ? committed.nextOffset : last.offset + 1, recordedAt),
    }
    await commitPending()
    return batch
  }

  const judgeAll = async (letters: readonly DeadLetter[] = []): Promise<TakenBatch> => {
    const taken = { judged: [] as Judged[], alerts: [] as Alert[], reports: [] as Report[] }
    let extra = letters
    for (;;) {
      const batch = await judgeNext(extra)
      extra = []
      if (batch === null) return taken
      taken.judged.push(...batch.judged)
      taken.alerts.push(...batch.outputs.alerts)
      taken.reports.push(...batch.outputs.reports)
      if (batch.judged.length === 0) return taken
    }
  }

  const judge: Embedded['take'] = async (events, recordedAt, letters) => {
    // First what an earlier failure left, so that the results below are those of these events.
    await judgeAll()
    await log.append(events, recordedAt)
    return judgeAll(letters)
  }

  const decodeOne = (published: unknown, now: number): Event | Rejection => {
    const read = publishedFromJson(published)
    const event = 'rejected' in read ? read : decodeEvent(read, keys)
    return 'rejected' in event ? event : (timeRejection(event.occurredAt, now) ?? event)
  }

  const answer = async (
    judged: Judged,
    byOffset: ReadonlyMap<number, Judged>,
  ): Promise<SubmitResult> => {
    if (judged.kind === 'decided')
      return { status: 'decided', decision: judged.audit.decision, repeated: false }
    if (judged.kind === 'dead') {
      const { reason, detail } = judged.letter
      return reason === 'conflicting-id'
        ? { status: 'conflict', detail }
        : { status: 'rejected', reason: 'bad-field', detail }
    }
    const offset = judged.firstPosition % 2 ** 40
    const first = byOffset.get(offset)
    const audit = first?.kind === 'decided' ? first.audit : await log.auditAt(offset)
    return audit === null
      ? {
          status: 'conflict',
          detail: 'the id was used before, by an event that could not be decided',
        }
      : { status: 'decided', decision: audit.decision, repeated: true }
  }

  const submit: Embedded['submit'] = async (published) => {
    const now = clock.now()
    const decoded = published.map((one) => decodeOne(one, now))
    const events = decoded.filter((one): one is Event => !('rejected' in one))
    const letters = decoded.flatMap((one, index) =>
      'rejected' in one ? [httpLetter(one, published[index], now)] : [],
    )
    const firstOffset = log.endOffset()
    const { judged } = await judge(events, now, letters)
    if (judged.length !== events.length)
      throw new EdgeError('busy', 'the log holds other events; send the same again', true)
    const byOffset = new Map(judged.map((one, index) => [firstOffset + index, one]))
    const results: SubmitResult[] = []
    let next = 0
    for (const one of decoded) {
      results.push(
        'rejected' in one
          ? { status: 'rejected', reason: one.reason, detail: one.detail }
          : await answer(judged[next++]!, byOffset),
      )
    }
    return results
  }

  // Requests, and whoever tries again after a failure, must not commit the same batch twice.
  return {
    submit: (published) => inTurn(() => submit(published)),
    take: (events, recordedAt, letters) => inTurn(() => judge(events, recordedAt, letters)),
    catchUp: (letters) => inTurn(() => judgeAll(letters)),
  }
}

/** The body was JSON once, so writing it again gives bytes that say what was sent. */
function httpLetter(rejection: Rejection, published: unknown, recordedAt: number): DeadLetter {
  const bytes = Buffer.from(JSON.stringify(published) ?? 'null')
  return bytesLetter(rejection, bytes, { source: 'http', partition: 0, offset: 0, recordedAt })
}
