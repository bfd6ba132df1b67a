/**
 * Boosted trees from LightGBM's text (`save_model('m.txt')`), binary. What is not understood is
 * refused by its name: categorical splits, several classes, linear trees, averaged output, zero
 * taken for missing.
 */
import { checkTreeCount, ForestError, forestLimits, newForest, type TreeNode } from './forest.ts'
import type { LoadedForest } from './xgboost.ts'

type Section = ReadonlyMap<string, string>

/** Bits of decision_type. */
const [categoricalBit, defaultLeftBit] = [1, 2]
const missingTypes = ['none', 'zero', 'nan'] as const

/** Throws ForestError. */
export function readLightgbm(text: string): LoadedForest {
  const [head, ...rest] = text.split(/^Tree=\d+\r?$/m)
  const header = sectionOf(head ?? '')
  if (!text.startsWith('tree')) throw new ForestError('does not begin with "tree"')
  if (header.get('num_class') !== '1')
    throw new ForestError(`${header.get('num_class') ?? 'no'} classes are not read; one is`)
  const [, sigmoid] = /^binary(?: sigmoid:(\S+))?/.exec(header.get('objective') ?? '') ?? []
  if (!header.get('objective')?.startsWith('binary'))
    throw new ForestError(`objective ${header.get('objective') ?? 'none'} is not read; binary is`)
  if (/^average_output$/m.test(head ?? ''))
    throw new ForestError('averaged output (boosting rf) is not read')
  const names = header.get('feature_names')?.split(' ')
  if (names === undefined) throw new ForestError('names no features')
  if (!lastLine.test(rest.at(-1) ?? head ?? ''))
    throw new ForestError('has no line "end of trees"; it may have been cut short')
  const scale = Number(sigmoid ?? 1)
  checkTreeCount(rest.length)
  const trees = rest.map((part, index) => treeOf(sectionOf(untilEnd(part)), scale, index))
  const options = { link: 'logistic', base: 0, singlePrecision: false } as const
  const forest = newForest(trees, { featureCount: names.length, ...options })
  return { forest, featureNames: names }
}

const lastLine = /^end of trees\r?$/m
const untilEnd = (part: string) => part.split(lastLine)[0] ?? ''

function sectionOf(text: string): Section {
  const lines = text.split('\n').map((line) => line.trim())
  return new Map(
    lines.flatMap((line) => {
      const equals = line.indexOf('=')
      return equals < 1 ? [] : [[line.slice(0, equals), line.slice(equals + 1)] as const]
    }),
  )
}

function treeOf(section: Section, scale: number, index: number): TreeNode {
  const where = `tree ${index}`
  const numbers = (name: string): readonly number[] => {
    const text = section.get(name) ?? ''
    return text === '' ? [] : text.split(' ').map((word) => (word === 'inf' ? all : Number(word)))
  }
  if (section.get('is_linear') === '1') throw new ForestError(`${where}: linear trees are not read`)
  const [features, thresholds, types] = [
    numbers('split_feature'),
    numbers('threshold'),
    numbers('decision_type'),
  ]
  const [left, right] = [numbers('left_child'), numbers('right_child')]
  const [values, weights] = [numbers('leaf_value'), numbers('leaf_count')]
  const counts = numbers('internal_count')
  const leaf = (at: number): TreeNode => ({
    value: (values[at] ?? Number.NaN) * scale,
    cover: weights[at] ?? 1,
  })
  if (features.length === 0) return leaf(0)
  const met = new Set<number>()
  const nodeOf = (node: number, depth: number): TreeNode => {
    if (depth > forestLimits.depth)
      throw new ForestError(`${where}: is deeper than ${forestLimits.depth}`)
    if (node < 0) return leaf(-node - 1)
    if (met.has(node) || !(node < features.length))
      throw new ForestError(`${where}: node ${node} is met twice or is not there`)
    met.add(node)
    const type = types[node] ?? 0
    const threshold = thresholds[node] ?? Number.NaN
    return {
      feature: features[node]!,
      threshold: endOfLeft(threshold),
      missingLeft: missingGoesLeft(type, threshold, where),
      cover: counts[node] ?? 1,
      left: nodeOf(left[node] ?? Number.NaN, depth + 1),
      right: nodeOf(right[node] ?? Number.NaN, depth + 1),
    }
  }
  return nodeOf(0, 0)
}

function missingGoesLeft(type: number, threshold: number, where: string): boolean {
  if ((type & categoricalBit) !== 0)
    throw new ForestError(`${where}: has categorical splits, which are not read`)
  const missing = missingTypes[(type >> 2) & 3]
  if (missing === 'zero') throw new ForestError(`${where}: takes zero for missing; not read`)
  // Without missing values in training, one counts as zero.
  return missing === 'none' ? threshold >= 0 : (type & defaultLeftBit) !== 0
}

/** A threshold of a split that parts known values from missing ones: all numbers go left. */
const all = Number.POSITIVE_INFINITY

/** It goes left up to the threshold, where others go left below it. */
const endOfLeft = (threshold: number) =>
  threshold === all ? Number.MAX_VALUE : nextAbove(threshold)

const words = new DataView(new ArrayBuffer(8))

/** The next larger number. */
export function nextAbove(x: number): number {
  if (!Number.isFinite(x)) return x
  if (x === 0) return Number.MIN_VALUE
  words.setFloat64(0, x)
  const bits = words.getBigInt64(0)
  words.setBigInt64(0, bits + (x > 0 ? 1n : -1n))
  return words.getFloat64(0)
}
