/**
 * A recording judged again, at one of two depths. Re-observe sends its events through a fresh
 * memory store, as a worker would see them. Re-judge takes the inputs that were recorded and must
 * give the same bytes under the same playbook. Either gives a summary and, if asked, a recording.
 */
import { decide, newDecisionRow } from '../core/decision/decide.ts'
import { writtenType } from '../core/event/bounded-type.ts'
import { decodeEvent } from '../core/event/decode.ts'
import { decodeJsonBytes } from '../core/event/decode-json.ts'
import type { Keys } from '../core/event/keyed-hash.ts'
import { asReason, type Rejection, reject } from '../core/event/rejection.ts'
import type { Playbook } from '../core/rules/playbook.ts'
import {
  type Alert,
  type Decision,
  type Event,
  type Inputs,
  type RecordingRow,
  schemas,
} from '../core/schema.gen.ts'
import type { Facts } from '../facts.ts'
import type { LoggedEvent } from '../log/stream.ts'
import { batchEventsMax, newPipeline } from '../pipeline.ts'
import { newMemoryStore } from '../state/memory-store.ts'
import type { LiveComparison } from './live/against-live.ts'
import type { Recording } from './read.ts'
import { newSummaryCount, type Summary } from './summary.ts'
import type { RecordingWriter } from './write.ts'

export interface ReplayParts {
  readonly recording: Recording
  readonly playbook: Playbook
  readonly facts: Facts
  /**
   * Hashes what a damaged message still holds, and keys the windows; results do not depend on it.
   */
  readonly keys: Keys
  /** Takes the rows with what was decided. */
  readonly out: Pick<RecordingWriter, 'write'> | null
  /** Takes what re-observing makes of each row; absent: nothing is held against it. */
  readonly against?: Pick<LiveComparison, 'take'> | null
  onRows(done: number): void
  onAlert(alert: Alert): void
}

/** Rows judged at once: as many as arrive within this record time, so that alerts act in time. */
export const batchSpanMs = 5_000

export async function reobserve(parts: ReplayParts): Promise<Summary> {
  const { recording, playbook, facts, keys, out, against = null, onRows, onAlert } = parts
  const store = newMemoryStore()
  const pipeline = newPipeline({ store, playbook, facts, keys })
  const count = newSummaryCount(playbook)
  let done = 0

  const judge = async (rows: readonly RecordingRow[]) => {
    const events: LoggedEvent[] = []
    const of: RecordingRow[] = []
    const rejections = new Map<RecordingRow, Rejection>()
    for (const row of rows) {
      const event = row.event ?? decodeRejected(row, keys)
      if ('rejected' in event) rejections.set(row, event)
      else {
        events.push({ ...row, event })
        of.push(row)
      }
    }
    const { judged, outputs } = await pipeline.process(events)
    count.add(
      { judged, alerts: outputs.alerts, reports: outputs.reports },
      of.map(({ labels }) => labels),
    )
    for (const { reason } of rejections.values()) count.addDeadLetter(reason)
    outputs.alerts.forEach(onAlert)
    for (const [index, row] of of.entries()) against?.take(row, judged[index]!)
    if (out === null) return
    const results = new Map(of.map((row, index) => [row, judged[index]!]))
    for (const row of rows) {
      const one = results.get(row)
      const decided = one?.kind === 'decided' ? one.audit : null
      await out.write({
        ...row,
        inputs: decided?.inputs ?? null,
        decision: decided?.decision ?? null,
      })
    }
  }

  for await (const rows of recording.rows()) {
    for (const batch of batchesOf(rows)) await judge(batch)
    done += rows.length
    onRows(done)
  }
  await store.close()
  return count.result()
}

export interface Rejudged {
  readonly summary: Summary
  /** Rows with inputs, and those whose decision is not the recorded one byte for byte. */
  readonly judged: number
  readonly differences: number
  /** The first differences, by event key. */
  readonly different: readonly {
    readonly eventKey: string
    readonly was: string
    readonly is: string
  }[]
}

const differencesShown = 20

export async function rejudge(parts: ReplayParts): Promise<Rejudged> {
  const { recording, playbook, out, onRows } = parts
  const decisionType = writtenType(schemas.Decision)
  const count = newSummaryCount(playbook)
  const row = newDecisionRow()
  const different: { eventKey: string; was: string; is: string }[] = []
  let [done, judged, differences] = [0, 0, 0]

  const again = (
    event: Event,
    inputs: Inputs,
    was: Decision,
    labels: RecordingRow['labels'],
  ): Decision => {
    const { eventKey, recordedAt } = was
    const decision = decide({ event, eventKey, recordedAt }, inputs, playbook, row)
    judged += 1
    count.addDecision(decision, labels)
    if (!decisionType.toBuffer(decision).equals(decisionType.toBuffer(was))) {
      differences += 1
      if (different.length < differencesShown)
        different.push({ eventKey, was: was.outcome, is: decision.outcome })
    }
    return decision
  }

  for await (const rows of recording.rows()) {
    for (const one of rows) {
      const { event, inputs, decision, labels } = one
      const known = event !== null && inputs !== null && decision !== null
      const now = known ? again(event, inputs, decision, labels) : decision
      if (out !== null) await out.write({ ...one, decision: now })
    }
    done += rows.length
    onRows(done)
  }
  return { summary: count.result(), judged, differences, different }
}

/** A message that could not be read is read again: it must be refused for the same reason. */
function decodeRejected({ rejected }: RecordingRow, keys: Keys): Event | Rejection {
  if (rejected === null) return reject('missing-field', 'the row has neither event nor rejection')
  if (rejected.bytes === null)
    return { rejected: true, reason: asReason(rejected.reason), detail: 'recorded as rejected' }
  const published = decodeJsonBytes(rejected.bytes)
  return 'rejected' in published ? published : decodeEvent(published, keys)
}

function* batchesOf(rows: readonly RecordingRow[]): Generator<readonly RecordingRow[]> {
  let from = 0
  for (let to = 1; to <= rows.length; to += 1) {
    const full = to - from >= batchEventsMax
    const spread = to < rows.length && rows[to]!.recordedAt - rows[from]!.recordedAt >= batchSpanMs
    if (to < rows.length && !full && !spread) continue
    yield rows.slice(from, to)
    from = to
  }
}
