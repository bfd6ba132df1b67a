/**
 * The outputs of a batch as messages for their topics, in the order of its events: what one
 * transaction holds. Keys are those of the contract; the trace of an event goes on in its audit
 * and its decision.
 */
import type { Progress, Report } from '../../core/schema.gen.ts'
import type { Outputs } from '../stream.ts'
import { ceTypes, cloudEventHeaders } from './headers.ts'
import type { RecordFramer } from './record-framer.ts'
import type { OutputMessage } from './shard-epoch.ts'
import type { TopicName } from './topics.ts'

export interface OutputFrames {
  readonly framer: RecordFramer
  readonly topicPrefix: string
  /** Trace of the event at a place of the batch; null where it carried none. */
  traceAt(source: string, offset: number): string | null
}

export function outputMessages(
  outputs: Outputs,
  progress: Progress,
  { framer, topicPrefix, traceAt }: OutputFrames,
): OutputMessage[] {
  const messages: OutputMessage[] = []
  const name = (topic: TopicName) => topicPrefix + topic
  for (const audit of outputs.audits) {
    const { decision, source, offset } = audit
    const of = { id: decision.id, time: audit.recordedAt, traceparent: traceAt(source, offset) }
    messages.push({
      topic: name('risk.audit'),
      key: decision.user,
      value: framer.frame('risk.audit', audit),
      headers: cloudEventHeaders({ type: ceTypes.audit, ...of }),
    })
    if (decision.outcome === 'allow') continue
    messages.push({
      topic: name('risk.decisions'),
      key: decision.user,
      value: framer.frame('risk.decisions', decision),
      headers: cloudEventHeaders({ type: ceTypes.decision, ...of }),
    })
  }
  for (const tally of outputs.tallies) {
    const { scope, day, recordedAt } = tally
    messages.push({
      topic: name('risk.tallies'),
      key: `${scope}/${day}`,
      value: framer.frame('risk.tallies', tally),
      headers: cloudEventHeaders({
        type: ceTypes.tally,
        id: `${progress.shard}/${idOf(progress)}/${scope}/${day}`,
        time: recordedAt,
      }),
    })
  }
  for (const report of outputs.reports)
    messages.push({
      topic: name('risk.reports'),
      key: `${report.user}/${report.day}`,
      value: framer.frame('risk.reports', report),
      headers: cloudEventHeaders({ type: ceTypes.report, id: reportId(report), time: report.at }),
    })
  for (const letter of outputs.deadLetters) {
    const { source, partition, offset, recordedAt } = letter
    messages.push({
      topic: name('risk.dead-letters'),
      key: `${source}/${partition}`,
      value: framer.frame('risk.dead-letters', letter),
      headers: cloudEventHeaders({
        type: ceTypes.deadLetter,
        id: `${source}/${partition}/${offset}`,
        time: recordedAt,
      }),
    })
  }
  messages.push({
    topic: name('risk.progress'),
    key: String(progress.shard),
    value: framer.frame('risk.progress', progress),
    headers: cloudEventHeaders({
      type: ceTypes.progress,
      id: `${progress.shard}/${idOf(progress)}`,
      time: progress.recordedAt,
    }),
  })
  return messages
}

const idOf = ({ offsets }: Progress) => offsets.map(({ nextOffset }) => nextOffset).join('.')
const reportId = ({ user, day }: Report) => `${user}/${day}`
