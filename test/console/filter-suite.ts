/**
 * Every filter in every order against a look at each case: what is known of the cases beforehand
 * (src/console/cases/spans.ts) must never hide one, however they are found.
 */
import { describe, expect, test } from 'vitest'
import type { CaseFilter, CaseRow } from '../../src/console/api/case-shapes.ts'
import { cursorOf, readCases } from '../../src/console/cases/filter.ts'
import type { Audit } from '../../src/core/schema.gen.ts'
import { type Chance, seeded } from '../support/seeded.ts'
import { newConsole, type OpenStore } from './a-console.ts'
import { aCase, startAt } from './an-audit.ts'

const seed = 20
const orders = ['risk', 'newest', 'oldest', 'money'] as const
const names = ['amber', 'birch', 'cedar'] as const

/** Rules, outcomes, scores and sums that go together, as they do in a real queue. */
function anyCase(n: number, chance: Chance): Audit {
  const outcome = chance.in(0.5) ? 'block' : 'review'
  const rule = outcome === 'block' ? chance.pick(['r1', 'r2']) : chance.pick(['r2', 'r3'])
  const score = outcome === 'block' ? chance.between(90, 99) : chance.between(30, 95)
  const amountAtStake = rule === 'r2' ? chance.between(0, 3) : chance.between(0, 500)
  const result = { rule, mode: 'live', result: 'hit', outcome, values: [] } as const
  return aCase(n, outcome, {
    event: {
      user: `u${chance.below(20)}`,
      campaign: chance.pick(names),
      merchant: score > 80 ? 'amber' : chance.pick(names),
      channel: chance.pick(['app', 'web']),
    },
    decision: { score, amountAtStake, results: [result] },
  })
}

const filters: readonly CaseFilter[] = [
  {},
  { rule: 'r1' },
  { rule: 'r1,r3' },
  { rule: 'r2', campaign: 'cedar' },
  { rule: 'r3', outcome: 'block' },
  { rule: 'nobody' },
  { campaign: 'amber,birch', channel: 'web' },
  { merchant: 'birch', scoreMin: 40 },
  { merchant: 'amber', scoreMax: 60 },
  { scoreMin: 91, scoreMax: 93 },
  { scoreMax: 29 },
  { from: startAt + 50_000, to: startAt + 90_000 },
  { rule: 'r1', to: startAt },
  { user: 'u3' },
  { user: 'u3', rule: 'r2' },
  { search: 'amber' },
  { search: 'r1' },
  { search: 'u4', campaign: 'birch' },
  { search: 'nobody' },
  { outcome: 'nothing' },
]

function isOf(row: CaseRow, filter: CaseFilter): boolean {
  const among = (listed: string | undefined, values: readonly (string | null)[]) =>
    listed === undefined || listed.split(',').some((one) => values.includes(one))
  return (
    among(filter.rule, row.rules) &&
    among(filter.campaign, [row.campaign]) &&
    among(filter.merchant, [row.merchant]) &&
    among(filter.channel, [row.channel]) &&
    among(filter.outcome, [row.outcome]) &&
    among(filter.user, [row.user]) &&
    among(filter.search, [...row.rules, row.campaign, row.merchant, row.user]) &&
    row.score >= (filter.scoreMin ?? 0) &&
    row.score <= (filter.scoreMax ?? 100) &&
    row.recordedAt >= (filter.from ?? 0) &&
    row.recordedAt <= (filter.to ?? Number.MAX_SAFE_INTEGER)
  )
}

const keysOf = (rows: readonly { readonly key: string }[]) => rows.map(({ key }) => key).sort()

export function filterSuite(open: OpenStore): void {
  describe(`filters of the queue (seed ${seed})`, () => {
    test('find what a look at each case finds, walked along or put in order', async () => {
      const { store, engine, take, call } = await newConsole(await open())
      const chance = seeded(seed)
      await take(Array.from({ length: 150 }, (_, n) => anyCase(n, chance)))
      const all = await call('listCases', { query: { limit: 500 } })
      expect(all.rows.length).toBe(150)
      for (const order of orders)
        for (const filter of filters) {
          const wanted = keysOf(all.rows.filter((row) => isOf(row, filter)))
          const context = { filter: { ...filter, order }, me: 'ann', at: startAt, engine }
          for (const fewMax of [0, 5_000]) {
            const page = { limit: 500, after: null, fewMax }
            const found = (await readCases(store, context, page)) ?? []
            expect(keysOf(found), JSON.stringify({ ...filter, order, fewMax })).toEqual(wanted)
            const half = found[Math.floor(found.length / 2)]
            if (half === undefined) continue
            const after = cursorOf(half, context.filter)
            const rest = (await readCases(store, context, { ...page, after })) ?? []
            expect(rest.map(({ key }) => key)).toEqual(
              found.slice(Math.floor(found.length / 2) + 1).map(({ key }) => key),
            )
          }
          const counts = await call('countCases', { query: filter })
          expect(counts.total, JSON.stringify(filter)).toBe(wanted.length)
        }
    })
  })
}
