/**
 * What a whole embedded log has come to, counted from what was committed. Labels are not in a log.
 */
import { newSummaryCount, type Summary } from '../recording/summary.ts'
import { type EmbeddedLog, embeddedSource } from './embedded-log.ts'

export async function summarizeLog(
  log: EmbeddedLog,
  playbook: Summary['playbook'],
): Promise<Summary> {
  const count = newSummaryCount(playbook)
  let accounted = 0
  for await (const audits of log.readOutputs('audits')) {
    for (const { decision } of audits) count.addDecision(decision, null)
    accounted += audits.length
  }
  for await (const letters of log.readOutputs('deadLetters')) {
    for (const { reason, source } of letters) {
      count.addDeadLetter(reason)
      if (source === embeddedSource) accounted += 1
    }
  }
  for await (const alerts of log.readOutputs('alerts'))
    count.add({ judged: [], alerts, reports: [] }, [])
  for await (const reports of log.readOutputs('reports'))
    count.add({ judged: [], alerts: [], reports }, [])
  count.addDuplicates(log.committed().nextOffset - accounted)
  return count.result()
}
