/**
 * Every signal that a rule or a model may name: the readings of the windows (readings.ts) and the
 * facts of the event, each with type, unit and the largest value it can reach. The place of a
 * signal in this list is its place in a SignalRow.
 */
import { dayNames, dayReadings, type LogSpec, logSpecs, type Reading } from './readings.ts'

export type SignalType = 'number' | 'bool' | 'string'

export interface Signal {
  /** `<entity>_<measure>_<span>` for a reading, a plain name for a fact. */
  readonly name: string
  readonly type: SignalType
  readonly origin: 'reading' | 'fact'
  /**
   * Largest value that can be read, or null where there is no bound: a threshold above it is
   * refused.
   */
  readonly max: number | null
  /** Whether a cut window still gives a lower bound (counts do, ratios and ages do not). */
  readonly lowerBound: boolean
  readonly doc: string
}

function readingSignal(log: LogSpec, reading: Reading): Signal {
  const { kind } = reading.measure
  const counted =
    kind === 'count' ||
    kind === 'distinct' ||
    kind === 'day-count' ||
    kind === 'match' ||
    kind === 'steps'
  const flag = kind === 'claim-same-device' || kind === 'claim-same-user'
  return {
    name: `${log.name}_${reading.name}`,
    type: flag ? 'bool' : 'number',
    origin: 'reading',
    max: counted ? log.cap : null,
    lowerBound: counted || kind === 'sum' || kind === 'day-sum',
    doc: reading.doc,
  }
}

const fact = (name: string, type: SignalType, doc: string): Signal => ({
  name,
  type,
  origin: 'fact',
  max: null,
  lowerBound: false,
  doc,
})

const facts: readonly Signal[] = [
  fact('is_claim', 'bool', 'The event is a claim.'),
  fact('is_redemption', 'bool', 'The event is a redemption.'),
  fact('is_reversal', 'bool', 'The event takes a redemption back.'),
  fact(
    'attempt_failed',
    'bool',
    'The attempt failed upstream: wrong code or input, expired or declined.',
  ),
  fact(
    'attempt',
    'string',
    'How the attempt ended: succeeded, wrong_code, wrong_input, expired, declined or unknown.',
  ),
  fact('campaign', 'string', 'Id of the campaign.'),
  fact('merchant', 'string', 'Id of the merchant.'),
  fact('category', 'string', 'Category of the coupon.'),
  fact('channel', 'string', 'Where the user got the coupon.'),
  fact('coupon_type', 'string', 'What the coupon is.'),
  fact('account_age_days', 'number', 'Age of the account, in days.'),
  fact('dormancy_days', 'number', 'Days since the user was last active before this event.'),
  fact(
    'local_hour',
    'number',
    'Hour of the day in the time zone of the playbook, 0 to 23; absent where times are coarser than an hour.',
  ),
  fact('order_amount', 'number', 'Whole order, in minor units.'),
  fact('coupon_amount', 'number', 'What this coupon pays, in minor units.'),
  fact(
    'coupon_share',
    'number',
    'Share of the order paid by coupons, stacked ones included, 0 to 1 and above.',
  ),
  fact('stacked_coupons', 'number', 'Coupons in the order, this one included.'),
  fact(
    'stacked_sources',
    'number',
    'Different sources of coupons in the order, the campaign of this one included.',
  ),
  fact('device_missing', 'bool', 'The event names no device.'),
  fact('device_handmade', 'bool', 'The fingerprint is not one that the SDK makes.'),
  fact('ip_missing', 'bool', 'The event names no address.'),
  fact(
    'ip_is_hosting',
    'bool',
    'The address is in a range of a data centre; absent without a feed.',
  ),
  fact('ip_is_vpn', 'bool', 'The address is in a range of a VPN provider; absent without a feed.'),
  fact('ip_is_tor', 'bool', 'The address is a Tor exit; absent without a feed.'),
  fact('ip_listed_by', 'number', 'How many public lists name the address; absent without a feed.'),
  fact('number_kind', 'string', "Kind of the recipient's number."),
  fact('number_ported_days', 'number', "Days since the recipient's number was ported in."),
  fact('store_in_scope', 'bool', "The store is among the campaign's; absent where unknown."),
  fact(
    'referrer_official',
    'bool',
    "The referrer is one of the campaign's domains; absent where unknown.",
  ),
  fact('referrer_domain', 'string', 'Host name of the page that led here.'),
  fact('tier_reached', 'bool', 'The order reaches the tier that it names; absent where unknown.'),
  fact(
    'campaign_open',
    'bool',
    "The event is inside the campaign's validity; absent where unknown.",
  ),
  fact(
    'stock_used',
    'number',
    "Share of the campaign's stock claimed this day, 0 to 1 and above; absent without a stock.",
  ),
  fact(
    'identity_verified',
    'bool',
    'The identity has been verified; absent where the event does not say.',
  ),
  fact(
    'identity_missing',
    'bool',
    'The campaign asks for a verified identity and the event does not have it; absent where unknown.',
  ),
  fact('transfer_hop', 'number', 'How often the coupon has been passed on.'),
  fact(
    'transfer_hops_over',
    'number',
    'Hops above what the campaign allows; absent where unknown.',
  ),
  fact('transfer_age_hours', 'number', 'Hours since the gift or transfer was sent.'),
  fact('code_age_days', 'number', 'Days since the code was made.'),
  fact('code_expired', 'bool', 'The code had expired; absent where the event does not say.'),
  fact(
    'channel_redemption_rate_day',
    'number',
    "The channel's redemptions over its claims in the calendar day; absent below 1 claim.",
  ),
  fact('is_enterprise', 'bool', 'The coupon belongs to an enterprise batch.'),
  fact('package_amount', 'number', "Price of the enterprise's package, in minor units."),
  fact('blocked_user', 'bool', 'The user is on the block list.'),
  fact('blocked_device', 'bool', 'The device is on the block list.'),
  fact('blocked_ip', 'bool', 'The address or its range is on the block list.'),
  fact('blocked_phone', 'bool', 'The phone is on the block list.'),
  fact('blocked_code', 'bool', 'The code is on the block list.'),
  fact('blocked_referrer', 'bool', 'The referrer is on the block list.'),
  fact('watched', 'bool', 'The event meets an entry of the watch list.'),
]

const daySignals: readonly Signal[] = dayNames.flatMap((name) =>
  dayReadings.map(
    (reading): Signal => ({
      name: `${name}_${reading}`,
      type: 'number',
      origin: 'reading',
      max: null,
      lowerBound: true,
      doc: `Of this ${name} in the calendar day, the event included.`,
    }),
  ),
)

/** All signals, readings first, in the order of a SignalRow. */
export const catalogue: readonly Signal[] = [
  ...logSpecs.flatMap((log) => log.readings.map((reading) => readingSignal(log, reading))),
  ...daySignals,
  ...facts,
]

/** Place of a signal in the catalogue and in a SignalRow. */
export const signalIndex: ReadonlyMap<string, number> = new Map(
  catalogue.map((signal, index) => [signal.name, index]),
)
