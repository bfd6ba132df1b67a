/**
 * What moved the model's output along the ways that a row takes down the trees: at each split the
 * mean of the rows below changes, and the change is its feature's. Cheap (trees × depth), made for
 * every flagged decision; tree-shap.ts is exact. Both add up to the output.
 */
import type { Forest } from './forest.ts'
import { meanOf } from './tree-shap.ts'

export interface Contributor {
  /** Adds each feature's contribution to `into`, which is zeroed first; gives the base. */
  contributions(row: ArrayLike<number>, into: Float64Array): number
}

export function newContributor(forest: Forest): Contributor {
  const { roots, feature, threshold, left, missingLeft, singlePrecision, link } = forest
  const means = Float64Array.from(feature, (_, node) => meanOf(forest, node))
  const scale = link === 'mean' ? 1 / roots.length : 1
  const base = roots.reduce((sum, root) => sum + means[root]!, 0) * scale + forest.base
  return {
    contributions(row, into) {
      into.fill(0)
      for (const root of roots) {
        let at = root
        for (let by = feature[at]!; by >= 0; by = feature[at]!) {
          const value = singlePrecision ? Math.fround(row[by]!) : row[by]!
          const goesLeft = Number.isNaN(value) ? missingLeft[at] === 1 : value < threshold[at]!
          const next = left[at]! + (goesLeft ? 0 : 1)
          into[by]! += (means[next]! - means[at]!) * scale
          at = next
        }
      }
      return base
    },
  }
}
