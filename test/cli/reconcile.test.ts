/**
 * `reconcile` as a user meets it: a generated campaign, the settlements that a payment side would
 * send for it, and planted anomalies, of which it finds all and nothing else.
 *
 * proves: D15
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import { describe, expect, test } from 'vitest'
import { attemptFailed } from '../../src/core/signals/observe.ts'
import { runWell, scratchFolder } from '../support/run-cli.ts'
import { type Chance, seeded } from '../support/seeded.ts'
import { rowsOf } from './shop-files.ts'

const minute = 60_000
const afterMs = 30 * minute

interface Spent {
  readonly id: string
  readonly user: string
  readonly at: number
  readonly amount: number
  readonly currency: string
  readonly refused: boolean
}

/** Every redemption once, as the engine would take it. */
async function spentIn(path: string): Promise<Spent[]> {
  const seen = new Map<string, Spent>()
  for (const { event, recordedAt, decision } of await rowsOf(path)) {
    if (event === null || event.kind !== 'redemption') continue
    const { id, user, occurredAt: at, couponAmount, currency } = event
    const apart = recordedAt - at
    const isDated = apart <= 7 * 24 * 60 * minute && apart >= -5 * minute
    if (!isDated || seen.has(`${user} ${id}`)) continue
    const refused = attemptFailed(event) || decision?.outcome === 'block'
    seen.set(`${user} ${id}`, {
      ...{ id, user, at, refused },
      amount: couponAmount ?? 0,
      currency: currency ?? 'CNY',
    })
  }
  return [...seen.values()]
}

interface Planted {
  /** Lines of the file, in no order. */
  readonly lines: string[]
  /** `kind event` of all that is to be found. */
  readonly expected: string[]
  readonly counts: Map<string, number>
  readonly users: Set<string>
}

const words = [
  ...['used-but-not-spent', 'used-but-not-spent', 'paid-in-vain', 'amount-differs'],
  ...['duplicate-settlement', 'refunded', 'late'],
]

function plant(spent: readonly Spent[], chance: Chance): Planted {
  const from = Math.min(...spent.map(({ at }) => at))
  const until = Math.max(...spent.map(({ at }) => at)) + minute
  const lines: string[] = []
  const planted: Planted = { lines, expected: [], counts: new Map(), users: new Set() }
  const expect = (kind: string, { id, user }: { id: string; user: string }) => {
    planted.expected.push(`${kind} ${id}`)
    if (/^(?:used|paid)-/.test(kind)) planted.users.add(user)
  }
  const row = ({ id, user, amount, currency }: Spent, at: number, status = 'settled', more = 0) =>
    lines.push([id, user, new Date(at).toISOString(), amount + more, currency, status].join(','))
  for (const one of spent) {
    const isEdge = one.at === from
    const paidAt = isEdge ? one.at : Math.min(until, one.at + chance.between(0, 20) * minute)
    if (one.refused) {
      if (!chance.in(0.3)) continue
      row(one, paidAt)
      expect('paid-but-not-credited', one)
      continue
    }
    const word = isEdge || !chance.in(0.2) ? 'settled' : chance.pick(words)
    if (word === 'used-but-not-spent' || word === 'paid-in-vain') {
      if (word === 'paid-in-vain') row(one, paidAt, 'failed')
      expect(one.at + afterMs > until ? 'too-young' : 'used-but-not-spent', one)
      continue
    }
    row(one, word === 'late' ? Math.min(until, one.at + 31 * minute) : paidAt)
    if (word === 'amount-differs') row(one, paidAt - 1, 'settled', 100)
    if (word === 'amount-differs' || word === 'duplicate-settlement') {
      if (word === 'duplicate-settlement') row(one, until)
      else expect('amount-differs', one)
      expect('duplicate-settlement', one)
    }
    if (word === 'refunded') row(one, until, 'refunded')
  }
  for (let at = 0; at < 60; at += 1) {
    const one = { ...spent[0]!, id: `=nobody-${at}`, user: `stranger-${at}` }
    const paidAt = chance.between(from + afterMs, until - afterMs)
    row(one, paidAt)
    expect('paid-but-not-credited', one)
  }
  shuffle(lines, chance)
  // The last claims may be later than the last redemption, so the recording reaches further.
  row({ ...spent[0]!, id: 'early', user: 'stranger-0' }, from - 60 * minute)
  return planted
}

function shuffle(lines: string[], chance: Chance): void {
  for (let left = lines.length; left > 1; left -= 1) {
    const [line] = lines.splice(chance.below(left), 1)
    lines.push(line!)
  }
}

const head = 'event_id,user,time,amount,currency,status'
const findings = (path: string): Record<string, string>[] =>
  parse(readFileSync(path, 'utf8'), { columns: true })

describe('a generated campaign with planted anomalies', () => {
  test.each([
    ['as it came', false],
    ['judged, with what was blocked', true],
  ])('%s: finds all of them and nothing else', async (_, isJudged) => {
    const folder = scratchFolder()
    const at = { cwd: folder, msMax: 120_000 }
    await runWell(['generate', '--seed', '15', '--events', '12000', '--out', 'day.avro'], at)
    if (isJudged)
      await runWell(
        ['replay', 'day.avro', '--campaigns', 'day.avro.campaigns.yaml', '--out', 'judged.avro'],
        at,
      )
    const recording = isJudged ? 'judged.avro' : 'day.avro'
    const spent = await spentIn(join(folder, recording))
    const planted = plant(spent, seeded(15))
    writeFileSync(join(folder, 's.csv'), `${[head, ...planted.lines].join('\n')}\n`)

    const asked = ['reconcile', recording, 's.csv', '--out', 'look.csv', '--json']
    const result = JSON.parse((await runWell(asked, at)).stdout)
    const found = findings(join(folder, 'look.csv'))
    const names = found.map(({ kind, event }) => `${kind} ${event!.replace(/^'/, '')}`)
    expect(names.sort()).toEqual(planted.expected.sort())
    expect(planted.expected.length).toBeGreaterThan(100)
    const kinds = new Set(found.map(({ kind }) => kind))
    expect([...kinds].sort()).toEqual([
      ...['amount-differs', 'duplicate-settlement', 'paid-but-not-credited'],
      ...(kinds.has('too-young') ? ['too-young'] : []),
      'used-but-not-spent',
    ])
    expect(result.anomalousUsers).toBe(planted.users.size)
    expect(result.anomalousShare).toBeCloseTo(planted.users.size / result.users, 9)
    expect(result.usualAnomalousShare).toBe(0.063)
    expect(result.redemptions).toBe(spent.filter(({ refused }) => !refused).length)
    expect(result.blocked > 0).toBe(isJudged)
    expect(result.kinds.refunded.events).toBeGreaterThan(0)
    expect(result.kinds.uncovered.events).toBe(1)
  })
})
