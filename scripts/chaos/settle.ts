/**
 * Waits until nothing is left to do: the workers' group has committed the ends of the inputs, and
 * as many alerts are published as follow from the tallies. Bounded; what is then still open is for
 * the auditor to name.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { expectedAlerts } from './audit/alerts.ts'
import { inputTopics } from './audit/evidence.ts'
import { type Case, committedOffsets, readAlerting } from './audit/read-evidence.ts'
import { endsOf } from './audit/read-records.ts'

const lookEveryMs = 1_000
/** Reading all tallies costs more. */
const alertsEveryMs = 3_000

/** Gives a line where it did not come to rest in time. */
export async function settle(
  of: Case,
  maxMs: number,
  interrupted: AbortSignal,
): Promise<readonly string[]> {
  const until = performance.now() + maxMs
  const isLate = () => performance.now() > until || interrupted.aborted
  for (let lag = await lagOf(of); lag > 0; lag = await lagOf(of)) {
    if (isLate()) return [`${lag} messages are not judged after ${maxMs / 1000} s`]
    await sleep(lookEveryMs)
  }
  for (;;) {
    const { tallies, alerts, policy } = await readAlerting(of)
    const missing = expectedAlerts(tallies, policy).length - alerts.length
    if (missing <= 0) return []
    if (isLate()) return [`${missing} alerts are not published after ${maxMs / 1000} s`]
    await sleep(alertsEveryMs)
  }
}

/** Messages of the inputs that are not committed. */
export async function lagOf(of: Case): Promise<number> {
  const ends = await endsOf(of, inputTopics)
  const committed = await committedOffsets(of)
  let lag = 0
  for (const { topic, partition, offset } of ends) {
    const done = committed.find((one) => one.topic === topic && one.partition === partition)
    lag += Math.max(0, offset - (done?.offset ?? 0))
  }
  return lag
}
