/**
 * What people do in the words of the domain table, event by event through the whole pipeline, and
 * what the playbook that comes with couponguard makes of the last one; beside each the honest
 * person who almost did the same.
 *
 * proves: D1, D2, D3, D12, D14, D16, D17, D19, D21
 */
import { describe, expect, test } from 'vitest'
import { indexCampaigns } from '../src/config/campaigns-file.ts'
import type { Event, Outcome } from '../src/core/schema.gen.ts'
import { noFacts } from '../src/facts.ts'
import { indexLists } from '../src/lists/lists.ts'
import { dayMs, hourMs, judgedSteps, noon, type Step, said, times } from './support/judged-steps.ts'

const secondMs = 1_000
const minuteMs = 60 * secondMs

const nothing = { category: null, stock: null, exposures: null, announcedPeaks: [] }
const campaigns = indexCampaigns([
  {
    ...nothing,
    id: 'lunch',
    stores: ['s1'],
    tiers: [{ name: 'gold', minAmount: 10_000 }],
    validFrom: null,
    validTo: noon + 30 * dayMs,
    officialDomains: ['shop.example'],
    identityRequired: true,
    transferHopsMax: 2,
  },
])
const bad = { list: 'block', source: 'cases', note: null, addedAt: 0, keyId: null } as const
const lists = indexLists([
  { ...bad, kind: 'device', value: 'device of thief', expiresAt: null },
  { ...bad, kind: 'ip', value: '203.0.113.0/24', expiresAt: noon + dayMs },
])
const facts = {
  ...noFacts,
  campaign: campaigns.facts,
  lists: lists.match,
}

/** Everybody has a device of his own. */
const by = (user: string): Step => ({
  user,
  device: `device of ${user}`,
  deviceOrigin: 'fingerprint',
})
const claim = (about: Step = {}): Step => ({ kind: 'claim', ...by('u1'), ...about })
const redeem = (about: Step = {}): Step => ({
  kind: 'redemption',
  orderAmount: 6_000,
  ...by('u1'),
  ...about,
})
/** Each by somebody else. */
const crowd = (count: number, step: (index: number) => Step) =>
  Array.from({ length: count }, (_, index) => step(index))

/** What is told of the last step: the outcome, the rules that hit, and what they advise. */
type Story = [what: string, steps: readonly Step[], outcome: Outcome, ...told: string[]]

function tell(title: string, stories: readonly Story[]): void {
  describe(title, () => {
    test.each(stories)('%s', async (_, steps, outcome, ...told) => {
      const { audits } = await judgedSteps(steps, facts)
      const last = audits.at(-1)!
      expect([...said(last), ...last.decision.advice]).toEqual([outcome, ...told])
    })
  })
}

/** Gaps between what people do. */
const unsteady = [50, 200, 20, 400, 90, 10, 700, 33]
const tablet = { device: 'tablet', deviceOrigin: 'fingerprint' } as const
const onTablet = (count: number, ago: Step['ago']) =>
  crowd(count, (index) =>
    claim({ user: `u${index}`, ...tablet, ago: ago!, after: unsteady[index]! * 15 * secondMs }),
  )
const atHome = (count: number, ago: Step['ago']) =>
  crowd(count, (index) =>
    claim({ ...by(`u${index}`), ip: '198.51.100.7', ago: ago!, after: 4 * minuteMs }),
  )
const young = { registeredAt: 10 * minuteMs }
const old = { registeredAt: 400 * dayMs }

const farm = ['device-farm', 'device-many-users-day', 'device-farm-slow']

tell('D1: device fingerprint and address', [
  ['six old accounts on one tablet', onTablet(6, old), 'allow'],
  ['seven', onTablet(7, old), 'review', 'device-many-users-day'],
  ['eight new ones', onTablet(8, young), 'block', ...farm],
  ['ten old accounts at one address', atHome(10, old), 'allow'],
  ['four new ones', atHome(4, young), 'allow'],
  ['five new ones', atHome(5, young), 'review', 'ip-fresh-crowd'],
  [
    'a claim without a device',
    [claim({ device: null, deviceOrigin: 'none' })],
    'allow',
    'handmade-device',
  ],
])

const tried = (count: number, about: Step = {}) =>
  crowd(count, (index) =>
    redeem({
      ...{ codeHash: `c${index}`, codeBlock: 'b', codeTail: 100 + index, attempt: 'wrong_code' },
      ...about,
      after: minuteMs,
    }),
  )

const clockwork = ['clockwork-user', 'clockwork-loose', 'clockwork-device']

tell('D2: patterns of claiming', [
  ['eight claims, a minute apart', times(8, claim({ after: minuteMs })), 'block', ...clockwork],
  ['eight as people make them', unsteady.map((s) => claim({ after: s * secondMs })), 'allow'],
  [
    'twenty within an hour',
    times(5, ...unsteady.slice(0, 4).map((s) => claim({ after: s * secondMs }))),
    'review',
    'claim-flood',
  ],
  [
    'six at once from one device',
    crowd(6, (index) => claim({ user: `u${index}`, ...tablet, after: unsteady[index]! * 10 })),
    'review',
    'device-many-users-hour',
    'device-burst',
  ],
])

tell('D3: known bad actors', [
  ['a stranger', [claim(by('u9'))], 'allow'],
  ['a device on the block list', [claim(by('thief'))], 'block', 'blocked-device'],
  ['an address on it', [claim({ ip: '203.0.113.9' })], 'block', 'blocked-ip'],
  ['when its entry has expired', [claim({ ip: '203.0.113.9', after: dayMs + 1 })], 'allow'],
])

const lunch = { campaign: 'lunch' }
const gift = (to: string, from: string, about: Step = {}) =>
  claim({ ...by(to), transferSender: from, ago: { transferredAt: hourMs }, ...about })
const ring = (count: number) => [
  ...times(count, gift('u1', 'u2')),
  ...crowd(3, (index) => gift(`friend ${index}`, 'u1')),
  gift('u2', 'u1'),
]

tell('D12: where, for whom and how a coupon is good', [
  ['in a store of the campaign', [redeem({ ...lunch, store: 's1' })], 'allow'],
  ['in another', [redeem({ ...lunch, store: 's2' })], 'review', 'store-out-of-scope'],
  [
    'an order that reaches its tier',
    [redeem({ ...lunch, orderTier: 'gold', orderAmount: 10_000 })],
    'allow',
  ],
  [
    'one that does not',
    [redeem({ ...lunch, orderTier: 'gold', orderAmount: 9_999 })],
    'review',
    'tier-not-reached',
  ],
  ['by somebody who is known', [claim({ ...lunch, identityVerified: true })], 'allow'],
  [
    'by somebody who is not',
    [claim({ ...lunch, identityVerified: false })],
    'review',
    'identity-missing',
    'step-up',
  ],
  ['on its last day', [claim({ ...lunch, after: 30 * dayMs - 1 })], 'allow'],
  ['the day after', [claim({ ...lunch, after: 30 * dayMs })], 'review', 'campaign-closed'],
  ['passed on twice', [claim({ ...lunch, transferHop: 2 })], 'allow'],
  ['three times', [claim({ ...lunch, transferHop: 3 })], 'review', 'too-many-hops'],
  ['a gift in return', ring(1), 'allow'],
  ['gifts in a circle', ring(2), 'review', 'gift-ring'],
  ['two wrong codes', tried(2), 'allow'],
  ['three, without ever claiming', tried(3), 'review', 'code-guessing'],
  ['five in a row', [claim(), ...tried(5)], 'block', 'code-walk', 'wrong-input-again', 'step-up'],
])

const stackedFrom = (count: number) => ({
  stacked: Array.from({ length: count }, (_, index) => ({ source: `s${index}`, amount: 100 })),
})

const twiceFrom = ({ stacked }: Pick<Event, 'stacked'>) => ({ stacked: [...stacked, stacked[0]!] })

tell('D14: the order and the number', [
  ['five sources, the coupon among them', [redeem(stackedFrom(4))], 'allow'],
  ['six', [redeem(stackedFrom(5))], 'review', 'overstacked'],
  ['six coupons of five sources', [redeem(twiceFrom(stackedFrom(4)))], 'allow'],
  ...(['iot', 'hongkong', 'macau', 'taiwan', 'roaming'] as const).map((numberKind): Story => {
    return [
      `a number of the kind ${numberKind}`,
      [redeem({ numberKind })],
      'block',
      'number-not-served',
    ]
  }),
  ['a mobile number', [redeem({ numberKind: 'mobile' })], 'allow'],
  [
    'a virtual operator’s',
    [redeem({ numberKind: 'virtual' })],
    'allow',
    'number-may-fail',
    'warn-may-fail',
  ],
  [
    'one ported 29 days ago',
    [redeem({ numberKind: 'mobile', ago: { portedAt: 29 * dayMs } })],
    'allow',
    'number-may-fail',
    'warn-may-fail',
  ],
  ['30 days ago', [redeem({ numberKind: 'mobile', ago: { portedAt: 30 * dayMs } })], 'allow'],
])

const recipients = (count: number) =>
  crowd(count, (index) => gift(`friend ${index}`, 'u1', { after: 6 * hourMs }))
const code = { codeHash: 'c', codeBlock: 'b', codeTail: 7 }
const shanghai = { geo: { lat: 31.2, lon: 121.5 } }
const beijing = { geo: { lat: 39.9, lon: 116.4 } }
const passedOnTo = (account: Step['ago']): Step => ({
  transferHop: 1,
  transferSender: 'u2',
  ago: { transferredAt: 5 * minuteMs, ...account },
})

tell('D16: scams', [
  ['a link of the shop', [claim({ ...lunch, referrerDomain: 'm.shop.example' })], 'allow'],
  [
    'a false one',
    [claim({ ...lunch, referrerDomain: 'shop-gifts.example' })],
    'review',
    'unofficial-referrer',
  ],
  ['19 recipients in a week', recipients(19), 'allow'],
  ['20', recipients(20), 'review', 'many-recipients'],
  ['a gift used at once', [redeem(passedOnTo(old))], 'allow'],
  [
    'by an account of yesterday',
    [redeem(passedOnTo({ registeredAt: dayMs }))],
    'review',
    'redeemed-minutes-after-transfer',
  ],
  [
    'one’s own code on a journey',
    [claim({ ...code, ...shanghai }), redeem({ ...code, ...beijing })],
    'allow',
  ],
  [
    'the code of somebody far away',
    [claim({ ...code, ...shanghai }), redeem({ ...code, ...beijing, ...by('caller') })],
    'block',
    'stolen-code',
    'stolen-code-fast',
    'faster-than-travel',
  ],
])

const bulk = { batchId: 'b1' }
tell('D17: enterprises', [
  ['a package of 100,000 yuan', [claim({ ...bulk, packageAmount: 10_000_000 })], 'allow'],
  ['a larger one', [claim({ ...bulk, packageAmount: 10_000_001 })], 'review', 'large-package'],
  ['one that is no enterprise’s', [claim({ packageAmount: 10_000_001 })], 'allow'],
])

const topUp = (count: number, orderAmount: number) =>
  times(count, redeem({ couponType: 'top-up', orderAmount, after: 7 * minuteMs }))
const mistyped = (count: number) =>
  times(count, redeem({ attempt: 'wrong_input', after: 7 * minuteMs }))

tell('D19: a warning, or a second confirmation', [
  ['four small top-ups', topUp(4, 5_000), 'allow'],
  ['five', topUp(5, 5_000), 'review', 'small-top-ups', 'step-up'],
  ['five larger ones', topUp(5, 5_001), 'allow'],
  ['mistyped four times', mistyped(4), 'allow'],
  ['five times', mistyped(5), 'allow', 'wrong-input-again', 'step-up'],
  ['eight', mistyped(8), 'review', 'wrong-input-again', 'wrong-input-flood', 'step-up'],
  ['nearly 10,000 yuan', [redeem({ orderAmount: 999_999 })], 'allow'],
  ['10,000', [redeem({ orderAmount: 1_000_000 })], 'allow', 'large-amount', 'step-up'],
])

const gifts = (count: number, about: Step = {}) =>
  crowd(count, (index) => gift(`friend ${index}`, 'u1', about))

tell('D21: gifts and codes', [
  ['five gifts in a day', gifts(5), 'allow'],
  ['a sixth', gifts(6), 'review', 'sixth-gift'],
  ['a sixth after midnight', [...gifts(5), gift('u9', 'u1', { after: 7 * hourMs })], 'allow'],
  ['a gift of yesterday', [gift('u9', 'u1', { ago: { transferredAt: dayMs } })], 'allow'],
  [
    'one of a moment before',
    [gift('u9', 'u1', { ago: { transferredAt: dayMs + 1 } })],
    'review',
    'late-gift',
  ],
  ['a code', [redeem(code)], 'allow'],
  ['again', times(2, redeem(code)), 'block', 'code-used-twice'],
  ['again, as it did not work', [redeem({ ...code, attempt: 'declined' }), redeem(code)], 'allow'],
  ['at its last moment', [redeem({ ...code, ago: { codeExpiresAt: -1 } })], 'allow'],
  ['too late', [redeem({ ...code, ago: { codeExpiresAt: 0 } })], 'review', 'stale-code'],
])
