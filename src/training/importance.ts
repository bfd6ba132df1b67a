/** How much each feature helped the trees to part fraud from honest rows, as shares of all. */
import type { Forest } from '../core/model/forest.ts'

/**
 * Sum over splits of the drop in Gini impurity, weighed by the rows that came there. That is twice
 * the drop in the variance of leaves, and so it is told for boosted trees, whose leaves are logits.
 */
export function importanceOf(forest: Forest): number[] {
  const { feature, left, value, cover } = forest
  const means = new Float64Array(feature.length)
  const drops = new Float64Array(forest.featureCount)
  // Children stand behind their parents.
  for (let node = feature.length - 1; node >= 0; node -= 1) {
    const by = feature[node]!
    if (by < 0) {
      means[node] = value[node]!
      continue
    }
    const [a, b] = [left[node]!, left[node]! + 1]
    const all = cover[a]! + cover[b]!
    // Trees from elsewhere may have nodes that no row came to.
    means[node] = all === 0 ? 0 : (cover[a]! * means[a]! + cover[b]! * means[b]!) / all
    drops[by]! += all * impurity(means[node]!) - cover[a]! * impurity(means[a]!)
    drops[by]! -= cover[b]! * impurity(means[b]!)
  }
  const total = drops.reduce((sum, drop) => sum + drop, 0)
  return Array.from(drops, (drop) => (total === 0 ? 0 : round(drop / total)))
}

const impurity = (share: number) => 2 * share * (1 - share)
const round = (share: number) => Math.round(share * 1e6) / 1e6
