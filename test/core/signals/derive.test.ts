/**
 * Event and inputs → signals, by name: what is absent and never zero, what coarse times take away,
 * what a cut window still says, and what an event that came too late cannot know.
 */
import { describe, expect, test } from 'vitest'
import { zoneTable } from '../../../src/config/zone-table.ts'
import type {
  AddressFacts,
  CampaignFacts,
  Event,
  Inputs,
  ListMatch,
  Readings,
  UserReadings,
} from '../../../src/core/schema.gen.ts'
import { catalogue, signalIndex } from '../../../src/core/signals/catalogue.ts'
import { deriveSignals } from '../../../src/core/signals/derive.ts'
import { dayMs, hourMs, logSpecs, minuteMs } from '../../../src/core/signals/readings.ts'
import { absent, atLeast, newSignalRow, unknown } from '../../../src/core/signals/row.ts'
import { plainEvent } from '../../support/plain-event.ts'

const shanghai = zoneTable('Asia/Shanghai')
/** 2026-03-01 12:34:56 in Shanghai. */
const noon = Date.UTC(2026, 2, 1, 4, 34, 56)

const noReadings: Readings = {
  user: null,
  device: null,
  ip: null,
  subnet: null,
  code: null,
  phone: null,
  sender: null,
  returned: null,
  campaign: null,
  merchant: null,
  category: null,
  channel: null,
}
const noInputs: Inputs = {
  readings: noReadings,
  lists: [],
  address: null,
  campaign: null,
  switch: 'none',
  alerts: [],
  late: false,
  repeatsSaturated: false,
}
const quietUser: UserReadings = {
  cutAt: null,
  claims_1h: 1,
  claims_1d: 2,
  claims_7d: 3,
  redemptions_1h: 0,
  redemptions_1d: 0,
  redemptions_7d: 0,
  devices_1d: 1,
  devices_7d: 1,
  ips_1d: 1,
  ips_7d: 1,
  amount_1d: 0,
  amount_day: 0,
  small_top_ups_1h: 0,
  small_top_ups_1d: 0,
  gifts_1d: 0,
  failed_1h: 0,
  failed_1d: 0,
  code_steps_1h: 0,
  gap_cv_1d: null,
  gap_mean_1d: null,
  claim_age_45d: null,
  claim_distance_45d: null,
  claim_same_device_45d: null,
  reversals_7d: 0,
  reversals_45d: 0,
  redemptions_45d: 0,
}
const noCampaign: CampaignFacts = {
  validFrom: null,
  validTo: null,
  storeInScope: null,
  referrerOfficial: null,
  tierMinAmount: null,
  identityRequired: null,
  stock: null,
  transferHopsMax: null,
}

type Cell = number | boolean | string | { readonly atLeast: number }
type AboutInputs = Omit<Partial<Inputs>, 'readings' | 'campaign'> & {
  readonly readings?: Partial<Readings>
  readonly campaign?: Partial<CampaignFacts>
}

const row = newSignalRow(catalogue.length)

/** A reader of the signals of one event; the row is the one of the event before, as in a worker. */
function signalsOf(about: Partial<Event>, inputs: AboutInputs = {}) {
  const readings = { ...noReadings, ...inputs.readings }
  const campaign = inputs.campaign === undefined ? null : { ...noCampaign, ...inputs.campaign }
  const event = plainEvent({ occurredAt: noon, ...about })
  deriveSignals(event, { ...noInputs, ...inputs, readings, campaign }, shanghai, row)
  return (name: string): Cell => {
    const at = signalIndex.get(name)
    if (at === undefined) throw new Error(`no signal ${name}`)
    const state = row.states[at]
    if (state === absent) return 'absent'
    if (state === unknown) return 'unknown'
    const { type } = catalogue[at]!
    const number = row.numbers[at]!
    if (state === atLeast) return { atLeast: number }
    return type === 'string' ? row.strings[at]! : type === 'bool' ? number === 1 : number
  }
}

describe('facts of the event', () => {
  const facts: [name: string, Partial<Event>, value: Cell][] = [
    ['is_claim', { kind: 'claim' }, true],
    ['is_claim', { kind: 'redemption' }, false],
    ['is_redemption', { kind: 'redemption' }, true],
    ['attempt_failed', { attempt: 'wrong_code' }, true],
    ['attempt_failed', { attempt: 'unknown' }, false],
    ['attempt', { attempt: 'declined' }, 'declined'],
    ['merchant', { merchant: 'm1' }, 'm1'],
    ['merchant', {}, 'absent'],
    ['account_age_days', { registeredAt: noon - 3 * dayMs }, 3],
    ['account_age_days', { registeredAt: noon }, 0],
    ['account_age_days', { registeredAt: noon + 1 }, 'absent'],
    ['account_age_days', {}, 'absent'],
    ['dormancy_days', { lastActiveAt: noon - 12 * hourMs }, 0.5],
    ['dormancy_days', { lastActiveAt: noon + 1 }, 'absent'],
    ['dormancy_days', { lastActiveAt: noon - dayMs, resolutionMs: dayMs }, 1],
    ['dormancy_days', { lastActiveAt: noon - dayMs, resolutionMs: dayMs + 1 }, 'absent'],
    ['local_hour', {}, 12],
    ['local_hour', { occurredAt: Date.UTC(2026, 2, 1, 16) }, 0],
    ['local_hour', { resolutionMs: hourMs }, 12],
    ['local_hour', { resolutionMs: hourMs + 1 }, 'absent'],
    ['device_missing', { deviceOrigin: 'none' }, true],
    ['device_missing', { device: 'd', deviceOrigin: 'handmade' }, false],
    ['device_handmade', { device: 'd', deviceOrigin: 'handmade' }, true],
    ['device_handmade', { device: 'd', deviceOrigin: 'attributes' }, false],
    ['device_handmade', {}, 'absent'],
    ['ip_missing', {}, true],
    ['ip_missing', { ip: '1.2.3.4' }, false],
    ['number_kind', { numberKind: 'iot' }, 'iot'],
    ['number_kind', {}, 'absent'],
    ['number_ported_days', { portedAt: noon - 29 * dayMs }, 29],
    ['code_age_days', { codeIssuedAt: noon - dayMs }, 1],
    ['code_expired', { codeExpiresAt: noon }, true],
    ['code_expired', { codeExpiresAt: noon + 1 }, false],
    ['code_expired', {}, 'absent'],
    ['transfer_age_hours', { transferredAt: noon - 90 * minuteMs }, 1.5],
    ['transfer_age_hours', { transferredAt: noon - dayMs, resolutionMs: dayMs }, 'absent'],
    ['transfer_hop', { transferHop: 0 }, 0],
    ['transfer_hop', {}, 'absent'],
    ['identity_verified', { identityVerified: false }, false],
    ['identity_verified', {}, 'absent'],
    ['is_enterprise', { batchId: 'b' }, true],
    ['is_enterprise', {}, false],
    ['package_amount', { packageAmount: 0 }, 0],
    ['package_amount', {}, 'absent'],
    ['referrer_domain', { referrerDomain: 'a.example' }, 'a.example'],
  ]
  test.each(facts)('%s of %j is %j', (name, about, value) => {
    expect(signalsOf(about)(name)).toEqual(value)
  })
})

describe('money', () => {
  const stacked = [
    { source: 'c1', amount: 100 },
    { source: 's2', amount: 200 },
  ]
  const rows: [name: string, Partial<Event>, value: Cell][] = [
    ['order_amount', { orderAmount: 0 }, 0],
    ['order_amount', {}, 'absent'],
    ['coupon_share', { orderAmount: 1_000, couponAmount: 250 }, 0.25],
    ['coupon_share', { orderAmount: 0, couponAmount: 250 }, 'absent'],
    ['coupon_share', { couponAmount: 250 }, 'absent'],
    ['coupon_share', { orderAmount: 1_000 }, 'absent'],
    ['coupon_share', { orderAmount: 1_000, couponAmount: 200, stacked }, 0.5],
    ['coupon_share', { orderAmount: 1_000, stacked }, 0.3],
    ['stacked_coupons', {}, 1],
    ['stacked_coupons', { stacked }, 3],
    ['stacked_sources', {}, 1],
    ['stacked_sources', { campaign: 'c1', stacked }, 2],
    ['stacked_sources', { campaign: 'c9', stacked }, 3],
  ]
  test.each(rows)('%s of %j is %j', (name, about, value) => {
    expect(signalsOf(about)(name)).toEqual(value)
  })
})

describe('inputs', () => {
  const address: AddressFacts = { feed: 'f', hosting: true, vpn: false, tor: false, listedBy: 0 }
  const met = (list: 'block' | 'watch' | 'allow', kind: ListMatch['kind']): ListMatch => ({
    entry: `${list}/${kind}/x`,
    list,
    kind,
    source: 's',
  })
  const all = { ip: '1.2.3.4', device: 'd', deviceOrigin: 'fingerprint', phone: 'p' } as const
  const day = (claims: number, redemptions: number) => ({
    claims_day: claims,
    redemptions_day: redemptions,
  })
  const rows: [name: string, AboutInputs, value: Cell, Partial<Event>?][] = [
    ['ip_is_hosting', {}, 'absent'],
    ['ip_is_hosting', { address }, true],
    ['ip_is_vpn', { address }, false],
    ['ip_listed_by', { address }, 0],
    ['blocked_user', {}, false],
    ['blocked_device', {}, 'absent'],
    ['blocked_device', {}, false, all],
    ['blocked_phone', { lists: [met('block', 'phone')] }, true, all],
    ['blocked_ip', { lists: [met('block', 'phone')] }, false, all],
    ['blocked_ip', { lists: [met('allow', 'ip')] }, false, all],
    ['watched', {}, false],
    ['watched', { lists: [met('watch', 'user')] }, true],
    ['store_in_scope', {}, 'absent'],
    ['store_in_scope', { campaign: {} }, 'absent'],
    ['store_in_scope', { campaign: { storeInScope: false } }, false],
    ['referrer_official', { campaign: { referrerOfficial: true } }, true],
    ['tier_reached', { campaign: { tierMinAmount: 500 } }, 'absent'],
    [
      'tier_reached',
      { campaign: { tierMinAmount: 500 } },
      true,
      { orderTier: 't', orderAmount: 500 },
    ],
    [
      'tier_reached',
      { campaign: { tierMinAmount: 500 } },
      false,
      { orderTier: 't', orderAmount: 499 },
    ],
    ['campaign_open', { campaign: {} }, 'absent'],
    ['campaign_open', { campaign: { validFrom: noon } }, true],
    ['campaign_open', { campaign: { validFrom: noon + 1 } }, false],
    ['campaign_open', { campaign: { validFrom: noon + 5 } }, true, { resolutionMs: 10 }],
    ['campaign_open', { campaign: { validTo: noon } }, false],
    ['campaign_open', { campaign: { validFrom: noon - 1, validTo: noon + 1 } }, true],
    ['stock_used', { campaign: { stock: 10 } }, 'absent'],
    ['stock_used', { campaign: { stock: 10 }, readings: { campaign: day(5, 0) } }, 0.5],
    ['stock_used', { campaign: { stock: 0 }, readings: { campaign: day(5, 0) } }, 'absent'],
    ['identity_missing', { campaign: { identityRequired: true } }, 'absent'],
    [
      'identity_missing',
      { campaign: { identityRequired: true } },
      true,
      { identityVerified: false },
    ],
    [
      'identity_missing',
      { campaign: { identityRequired: false } },
      false,
      { identityVerified: false },
    ],
    ['transfer_hops_over', { campaign: { transferHopsMax: 2 } }, 1, { transferHop: 3 }],
    ['transfer_hops_over', { campaign: { transferHopsMax: 2 } }, 0, { transferHop: 1 }],
    ['transfer_hops_over', { campaign: { transferHopsMax: 2 } }, 'absent'],
    ['channel_redemption_rate_day', { readings: { channel: day(4, 1) } }, 0.25],
    ['channel_redemption_rate_day', { readings: { channel: day(0, 1) } }, 'absent'],
    ['campaign_claims_day', { readings: { campaign: day(7, 1) } }, 7],
    ['campaign_claims_day', {}, 'absent'],
  ]
  test.each(rows)('%s with %j is %j', (name, inputs, value, about = {}) => {
    expect(signalsOf(about, inputs)(name)).toEqual(value)
  })
})

describe('readings', () => {
  const withUser = (about: Partial<UserReadings>) => ({
    readings: { user: { ...quietUser, ...about } },
  })

  test('zero is zero, and what has no value is absent', () => {
    const signal = signalsOf({}, withUser({ claims_1h: 0, gap_cv_1d: 0 }))
    expect([signal('user_claims_1h'), signal('user_gap_cv_1d')]).toEqual([0, 0])
    expect([signal('user_gap_mean_1d'), signal('user_claim_age_45d')]).toEqual(['absent', 'absent'])
  })

  test('an entity that the event does not name has no readings', () => {
    const signal = signalsOf({}, withUser({}))
    const named = catalogue.filter(({ origin }) => origin === 'reading').map(({ name }) => name)
    const present = named.filter((name) => signal(name) !== 'absent')
    expect(present.every((name) => name.startsWith('user_'))).toBe(true)
    expect(present).toHaveLength(Object.keys(quietUser).length - 1 - 5)
  })

  test('times coarser than a window take it away, and a finer one only', () => {
    const user = { gap_cv_1d: 0.1, gap_mean_1d: 60, claim_age_45d: 30, claim_distance_45d: 2 }
    const seen = (resolutionMs: number) => {
      const signal = signalsOf({ resolutionMs }, withUser(user))
      const names = [
        'claims_1h',
        'claims_1d',
        'claims_7d',
        'amount_day',
        'gap_cv_1d',
        'gap_mean_1d',
      ]
      names.push('claim_age_45d', 'claim_distance_45d', 'code_steps_1h')
      return names.filter((name) => signal(`user_${name}`) !== 'absent').join(' ')
    }
    const all = 'claims_1h claims_1d claims_7d amount_day gap_cv_1d gap_mean_1d claim_age_45d'
    expect(seen(1_000)).toBe(`${all} claim_distance_45d code_steps_1h`)
    expect(seen(1_001)).toBe(
      'claims_1h claims_1d claims_7d amount_day claim_age_45d claim_distance_45d',
    )
    expect(seen(minuteMs + 1)).toBe('claims_1h claims_1d claims_7d amount_day claim_distance_45d')
    expect(seen(hourMs)).toContain('claims_1h')
    expect(seen(hourMs + 1)).toBe('claims_1d claims_7d amount_day claim_distance_45d')
    expect(seen(dayMs + 1)).toBe('claims_7d claim_distance_45d')
    expect(seen(31 * dayMs)).toBe('claim_distance_45d')
  })

  test('a window that reaches below the cut says "at least", the others are exact', () => {
    const cut = (cutAt: number) => {
      const signal = signalsOf({}, withUser({ cutAt }))
      return ['claims_1h', 'claims_1d', 'claims_7d'].map((name) => signal(`user_${name}`))
    }
    // (t − span, t] holds no entry at t − span, so a cut exactly there took nothing from it.
    expect(cut(noon - hourMs)).toEqual([1, { atLeast: 2 }, { atLeast: 3 }])
    expect(cut(noon - hourMs + 1)).toEqual([{ atLeast: 1 }, { atLeast: 2 }, { atLeast: 3 }])
    expect(cut(noon - dayMs)).toEqual([1, 2, { atLeast: 3 }])
    expect(cut(noon - 7 * dayMs)).toEqual([1, 2, 3])
  })

  test('what a cut may have taken is unknown, not absent', () => {
    expect(signalsOf({}, withUser({ cutAt: noon }))('user_gap_cv_1d')).toBe('unknown')
  })

  test('an event that came too late knows its own facts and no window', () => {
    const signal = signalsOf({ merchant: 'm1' }, { late: true, ...withUser({}) })
    for (const { name, readings } of logSpecs)
      for (const reading of readings) expect(signal(`${name}_${reading.name}`)).toBe('unknown')
    expect([signal('merchant'), signal('local_hour'), signal('is_claim')]).toEqual(['m1', 12, true])
  })

  test('nothing of one event is left for the next', () => {
    signalsOf({ merchant: 'm1', orderAmount: 5 }, { late: true })
    const signal = signalsOf({})
    const present = catalogue.map(({ name }) => name).filter((name) => signal(name) !== 'absent')
    expect(present.sort()).toEqual(
      ['attempt', 'attempt_failed', 'blocked_user', 'campaign', 'device_missing', 'ip_missing']
        .concat([
          'is_claim',
          'is_enterprise',
          'is_redemption',
          'is_reversal',
          'local_hour',
          'stacked_coupons',
        ])
        .concat(['stacked_sources', 'watched'])
        .sort(),
    )
  })
})
