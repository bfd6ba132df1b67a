/** Models that must not be loaded: each is refused in one line that says where. */
import { describe, expect, test } from 'vitest'
import { forestLimits, newForest, scoreRow, type TreeNode } from '../../../src/core/model/forest.ts'
import { nextAbove, readLightgbm } from '../../../src/core/model/lightgbm.ts'
import { forestFromJson } from '../../../src/core/model/ml-forest-json.ts'
import { readXgboost } from '../../../src/core/model/xgboost.ts'

const leaf = { value: 0.5, cover: 1 }
const split = (change: object = {}): TreeNode => ({
  ...{ feature: 0, threshold: 1, missingLeft: false, cover: 1, left: leaf, right: leaf },
  ...change,
})
const options = { featureCount: 2, link: 'mean', base: 0, singlePrecision: false } as const
function chain(depth: number): TreeNode {
  let node: TreeNode = leaf
  for (let at = 0; at < depth; at += 1) node = split({ left: node })
  return node
}

test.each<[string, readonly TreeNode[], Partial<typeof options> | object, string]>([
  ['no tree', [], {}, 'it has no tree'],
  ['a million trees', { length: 1_000_000 } as never, {}, '1000000 trees; at most 5000'],
  [
    'a threshold that is no number',
    [split({ threshold: Number.NaN })],
    {},
    'tree 0: has a threshold',
  ],
  [
    'a leaf that is no number',
    [split({ left: { ...leaf, value: Number.NaN } })],
    {},
    'tree 0: has a leaf',
  ],
  [
    'a feature that is not there',
    [leaf, split({ feature: 2 })],
    {},
    'tree 1: splits by feature 2 of 2',
  ],
  ['too deep', [chain(forestLimits.depth + 1)], {}, 'tree 0: is deeper than 64'],
  [
    'a weight below none',
    [split({ right: { ...leaf, cover: -1 } })],
    {},
    'tree 0: has a node whose weight of rows is no number',
  ],
  ['no features', [leaf], { featureCount: 0 }, '0 features'],
  ['a base that is no number', [leaf], { base: Number.NaN }, 'its base is no number'],
])('%s', (_, trees, change, message) => {
  expect(() => newForest(trees, { ...options, ...change })).toThrow(message)
})

describe('ml-random-forest', () => {
  const model = (root: object) => ({
    name: 'RFClassifier',
    baseModel: { indexes: [[0, 1]], estimators: [{ name: 'DTClassifier', root }] },
  })
  const end = { distribution: [[0.5, 0.5]] }
  const deep = (depth: number): object =>
    depth === 0 ? end : { splitColumn: 0, splitValue: 1, left: deep(depth - 1), right: end }
  test.each<[string, unknown, string]>([
    ['text', 'RFClassifier', 'the model: is no object'],
    ['another model', { name: 'DTClassifier' }, 'is named DTClassifier; RFClassifier is read'],
    ['no trees', { name: 'RFClassifier', baseModel: {} }, 'estimators: is no list'],
    [
      'a column that is not there',
      model({ ...deep(1), splitColumn: 2 }),
      'tree 0: splits by column 2',
    ],
    [
      'a threshold that is null',
      model({ ...deep(1), splitValue: null }),
      'tree 0: has a threshold',
    ],
    ['a share above 1', model({ distribution: [[0, 2]] }), 'tree 0: has a leaf whose share'],
    ['half a split', model({ splitColumn: 0, splitValue: 1, left: end }), 'is no object'],
    ['too deep', model(deep(100)), 'tree 0: is deeper than'],
  ])('%s', (_, json, message) => {
    expect(() => forestFromJson(json)).toThrow(message)
  })
})

describe('XGBoost', () => {
  const tree = {
    left_children: [1, -1, -1],
    right_children: [2, -1, -1],
    split_indices: [0, 0, 0],
    split_conditions: [0.5, -1, 1],
    default_left: [1, 0, 0],
    sum_hessian: [2, 1, 1],
    categories_nodes: [],
  }
  const model = (change: object, trees: readonly object[] = [tree]) => ({
    learner: {
      feature_names: [],
      objective: { name: 'binary:logistic' },
      learner_model_param: { base_score: '[5E-1]', num_class: '0', num_feature: '2' },
      gradient_booster: { name: 'gbtree', model: { trees } },
      ...change,
    },
  })
  test('is read', () => {
    expect(readXgboost(model({})).forest.roots).toHaveLength(1)
  })
  test.each<[string, object, string]>([
    ['cut short', {}, 'learner: is no object'],
    [
      'a regression',
      model({ objective: { name: 'reg:squarederror' } }),
      'objective reg:squarederror',
    ],
    ['another booster', model({ gradient_booster: { name: 'dart' } }), 'booster dart is not read'],
    [
      'three classes',
      model({ learner_model_param: { base_score: '0.5', num_class: '3', num_feature: '2' } }),
      '3 classes are not read',
    ],
    [
      'categories',
      model({}, [{ ...tree, categories_nodes: [0] }]),
      'tree 0: has categorical splits',
    ],
    ['children in a circle', model({}, [{ ...tree, left_children: [0, -1, -1] }]), 'met twice'],
    [
      'a child that is not there',
      model({}, [{ ...tree, right_children: [9, -1, -1] }]),
      'met twice',
    ],
    [
      'a threshold that is text',
      model({}, [{ ...tree, split_conditions: ['x', 0, 0] }]),
      'split_conditions: holds something that is no number',
    ],
  ])('%s', (_, json, message) => {
    expect(() => readXgboost(json)).toThrow(message)
  })
})

describe('LightGBM', () => {
  const head = 'tree\nnum_class=1\nobjective=binary sigmoid:1\nfeature_names=a b\n\n'
  const body = (change: Record<string, string> = {}) => {
    const fields = {
      num_cat: '0',
      split_feature: '0',
      threshold: '0.5',
      decision_type: '10',
      left_child: '-1',
      right_child: '-2',
      leaf_value: '-1 1',
      leaf_count: '3 4',
      internal_count: '7',
      ...change,
    }
    const lines = Object.entries(fields).map(([name, value]) => `${name}=${value}`)
    return `${head}Tree=0\n${lines.join('\n')}\n\nend of trees\n`
  }
  test('is read, up to the threshold going left', () => {
    const { forest } = readLightgbm(body())
    expect(forest.threshold[0]).toBe(nextAbove(0.5))
  })
  test('a threshold of inf parts missing values from all others', () => {
    const { forest } = readLightgbm(body({ threshold: 'inf', decision_type: '8' }))
    const scores = [-1e300, 0, 1e300, Number.NaN].map((value) => scoreRow(forest, [value, 0]))
    expect(scores.map((score) => score > 0.5)).toEqual([false, false, false, true])
  })
  test.each<[string, string, string]>([
    ['something else', 'treehouse', 'no classes are not read'],
    ['three classes', body().replace('num_class=1', 'num_class=3'), '3 classes are not read'],
    ['a regression', body().replace('binary sigmoid:1', 'regression'), 'objective regression'],
    [
      'averaged output',
      body().replace('num_class', 'average_output\nnum_class'),
      'averaged output',
    ],
    ['categories', body({ decision_type: '1' }), 'tree 0: has categorical splits'],
    ['zero for missing', body({ decision_type: '6' }), 'tree 0: takes zero for missing'],
    ['linear trees', body({ is_linear: '1' }), 'tree 0: linear trees'],
    ['cut short', body().replace('end of trees', 'end'), 'no line "end of trees"'],
    ['no names', body().replace('feature_names', 'features'), 'names no features'],
    ['children in a circle', body({ left_child: '0' }), 'tree 0: node 0 is met twice'],
    [
      'a leaf that is not there',
      body({ right_child: '-9' }),
      'tree 0: has a leaf that is no number',
    ],
  ])('%s', (_, text, message) => {
    expect(() => readLightgbm(text)).toThrow(message)
  })
})

test.each([
  [0, Number.MIN_VALUE],
  [1, 1 + Number.EPSILON],
  [-1, -1 + Number.EPSILON / 2],
  [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
])('the next number above %d', (x, next) => {
  expect(nextAbove(x)).toBe(next)
})
