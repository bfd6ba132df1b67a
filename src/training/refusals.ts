/** What cannot be learned from, in one clear sentence each. */
import type { FeatureTable } from './feature-table.ts'

export const rowsMin = 1_000
export const fraudsMin = 50
/** A feature that alone ranks the rows better than this knows the label. */
const leakAbove = 0.9995

export const noLabels = 'no row has a label; record verdicts first, or generate a day'

export const twoTargets = (targets: ReadonlySet<string>): string =>
  `its labels stand for ${[...targets].join(' and for ')}: train a model for each`

/** Null where training may go on. */
export function refusalOf(table: FeatureTable, rows: Uint32Array): string | null {
  const frauds = rows.reduce((sum, row) => sum + (table.facts[row]!.fraud ? 1 : 0), 0)
  if (table.targets.size > 1) return twoTargets(table.targets)
  const told = `${rows.length} rows to train on, ${frauds} of them fraud`
  if (table.count === 0) return noLabels
  if (frauds === 0 || frauds === rows.length)
    return `${told}: both kinds are needed, fraud and honest`
  if (rows.length < rowsMin || frauds < fraudsMin)
    return `${told}: too little; at least ${rowsMin} rows and ${fraudsMin} of fraud are needed`
  const leaks = table.features.filter((_, index) => isLeak(table, rows, index))
  if (leaks.length === 0) return null
  return `${leaks.join(', ')} alone tells fraud from honest: the label is in the data; leave it out`
}

function isLeak(table: FeatureTable, rows: Uint32Array, index: number): boolean {
  const column = table.column(index)
  const labels = Uint8Array.from(rows, (row) => (table.facts[row]!.fraud ? 1 : 0))
  const values = Float64Array.from(rows, (row) => {
    const value = column[row]!
    return Number.isNaN(value) ? Number.NEGATIVE_INFINITY : value
  })
  const area = areaUnderRoc(values, labels)
  return Math.max(area, 1 - area) > leakAbove
}

/** Probability that a row of fraud ranks above an honest one; equal values count half. */
function areaUnderRoc(values: Float64Array, labels: Uint8Array): number {
  const order = Array.from(values, (_, at) => at).sort((a, b) => values[a]! - values[b]!)
  let [rankSum, positives] = [0, 0]
  for (let from = 0; from < order.length; ) {
    let to = from
    while (to < order.length && values[order[to]!] === values[order[from]!]) to += 1
    const rank = (from + to + 1) / 2
    for (let at = from; at < to; at += 1)
      if (labels[order[at]!] === 1) {
        rankSum += rank
        positives += 1
      }
    from = to
  }
  const negatives = order.length - positives
  return (rankSum - (positives * (positives + 1)) / 2) / (positives * negatives)
}
