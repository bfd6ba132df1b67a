/**
 * Random rows with a signal, for `bench --model`: counts, amounts, flags and shares as the
 * catalogue's signals are, some of them missing, and a label that several of them make likely
 * together but never certain. So trees find something to split at every depth: a generated day is
 * told apart by fewer splits, and would make the forest smaller and everything faster.
 */
import { newRandom, type Random } from '../generate/random.ts'
import { FeatureTable } from '../training/feature-table.ts'

/** One row is the same for the same seed, whatever the count. */
export function randomTable(count: number, featureCount: number, seed: number): FeatureTable {
  const table = new FeatureTable(Array.from({ length: featureCount }, (_, index) => `f${index}`))
  const random = newRandom(seed)
  const values = new Float64Array(featureCount)
  for (let row = 0; row < count; row += 1) {
    for (let index = 0; index < featureCount; index += 1)
      // As the table keeps it.
      values[index] = Math.fround(signalLike(index, random))
    const fraud = random.unit() < chanceOf(values)
    table.add({ fraud, kind: null, user: `u${row >>> 2}`, occurredAt: row * 1_000 }, values)
  }
  return table
}

const missingShare = 0.1

function signalLike(index: number, random: Random): number {
  switch (index % 4) {
    case 0:
      return random.exponential(6)
    case 1:
      return random.chance(missingShare) ? Number.NaN : Math.exp(2 * random.bell())
    case 2:
      return random.chance(0.3) ? 1 : 0
    default:
      return random.unit()
  }
}

/** A tenth of the rows on average, from one in fifty to nearly all. */
function chanceOf(values: Float64Array): number {
  let logit = -3.6
  for (let at = 0; at + 7 < values.length; at += 8) {
    if (values[at]! >= 8 && values[at + 3]! > 0.6) logit += 1.1
    if (values[at + 2] === 1 && !(values[at + 1]! < 1)) logit += 0.7
    if (values[at + 4]! < 3) logit -= 0.4
    logit += 0.8 * (values[at + 7]! - 0.5)
  }
  return 1 / (1 + Math.exp(-logit))
}

/** Rows of the table one after the other, as a scorer takes them. */
export function rowMajor(table: FeatureTable): Float64Array {
  const { length: width } = table.features
  const rows = new Float64Array(table.count * width)
  for (let index = 0; index < width; index += 1) {
    const column = table.column(index)
    for (let row = 0; row < column.length; row += 1) rows[row * width + index] = column[row]!
  }
  return rows
}
