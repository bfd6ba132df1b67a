/**
 * How far what a running worker scores has moved from what its models were trained on, as metrics:
 * of the last ten thousand events of each model, so that a shift shows within minutes and passes
 * again. Costs about a microsecond an event and model; a scrape reads what was counted last.
 */
import type { LoadedModel } from './config/model-folder.ts'
import type { OnScored } from './core/model/playbook-model.ts'
import { newDriftCount } from './evaluation/drift-table.ts'
import type { Metrics } from './runtime/metrics.ts'

/** Events that are looked at together: enough for ten bins, few enough to be soon. */
export const driftRows = 10_000

/** Gives, for a model, what sees every row that it scores. */
export function newDriftWatch(
  metrics: Pick<Metrics, 'stability'>,
): (loaded: LoadedModel) => OnScored {
  return ({ model, manifest }) => {
    const width = model.features.length
    const fresh = () => newDriftCount(model.features, manifest.statistics)
    let current = fresh()
    let rows = 0
    const tell = () => {
      const { score, features } = current.result()
      for (const { feature, stability } of [{ feature: 'score', stability: score }, ...features])
        if (stability !== null) metrics.stability(model.name, feature, stability)
      current = fresh()
      rows = 0
    }
    return (values, probabilities, count) => {
      for (let row = 0; row < count; row += 1) {
        current.add(values.subarray(row * width, (row + 1) * width), probabilities[row]!)
        rows += 1
        if (rows === driftRows) tell()
      }
    }
  }
}
