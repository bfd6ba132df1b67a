/**
 * A recording → labelled rows of features, as a worker would have seen them: its events go through
 * fresh windows. Rows without a label, and those that no decision is made on, are left out.
 */
import { newDecisionRow } from '../core/decision/decide.ts'
import { putFeatures } from '../core/model/features.ts'
import type { Decision, Inputs, RecordingRow } from '../core/schema.gen.ts'
import { deriveSignals } from '../core/signals/derive.ts'
import type { LabelFile } from '../recording/label-file.ts'
import { type ReplayParts, reobserve } from '../recording/replay.ts'
import type { RowFacts } from './feature-table.ts'

export type GatherParts = Pick<
  ReplayParts,
  'recording' | 'playbook' | 'facts' | 'keys' | 'onRows'
> & {
  /** Places of the table's features in a SignalRow. */
  readonly places: readonly number[]
  /** Stand in place of the recording's own; null: its own. */
  readonly labels: Pick<LabelFile, 'labelsOf'> | null
}

/** Takes the rows; the values are overwritten by the next one. */
export interface RowSink {
  /** What the labels stand for. */
  readonly targets: Set<string>
  add(facts: RowFacts, values: Float64Array): void | Promise<void>
}

export async function gatherRows(parts: GatherParts, into: RowSink): Promise<void> {
  const { places, playbook, labels: given } = parts
  const signals = newDecisionRow()
  const values = new Float64Array(places.length)
  const take = async (row: RecordingRow, inputs: Inputs, decision: Decision) => {
    const labels = given === null ? row.labels : given.labelsOf(decision.eventKey)
    if (labels === null || row.event === null) return
    deriveSignals(row.event, inputs, playbook.timeZone, signals)
    putFeatures(signals, places, values, 0)
    const { user, occurredAt } = row.event
    into.targets.add(labels.target ?? 'fraud')
    await into.add({ fraud: labels.fraud, kind: labels.kind, user, occurredAt }, values)
  }
  const out = {
    async write(row: RecordingRow) {
      if (row.inputs !== null && row.decision !== null) await take(row, row.inputs, row.decision)
    },
  }
  await reobserve({ ...parts, out, onAlert: () => undefined })
}
