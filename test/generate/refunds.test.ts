/**
 * Refunds of a generated run: reversals that name what they take back, honest ones that are few,
 * and abusers who have more of them than they have bought. A run has them only where its mix names
 * `refund-abuser`. Rerun with `npx vitest run --project unit test/generate/refunds.test.ts`.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, test } from 'vitest'
import type { CouponEvent } from '../../src/core/schema.gen.ts'
import { generateRows } from '../../src/generate/campaign-day.ts'
import { defaultMix } from '../../src/generate/mix.ts'
import { dayMs, minuteMs } from '../../src/generate/rhythm.ts'
import { runWell, scratchFolder } from '../support/run-cli.ts'

const startAt = Date.UTC(2026, 2, 1, 16)
/** Two days. */
const options = { seed: 13, events: 175_000, startAt } as const
const mix = { ...defaultMix, 'refund-abuser': 20 }
const styles = ['brash', 'steady', 'careful'] as const

interface Sent {
  readonly event: CouponEvent
  readonly actor: string | null
}

/** Without repeats and what is spoiled, in order of event time. */
function sentIn(rows: ReturnType<typeof generateRows>): Sent[] {
  const byId = new Map<string, Sent>()
  for (const { published, labels } of rows)
    if (published !== null && labels.kind !== 'malformed')
      byId.set(published.id, { event: published, actor: labels.actor })
  return [...byId.values()].sort((a, b) => a.event.occurredAt - b.event.occurredAt)
}

const share = <T>(of: readonly T[], is: (one: T) => boolean) => of.filter(is).length / of.length
const succeeded = ({ event }: Sent) => event.attempt === 'succeeded'
const ofKind = (sent: readonly Sent[], kind: string) =>
  sent.filter(({ event }) => event.kind === kind)

function groups(sent: readonly Sent[], name: 'code' | 'user'): Map<string, Sent[]> {
  const found = new Map<string, Sent[]>()
  for (const one of sent) {
    const key = one.event[name] ?? ''
    found.set(key, [...(found.get(key) ?? []), one])
  }
  return found
}

describe(`a run that names refund-abuser, seed ${options.seed}`, () => {
  const sent = sentIn(generateRows({ ...options, scenario: 'attack', mix }))
  const honest = sent.filter(({ actor }) => actor === null)
  const abusers = sent.filter(({ actor }) => actor?.startsWith('refund-abuser-'))
  const honestReversals = ofKind(honest, 'reversal')

  const sentOf = groups(sent, 'code')

  /** The last redemption of the code before it, by the same user. */
  const takenBack = ({ event: { code, user, occurredAt } }: Sent) =>
    sentOf
      .get(code!)!
      .filter(({ event }) => event.kind === 'redemption' && event.user === user)
      .findLast(({ event }) => event.occurredAt < occurredAt)?.event

  it('has reversals by honest people and by abusers, and by nobody else', () => {
    expect(honestReversals.length).toBeGreaterThan(100)
    expect(ofKind(abusers, 'reversal').length).toBeGreaterThan(100)
    const all = honestReversals.length + ofKind(abusers, 'reversal').length
    expect(ofKind(sent, 'reversal')).toHaveLength(all)
  })

  const repeated = [
    'user',
    'campaign',
    'couponType',
    'code',
    'merchant',
    'store',
    'category',
    'channel',
    'currency',
    'orderAmount',
    'couponAmount',
    'registeredAt',
    'identityVerified',
  ] as const
  it.each(repeated)('an honest reversal repeats the %s of its redemption', (field) => {
    for (const reversal of honestReversals)
      expect(reversal.event[field]).toEqual(takenBack(reversal)?.[field])
  })

  const silent = [
    'codeIssuedAt',
    'codeExpiresAt',
    'referrer',
    'recipientPhone',
    'numberKind',
    'portedAt',
    'transferId',
    'transferSender',
    'transferHop',
    'transferredAt',
    'orderTier',
    'batchId',
    'packageAmount',
  ] as const
  it.each(silent)('a reversal has no %s', (field) => {
    for (const { event } of ofKind(sent, 'reversal')) expect(event[field]).toBeNull()
  })

  describe('honest people', () => {
    it('take back one redemption in 150, fewer within two days', () => {
      const redeemed = ofKind(honest, 'redemption').filter(succeeded)
      const part = honestReversals.length / redeemed.length
      expect(part).toBeGreaterThan(1 / 280)
      expect(part).toBeLessThan(1 / 150)
    })

    it('ask minutes to days later, and a few are refused', () => {
      const waits = honestReversals.map(
        (reversal) => reversal.event.occurredAt - takenBack(reversal)!.occurredAt,
      )
      expect(Math.min(...waits)).toBeGreaterThanOrEqual(3 * minuteMs)
      expect(share(waits, (wait) => wait < 60 * minuteMs)).toBeGreaterThan(0.4)
      expect(share(waits, (wait) => wait > dayMs / 4)).toBeGreaterThan(0.1)
      const granted = share(honestReversals, succeeded)
      expect(granted).toBeGreaterThan(0.9)
      expect(granted).toBeLessThan(1)
    })

    it('spend what was given back once more, and never without a refund', () => {
      let again = 0
      const refunded = new Set(honestReversals.filter(succeeded).map(({ event }) => event.code))
      for (const [code, uses] of groups(ofKind(honest, 'redemption').filter(succeeded), 'code')) {
        if (!refunded.has(code)) continue
        expect(uses.length).toBeLessThanOrEqual(2)
        if (uses.length < 2) continue
        again += 1
        const [first, reversal, second] = sentOf
          .get(code)!
          .filter((one) => one.event.kind !== 'claim' && succeeded(one))
          .map(({ event }) => event)
        expect([first, reversal, second].map((one) => one?.kind)).toEqual([
          'redemption',
          'reversal',
          'redemption',
        ])
        expect(second!.occurredAt).toBeLessThan(second!.codeExpiresAt!)
      }
      expect(again / refunded.size).toBeGreaterThan(0.1)
      expect(again / refunded.size).toBeLessThan(0.4)
    })

    it('give half of what was bought in a shop back at a till, which names no device', () => {
      const inShop = honestReversals.filter(({ event }) => event.store !== null)
      const till = ({ event: { ip, deviceFingerprint, deviceAttributes, geo } }: Sent) =>
        ip === null && deviceFingerprint === null && deviceAttributes === null && geo === null
      expect(share(inShop, till)).toBeGreaterThan(0.35)
      expect(share(inShop, till)).toBeLessThan(0.65)
      for (const one of honestReversals) if (one.event.store === null) expect(till(one)).toBe(false)
    })
  })

  describe('abusers', () => {
    const accounts = [...groups(abusers, 'user').values()]
    const styleOf = (account: readonly Sent[]) =>
      styles.find((style) => account[0]!.actor!.includes(`-${style}-`))!
    const codesWhere = (is: (kinds: string, code: readonly Sent[]) => boolean) =>
      [...groups(abusers, 'code').values()].filter((of) =>
        is(
          of
            .filter(succeeded)
            .map(({ event }) => event.kind)
            .join(' '),
          of,
        ),
      ).length

    it.each([
      ['brash', 6, 18, 0.6],
      ['steady', 2.5, 7, 0.4],
      ['careful', 0.5, 3.5, 0.2],
    ] as const)('%s ones have %d to %d refunds an account', (style, low, high, part) => {
      const events = accounts.filter((account) => styleOf(account) === style)
      const refunds = events.map((account) => ofKind(account, 'reversal').filter(succeeded).length)
      const mean = refunds.reduce((sum, count) => sum + count, 0) / events.length
      expect(mean).toBeGreaterThan(low)
      expect(mean).toBeLessThan(high)
      const redeemed = ofKind(events.flat(), 'redemption').length
      expect((mean * events.length) / redeemed).toBeGreaterThan(part)
    })

    it.each([
      ['use a refunded coupon again', /redemption reversal redemption/],
      ['and have that refunded, too', /redemption reversal redemption reversal/],
      ['have one redemption refunded twice', /redemption reversal reversal$/],
      ['sell the returned coupon twice', /redemption reversal redemption redemption/],
      ['have refunded what they never spent', /^(claim )?reversal$/],
      ['buy for appearances', /^claim redemption$/],
    ])('%s', (_, kinds) => {
      expect(codesWhere((of) => kinds.test(of))).toBeGreaterThan(5)
    })

    it('ask in vain now and then', () => {
      const refused = share(ofKind(abusers, 'reversal'), (one) => !succeeded(one))
      expect(refused).toBeGreaterThan(0.03)
      expect(refused).toBeLessThan(0.2)
    })

    it('share neither accounts nor phones, and none is new', () => {
      const devices = accounts.map((of) => new Set(of.map((one) => one.event.deviceFingerprint)))
      expect(devices.every((of) => of.size === 1)).toBe(true)
      expect(new Set(devices.map((of) => [...of][0])).size).toBe(accounts.length)
      for (const { event } of abusers) expect(event.registeredAt).toBeLessThan(startAt - 30 * dayMs)
    })
  })
})

describe('where nobody is dishonest', () => {
  const events = 20_000

  it('honest people have refunds all the same, if the mix names refund-abuser', () => {
    const run = { ...options, events, scenario: 'clean' } as const
    const named = sentIn(generateRows({ ...run, mix }))
    expect(ofKind(named, 'reversal').length).toBeGreaterThan(5)
    expect(named.every(({ actor }) => actor === null)).toBe(true)
    expect(ofKind(sentIn(generateRows(run)), 'reversal')).toEqual([])
  })
})

test('generate counts reversals, and says nothing of them where there are none', async () => {
  const at = { cwd: scratchFolder() }
  writeFileSync(join(at.cwd, 'mix.yaml'), 'refund-abuser: 20\n')
  const words = ['generate', '--seed', '13', '--events', '4000', '--out', 'day.avro']
  const mixed = [...words, '--mix', 'mix.yaml']
  const { stdout } = await runWell([...mixed, '--json'], at)
  const { claims, redemptions, reversals, unreadable, rows } = JSON.parse(stdout)
  expect(reversals).toBeGreaterThan(5)
  expect(claims + redemptions + reversals + unreadable).toBe(rows)
  expect((await runWell(mixed, at)).stdout).toContain(` redemptions, ${reversals} reversals, `)
  const plain = await runWell(words, at)
  expect(plain.stdout).not.toContain('reversal')
  expect(JSON.parse((await runWell([...words, '--json'], at)).stdout).reversals).toBe(0)
})
