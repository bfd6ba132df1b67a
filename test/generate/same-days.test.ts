/**
 * A day that was generated once is generated so for ever: results in docs, models and pinned tests
 * rest on the rows of their seeds. The digests are of `generateRows` as it was before honest people
 * had refunds; a new kind of actor or a new habit that is not asked for may not move one byte.
 */
import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { generateRows } from '../../src/generate/campaign-day.ts'
import { defaultMix, type Mix } from '../../src/generate/mix.ts'

const startAt = Date.UTC(2026, 2, 1, 16)

type Scenario = 'attack' | 'clean'

type Asked = readonly [number, number, Scenario, Partial<Mix>]

function digestOf([seed, events, scenario, shares]: Asked): string {
  const hash = createHash('sha256')
  const mix = { ...defaultMix, ...shares }
  for (const { bytes, ...row } of generateRows({ seed, events, scenario, startAt, mix })) {
    hash.update(JSON.stringify(row))
    if (bytes !== null) hash.update(bytes)
  }
  return hash.digest('hex').slice(0, 32)
}

const keptBack = { 'account-takeover': 17, 'top-up-mule': 17 }
const walkersOnly = Object.fromEntries(
  Object.keys(defaultMix).map((kind) => [kind, kind === 'code-walker' ? 1 : 0]),
)

test.each([
  [[7, 20_000, 'attack', {}], '4e217c7d87c84f61b02c360097daf38e'],
  [[8, 20_000, 'clean', {}], '744305604f0e56c84f2ab220211be789'],
  [[9, 12_000, 'attack', keptBack], '99727e99d65f6cfb37aa675c685eec58'],
  [
    [10, 12_000, 'attack', { 'gift-ring': 0, 'device-farm': 40 }],
    '7534dd9e3476df5e663213b5197cc2a1',
  ],
  [[11, 12_000, 'attack', walkersOnly], '8401a3df50a93c8a99048087af74a13d'],
  [[12, 12_000, 'clean', keptBack], '2969f8fc9ad93363f6d92b027915ffcc'],
] as const)('rows of %j', (asked, digest) => {
  expect(digestOf(asked)).toBe(digest)
})
