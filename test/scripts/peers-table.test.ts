/** When `npm run model-peers` says that our forest falls short, and by how much. */
import { expect, test } from 'vitest'
import { peersTable, type Row, shortBy } from '../../scripts/peers/peers-table.ts'
import type { Half } from '../../scripts/peers/real-rows.ts'

const row = (name: string, auc: number): Row => ({
  name,
  auc,
  lowest: auc - 0.01,
  highest: auc + 0.01,
  seconds: 1.25,
  cpuSeconds: 1,
  peakRssBytes: 171 * 1_048_576,
})

test.each([
  ['as good', [0.95, 0.95], 0],
  ['better', [0.99, 0.9, 0.93], 0],
  ['a little below', [0.941, 0.95], 0],
  ['too far below', [0.93, 0.95], 0.02],
  ['too far below the best of two', [0.93, 0.9, 0.95], 0.02],
  ['nobody to be held against', [0.5], 0],
])('%s', (_, areas, by) => {
  const [ours, ...others] = areas.map((auc, at) => row(`forest ${at}`, auc))
  expect(shortBy([ours!, ...others])).toBeCloseTo(by, 9)
})

test('an area that is no number falls short', () => {
  expect(shortBy([row('ours', Number.NaN), row('theirs', 0.9)])).toBeNaN()
})

test('the table says what was asked of whom', () => {
  const half = (side: string, rows: number, frauds: number): Half => ({
    whole: side,
    sample: `${side}-sample`,
    rows,
    frauds,
    sampleRows: 500,
    sampleFrauds: 100,
  })
  const set = {
    name: 'a day',
    halves: [half('one', 20_000, 700), half('two', 19_000, 650)],
  } as const
  const rows = [row('couponguard', 0.95), row('another', 0.96)] as const
  const sizes = { trees: 100, depth: 10, leaf: 8 }
  expect(peersTable({ set, of: 'whole', rows: [...rows], ...sizes })).toBe(`\
a day: trained on 20,000 and 19,000 rows (700 and 650 positive), each asked about the other half;
100 trees of depth 10, leaves of 8
                                  AUC     from       to  ours is  seconds    CPU s peak MiB
  couponguard                  0.9500   0.9400   0.9600               1.3      1.0      171
  another                      0.9600   0.9500   0.9700  -0.0100      1.3      1.0      171
`)
})
