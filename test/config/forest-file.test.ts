/**
 * Trees that were grown elsewhere: which file is whose, that its features are signals of ours, and
 * the one line for each that is not. Those that people meet most: test/cli/train-elsewhere.test.ts.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { CommandError } from '../../src/cli/exit.ts'
import { readForeignForest } from '../../src/config/forest-file.ts'
import { repoRoot, scratchFolder } from '../support/run-cli.ts'

const vectors = join(repoRoot, 'test', 'core', 'model', 'vectors', 'elsewhere')
const xgboost = readFileSync(join(vectors, 'xgboost.json'), 'utf8')
const lightgbm = readFileSync(join(vectors, 'lightgbm.txt'), 'utf8')

function written(content: string | Buffer): string {
  const path = join(scratchFolder(), 'forest')
  writeFileSync(path, content)
  return path
}

test.each([
  ['xgboost', xgboost],
  ['xgboost', `\n ${JSON.stringify(JSON.parse(xgboost))}`],
  ['lightgbm', lightgbm],
  ['lightgbm', lightgbm.replaceAll('\n', '\r\n')],
] as const)('%s is recognised by what is in it', (kind, text) => {
  const read = readForeignForest(written(text))
  expect(read).toMatchObject({ kind, forest: { featureCount: 16 } })
  expect(read.forest.roots).toHaveLength(16)
  expect(read.bytes.toString()).toBe(text)
})

describe('refused in one line', () => {
  const cases: readonly (readonly [string, string | Buffer, RegExp])[] = [
    [
      'a threshold that is NaN, text',
      lightgbm.replace(/^threshold=\S+/m, 'threshold=nan'),
      /tree 0: has a threshold that is no number/,
    ],
    ['a chain of 100,000 splits', chained(100_000), /tree 0: is deeper than 64/],
    [
      'a column of the rows that is no signal',
      xgboost.replace('"device_users_1h"', '"label"'),
      /its feature label is no signal of this version/,
    ],
    [
      'a list',
      xgboost.replace('"device_users_1h"', '"blocked_user"'),
      /its feature blocked_user is a signal that no model may look at/,
    ],
    [
      'a feature twice',
      lightgbm.replace('device_users_1h', 'device_users_1d'),
      /names the feature device_users_1d twice/,
    ],
    [
      'features without names',
      xgboost.replace(/"feature_names": \[[^\]]*\]/, '"feature_names": []'),
      /does not name its features/,
    ],
    [
      'fewer names than features',
      xgboost.replace('"device_users_1h",', ''),
      /names 15 features and has 16/,
    ],
    ['XGBoost, binary', Buffer.from('{L\0\0\0\0'), /is neither JSON of XGBoost nor text of/],
    ['something else', 'PK\u0003\u0004', /is neither JSON of XGBoost nor text of LightGBM/],
    ['another JSON', '{"name":"RFClassifier"}', /learner: is no object/],
    ['nothing', '', /is neither JSON of XGBoost nor text of LightGBM/],
  ]
  test.each(cases)('%s', (_, content, message) => {
    const path = written(content)
    const read = () => readForeignForest(path)
    expect(read).toThrow(CommandError)
    expect(read).toThrow(message)
    expect(read).toThrow(path)
  })
})

/** One tree, each split the left child of the one above. */
function chained(depth: number): string {
  const nodes = 2 * depth + 1
  const list = (numberAt: (at: number) => number) =>
    Array.from({ length: nodes }, (_, at) => numberAt(at))
  const inner = (at: number) => at < depth
  const tree = {
    left_children: list((at) => (inner(at) ? at + 1 : -1)),
    right_children: list((at) => (inner(at) ? depth + 1 + at : -1)),
    split_indices: list(() => 0),
    split_conditions: list(() => 0.5),
    default_left: list(() => 0),
    sum_hessian: list(() => 1),
    categories_nodes: [],
  }
  return JSON.stringify({
    learner: {
      feature_names: ['user_claims_1h'],
      objective: { name: 'binary:logistic' },
      learner_model_param: { base_score: '[5E-1]', num_class: '0', num_feature: '1' },
      gradient_booster: { name: 'gbtree', model: { trees: [tree] } },
    },
  })
}
