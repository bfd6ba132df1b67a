/**
 * What is kept per entity, and every reading that is computed from it. This table is the one source
 * for the store (which entity keeps a log, how long, how many entries), for the windows (which
 * reading is computed how), for `schemas/readings.avsc` (generated from it) and for the names that
 * rules and model use: a reading `users_1h` of the log `ip` is the signal `ip_users_1h`.
 *
 * A window is half-open and by event time: `(t − span, t]`, the event itself included.
 * serves: D20
 */

export const secondMs = 1_000
export const minuteMs = 60 * secondMs
export const hourMs = 60 * minuteMs
export const dayMs = 24 * hourMs

/**
 * Which entries a reading looks at. `failed` attempts are neither claims nor redemptions; reversals
 * are none of these three, and take nothing out of them.
 */
export type Filter =
  | 'events'
  | 'claims'
  | 'redemptions'
  | 'reversals'
  | 'failed'
  | 'small'
  | 'gifts'
  | 'fresh'

/** The two other parties that an entry names, by position; the table says who they are. */
export type Party = 'a' | 'b'

/**
 * How a reading is computed from the entries of its window.
 * - count: entries that pass the filter.
 * - distinct: different parties among the entries that pass the filter.
 * - sum: total amount of the entries that pass the filter, in minor units.
 * - day-count: the same as count over the whole calendar day of the event, in order of arrival.
 * - day-sum: money of the redemptions of that day, in order of arrival (day-sum.ts).
 * - gap-cv, gap-mean: coefficient of variation, and mean in seconds, of the last gaps.
 * - steps: neighbouring redemption attempts whose codes are in one block and 1 to 3 apart.
 * - match: entries whose party is the one that the event names as its sender.
 * - claim-*: about the last claim of the same coupon: see `lastClaim` in window.ts.
 */
export type Measure =
  | { kind: 'count'; filter: Filter }
  | { kind: 'distinct'; party: Party; filter: Filter }
  | { kind: 'sum'; filter: Filter }
  | { kind: 'day-count'; filter: Filter }
  | { kind: 'day-sum' }
  | { kind: 'gap-cv' }
  | { kind: 'gap-mean' }
  | { kind: 'steps' }
  | { kind: 'match' }
  | { kind: 'claim-age' }
  | { kind: 'claim-distance' }
  | { kind: 'claim-same-device' }
  | { kind: 'claim-same-user' }

export interface Reading {
  /** `<measure>_<span>`; with the log's name in front it is the signal's name. */
  readonly name: string
  /** Length of the window in milliseconds; for day-count and day-sum, one day. */
  readonly spanMs: number
  readonly measure: Measure
  readonly doc: string
  /**
   * Only of readings that the first version did not have: what they are where that version wrote,
   * `zero` where there was nothing to count then, `absent` where nobody counted.
   */
  readonly before?: 'zero' | 'absent'
}

/** Logs of entries. `returned` is the sender log of the event's own user, read and not written. */
export type LogName = 'user' | 'device' | 'ip' | 'subnet' | 'code' | 'phone' | 'sender' | 'returned'

export interface LogSpec {
  readonly name: LogName
  /** Most entries that one entity keeps. */
  readonly cap: number
  readonly parties: { readonly a: string; readonly b: string }
  readonly readings: readonly Reading[]
}

/** Gaps looked at by gap-cv and gap-mean, and the fewest that give a value. */
export const gapsMax = 10
export const gapsMin = 5
/** Furthest apart two codes may be to count as one step of a walk. */
export const codeStepMax = 3

const spanMsOf = {
  '10s': 10 * secondMs,
  '1m': minuteMs,
  '1h': hourMs,
  '1d': dayMs,
  '7d': 7 * dayMs,
  '45d': 45 * dayMs,
  day: dayMs,
} as const
type SpanName = keyof typeof spanMsOf

function each(name: string, spans: readonly SpanName[], measure: Measure, doc: string): Reading[] {
  return spans.map((span) => ({ name: `${name}_${span}`, spanMs: spanMsOf[span], measure, doc }))
}

const count = (filter: Filter): Measure => ({ kind: 'count', filter })
const distinct = (party: Party, filter: Filter = 'events'): Measure => ({
  kind: 'distinct',
  party,
  filter,
})

/** Redemptions taken back: what a user or a code had refunded, and out of how many. */
const reversals = (spans: readonly SpanName[]): Reading[] =>
  each('reversals', spans, count('reversals'), 'Reversals that did not fail.').map((one) => ({
    ...one,
    before: 'zero',
  }))
const redemptionsOfReversals: readonly Reading[] = each(
  'redemptions',
  ['45d'],
  count('redemptions'),
  'Redemptions that did not fail.',
).map((one) => ({ ...one, before: 'absent' }))

const addressReadings: readonly Reading[] = [
  ...each('events', ['1m', '1h', '1d'], count('events'), 'Events, failed attempts included.'),
  ...each('users', ['1m', '1h', '1d'], distinct('a'), 'Different users.'),
  ...each('devices', ['1m', '1h', '1d'], distinct('b'), 'Different devices.'),
  ...each('claims', ['10s'], count('claims'), 'Claims that did not fail.'),
  ...each(
    'fresh_users',
    ['1h', '1d'],
    distinct('a', 'fresh'),
    'Different users whose account was less than 24 hours old.',
  ),
  ...each('failed', ['1h'], count('failed'), 'Failed attempts.'),
  ...each('code_steps', ['1h'], { kind: 'steps' }, 'Steps of a walk through codes in order.'),
]

const gapReadings: readonly Reading[] = [
  ...each(
    'gap_cv',
    ['1d'],
    { kind: 'gap-cv' },
    `Coefficient of variation of the last ${gapsMax} gaps between events; absent below ${gapsMin} gaps.`,
  ),
  ...each(
    'gap_mean',
    ['1d'],
    { kind: 'gap-mean' },
    `Mean of the last ${gapsMax} gaps between events, in seconds; absent below ${gapsMin} gaps.`,
  ),
]

const claimLink: readonly Reading[] = [
  ...each(
    'claim_age',
    ['45d'],
    { kind: 'claim-age' },
    'Time from the last claim of the same coupon to this redemption, in seconds; absent without one.',
  ),
  ...each(
    'claim_distance',
    ['45d'],
    { kind: 'claim-distance' },
    'Distance from that claim to this redemption, in kilometres; absent where a place is unknown.',
  ),
  ...each(
    'claim_same_device',
    ['45d'],
    { kind: 'claim-same-device' },
    '1 where that claim came from the same device, 0 where not; absent where a device is unknown.',
  ),
]

export const logSpecs: readonly LogSpec[] = [
  {
    name: 'user',
    cap: 256,
    parties: { a: 'device', b: 'ip' },
    readings: [
      ...each('claims', ['1h', '1d', '7d'], count('claims'), 'Claims that did not fail.'),
      ...each(
        'redemptions',
        ['1h', '1d', '7d'],
        count('redemptions'),
        'Redemptions that did not fail.',
      ),
      ...each('devices', ['1d', '7d'], distinct('a'), 'Different devices.'),
      ...each('ips', ['1d', '7d'], distinct('b'), 'Different addresses.'),
      ...each(
        'amount',
        ['1d'],
        { kind: 'sum', filter: 'redemptions' },
        'Money of redemptions, in minor units.',
      ),
      ...each(
        'amount',
        ['day'],
        { kind: 'day-sum' },
        'Money of redemptions of the calendar day, in minor units.',
      ),
      ...each(
        'small_top_ups',
        ['1h', '1d'],
        count('small'),
        'Top-ups of more than nothing and at most 50 yuan.',
      ),
      ...each('gifts', ['1d'], count('gifts'), 'Gifts and transfers received.'),
      ...each('failed', ['1h', '1d'], count('failed'), 'Failed attempts.'),
      ...each('code_steps', ['1h'], { kind: 'steps' }, 'Steps of a walk through codes in order.'),
      ...gapReadings,
      ...claimLink,
      ...reversals(['7d', '45d']),
      ...redemptionsOfReversals,
    ],
  },
  {
    name: 'device',
    cap: 256,
    parties: { a: 'user', b: 'ip' },
    readings: [
      ...each('claims', ['10s', '1h', '1d', '7d'], count('claims'), 'Claims that did not fail.'),
      ...each('redemptions', ['1d'], count('redemptions'), 'Redemptions that did not fail.'),
      ...each('users', ['1h', '1d', '7d'], distinct('a'), 'Different users.'),
      ...each(
        'fresh_users',
        ['1d', '7d'],
        distinct('a', 'fresh'),
        'Different users whose account was less than 24 hours old.',
      ),
      ...each('ips', ['1d'], distinct('b'), 'Different addresses.'),
      ...each('failed', ['1h'], count('failed'), 'Failed attempts.'),
      ...each('code_steps', ['1h'], { kind: 'steps' }, 'Steps of a walk through codes in order.'),
      ...gapReadings,
    ],
  },
  {
    name: 'ip',
    cap: 512,
    parties: { a: 'user', b: 'device' },
    readings: [...addressReadings, ...gapReadings],
  },
  { name: 'subnet', cap: 512, parties: { a: 'user', b: 'device' }, readings: addressReadings },
  {
    name: 'code',
    cap: 256,
    parties: { a: 'user', b: 'device' },
    readings: [
      ...each('uses', ['45d'], count('redemptions'), 'Redemptions of this code that did not fail.'),
      ...each('users', ['45d'], distinct('a'), 'Different users.'),
      ...each('devices', ['45d'], distinct('b'), 'Different devices.'),
      ...each('failed', ['1d'], count('failed'), 'Failed attempts.'),
      ...claimLink,
      ...each(
        'claim_same_user',
        ['45d'],
        { kind: 'claim-same-user' },
        '1 where the last claim of this code was by the same user, 0 where not.',
      ),
      ...reversals(['45d']),
    ],
  },
  {
    name: 'phone',
    cap: 256,
    parties: { a: 'user', b: 'device' },
    readings: [
      ...each(
        'top_ups',
        ['1d', '7d'],
        count('redemptions'),
        'Top-ups to this number that did not fail.',
      ),
      ...each('users', ['1d', '7d'], distinct('a'), 'Different users.'),
    ],
  },
  {
    name: 'sender',
    cap: 256,
    parties: { a: 'user', b: 'device' },
    readings: [
      ...each(
        'gifts',
        ['day'],
        { kind: 'day-count', filter: 'gifts' },
        'Gifts from this sender taken in the calendar day.',
      ),
      ...each('gifts', ['1h'], count('gifts'), 'Gifts from this sender taken.'),
      ...each('recipients', ['1d', '7d'], distinct('a', 'gifts'), 'Different recipients.'),
    ],
  },
  {
    name: 'returned',
    cap: 256,
    parties: { a: 'user', b: 'device' },
    readings: each(
      'gifts',
      ['7d'],
      { kind: 'match' },
      'Gifts that this user sent before to the one who sends now: a circle.',
    ),
  },
]

/** Entities counted by calendar day only, because a log could not hold 100,000 claims. */
export type DayName = 'campaign' | 'merchant' | 'category' | 'channel'
export const dayNames: readonly DayName[] = ['campaign', 'merchant', 'category', 'channel']
export const dayReadings = ['claims_day', 'redemptions_day'] as const
/** Different names counted per kind and day; the rest share one counter. */
export const dayScopesMax = 20_000

/** A top-up of at most this many minor units is a small one (D19). */
export const smallTopUpMax = 5_000
/** An account younger than this is fresh. */
export const freshAccountMs = dayMs

/** The lengths of a log's windows in milliseconds, from short to long. */
export function spansOf(log: LogSpec): readonly number[] {
  return [...new Set(log.readings.map(({ spanMs }) => spanMs))].sort((a, b) => a - b)
}

/** The longest window of a log, in milliseconds: how long an entry can matter. */
export function longestSpanMs(log: LogSpec): number {
  return spansOf(log).at(-1)!
}
