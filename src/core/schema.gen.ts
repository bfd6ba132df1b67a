// Made from schemas/ by scripts/generate-types.ts; do not edit.

import type { Schema } from 'avsc'

/** One claim, redemption or reversal as an upstream service publishes it on coupon.claims or coupon.redemptions. It may carry personal data; couponguard replaces that while decoding and keeps only the form in event.avsc. All but id, kind, occurredAt, user and campaign may be absent. */
export interface CouponEvent {
  /** The publisher's id of this event, unique per user within the dedupe horizon; at most 128 characters. */
  id: string
  /** claim: a user takes a coupon. redemption: a user spends one. reversal: one redemption is taken back and its money refunded; sent when the refund is asked, or when it is paid. unknown is refused. */
  kind: EventKind
  /** When it happened, in milliseconds since 1970-01-01T00:00Z. */
  occurredAt: number
  /** How coarse the times of this event are, in milliseconds; 0 means exact, 86400000 means only the day is known. */
  resolutionMs: number
  /** Pseudonymous openid of the user; at most 128 characters. */
  user: string
  /** Id of the campaign; at most 128 characters. */
  campaign: string
  /** Fingerprint made by the client SDK: an MD5 in 32 hexadecimal digits. Anything else is hashed and marked handmade. */
  deviceFingerprint: null | string
  /** Raw attributes of the device, for clients without a fingerprint; hashed to an MD5 and dropped. At most 64. */
  deviceAttributes: null | Readonly<Record<string, string>>
  /** Client address, IPv4 or IPv6, as text. */
  ip: null | string
  /** What the coupon is, such as voucher, top-up or gift-card. */
  couponType: null | string
  /** The coupon code. Kept only as keyed hashes and the number of its last four characters. */
  code: null | string
  /** When the code was made, in milliseconds. */
  codeIssuedAt: null | number
  /** First moment at which the code is no longer valid, in milliseconds. */
  codeExpiresAt: null | number
  /** Id of the merchant. */
  merchant: null | string
  /** Id of the store. */
  store: null | string
  /** Category of the coupon, such as catering, e-commerce or local-services. */
  category: null | string
  /** Where the user got the coupon: account-menu, mini-program-popup, group-share, offline-scan, gift-after-payment. */
  channel: null | string
  /** Address of the page that led here; only its domain is kept. */
  referrer: null | string
  /** ISO 4217 code of every amount in this event. */
  currency: null | string
  /** Whole order, in minor units of the currency. */
  orderAmount: null | number
  /** What this coupon pays or is worth, in minor units of the currency. */
  couponAmount: null | number
  /** How the attempt ended upstream. unknown counts as succeeded. */
  attempt: Attempt
  /** Where it happened. */
  geo: null | Geo
  /** When the user registered, in milliseconds. */
  registeredAt: null | number
  /** When the user was last active before this event, in milliseconds. */
  lastActiveAt: null | number
  /** Number that a top-up goes to; kept only as a keyed hash. */
  recipientPhone: null | string
  /** What kind of number the recipient's is. */
  numberKind: null | NumberKind
  /** When the recipient's number was ported in, in milliseconds. */
  portedAt: null | number
  /** Id of the gift or transfer that brought the coupon to this user. */
  transferId: null | string
  /** Pseudonymous openid of who sent it. */
  transferSender: null | string
  /** How often the coupon has been passed on; 1 for the first. */
  transferHop: null | number
  /** When it was sent, in milliseconds. */
  transferredAt: null | number
  /** Other coupons in the same order; at most 64. */
  stacked: readonly StackedCoupon[]
  /** Name of the campaign's tier that the order claims to reach. */
  orderTier: null | string
  /** Whether the user's identity has been verified. */
  identityVerified: null | boolean
  /** Enterprise batch that this coupon belongs to. */
  batchId: null | string
  /** Price of that enterprise's package, in minor units of the currency. */
  packageAmount: null | number
}

export type EventKind = 'unknown' | 'claim' | 'redemption' | 'reversal'

export type Attempt = 'unknown' | 'succeeded' | 'wrong_code' | 'wrong_input' | 'expired' | 'declined'

/** A point on WGS 84. */
export interface Geo {
  /** Latitude in degrees, -90 to 90. */
  lat: number
  /** Longitude in degrees, -180 to 180. */
  lon: number
}

export type NumberKind = 'unknown' | 'mobile' | 'virtual' | 'iot' | 'hongkong' | 'macau' | 'taiwan' | 'roaming'

/** Another coupon in the same order. */
export interface StackedCoupon {
  /** Who issued it. */
  source: string
  /** What it pays, in minor units of the currency. */
  amount: number
}

/** One claim or redemption in the form that couponguard keeps: nothing personal but the declared ip and geo. In recordings, in the embedded log and, without geo, in the audit. */
export interface Event {
  /** The publisher's id of this event, unique per user within the dedupe horizon; at most 128 characters. */
  id: string
  /** claim: a user takes a coupon. redemption: a user spends one. unknown is refused. */
  kind: EventKind
  /** When it happened, in milliseconds since 1970-01-01T00:00Z. */
  occurredAt: number
  /** How coarse the times of this event are, in milliseconds; 0 means exact, 86400000 means only the day is known. */
  resolutionMs: number
  /** Pseudonymous openid of the user; a value that looks personal is replaced by a keyed hash (p:...). */
  user: string
  /** Id of the campaign; at most 128 characters. */
  campaign: string
  /** MD5 of the device in 32 lower-case hexadecimal digits, or null where the event names none. */
  device: null | string
  /** Where device comes from: none, a fingerprint of the SDK, hashed attributes, or a fingerprint that no SDK made. */
  deviceOrigin: DeviceOrigin
  /** Client address in canonical text: dotted IPv4, or compressed lower-case IPv6 (RFC 5952). */
  ip: null | string
  /** What the coupon is, such as voucher, top-up or gift-card. */
  couponType: null | string
  /** HMAC-SHA256 of the code, first 128 bits in hexadecimal. */
  codeHash: null | string
  /** HMAC-SHA256 of the code without its last four characters, first 128 bits in hexadecimal. */
  codeBlock: null | string
  /** The last four characters of the code as a number: base 10 where all are digits, else base 36; null where they are neither. */
  codeTail: null | number
  /** When the code was made, in milliseconds. */
  codeIssuedAt: null | number
  /** First moment at which the code is no longer valid, in milliseconds. */
  codeExpiresAt: null | number
  /** Id of the merchant. */
  merchant: null | string
  /** Id of the store. */
  store: null | string
  /** Category of the coupon, such as catering, e-commerce or local-services. */
  category: null | string
  /** Where the user got the coupon: account-menu, mini-program-popup, group-share, offline-scan, gift-after-payment. */
  channel: null | string
  /** Host name of the page that led here, lower case, without port. */
  referrerDomain: null | string
  /** ISO 4217 code of every amount in this event. */
  currency: null | string
  /** Whole order, in minor units of the currency. */
  orderAmount: null | number
  /** What this coupon pays or is worth, in minor units of the currency. */
  couponAmount: null | number
  /** How the attempt ended upstream. unknown counts as succeeded. */
  attempt: Attempt
  /** Where it happened; kept 90 days, never copied to the audit. */
  geo: null | Geo
  /** When the user registered, in milliseconds. */
  registeredAt: null | number
  /** When the user was last active before this event, in milliseconds. */
  lastActiveAt: null | number
  /** HMAC-SHA256 of the number that a top-up goes to, first 128 bits in hexadecimal. */
  phone: null | string
  /** What kind of number the recipient's is. */
  numberKind: null | NumberKind
  /** When the recipient's number was ported in, in milliseconds. */
  portedAt: null | number
  /** Id of the gift or transfer that brought the coupon to this user. */
  transferId: null | string
  /** Pseudonymous openid of who sent it. */
  transferSender: null | string
  /** How often the coupon has been passed on; 1 for the first. */
  transferHop: null | number
  /** When it was sent, in milliseconds. */
  transferredAt: null | number
  /** Other coupons in the same order; at most 64. */
  stacked: readonly StackedCoupon[]
  /** Name of the campaign's tier that the order claims to reach. */
  orderTier: null | string
  /** Whether the user's identity has been verified. */
  identityVerified: null | boolean
  /** Enterprise batch that this coupon belongs to. */
  batchId: null | string
  /** Price of that enterprise's package, in minor units of the currency. */
  packageAmount: null | number
}

export type DeviceOrigin = 'unknown' | 'none' | 'fingerprint' | 'attributes' | 'handmade'

/** What the windows held when the event was observed, per log. */
export interface Readings {
  /** Null where the event names no user. */
  user: null | UserReadings
  /** Null where the event names no device. */
  device: null | DeviceReadings
  /** Null where the event names no ip. */
  ip: null | IpReadings
  /** Null where the event names no subnet. */
  subnet: null | SubnetReadings
  /** Null where the event names no code. */
  code: null | CodeReadings
  /** Null where the event names no phone. */
  phone: null | PhoneReadings
  /** Null where the event names no sender. */
  sender: null | SenderReadings
  /** Null where the event names no returned. */
  returned: null | ReturnedReadings
  /** Null where the event names no campaign. */
  campaign: null | DayReadings
  /** Null where the event names no merchant. */
  merchant: null | DayReadings
  /** Null where the event names no category. */
  category: null | DayReadings
  /** Null where the event names no channel. */
  channel: null | DayReadings
}

/** From a log of at most 256 entries; a: device, b: ip. */
export interface UserReadings {
  /** Largest event time, in milliseconds, that the log has cut; a window that reaches below it is a lower bound. */
  cutAt: null | number
  /** Claims that did not fail. */
  claims_1h: number
  /** Claims that did not fail. */
  claims_1d: number
  /** Claims that did not fail. */
  claims_7d: number
  /** Redemptions that did not fail. */
  redemptions_1h: number
  /** Redemptions that did not fail. */
  redemptions_1d: number
  /** Redemptions that did not fail. */
  redemptions_7d: number
  /** Different devices. */
  devices_1d: number
  /** Different devices. */
  devices_7d: number
  /** Different addresses. */
  ips_1d: number
  /** Different addresses. */
  ips_7d: number
  /** Money of redemptions, in minor units. */
  amount_1d: number
  /** Money of redemptions of the calendar day, in minor units. */
  amount_day: number
  /** Top-ups of more than nothing and at most 50 yuan. */
  small_top_ups_1h: number
  /** Top-ups of more than nothing and at most 50 yuan. */
  small_top_ups_1d: number
  /** Gifts and transfers received. */
  gifts_1d: number
  /** Failed attempts. */
  failed_1h: number
  /** Failed attempts. */
  failed_1d: number
  /** Steps of a walk through codes in order. */
  code_steps_1h: null | number
  /** Coefficient of variation of the last 10 gaps between events; absent below 5 gaps. */
  gap_cv_1d: null | number
  /** Mean of the last 10 gaps between events, in seconds; absent below 5 gaps. */
  gap_mean_1d: null | number
  /** Time from the last claim of the same coupon to this redemption, in seconds; absent without one. */
  claim_age_45d: null | number
  /** Distance from that claim to this redemption, in kilometres; absent where a place is unknown. */
  claim_distance_45d: null | number
  /** 1 where that claim came from the same device, 0 where not; absent where a device is unknown. */
  claim_same_device_45d: null | number
  /** Reversals that did not fail. */
  reversals_7d: number
  /** Reversals that did not fail. */
  reversals_45d: number
  /** Redemptions that did not fail. */
  redemptions_45d: null | number
}

/** From a log of at most 256 entries; a: user, b: ip. */
export interface DeviceReadings {
  /** Largest event time, in milliseconds, that the log has cut; a window that reaches below it is a lower bound. */
  cutAt: null | number
  /** Claims that did not fail. */
  claims_10s: number
  /** Claims that did not fail. */
  claims_1h: number
  /** Claims that did not fail. */
  claims_1d: number
  /** Claims that did not fail. */
  claims_7d: number
  /** Redemptions that did not fail. */
  redemptions_1d: number
  /** Different users. */
  users_1h: number
  /** Different users. */
  users_1d: number
  /** Different users. */
  users_7d: number
  /** Different users whose account was less than 24 hours old. */
  fresh_users_1d: number
  /** Different users whose account was less than 24 hours old. */
  fresh_users_7d: number
  /** Different addresses. */
  ips_1d: number
  /** Failed attempts. */
  failed_1h: number
  /** Steps of a walk through codes in order. */
  code_steps_1h: null | number
  /** Coefficient of variation of the last 10 gaps between events; absent below 5 gaps. */
  gap_cv_1d: null | number
  /** Mean of the last 10 gaps between events, in seconds; absent below 5 gaps. */
  gap_mean_1d: null | number
}

/** From a log of at most 512 entries; a: user, b: device. */
export interface IpReadings {
  /** Largest event time, in milliseconds, that the log has cut; a window that reaches below it is a lower bound. */
  cutAt: null | number
  /** Events, failed attempts included. */
  events_1m: number
  /** Events, failed attempts included. */
  events_1h: number
  /** Events, failed attempts included. */
  events_1d: number
  /** Different users. */
  users_1m: number
  /** Different users. */
  users_1h: number
  /** Different users. */
  users_1d: number
  /** Different devices. */
  devices_1m: number
  /** Different devices. */
  devices_1h: number
  /** Different devices. */
  devices_1d: number
  /** Claims that did not fail. */
  claims_10s: number
  /** Different users whose account was less than 24 hours old. */
  fresh_users_1h: number
  /** Different users whose account was less than 24 hours old. */
  fresh_users_1d: number
  /** Failed attempts. */
  failed_1h: number
  /** Steps of a walk through codes in order. */
  code_steps_1h: null | number
  /** Coefficient of variation of the last 10 gaps between events; absent below 5 gaps. */
  gap_cv_1d: null | number
  /** Mean of the last 10 gaps between events, in seconds; absent below 5 gaps. */
  gap_mean_1d: null | number
}

/** From a log of at most 512 entries; a: user, b: device. */
export interface SubnetReadings {
  /** Largest event time, in milliseconds, that the log has cut; a window that reaches below it is a lower bound. */
  cutAt: null | number
  /** Events, failed attempts included. */
  events_1m: number
  /** Events, failed attempts included. */
  events_1h: number
  /** Events, failed attempts included. */
  events_1d: number
  /** Different users. */
  users_1m: number
  /** Different users. */
  users_1h: number
  /** Different users. */
  users_1d: number
  /** Different devices. */
  devices_1m: number
  /** Different devices. */
  devices_1h: number
  /** Different devices. */
  devices_1d: number
  /** Claims that did not fail. */
  claims_10s: number
  /** Different users whose account was less than 24 hours old. */
  fresh_users_1h: number
  /** Different users whose account was less than 24 hours old. */
  fresh_users_1d: number
  /** Failed attempts. */
  failed_1h: number
  /** Steps of a walk through codes in order. */
  code_steps_1h: null | number
}

/** From a log of at most 256 entries; a: user, b: device. */
export interface CodeReadings {
  /** Largest event time, in milliseconds, that the log has cut; a window that reaches below it is a lower bound. */
  cutAt: null | number
  /** Redemptions of this code that did not fail. */
  uses_45d: number
  /** Different users. */
  users_45d: number
  /** Different devices. */
  devices_45d: number
  /** Failed attempts. */
  failed_1d: number
  /** Time from the last claim of the same coupon to this redemption, in seconds; absent without one. */
  claim_age_45d: null | number
  /** Distance from that claim to this redemption, in kilometres; absent where a place is unknown. */
  claim_distance_45d: null | number
  /** 1 where that claim came from the same device, 0 where not; absent where a device is unknown. */
  claim_same_device_45d: null | number
  /** 1 where the last claim of this code was by the same user, 0 where not. */
  claim_same_user_45d: null | number
  /** Reversals that did not fail. */
  reversals_45d: number
}

/** From a log of at most 256 entries; a: user, b: device. */
export interface PhoneReadings {
  /** Largest event time, in milliseconds, that the log has cut; a window that reaches below it is a lower bound. */
  cutAt: null | number
  /** Top-ups to this number that did not fail. */
  top_ups_1d: number
  /** Top-ups to this number that did not fail. */
  top_ups_7d: number
  /** Different users. */
  users_1d: number
  /** Different users. */
  users_7d: number
}

/** From a log of at most 256 entries; a: user, b: device. */
export interface SenderReadings {
  /** Largest event time, in milliseconds, that the log has cut; a window that reaches below it is a lower bound. */
  cutAt: null | number
  /** Gifts from this sender taken in the calendar day. */
  gifts_day: number
  /** Gifts from this sender taken. */
  gifts_1h: number
  /** Different recipients. */
  recipients_1d: number
  /** Different recipients. */
  recipients_7d: number
}

/** From a log of at most 256 entries; a: user, b: device. */
export interface ReturnedReadings {
  /** Largest event time, in milliseconds, that the log has cut; a window that reaches below it is a lower bound. */
  cutAt: null | number
  /** Gifts that this user sent before to the one who sends now: a circle. */
  gifts_7d: number
}

/** Counts of a calendar day in the time zone of the playbook. */
export interface DayReadings {
  /** Claims of the day that did not fail. */
  claims_day: number
  /** Redemptions of the day that did not fail. */
  redemptions_day: number
}

/** All that a decision depends on besides the event and the playbook. Judging the same event again with these gives the same bytes. */
export interface Inputs {
  /** What the windows held when the event was observed. */
  readings: Readings
  /** Entries of lists that the event met, strongest first, at most 16. */
  lists: readonly ListMatch[]
  /** Null where the event has no ip or no feed is loaded. */
  address: null | AddressFacts
  /** Null where the campaign is not known. */
  campaign: null | CampaignFacts
  /** The kill switch: review sends everything to review, shadow lets no rule act. */
  switch: SwitchState
  /** Ids of the alerts in force for the event's scopes. */
  alerts: readonly string[]
  /** The event was below the horizon of its windows: it was not counted and its readings are doubtful. */
  late: boolean
  /** The user has more events within the dedupe horizon than are remembered: this may be a repeat. */
  repeatsSaturated: boolean
}

/** One entry of a list that the event met. */
export interface ListMatch {
  /** Id of the entry: list/kind/value. */
  entry: string
  /** Which list. */
  list: ListName
  /** What kind of value. */
  kind: ListKind
  /** Who put it there. */
  source: string
}

export type ListName = 'unknown' | 'block' | 'allow' | 'watch'

export type ListKind = 'unknown' | 'device' | 'user' | 'ip' | 'phone' | 'code' | 'referrer'

/** What the address feeds know of the ip. */
export interface AddressFacts {
  /** SHA-256 of the feeds that were loaded, in hexadecimal. */
  feed: string
  /** In a range of a data centre. */
  hosting: boolean
  /** In a range of a VPN provider. */
  vpn: boolean
  /** A Tor exit. */
  tor: boolean
  /** How many public lists name the address as bad. */
  listedBy: number
}

/** The facts of the campaign that this event was held against. */
export interface CampaignFacts {
  /** First moment of the campaign, in milliseconds. */
  validFrom: null | number
  /** First moment after the campaign, in milliseconds. */
  validTo: null | number
  /** Whether the store is among the campaign's; null where either is unknown. */
  storeInScope: null | boolean
  /** Whether the referrer is one of the campaign's official domains; null where either is unknown. */
  referrerOfficial: null | boolean
  /** Least order amount of the tier that the order names, in minor units. */
  tierMinAmount: null | number
  /** Whether the campaign asks for a verified identity. */
  identityRequired: null | boolean
  /** Coupons that the campaign may issue in all. */
  stock: null | number
  /** How often a coupon may be passed on. */
  transferHopsMax: null | number
}

export type SwitchState = 'unknown' | 'none' | 'review' | 'shadow'

/** A word on one event. On risk.decisions: review and block, and every superseding decision. A later word on the same event has id …+1, +2 and names what it supersedes. */
export interface Decision {
  /** <eventKey>@<playbookVersion>, with +n for a superseding decision. */
  id: string
  /** First 128 bits of SHA-256 over user, id and occurredAt, in hexadecimal: names the event everywhere. */
  eventKey: string
  /** The publisher's id of the event. */
  eventId: string
  /** Pseudonymous openid of the user. */
  user: string
  /** Claim, redemption or reversal. */
  kind: EventKind
  /** When the event happened, in milliseconds. */
  occurredAt: number
  /** When the log took the event, in milliseconds. */
  recordedAt: number
  /** Id of the campaign. */
  campaign: string
  /** The strongest outcome of all; unknown is never written. */
  outcome: Outcome
  /** Risk from 0 to 100; orders the review queue. */
  score: number
  /** Whether a redemption counts as abnormal for the share alert. */
  abnormal: boolean
  /** Hits, doubts and failures, in order of the playbook. */
  results: readonly RuleResult[]
  /** Strongest first. */
  reasons: readonly Reason[]
  /** What to do beside the outcome, such as step-up. */
  advice: readonly string[]
  /** Alerts that escalated this decision to review. */
  alertIds: readonly string[]
  /** Name of the playbook. */
  playbook: string
  /** Version of the playbook. */
  playbookVersion: string
  /** SHA-256 of the whole playbook, in hexadecimal. */
  playbookHash: string
  /** Money of the event, in minor units. */
  amountAtStake: null | number
  /** Id of the decision that this one replaces. */
  supersedes: null | string
  /** Why it was replaced, such as review or appeal. */
  cause: null | string
  /** Pseudonym of the person who decided. */
  decidedBy: null | string
  /** One per model of the playbook, in its order. */
  models: readonly ModelResult[]
}

export type Outcome = 'unknown' | 'allow' | 'review' | 'block'

/** What one rule said. Rules that missed or lacked a signal are not listed. */
export interface RuleResult {
  /** Id of the rule. */
  rule: string
  /** shadow: recorded, never acted on. */
  mode: RuleMode
  /** What came of it. */
  result: RuleVerdict
  /** What it asks for. */
  outcome: Outcome
  /** The signals of the condition. */
  values: readonly SignalValue[]
}

export type RuleMode = 'unknown' | 'live' | 'shadow'

export type RuleVerdict = 'unknown' | 'hit' | 'miss' | 'absent' | 'doubtful' | 'failed'

/** A signal that the rule looked at. */
export interface SignalValue {
  /** Name of the signal. */
  signal: string
  /** Its value; 1 and 0 for true and false; null where it was absent. */
  value: null | number | string
  /** The value is a lower bound. */
  saturated: boolean
}

/** Why, in words; only where the outcome is not allow. */
export interface Reason {
  /** Stable reason code. */
  code: string
  /** In Chinese. */
  zh: string
  /** In English. */
  en: string
}

/** What one model said of the event. */
export interface ModelResult {
  /** Name of the model; the playbook's hash covers what it is. */
  model: string
  /** shadow: recorded, never acted on. */
  mode: RuleMode
  /** Calibrated probability of fraud, 0 to 1. */
  probability: number
  /** What it asks for, by the playbook's thresholds. */
  outcome: Outcome
  /** The strongest, strongest first; only where the decision is not allow. */
  contributions: readonly Contribution[]
}

/** How far a signal moved a model's output along the decision paths. */
export interface Contribution {
  /** Name of the signal. */
  signal: string
  /** Its value; 1 and 0 for true and false; null where it was absent. */
  value: null | number
  /** Up for fraud, down against it: in probability before calibration for a random forest, in logits for boosted trees. */
  moved: number
}

/** Every decision with its inputs, kept at least 180 days. */
export interface Audit {
  /** When the log took the event, in milliseconds. */
  recordedAt: number
  /** Log or topic of the event. */
  source: string
  /** Partition of the event. */
  partition: number
  /** Offset of the event. */
  offset: number
  /** The event, without geo. */
  event: Event
  /** All that the decision depends on. */
  inputs: Inputs
  /** What was decided. */
  decision: Decision
}

/** Judged up to here: silence on risk.decisions below it means allow. */
export interface Progress {
  /** Shard that was judged. */
  shard: number
  /** Every input partition of the shard. */
  offsets: readonly PartitionOffset[]
  /** Record time up to which the shard was judged, in milliseconds. */
  recordedAt: number
  /** Version of the playbook that judged. */
  playbookVersion: string
}

/** How far one input partition was judged. */
export interface PartitionOffset {
  /** Input topic. */
  topic: string
  /** Partition. */
  partition: number
  /** First offset that is not judged yet. */
  nextOffset: number
}

/** What one batch adds to a scope's day. Internal. */
export interface Tally {
  /** all, campaign:ID, merchant:ID, channel:ID or KIND:other. */
  scope: string
  /** Calendar day of the events in the time zone of the playbook, as days since 1970-01-01. */
  day: number
  /** Claims that did not fail. */
  claims: number
  /** Redemptions that did not fail. */
  redemptions: number
  /** Abnormal redemptions among them. */
  abnormal: number
  /** Keyed hashes of their users, at most the minimum that the playbook asks. */
  abnormalUsers: readonly string[]
  /** Largest record time of the batch, in milliseconds. */
  recordedAt: number
  /** Largest event time of the batch in this scope, in milliseconds. */
  occurredAt: number
}

/** A transition of the share of abnormal redemptions of a scope and day. */
export interface Alert {
  /** SCOPE/DAY/N/raised, cleared or closed: N counts how often it was raised. */
  id: string
  /** Id of the raising transition, which decisions cite. */
  raisedId: string
  /** What was watched. */
  condition: AlertCondition
  /** What happened. */
  transition: Transition
  /** What it holds for. */
  scope: string
  /** Calendar day, as days since 1970-01-01. */
  day: number
  /** Event time at which it happened, in milliseconds. */
  at: number
  /** Record time at which it happened, in milliseconds. */
  recordedAt: number
  /** Claims of the day so far. */
  claims: number
  /** Redemptions of the day so far. */
  redemptions: number
  /** Abnormal ones among them. */
  abnormal: number
  /** Different abnormal users, counted up to the minimum that the playbook asks. */
  abnormalUsers: number
  /** abnormal / redemptions, or the channel's rate of redemption. */
  share: number
  /** The share that was crossed. */
  threshold: number
  /** Version of the playbook whose policy this is. */
  playbookVersion: string
}

export type AlertCondition = 'unknown' | 'abnormal_share' | 'channel_band'

export type Transition = 'unknown' | 'raised' | 'cleared' | 'closed'

/** A verdict of a person on one decision. */
export interface Review {
  /** The event. */
  eventKey: string
  /** The decision that was reviewed. */
  decisionId: string
  /** What the reviewer said. */
  verdict: Verdict
  /** Pseudonym of the reviewer. */
  reviewer: string
  /** Why, in the reviewer's words. */
  reason: null | string
  /** When, in milliseconds. */
  at: number
}

export type Verdict = 'unknown' | 'fraud' | 'legitimate' | 'inconclusive'

/** An entry of the block, allow or watch list; a null value on risk.lists removes it. */
export interface ListEntry {
  /** Which list. */
  list: ListName
  /** What kind of value. */
  kind: ListKind
  /** The value in kept form: a hash for phone and code, canonical text or CIDR for ip, a domain for referrer. */
  value: string
  /** Feed or person that put it there. */
  source: string
  /** Why. */
  note: null | string
  /** When it was added, in milliseconds. */
  addedAt: number
  /** First moment at which it no longer holds, in milliseconds; null for ever. */
  expiresAt: null | number
  /** Id of the key that hashed the value; null where nothing is hashed. */
  keyId: null | string
}

/** What the platform tells us about a campaign. */
export interface Campaign {
  /** Id of the campaign. */
  id: string
  /** Category. */
  category: null | string
  /** Coupons that it may issue in all. */
  stock: null | number
  /** How often it has been shown. */
  exposures: null | number
  /** Stores in scope; empty means all. */
  stores: readonly string[]
  /** Tiers by amount. */
  tiers: readonly Tier[]
  /** First moment, in milliseconds. */
  validFrom: null | number
  /** First moment after, in milliseconds. */
  validTo: null | number
  /** Domains from which a referrer is official; a domain covers its subdomains. Empty means unknown. */
  officialDomains: readonly string[]
  /** Whether the identity must be verified. */
  identityRequired: null | boolean
  /** How often a coupon may be passed on. */
  transferHopsMax: null | number
  /** Announced peaks. */
  announcedPeaks: readonly Peak[]
}

/** A step of the discount. */
export interface Tier {
  /** Name. */
  name: string
  /** Least order amount, in minor units. */
  minAmount: number
}

/** A peak announced beforehand. */
export interface Peak {
  /** First moment, in milliseconds. */
  from: number
  /** First moment after, in milliseconds. */
  to: number
}

/** A published playbook. */
export interface Playbook {
  /** Name. */
  name: string
  /** Version. */
  version: string
  /** SHA-256 of the text, in hexadecimal. */
  hash: string
  /** The YAML as published. */
  text: string
  /** When, in milliseconds. */
  publishedAt: number
}

/** What the regulator must be told: one record a user and day. */
export interface Report {
  /** Pseudonymous openid of the user. */
  user: string
  /** Calendar day, as days since 1970-01-01. */
  day: number
  /** Money of the day when the threshold was reached, in minor units. */
  amount: number
  /** The threshold, in minor units. */
  threshold: number
  /** The event that reached it. */
  eventKey: string
  /** When that event happened, in milliseconds. */
  at: number
}

/** What could not be read. The one place that holds the original; kept 7 days. */
export interface DeadLetter {
  /** Reason from the closed list of rejections. */
  reason: string
  /** What was wrong and where, without values. */
  detail: string
  /** First 256 KiB of the message, encrypted where a key is configured: see sealedBy. */
  bytes: null | Uint8Array
  /** SHA-256 of all of it, in hexadecimal. */
  sha256: string
  /** Log or topic. */
  source: string
  /** Partition. */
  partition: number
  /** Offset. */
  offset: number
  /** When the log took it, in milliseconds. */
  recordedAt: number
  /** Headers of the message. */
  headers: Readonly<Record<string, Uint8Array>>
  /** Key of the message, so that it can be sent again to where it came from. */
  key: null | Uint8Array
  /** Id of the key that bytes are encrypted with (AES-256-GCM: 12 bytes nonce, text, 16 bytes tag); null where they are as they came. */
  sealedBy: null | string
}

/** A row of a recording: an event or what could not be read, and if known its inputs, decision and labels. */
export interface RecordingRow {
  /** When the log took it, in milliseconds. */
  recordedAt: number
  /** Log or topic that it came from. */
  source: string
  /** Partition. */
  partition: number
  /** Offset. */
  offset: number
  /** The event in kept form. */
  event: null | Event
  /** Null where there is an event. */
  rejected: null | Rejected
  /** What the decision depended on. */
  inputs: null | Inputs
  /** What was decided. */
  decision: null | Decision
  /** Null where nothing is known. */
  labels: null | Labels
}

/** What could not be read. */
export interface Rejected {
  /** Reason. */
  reason: string
  /** The bytes, only where generate made them up. */
  bytes: null | Uint8Array
  /** SHA-256 of the bytes, in hexadecimal. */
  sha256: string
}

/** What is known to be true. */
export interface Labels {
  /** Whether a dishonest actor made it. */
  fraud: boolean
  /** Kind of actor. */
  kind: null | string
  /** Which actor. */
  actor: null | string
  /** Who says so. */
  source: null | string
  /** What `fraud` stands for where it is something else, such as attribution; null: fraud. */
  target: null | string
}

/** Every record as a self-contained Avro schema. */
export const schemas: Readonly<Record<SchemaName, Schema>> = {
  CouponEvent: {"type":"record","name":"CouponEvent","namespace":"couponguard","doc":"One claim, redemption or reversal as an upstream service publishes it on coupon.claims or coupon.redemptions. It may carry personal data; couponguard replaces that while decoding and keeps only the form in event.avsc. All but id, kind, occurredAt, user and campaign may be absent.","fields":[{"name":"id","type":"string","doc":"The publisher's id of this event, unique per user within the dedupe horizon; at most 128 characters."},{"name":"kind","type":{"type":"enum","name":"EventKind","symbols":["unknown","claim","redemption","reversal"],"default":"unknown"},"doc":"claim: a user takes a coupon. redemption: a user spends one. reversal: one redemption is taken back and its money refunded; sent when the refund is asked, or when it is paid. unknown is refused."},{"name":"occurredAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When it happened, in milliseconds since 1970-01-01T00:00Z."},{"name":"resolutionMs","type":"long","default":0,"doc":"How coarse the times of this event are, in milliseconds; 0 means exact, 86400000 means only the day is known."},{"name":"user","type":"string","doc":"Pseudonymous openid of the user; at most 128 characters."},{"name":"campaign","type":"string","doc":"Id of the campaign; at most 128 characters."},{"name":"deviceFingerprint","type":["null","string"],"default":null,"doc":"Fingerprint made by the client SDK: an MD5 in 32 hexadecimal digits. Anything else is hashed and marked handmade."},{"name":"deviceAttributes","type":["null",{"type":"map","values":"string"}],"default":null,"doc":"Raw attributes of the device, for clients without a fingerprint; hashed to an MD5 and dropped. At most 64."},{"name":"ip","type":["null","string"],"default":null,"doc":"Client address, IPv4 or IPv6, as text."},{"name":"couponType","type":["null","string"],"default":null,"doc":"What the coupon is, such as voucher, top-up or gift-card."},{"name":"code","type":["null","string"],"default":null,"doc":"The coupon code. Kept only as keyed hashes and the number of its last four characters."},{"name":"codeIssuedAt","type":["null",{"type":"long","logicalType":"timestamp-millis"}],"default":null,"doc":"When the code was made, in milliseconds."},{"name":"codeExpiresAt","type":["null",{"type":"long","logicalType":"timestamp-millis"}],"default":null,"doc":"First moment at which the code is no longer valid, in milliseconds."},{"name":"merchant","type":["null","string"],"default":null,"doc":"Id of the merchant."},{"name":"store","type":["null","string"],"default":null,"doc":"Id of the store."},{"name":"category","type":["null","string"],"default":null,"doc":"Category of the coupon, such as catering, e-commerce or local-services."},{"name":"channel","type":["null","string"],"default":null,"doc":"Where the user got the coupon: account-menu, mini-program-popup, group-share, offline-scan, gift-after-payment."},{"name":"referrer","type":["null","string"],"default":null,"doc":"Address of the page that led here; only its domain is kept."},{"name":"currency","type":["null","string"],"default":null,"doc":"ISO 4217 code of every amount in this event."},{"name":"orderAmount","type":["null","long"],"default":null,"doc":"Whole order, in minor units of the currency."},{"name":"couponAmount","type":["null","long"],"default":null,"doc":"What this coupon pays or is worth, in minor units of the currency."},{"name":"attempt","type":{"type":"enum","name":"Attempt","symbols":["unknown","succeeded","wrong_code","wrong_input","expired","declined"],"default":"unknown"},"default":"unknown","doc":"How the attempt ended upstream. unknown counts as succeeded."},{"name":"geo","type":["null",{"type":"record","name":"Geo","doc":"A point on WGS 84.","fields":[{"name":"lat","type":"double","doc":"Latitude in degrees, -90 to 90."},{"name":"lon","type":"double","doc":"Longitude in degrees, -180 to 180."}]}],"default":null,"doc":"Where it happened."},{"name":"registeredAt","type":["null",{"type":"long","logicalType":"timestamp-millis"}],"default":null,"doc":"When the user registered, in milliseconds."},{"name":"lastActiveAt","type":["null",{"type":"long","logicalType":"timestamp-millis"}],"default":null,"doc":"When the user was last active before this event, in milliseconds."},{"name":"recipientPhone","type":["null","string"],"default":null,"doc":"Number that a top-up goes to; kept only as a keyed hash."},{"name":"numberKind","type":["null",{"type":"enum","name":"NumberKind","symbols":["unknown","mobile","virtual","iot","hongkong","macau","taiwan","roaming"],"default":"unknown"}],"default":null,"doc":"What kind of number the recipient's is."},{"name":"portedAt","type":["null",{"type":"long","logicalType":"timestamp-millis"}],"default":null,"doc":"When the recipient's number was ported in, in milliseconds."},{"name":"transferId","type":["null","string"],"default":null,"doc":"Id of the gift or transfer that brought the coupon to this user."},{"name":"transferSender","type":["null","string"],"default":null,"doc":"Pseudonymous openid of who sent it."},{"name":"transferHop","type":["null","int"],"default":null,"doc":"How often the coupon has been passed on; 1 for the first."},{"name":"transferredAt","type":["null",{"type":"long","logicalType":"timestamp-millis"}],"default":null,"doc":"When it was sent, in milliseconds."},{"name":"stacked","type":{"type":"array","items":{"type":"record","name":"StackedCoupon","doc":"Another coupon in the same order.","fields":[{"name":"source","type":"string","doc":"Who issued it."},{"name":"amount","type":"long","doc":"What it pays, in minor units of the currency."}]}},"default":[],"doc":"Other coupons in the same order; at most 64."},{"name":"orderTier","type":["null","string"],"default":null,"doc":"Name of the campaign's tier that the order claims to reach."},{"name":"identityVerified","type":["null","boolean"],"default":null,"doc":"Whether the user's identity has been verified."},{"name":"batchId","type":["null","string"],"default":null,"doc":"Enterprise batch that this coupon belongs to."},{"name":"packageAmount","type":["null","long"],"default":null,"doc":"Price of that enterprise's package, in minor units of the currency."}]},
  Event: {"type":"record","name":"Event","namespace":"couponguard","doc":"One claim or redemption in the form that couponguard keeps: nothing personal but the declared ip and geo. In recordings, in the embedded log and, without geo, in the audit.","fields":[{"name":"id","type":"string","doc":"The publisher's id of this event, unique per user within the dedupe horizon; at most 128 characters."},{"name":"kind","type":{"type":"enum","name":"EventKind","symbols":["unknown","claim","redemption","reversal"],"default":"unknown"},"doc":"claim: a user takes a coupon. redemption: a user spends one. unknown is refused."},{"name":"occurredAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When it happened, in milliseconds since 1970-01-01T00:00Z."},{"name":"resolutionMs","type":"long","default":0,"doc":"How coarse the times of this event are, in milliseconds; 0 means exact, 86400000 means only the day is known."},{"name":"user","type":"string","doc":"Pseudonymous openid of the user; a value that looks personal is replaced by a keyed hash (p:...)."},{"name":"campaign","type":"string","doc":"Id of the campaign; at most 128 characters."},{"name":"device","type":["null","string"],"default":null,"doc":"MD5 of the device in 32 lower-case hexadecimal digits, or null where the event names none."},{"name":"deviceOrigin","type":{"type":"enum","name":"DeviceOrigin","symbols":["unknown","none","fingerprint","attributes","handmade"],"default":"unknown"},"default":"unknown","doc":"Where device comes from: none, a fingerprint of the SDK, hashed attributes, or a fingerprint that no SDK made."},{"name":"ip","type":["null","string"],"default":null,"doc":"Client address in canonical text: dotted IPv4, or compressed lower-case IPv6 (RFC 5952)."},{"name":"couponType","type":["null","string"],"default":null,"doc":"What the coupon is, such as voucher, top-up or gift-card."},{"name":"codeHash","type":["null","string"],"default":null,"doc":"HMAC-SHA256 of the code, first 128 bits in hexadecimal."},{"name":"codeBlock","type":["null","string"],"default":null,"doc":"HMAC-SHA256 of the code without its last four characters, first 128 bits in hexadecimal."},{"name":"codeTail","type":["null","int"],"default":null,"doc":"The last four characters of the code as a number: base 10 where all are digits, else base 36; null where they are neither."},{"name":"codeIssuedAt","type":["null",{"type":"long","logicalType":"timestamp-millis"}],"default":null,"doc":"When the code was made, in milliseconds."},{"name":"codeExpiresAt","type":["null",{"type":"long","logicalType":"timestamp-millis"}],"default":null,"doc":"First moment at which the code is no longer valid, in milliseconds."},{"name":"merchant","type":["null","string"],"default":null,"doc":"Id of the merchant."},{"name":"store","type":["null","string"],"default":null,"doc":"Id of the store."},{"name":"category","type":["null","string"],"default":null,"doc":"Category of the coupon, such as catering, e-commerce or local-services."},{"name":"channel","type":["null","string"],"default":null,"doc":"Where the user got the coupon: account-menu, mini-program-popup, group-share, offline-scan, gift-after-payment."},{"name":"referrerDomain","type":["null","string"],"default":null,"doc":"Host name of the page that led here, lower case, without port."},{"name":"currency","type":["null","string"],"default":null,"doc":"ISO 4217 code of every amount in this event."},{"name":"orderAmount","type":["null","long"],"default":null,"doc":"Whole order, in minor units of the currency."},{"name":"couponAmount","type":["null","long"],"default":null,"doc":"What this coupon pays or is worth, in minor units of the currency."},{"name":"attempt","type":{"type":"enum","name":"Attempt","symbols":["unknown","succeeded","wrong_code","wrong_input","expired","declined"],"default":"unknown"},"default":"unknown","doc":"How the attempt ended upstream. unknown counts as succeeded."},{"name":"geo","type":["null",{"type":"record","name":"Geo","doc":"A point on WGS 84.","fields":[{"name":"lat","type":"double","doc":"Latitude in degrees, -90 to 90."},{"name":"lon","type":"double","doc":"Longitude in degrees, -180 to 180."}]}],"default":null,"doc":"Where it happened; kept 90 days, never copied to the audit."},{"name":"registeredAt","type":["null",{"type":"long","logicalType":"timestamp-millis"}],"default":null,"doc":"When the user registered, in milliseconds."},{"name":"lastActiveAt","type":["null",{"type":"long","logicalType":"timestamp-millis"}],"default":null,"doc":"When the user was last active before this event, in milliseconds."},{"name":"phone","type":["null","string"],"default":null,"doc":"HMAC-SHA256 of the number that a top-up goes to, first 128 bits in hexadecimal."},{"name":"numberKind","type":["null",{"type":"enum","name":"NumberKind","symbols":["unknown","mobile","virtual","iot","hongkong","macau","taiwan","roaming"],"default":"unknown"}],"default":null,"doc":"What kind of number the recipient's is."},{"name":"portedAt","type":["null",{"type":"long","logicalType":"timestamp-millis"}],"default":null,"doc":"When the recipient's number was ported in, in milliseconds."},{"name":"transferId","type":["null","string"],"default":null,"doc":"Id of the gift or transfer that brought the coupon to this user."},{"name":"transferSender","type":["null","string"],"default":null,"doc":"Pseudonymous openid of who sent it."},{"name":"transferHop","type":["null","int"],"default":null,"doc":"How often the coupon has been passed on; 1 for the first."},{"name":"transferredAt","type":["null",{"type":"long","logicalType":"timestamp-millis"}],"default":null,"doc":"When it was sent, in milliseconds."},{"name":"stacked","type":{"type":"array","items":{"type":"record","name":"StackedCoupon","doc":"Another coupon in the same order.","fields":[{"name":"source","type":"string","doc":"Who issued it."},{"name":"amount","type":"long","doc":"What it pays, in minor units of the currency."}]}},"default":[],"doc":"Other coupons in the same order; at most 64."},{"name":"orderTier","type":["null","string"],"default":null,"doc":"Name of the campaign's tier that the order claims to reach."},{"name":"identityVerified","type":["null","boolean"],"default":null,"doc":"Whether the user's identity has been verified."},{"name":"batchId","type":["null","string"],"default":null,"doc":"Enterprise batch that this coupon belongs to."},{"name":"packageAmount","type":["null","long"],"default":null,"doc":"Price of that enterprise's package, in minor units of the currency."}]},
  Readings: {"type":"record","name":"Readings","namespace":"couponguard","doc":"What the windows held when the event was observed, per log.","fields":[{"name":"user","type":["null",{"type":"record","name":"UserReadings","doc":"From a log of at most 256 entries; a: device, b: ip.","fields":[{"name":"cutAt","type":["null",{"type":"long","logicalType":"timestamp-millis"}],"default":null,"doc":"Largest event time, in milliseconds, that the log has cut; a window that reaches below it is a lower bound."},{"name":"claims_1h","type":"long","doc":"Claims that did not fail."},{"name":"claims_1d","type":"long","doc":"Claims that did not fail."},{"name":"claims_7d","type":"long","doc":"Claims that did not fail."},{"name":"redemptions_1h","type":"long","doc":"Redemptions that did not fail."},{"name":"redemptions_1d","type":"long","doc":"Redemptions that did not fail."},{"name":"redemptions_7d","type":"long","doc":"Redemptions that did not fail."},{"name":"devices_1d","type":"long","doc":"Different devices."},{"name":"devices_7d","type":"long","doc":"Different devices."},{"name":"ips_1d","type":"long","doc":"Different addresses."},{"name":"ips_7d","type":"long","doc":"Different addresses."},{"name":"amount_1d","type":"long","doc":"Money of redemptions, in minor units."},{"name":"amount_day","type":"long","doc":"Money of redemptions of the calendar day, in minor units."},{"name":"small_top_ups_1h","type":"long","doc":"Top-ups of more than nothing and at most 50 yuan."},{"name":"small_top_ups_1d","type":"long","doc":"Top-ups of more than nothing and at most 50 yuan."},{"name":"gifts_1d","type":"long","doc":"Gifts and transfers received."},{"name":"failed_1h","type":"long","doc":"Failed attempts."},{"name":"failed_1d","type":"long","doc":"Failed attempts."},{"name":"code_steps_1h","type":["null","double"],"default":null,"doc":"Steps of a walk through codes in order."},{"name":"gap_cv_1d","type":["null","double"],"default":null,"doc":"Coefficient of variation of the last 10 gaps between events; absent below 5 gaps."},{"name":"gap_mean_1d","type":["null","double"],"default":null,"doc":"Mean of the last 10 gaps between events, in seconds; absent below 5 gaps."},{"name":"claim_age_45d","type":["null","double"],"default":null,"doc":"Time from the last claim of the same coupon to this redemption, in seconds; absent without one."},{"name":"claim_distance_45d","type":["null","double"],"default":null,"doc":"Distance from that claim to this redemption, in kilometres; absent where a place is unknown."},{"name":"claim_same_device_45d","type":["null","double"],"default":null,"doc":"1 where that claim came from the same device, 0 where not; absent where a device is unknown."},{"name":"reversals_7d","type":"long","default":0,"doc":"Reversals that did not fail."},{"name":"reversals_45d","type":"long","default":0,"doc":"Reversals that did not fail."},{"name":"redemptions_45d","type":["null","long"],"default":null,"doc":"Redemptions that did not fail."}]}],"default":null,"doc":"Null where the event names no user."},{"name":"device","type":["null",{"type":"record","name":"DeviceReadings","doc":"From a log of at most 256 entries; a: user, b: ip.","fields":[{"name":"cutAt","type":["null",{"type":"long","logicalType":"timestamp-millis"}],"default":null,"doc":"Largest event time, in milliseconds, that the log has cut; a window that reaches below it is a lower bound."},{"name":"claims_10s","type":"long","doc":"Claims that did not fail."},{"name":"claims_1h","type":"long","doc":"Claims that did not fail."},{"name":"claims_1d","type":"long","doc":"Claims that did not fail."},{"name":"claims_7d","type":"long","doc":"Claims that did not fail."},{"name":"redemptions_1d","type":"long","doc":"Redemptions that did not fail."},{"name":"users_1h","type":"long","doc":"Different users."},{"name":"users_1d","type":"long","doc":"Different users."},{"name":"users_7d","type":"long","doc":"Different users."},{"name":"fresh_users_1d","type":"long","doc":"Different users whose account was less than 24 hours old."},{"name":"fresh_users_7d","type":"long","doc":"Different users whose account was less than 24 hours old."},{"name":"ips_1d","type":"long","doc":"Different addresses."},{"name":"failed_1h","type":"long","doc":"Failed attempts."},{"name":"code_steps_1h","type":["null","double"],"default":null,"doc":"Steps of a walk through codes in order."},{"name":"gap_cv_1d","type":["null","double"],"default":null,"doc":"Coefficient of variation of the last 10 gaps between events; absent below 5 gaps."},{"name":"gap_mean_1d","type":["null","double"],"default":null,"doc":"Mean of the last 10 gaps between events, in seconds; absent below 5 gaps."}]}],"default":null,"doc":"Null where the event names no device."},{"name":"ip","type":["null",{"type":"record","name":"IpReadings","doc":"From a log of at most 512 entries; a: user, b: device.","fields":[{"name":"cutAt","type":["null",{"type":"long","logicalType":"timestamp-millis"}],"default":null,"doc":"Largest event time, in milliseconds, that the log has cut; a window that reaches below it is a lower bound."},{"name":"events_1m","type":"long","doc":"Events, failed attempts included."},{"name":"events_1h","type":"long","doc":"Events, failed attempts included."},{"name":"events_1d","type":"long","doc":"Events, failed attempts included."},{"name":"users_1m","type":"long","doc":"Different users."},{"name":"users_1h","type":"long","doc":"Different users."},{"name":"users_1d","type":"long","doc":"Different users."},{"name":"devices_1m","type":"long","doc":"Different devices."},{"name":"devices_1h","type":"long","doc":"Different devices."},{"name":"devices_1d","type":"long","doc":"Different devices."},{"name":"claims_10s","type":"long","doc":"Claims that did not fail."},{"name":"fresh_users_1h","type":"long","doc":"Different users whose account was less than 24 hours old."},{"name":"fresh_users_1d","type":"long","doc":"Different users whose account was less than 24 hours old."},{"name":"failed_1h","type":"long","doc":"Failed attempts."},{"name":"code_steps_1h","type":["null","double"],"default":null,"doc":"Steps of a walk through codes in order."},{"name":"gap_cv_1d","type":["null","double"],"default":null,"doc":"Coefficient of variation of the last 10 gaps between events; absent below 5 gaps."},{"name":"gap_mean_1d","type":["null","double"],"default":null,"doc":"Mean of the last 10 gaps between events, in seconds; absent below 5 gaps."}]}],"default":null,"doc":"Null where the event names no ip."},{"name":"subnet","type":["null",{"type":"record","name":"SubnetReadings","doc":"From a log of at most 512 entries; a: user, b: device.","fields":[{"name":"cutAt","type":["null",{"type":"long","logicalType":"timestamp-millis"}],"default":null,"doc":"Largest event time, in milliseconds, that the log has cut; a window that reaches below it is a lower bound."},{"name":"events_1m","type":"long","doc":"Events, failed attempts included."},{"name":"events_1h","type":"long","doc":"Events, failed attempts included."},{"name":"events_1d","type":"long","doc":"Events, failed attempts included."},{"name":"users_1m","type":"long","doc":"Different users."},{"name":"users_1h","type":"long","doc":"Different users."},{"name":"users_1d","type":"long","doc":"Different users."},{"name":"devices_1m","type":"long","doc":"Different devices."},{"name":"devices_1h","type":"long","doc":"Different devices."},{"name":"devices_1d","type":"long","doc":"Different devices."},{"name":"claims_10s","type":"long","doc":"Claims that did not fail."},{"name":"fresh_users_1h","type":"long","doc":"Different users whose account was less than 24 hours old."},{"name":"fresh_users_1d","type":"long","doc":"Different users whose account was less than 24 hours old."},{"name":"failed_1h","type":"long","doc":"Failed attempts."},{"name":"code_steps_1h","type":["null","double"],"default":null,"doc":"Steps of a walk through codes in order."}]}],"default":null,"doc":"Null where the event names no subnet."},{"name":"code","type":["null",{"type":"record","name":"CodeReadings","doc":"From a log of at most 256 entries; a: user, b: device.","fields":[{"name":"cutAt","type":["null",{"type":"long","logicalType":"timestamp-millis"}],"default":null,"doc":"Largest event time, in milliseconds, that the log has cut; a window that reaches below it is a lower bound."},{"name":"uses_45d","type":"long","doc":"Redemptions of this code that did not fail."},{"name":"users_45d","type":"long","doc":"Different users."},{"name":"devices_45d","type":"long","doc":"Different devices."},{"name":"failed_1d","type":"long","doc":"Failed attempts."},{"name":"claim_age_45d","type":["null","double"],"default":null,"doc":"Time from the last claim of the same coupon to this redemption, in seconds; absent without one."},{"name":"claim_distance_45d","type":["null","double"],"default":null,"doc":"Distance from that claim to this redemption, in kilometres; absent where a place is unknown."},{"name":"claim_same_device_45d","type":["null","double"],"default":null,"doc":"1 where that claim came from the same device, 0 where not; absent where a device is unknown."},{"name":"claim_same_user_45d","type":["null","double"],"default":null,"doc":"1 where the last claim of this code was by the same user, 0 where not."},{"name":"reversals_45d","type":"long","default":0,"doc":"Reversals that did not fail."}]}],"default":null,"doc":"Null where the event names no code."},{"name":"phone","type":["null",{"type":"record","name":"PhoneReadings","doc":"From a log of at most 256 entries; a: user, b: device.","fields":[{"name":"cutAt","type":["null",{"type":"long","logicalType":"timestamp-millis"}],"default":null,"doc":"Largest event time, in milliseconds, that the log has cut; a window that reaches below it is a lower bound."},{"name":"top_ups_1d","type":"long","doc":"Top-ups to this number that did not fail."},{"name":"top_ups_7d","type":"long","doc":"Top-ups to this number that did not fail."},{"name":"users_1d","type":"long","doc":"Different users."},{"name":"users_7d","type":"long","doc":"Different users."}]}],"default":null,"doc":"Null where the event names no phone."},{"name":"sender","type":["null",{"type":"record","name":"SenderReadings","doc":"From a log of at most 256 entries; a: user, b: device.","fields":[{"name":"cutAt","type":["null",{"type":"long","logicalType":"timestamp-millis"}],"default":null,"doc":"Largest event time, in milliseconds, that the log has cut; a window that reaches below it is a lower bound."},{"name":"gifts_day","type":"long","doc":"Gifts from this sender taken in the calendar day."},{"name":"gifts_1h","type":"long","doc":"Gifts from this sender taken."},{"name":"recipients_1d","type":"long","doc":"Different recipients."},{"name":"recipients_7d","type":"long","doc":"Different recipients."}]}],"default":null,"doc":"Null where the event names no sender."},{"name":"returned","type":["null",{"type":"record","name":"ReturnedReadings","doc":"From a log of at most 256 entries; a: user, b: device.","fields":[{"name":"cutAt","type":["null",{"type":"long","logicalType":"timestamp-millis"}],"default":null,"doc":"Largest event time, in milliseconds, that the log has cut; a window that reaches below it is a lower bound."},{"name":"gifts_7d","type":"long","doc":"Gifts that this user sent before to the one who sends now: a circle."}]}],"default":null,"doc":"Null where the event names no returned."},{"name":"campaign","type":["null",{"type":"record","name":"DayReadings","doc":"Counts of a calendar day in the time zone of the playbook.","fields":[{"name":"claims_day","type":"long","doc":"Claims of the day that did not fail."},{"name":"redemptions_day","type":"long","doc":"Redemptions of the day that did not fail."}]}],"default":null,"doc":"Null where the event names no campaign."},{"name":"merchant","type":["null","DayReadings"],"default":null,"doc":"Null where the event names no merchant."},{"name":"category","type":["null","DayReadings"],"default":null,"doc":"Null where the event names no category."},{"name":"channel","type":["null","DayReadings"],"default":null,"doc":"Null where the event names no channel."}]},
  Inputs: {"type":"record","name":"Inputs","namespace":"couponguard","doc":"All that a decision depends on besides the event and the playbook. Judging the same event again with these gives the same bytes.","fields":[{"name":"readings","type":{"type":"record","name":"Readings","namespace":"couponguard","doc":"What the windows held when the event was observed, per log.","fields":[{"name":"user","type":["null",{"type":"record","name":"UserReadings","doc":"From a log of at most 256 entries; a: device, b: ip.","fields":[{"name":"cutAt","type":["null",{"type":"long","logicalType":"timestamp-millis"}],"default":null,"doc":"Largest event time, in milliseconds, that the log has cut; a window that reaches below it is a lower bound."},{"name":"claims_1h","type":"long","doc":"Claims that did not fail."},{"name":"claims_1d","type":"long","doc":"Claims that did not fail."},{"name":"claims_7d","type":"long","doc":"Claims that did not fail."},{"name":"redemptions_1h","type":"long","doc":"Redemptions that did not fail."},{"name":"redemptions_1d","type":"long","doc":"Redemptions that did not fail."},{"name":"redemptions_7d","type":"long","doc":"Redemptions that did not fail."},{"name":"devices_1d","type":"long","doc":"Different devices."},{"name":"devices_7d","type":"long","doc":"Different devices."},{"name":"ips_1d","type":"long","doc":"Different addresses."},{"name":"ips_7d","type":"long","doc":"Different addresses."},{"name":"amount_1d","type":"long","doc":"Money of redemptions, in minor units."},{"name":"amount_day","type":"long","doc":"Money of redemptions of the calendar day, in minor units."},{"name":"small_top_ups_1h","type":"long","doc":"Top-ups of more than nothing and at most 50 yuan."},{"name":"small_top_ups_1d","type":"long","doc":"Top-ups of more than nothing and at most 50 yuan."},{"name":"gifts_1d","type":"long","doc":"Gifts and transfers received."},{"name":"failed_1h","type":"long","doc":"Failed attempts."},{"name":"failed_1d","type":"long","doc":"Failed attempts."},{"name":"code_steps_1h","type":["null","double"],"default":null,"doc":"Steps of a walk through codes in order."},{"name":"gap_cv_1d","type":["null","double"],"default":null,"doc":"Coefficient of variation of the last 10 gaps between events; absent below 5 gaps."},{"name":"gap_mean_1d","type":["null","double"],"default":null,"doc":"Mean of the last 10 gaps between events, in seconds; absent below 5 gaps."},{"name":"claim_age_45d","type":["null","double"],"default":null,"doc":"Time from the last claim of the same coupon to this redemption, in seconds; absent without one."},{"name":"claim_distance_45d","type":["null","double"],"default":null,"doc":"Distance from that claim to this redemption, in kilometres; absent where a place is unknown."},{"name":"claim_same_device_45d","type":["null","double"],"default":null,"doc":"1 where that claim came from the same device, 0 where not; absent where a device is unknown."},{"name":"reversals_7d","type":"long","default":0,"doc":"Reversals that did not fail."},{"name":"reversals_45d","type":"long","default":0,"doc":"Reversals that did not fail."},{"name":"redemptions_45d","type":["null","long"],"default":null,"doc":"Redemptions that did not fail."}]}],"default":null,"doc":"Null where the event names no user."},{"name":"device","type":["null",{"type":"record","name":"DeviceReadings","doc":"From a log of at most 256 entries; a: user, b: ip.","fields":[{"name":"cutAt","type":["null",{"type":"long","logicalType":"timestamp-millis"}],"default":null,"doc":"Largest event time, in milliseconds, that the log has cut; a window that reaches below it is a lower bound."},{"name":"claims_10s","type":"long","doc":"Claims that did not fail."},{"name":"claims_1h","type":"long","doc":"Claims that did not fail."},{"name":"claims_1d","type":"long","doc":"Claims that did not fail."},{"name":"claims_7d","type":"long","doc":"Claims that did not fail."},{"name":"redemptions_1d","type":"long","doc":"Redemptions that did not fail."},{"name":"users_1h","type":"long","doc":"Different users."},{"name":"users_1d","type":"long","doc":"Different users."},{"name":"users_7d","type":"long","doc":"Different users."},{"name":"fresh_users_1d","type":"long","doc":"Different users whose account was less than 24 hours old."},{"name":"fresh_users_7d","type":"long","doc":"Different users whose account was less than 24 hours old."},{"name":"ips_1d","type":"long","doc":"Different addresses."},{"name":"failed_1h","type":"long","doc":"Failed attempts."},{"name":"code_steps_1h","type":["null","double"],"default":null,"doc":"Steps of a walk through codes in order."},{"name":"gap_cv_1d","type":["null","double"],"default":null,"doc":"Coefficient of variation of the last 10 gaps between events; absent below 5 gaps."},{"name":"gap_mean_1d","type":["null","double"],"default":null,"doc":"Mean of the last 10 gaps between events, in seconds; absent below 5 gaps."}]}],"default":null,"doc":"Null where the event names no device."},{"name":"ip","type":["null",{"type":"record","name":"IpReadings","doc":"From a log of at most 512 entries; a: user, b: device.","fields":[{"name":"cutAt","type":["null",{"type":"long","logicalType":"timestamp-millis"}],"default":null,"doc":"Largest event time, in milliseconds, that the log has cut; a window that reaches below it is a lower bound."},{"name":"events_1m","type":"long","doc":"Events, failed attempts included."},{"name":"events_1h","type":"long","doc":"Events, failed attempts included."},{"name":"events_1d","type":"long","doc":"Events, failed attempts included."},{"name":"users_1m","type":"long","doc":"Different users."},{"name":"users_1h","type":"long","doc":"Different users."},{"name":"users_1d","type":"long","doc":"Different users."},{"name":"devices_1m","type":"long","doc":"Different devices."},{"name":"devices_1h","type":"long","doc":"Different devices."},{"name":"devices_1d","type":"long","doc":"Different devices."},{"name":"claims_10s","type":"long","doc":"Claims that did not fail."},{"name":"fresh_users_1h","type":"long","doc":"Different users whose account was less than 24 hours old."},{"name":"fresh_users_1d","type":"long","doc":"Different users whose account was less than 24 hours old."},{"name":"failed_1h","type":"long","doc":"Failed attempts."},{"name":"code_steps_1h","type":["null","double"],"default":null,"doc":"Steps of a walk through codes in order."},{"name":"gap_cv_1d","type":["null","double"],"default":null,"doc":"Coefficient of variation of the last 10 gaps between events; absent below 5 gaps."},{"name":"gap_mean_1d","type":["null","double"],"default":null,"doc":"Mean of the last 10 gaps between events, in seconds; absent below 5 gaps."}]}],"default":null,"doc":"Null where the event names no ip."},{"name":"subnet","type":["null",{"type":"record","name":"SubnetReadings","doc":"From a log of at most 512 entries; a: user, b: device.","fields":[{"name":"cutAt","type":["null",{"type":"long","logicalType":"timestamp-millis"}],"default":null,"doc":"Largest event time, in milliseconds, that the log has cut; a window that reaches below it is a lower bound."},{"name":"events_1m","type":"long","doc":"Events, failed attempts included."},{"name":"events_1h","type":"long","doc":"Events, failed attempts included."},{"name":"events_1d","type":"long","doc":"Events, failed attempts included."},{"name":"users_1m","type":"long","doc":"Different users."},{"name":"users_1h","type":"long","doc":"Different users."},{"name":"users_1d","type":"long","doc":"Different users."},{"name":"devices_1m","type":"long","doc":"Different devices."},{"name":"devices_1h","type":"long","doc":"Different devices."},{"name":"devices_1d","type":"long","doc":"Different devices."},{"name":"claims_10s","type":"long","doc":"Claims that did not fail."},{"name":"fresh_users_1h","type":"long","doc":"Different users whose account was less than 24 hours old."},{"name":"fresh_users_1d","type":"long","doc":"Different users whose account was less than 24 hours old."},{"name":"failed_1h","type":"long","doc":"Failed attempts."},{"name":"code_steps_1h","type":["null","double"],"default":null,"doc":"Steps of a walk through codes in order."}]}],"default":null,"doc":"Null where the event names no subnet."},{"name":"code","type":["null",{"type":"record","name":"CodeReadings","doc":"From a log of at most 256 entries; a: user, b: device.","fields":[{"name":"cutAt","type":["null",{"type":"long","logicalType":"timestamp-millis"}],"default":null,"doc":"Largest event time, in milliseconds, that the log has cut; a window that reaches below it is a lower bound."},{"name":"uses_45d","type":"long","doc":"Redemptions of this code that did not fail."},{"name":"users_45d","type":"long","doc":"Different users."},{"name":"devices_45d","type":"long","doc":"Different devices."},{"name":"failed_1d","type":"long","doc":"Failed attempts."},{"name":"claim_age_45d","type":["null","double"],"default":null,"doc":"Time from the last claim of the same coupon to this redemption, in seconds; absent without one."},{"name":"claim_distance_45d","type":["null","double"],"default":null,"doc":"Distance from that claim to this redemption, in kilometres; absent where a place is unknown."},{"name":"claim_same_device_45d","type":["null","double"],"default":null,"doc":"1 where that claim came from the same device, 0 where not; absent where a device is unknown."},{"name":"claim_same_user_45d","type":["null","double"],"default":null,"doc":"1 where the last claim of this code was by the same user, 0 where not."},{"name":"reversals_45d","type":"long","default":0,"doc":"Reversals that did not fail."}]}],"default":null,"doc":"Null where the event names no code."},{"name":"phone","type":["null",{"type":"record","name":"PhoneReadings","doc":"From a log of at most 256 entries; a: user, b: device.","fields":[{"name":"cutAt","type":["null",{"type":"long","logicalType":"timestamp-millis"}],"default":null,"doc":"Largest event time, in milliseconds, that the log has cut; a window that reaches below it is a lower bound."},{"name":"top_ups_1d","type":"long","doc":"Top-ups to this number that did not fail."},{"name":"top_ups_7d","type":"long","doc":"Top-ups to this number that did not fail."},{"name":"users_1d","type":"long","doc":"Different users."},{"name":"users_7d","type":"long","doc":"Different users."}]}],"default":null,"doc":"Null where the event names no phone."},{"name":"sender","type":["null",{"type":"record","name":"SenderReadings","doc":"From a log of at most 256 entries; a: user, b: device.","fields":[{"name":"cutAt","type":["null",{"type":"long","logicalType":"timestamp-millis"}],"default":null,"doc":"Largest event time, in milliseconds, that the log has cut; a window that reaches below it is a lower bound."},{"name":"gifts_day","type":"long","doc":"Gifts from this sender taken in the calendar day."},{"name":"gifts_1h","type":"long","doc":"Gifts from this sender taken."},{"name":"recipients_1d","type":"long","doc":"Different recipients."},{"name":"recipients_7d","type":"long","doc":"Different recipients."}]}],"default":null,"doc":"Null where the event names no sender."},{"name":"returned","type":["null",{"type":"record","name":"ReturnedReadings","doc":"From a log of at most 256 entries; a: user, b: device.","fields":[{"name":"cutAt","type":["null",{"type":"long","logicalType":"timestamp-millis"}],"default":null,"doc":"Largest event time, in milliseconds, that the log has cut; a window that reaches below it is a lower bound."},{"name":"gifts_7d","type":"long","doc":"Gifts that this user sent before to the one who sends now: a circle."}]}],"default":null,"doc":"Null where the event names no returned."},{"name":"campaign","type":["null",{"type":"record","name":"DayReadings","doc":"Counts of a calendar day in the time zone of the playbook.","fields":[{"name":"claims_day","type":"long","doc":"Claims of the day that did not fail."},{"name":"redemptions_day","type":"long","doc":"Redemptions of the day that did not fail."}]}],"default":null,"doc":"Null where the event names no campaign."},{"name":"merchant","type":["null","DayReadings"],"default":null,"doc":"Null where the event names no merchant."},{"name":"category","type":["null","DayReadings"],"default":null,"doc":"Null where the event names no category."},{"name":"channel","type":["null","DayReadings"],"default":null,"doc":"Null where the event names no channel."}]},"doc":"What the windows held when the event was observed."},{"name":"lists","type":{"type":"array","items":{"type":"record","name":"ListMatch","doc":"One entry of a list that the event met.","fields":[{"name":"entry","type":"string","doc":"Id of the entry: list/kind/value."},{"name":"list","type":{"type":"enum","name":"ListName","symbols":["unknown","block","allow","watch"],"default":"unknown"},"default":"unknown","doc":"Which list."},{"name":"kind","type":{"type":"enum","name":"ListKind","symbols":["unknown","device","user","ip","phone","code","referrer"],"default":"unknown"},"default":"unknown","doc":"What kind of value."},{"name":"source","type":"string","doc":"Who put it there."}]}},"default":[],"doc":"Entries of lists that the event met, strongest first, at most 16."},{"name":"address","type":["null",{"type":"record","name":"AddressFacts","doc":"What the address feeds know of the ip.","fields":[{"name":"feed","type":"string","doc":"SHA-256 of the feeds that were loaded, in hexadecimal."},{"name":"hosting","type":"boolean","doc":"In a range of a data centre."},{"name":"vpn","type":"boolean","doc":"In a range of a VPN provider."},{"name":"tor","type":"boolean","doc":"A Tor exit."},{"name":"listedBy","type":"int","doc":"How many public lists name the address as bad."}]}],"default":null,"doc":"Null where the event has no ip or no feed is loaded."},{"name":"campaign","type":["null",{"type":"record","name":"CampaignFacts","doc":"The facts of the campaign that this event was held against.","fields":[{"name":"validFrom","type":["null",{"type":"long","logicalType":"timestamp-millis"}],"default":null,"doc":"First moment of the campaign, in milliseconds."},{"name":"validTo","type":["null",{"type":"long","logicalType":"timestamp-millis"}],"default":null,"doc":"First moment after the campaign, in milliseconds."},{"name":"storeInScope","type":["null","boolean"],"default":null,"doc":"Whether the store is among the campaign's; null where either is unknown."},{"name":"referrerOfficial","type":["null","boolean"],"default":null,"doc":"Whether the referrer is one of the campaign's official domains; null where either is unknown."},{"name":"tierMinAmount","type":["null","long"],"default":null,"doc":"Least order amount of the tier that the order names, in minor units."},{"name":"identityRequired","type":["null","boolean"],"default":null,"doc":"Whether the campaign asks for a verified identity."},{"name":"stock","type":["null","long"],"default":null,"doc":"Coupons that the campaign may issue in all."},{"name":"transferHopsMax","type":["null","int"],"default":null,"doc":"How often a coupon may be passed on."}]}],"default":null,"doc":"Null where the campaign is not known."},{"name":"switch","type":{"type":"enum","name":"SwitchState","symbols":["unknown","none","review","shadow"],"default":"unknown"},"default":"none","doc":"The kill switch: review sends everything to review, shadow lets no rule act."},{"name":"alerts","type":{"type":"array","items":"string"},"default":[],"doc":"Ids of the alerts in force for the event's scopes."},{"name":"late","type":"boolean","default":false,"doc":"The event was below the horizon of its windows: it was not counted and its readings are doubtful."},{"name":"repeatsSaturated","type":"boolean","default":false,"doc":"The user has more events within the dedupe horizon than are remembered: this may be a repeat."}]},
  Decision: {"type":"record","name":"Decision","namespace":"couponguard","doc":"A word on one event. On risk.decisions: review and block, and every superseding decision. A later word on the same event has id …+1, +2 and names what it supersedes.","fields":[{"name":"id","type":"string","doc":"<eventKey>@<playbookVersion>, with +n for a superseding decision."},{"name":"eventKey","type":"string","doc":"First 128 bits of SHA-256 over user, id and occurredAt, in hexadecimal: names the event everywhere."},{"name":"eventId","type":"string","doc":"The publisher's id of the event."},{"name":"user","type":"string","doc":"Pseudonymous openid of the user."},{"name":"kind","type":{"type":"enum","name":"EventKind","symbols":["unknown","claim","redemption","reversal"],"default":"unknown"},"default":"unknown","doc":"Claim, redemption or reversal."},{"name":"occurredAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When the event happened, in milliseconds."},{"name":"recordedAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When the log took the event, in milliseconds."},{"name":"campaign","type":"string","doc":"Id of the campaign."},{"name":"outcome","type":{"type":"enum","name":"Outcome","symbols":["unknown","allow","review","block"],"default":"unknown"},"default":"unknown","doc":"The strongest outcome of all; unknown is never written."},{"name":"score","type":"int","doc":"Risk from 0 to 100; orders the review queue."},{"name":"abnormal","type":"boolean","doc":"Whether a redemption counts as abnormal for the share alert."},{"name":"results","type":{"type":"array","items":{"type":"record","name":"RuleResult","doc":"What one rule said. Rules that missed or lacked a signal are not listed.","fields":[{"name":"rule","type":"string","doc":"Id of the rule."},{"name":"mode","type":{"type":"enum","name":"RuleMode","symbols":["unknown","live","shadow"],"default":"unknown"},"default":"unknown","doc":"shadow: recorded, never acted on."},{"name":"result","type":{"type":"enum","name":"RuleVerdict","symbols":["unknown","hit","miss","absent","doubtful","failed"],"default":"unknown"},"default":"unknown","doc":"What came of it."},{"name":"outcome","type":"Outcome","default":"unknown","doc":"What it asks for."},{"name":"values","type":{"type":"array","items":{"type":"record","name":"SignalValue","doc":"A signal that the rule looked at.","fields":[{"name":"signal","type":"string","doc":"Name of the signal."},{"name":"value","type":["null","double","string"],"default":null,"doc":"Its value; 1 and 0 for true and false; null where it was absent."},{"name":"saturated","type":"boolean","default":false,"doc":"The value is a lower bound."}]}},"default":[],"doc":"The signals of the condition."}]}},"default":[],"doc":"Hits, doubts and failures, in order of the playbook."},{"name":"reasons","type":{"type":"array","items":{"type":"record","name":"Reason","doc":"Why, in words; only where the outcome is not allow.","fields":[{"name":"code","type":"string","doc":"Stable reason code."},{"name":"zh","type":"string","doc":"In Chinese."},{"name":"en","type":"string","doc":"In English."}]}},"default":[],"doc":"Strongest first."},{"name":"advice","type":{"type":"array","items":"string"},"default":[],"doc":"What to do beside the outcome, such as step-up."},{"name":"alertIds","type":{"type":"array","items":"string"},"default":[],"doc":"Alerts that escalated this decision to review."},{"name":"playbook","type":"string","doc":"Name of the playbook."},{"name":"playbookVersion","type":"string","doc":"Version of the playbook."},{"name":"playbookHash","type":"string","doc":"SHA-256 of the whole playbook, in hexadecimal."},{"name":"amountAtStake","type":["null","long"],"default":null,"doc":"Money of the event, in minor units."},{"name":"supersedes","type":["null","string"],"default":null,"doc":"Id of the decision that this one replaces."},{"name":"cause","type":["null","string"],"default":null,"doc":"Why it was replaced, such as review or appeal."},{"name":"decidedBy","type":["null","string"],"default":null,"doc":"Pseudonym of the person who decided."},{"name":"models","type":{"type":"array","items":{"type":"record","name":"ModelResult","doc":"What one model said of the event.","fields":[{"name":"model","type":"string","doc":"Name of the model; the playbook's hash covers what it is."},{"name":"mode","type":"RuleMode","default":"unknown","doc":"shadow: recorded, never acted on."},{"name":"probability","type":"double","doc":"Calibrated probability of fraud, 0 to 1."},{"name":"outcome","type":"Outcome","default":"unknown","doc":"What it asks for, by the playbook's thresholds."},{"name":"contributions","type":{"type":"array","items":{"type":"record","name":"Contribution","doc":"How far a signal moved a model's output along the decision paths.","fields":[{"name":"signal","type":"string","doc":"Name of the signal."},{"name":"value","type":["null","double"],"default":null,"doc":"Its value; 1 and 0 for true and false; null where it was absent."},{"name":"moved","type":"double","doc":"Up for fraud, down against it: in probability before calibration for a random forest, in logits for boosted trees."}]}},"default":[],"doc":"The strongest, strongest first; only where the decision is not allow."}]}},"default":[],"doc":"One per model of the playbook, in its order."}]},
  Audit: {"type":"record","name":"Audit","namespace":"couponguard","doc":"Every decision with its inputs, kept at least 180 days.","fields":[{"name":"recordedAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When the log took the event, in milliseconds."},{"name":"source","type":"string","doc":"Log or topic of the event."},{"name":"partition","type":"int","doc":"Partition of the event."},{"name":"offset","type":"long","doc":"Offset of the event."},{"name":"event","type":{"type":"record","name":"Event","namespace":"couponguard","doc":"One claim or redemption in the form that couponguard keeps: nothing personal but the declared ip and geo. In recordings, in the embedded log and, without geo, in the audit.","fields":[{"name":"id","type":"string","doc":"The publisher's id of this event, unique per user within the dedupe horizon; at most 128 characters."},{"name":"kind","type":{"type":"enum","name":"EventKind","symbols":["unknown","claim","redemption","reversal"],"default":"unknown"},"doc":"claim: a user takes a coupon. redemption: a user spends one. unknown is refused."},{"name":"occurredAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When it happened, in milliseconds since 1970-01-01T00:00Z."},{"name":"resolutionMs","type":"long","default":0,"doc":"How coarse the times of this event are, in milliseconds; 0 means exact, 86400000 means only the day is known."},{"name":"user","type":"string","doc":"Pseudonymous openid of the user; a value that looks personal is replaced by a keyed hash (p:...)."},{"name":"campaign","type":"string","doc":"Id of the campaign; at most 128 characters."},{"name":"device","type":["null","string"],"default":null,"doc":"MD5 of the device in 32 lower-case hexadecimal digits, or null where the event names none."},{"name":"deviceOrigin","type":{"type":"enum","name":"DeviceOrigin","symbols":["unknown","none","fingerprint","attributes","handmade"],"default":"unknown"},"default":"unknown","doc":"Where device comes from: none, a fingerprint of the SDK, hashed attributes, or a fingerprint that no SDK made."},{"name":"ip","type":["null","string"],"default":null,"doc":"Client address in canonical text: dotted IPv4, or compressed lower-case IPv6 (RFC 5952)."},{"name":"couponType","type":["null","string"],"default":null,"doc":"What the coupon is, such as voucher, top-up or gift-card."},{"name":"codeHash","type":["null","string"],"default":null,"doc":"HMAC-SHA256 of the code, first 128 bits in hexadecimal."},{"name":"codeBlock","type":["null","string"],"default":null,"doc":"HMAC-SHA256 of the code without its last four characters, first 128 bits in hexadecimal."},{"name":"codeTail","type":["null","int"],"default":null,"doc":"The last four characters of the code as a number: base 10 where all are digits, else base 36; null where they are neither."},{"name":"codeIssuedAt","type":["null",{"type":"long","logicalType":"timestamp-millis"}],"default":null,"doc":"When the code was made, in milliseconds."},{"name":"codeExpiresAt","type":["null",{"type":"long","logicalType":"timestamp-millis"}],"default":null,"doc":"First moment at which the code is no longer valid, in milliseconds."},{"name":"merchant","type":["null","string"],"default":null,"doc":"Id of the merchant."},{"name":"store","type":["null","string"],"default":null,"doc":"Id of the store."},{"name":"category","type":["null","string"],"default":null,"doc":"Category of the coupon, such as catering, e-commerce or local-services."},{"name":"channel","type":["null","string"],"default":null,"doc":"Where the user got the coupon: account-menu, mini-program-popup, group-share, offline-scan, gift-after-payment."},{"name":"referrerDomain","type":["null","string"],"default":null,"doc":"Host name of the page that led here, lower case, without port."},{"name":"currency","type":["null","string"],"default":null,"doc":"ISO 4217 code of every amount in this event."},{"name":"orderAmount","type":["null","long"],"default":null,"doc":"Whole order, in minor units of the currency."},{"name":"couponAmount","type":["null","long"],"default":null,"doc":"What this coupon pays or is worth, in minor units of the currency."},{"name":"attempt","type":{"type":"enum","name":"Attempt","symbols":["unknown","succeeded","wrong_code","wrong_input","expired","declined"],"default":"unknown"},"default":"unknown","doc":"How the attempt ended upstream. unknown counts as succeeded."},{"name":"geo","type":["null",{"type":"record","name":"Geo","doc":"A point on WGS 84.","fields":[{"name":"lat","type":"double","doc":"Latitude in degrees, -90 to 90."},{"name":"lon","type":"double","doc":"Longitude in degrees, -180 to 180."}]}],"default":null,"doc":"Where it happened; kept 90 days, never copied to the audit."},{"name":"registeredAt","type":["null",{"type":"long","logicalType":"timestamp-millis"}],"default":null,"doc":"When the user registered, in milliseconds."},{"name":"lastActiveAt","type":["null",{"type":"long","logicalType":"timestamp-millis"}],"default":null,"doc":"When the user was last active before this event, in milliseconds."},{"name":"phone","type":["null","string"],"default":null,"doc":"HMAC-SHA256 of the number that a top-up goes to, first 128 bits in hexadecimal."},{"name":"numberKind","type":["null",{"type":"enum","name":"NumberKind","symbols":["unknown","mobile","virtual","iot","hongkong","macau","taiwan","roaming"],"default":"unknown"}],"default":null,"doc":"What kind of number the recipient's is."},{"name":"portedAt","type":["null",{"type":"long","logicalType":"timestamp-millis"}],"default":null,"doc":"When the recipient's number was ported in, in milliseconds."},{"name":"transferId","type":["null","string"],"default":null,"doc":"Id of the gift or transfer that brought the coupon to this user."},{"name":"transferSender","type":["null","string"],"default":null,"doc":"Pseudonymous openid of who sent it."},{"name":"transferHop","type":["null","int"],"default":null,"doc":"How often the coupon has been passed on; 1 for the first."},{"name":"transferredAt","type":["null",{"type":"long","logicalType":"timestamp-millis"}],"default":null,"doc":"When it was sent, in milliseconds."},{"name":"stacked","type":{"type":"array","items":{"type":"record","name":"StackedCoupon","doc":"Another coupon in the same order.","fields":[{"name":"source","type":"string","doc":"Who issued it."},{"name":"amount","type":"long","doc":"What it pays, in minor units of the currency."}]}},"default":[],"doc":"Other coupons in the same order; at most 64."},{"name":"orderTier","type":["null","string"],"default":null,"doc":"Name of the campaign's tier that the order claims to reach."},{"name":"identityVerified","type":["null","boolean"],"default":null,"doc":"Whether the user's identity has been verified."},{"name":"batchId","type":["null","string"],"default":null,"doc":"Enterprise batch that this coupon belongs to."},{"name":"packageAmount","type":["null","long"],"default":null,"doc":"Price of that enterprise's package, in minor units of the currency."}]},"doc":"The event, without geo."},{"name":"inputs","type":{"type":"record","name":"Inputs","namespace":"couponguard","doc":"All that a decision depends on besides the event and the playbook. Judging the same event again with these gives the same bytes.","fields":[{"name":"readings","type":{"type":"record","name":"Readings","namespace":"couponguard","doc":"What the windows held when the event was observed, per log.","fields":[{"name":"user","type":["null",{"type":"record","name":"UserReadings","doc":"From a log of at most 256 entries; a: device, b: ip.","fields":[{"name":"cutAt","type":["null",{"type":"long","logicalType":"timestamp-millis"}],"default":null,"doc":"Largest event time, in milliseconds, that the log has cut; a window that reaches below it is a lower bound."},{"name":"claims_1h","type":"long","doc":"Claims that did not fail."},{"name":"claims_1d","type":"long","doc":"Claims that did not fail."},{"name":"claims_7d","type":"long","doc":"Claims that did not fail."},{"name":"redemptions_1h","type":"long","doc":"Redemptions that did not fail."},{"name":"redemptions_1d","type":"long","doc":"Redemptions that did not fail."},{"name":"redemptions_7d","type":"long","doc":"Redemptions that did not fail."},{"name":"devices_1d","type":"long","doc":"Different devices."},{"name":"devices_7d","type":"long","doc":"Different devices."},{"name":"ips_1d","type":"long","doc":"Different addresses."},{"name":"ips_7d","type":"long","doc":"Different addresses."},{"name":"amount_1d","type":"long","doc":"Money of redemptions, in minor units."},{"name":"amount_day","type":"long","doc":"Money of redemptions of the calendar day, in minor units."},{"name":"small_top_ups_1h","type":"long","doc":"Top-ups of more than nothing and at most 50 yuan."},{"name":"small_top_ups_1d","type":"long","doc":"Top-ups of more than nothing and at most 50 yuan."},{"name":"gifts_1d","type":"long","doc":"Gifts and transfers received."},{"name":"failed_1h","type":"long","doc":"Failed attempts."},{"name":"failed_1d","type":"long","doc":"Failed attempts."},{"name":"code_steps_1h","type":["null","double"],"default":null,"doc":"Steps of a walk through codes in order."},{"name":"gap_cv_1d","type":["null","double"],"default":null,"doc":"Coefficient of variation of the last 10 gaps between events; absent below 5 gaps."},{"name":"gap_mean_1d","type":["null","double"],"default":null,"doc":"Mean of the last 10 gaps between events, in seconds; absent below 5 gaps."},{"name":"claim_age_45d","type":["null","double"],"default":null,"doc":"Time from the last claim of the same coupon to this redemption, in seconds; absent without one."},{"name":"claim_distance_45d","type":["null","double"],"default":null,"doc":"Distance from that claim to this redemption, in kilometres; absent where a place is unknown."},{"name":"claim_same_device_45d","type":["null","double"],"default":null,"doc":"1 where that claim came from the same device, 0 where not; absent where a device is unknown."},{"name":"reversals_7d","type":"long","default":0,"doc":"Reversals that did not fail."},{"name":"reversals_45d","type":"long","default":0,"doc":"Reversals that did not fail."},{"name":"redemptions_45d","type":["null","long"],"default":null,"doc":"Redemptions that did not fail."}]}],"default":null,"doc":"Null where the event names no user."},{"name":"device","type":["null",{"type":"record","name":"DeviceReadings","doc":"From a log of at most 256 entries; a: user, b: ip.","fields":[{"name":"cutAt","type":["null",{"type":"long","logicalType":"timestamp-millis"}],"default":null,"doc":"Largest event time, in milliseconds, that the log has cut; a window that reaches below it is a lower bound."},{"name":"claims_10s","type":"long","doc":"Claims that did not fail."},{"name":"claims_1h","type":"long","doc":"Claims that did not fail."},{"name":"claims_1d","type":"long","doc":"Claims that did not fail."},{"name":"claims_7d","type":"long","doc":"Claims that did not fail."},{"name":"redemptions_1d","type":"long","doc":"Redemptions that did not fail."},{"name":"users_1h","type":"long","doc":"Different users."},{"name":"users_1d","type":"long","doc":"Different users."},{"name":"users_7d","type":"long","doc":"Different users."},{"name":"fresh_users_1d","type":"long","doc":"Different users whose account was less than 24 hours old."},{"name":"fresh_users_7d","type":"long","doc":"Different users whose account was less than 24 hours old."},{"name":"ips_1d","type":"long","doc":"Different addresses."},{"name":"failed_1h","type":"long","doc":"Failed attempts."},{"name":"code_steps_1h","type":["null","double"],"default":null,"doc":"Steps of a walk through codes in order."},{"name":"gap_cv_1d","type":["null","double"],"default":null,"doc":"Coefficient of variation of the last 10 gaps between events; absent below 5 gaps."},{"name":"gap_mean_1d","type":["null","double"],"default":null,"doc":"Mean of the last 10 gaps between events, in seconds; absent below 5 gaps."}]}],"default":null,"doc":"Null where the event names no device."},{"name":"ip","type":["null",{"type":"record","name":"IpReadings","doc":"From a log of at most 512 entries; a: user, b: device.","fields":[{"name":"cutAt","type":["null",{"type":"long","logicalType":"timestamp-millis"}],"default":null,"doc":"Largest event time, in milliseconds, that the log has cut; a window that reaches below it is a lower bound."},{"name":"events_1m","type":"long","doc":"Events, failed attempts included."},{"name":"events_1h","type":"long","doc":"Events, failed attempts included."},{"name":"events_1d","type":"long","doc":"Events, failed attempts included."},{"name":"users_1m","type":"long","doc":"Different users."},{"name":"users_1h","type":"long","doc":"Different users."},{"name":"users_1d","type":"long","doc":"Different users."},{"name":"devices_1m","type":"long","doc":"Different devices."},{"name":"devices_1h","type":"long","doc":"Different devices."},{"name":"devices_1d","type":"long","doc":"Different devices."},{"name":"claims_10s","type":"long","doc":"Claims that did not fail."},{"name":"fresh_users_1h","type":"long","doc":"Different users whose account was less than 24 hours old."},{"name":"fresh_users_1d","type":"long","doc":"Different users whose account was less than 24 hours old."},{"name":"failed_1h","type":"long","doc":"Failed attempts."},{"name":"code_steps_1h","type":["null","double"],"default":null,"doc":"Steps of a walk through codes in order."},{"name":"gap_cv_1d","type":["null","double"],"default":null,"doc":"Coefficient of variation of the last 10 gaps between events; absent below 5 gaps."},{"name":"gap_mean_1d","type":["null","double"],"default":null,"doc":"Mean of the last 10 gaps between events, in seconds; absent below 5 gaps."}]}],"default":null,"doc":"Null where the event names no ip."},{"name":"subnet","type":["null",{"type":"record","name":"SubnetReadings","doc":"From a log of at most 512 entries; a: user, b: device.","fields":[{"name":"cutAt","type":["null",{"type":"long","logicalType":"timestamp-millis"}],"default":null,"doc":"Largest event time, in milliseconds, that the log has cut; a window that reaches below it is a lower bound."},{"name":"events_1m","type":"long","doc":"Events, failed attempts included."},{"name":"events_1h","type":"long","doc":"Events, failed attempts included."},{"name":"events_1d","type":"long","doc":"Events, failed attempts included."},{"name":"users_1m","type":"long","doc":"Different users."},{"name":"users_1h","type":"long","doc":"Different users."},{"name":"users_1d","type":"long","doc":"Different users."},{"name":"devices_1m","type":"long","doc":"Different devices."},{"name":"devices_1h","type":"long","doc":"Different devices."},{"name":"devices_1d","type":"long","doc":"Different devices."},{"name":"claims_10s","type":"long","doc":"Claims that did not fail."},{"name":"fresh_users_1h","type":"long","doc":"Different users whose account was less than 24 hours old."},{"name":"fresh_users_1d","type":"long","doc":"Different users whose account was less than 24 hours old."},{"name":"failed_1h","type":"long","doc":"Failed attempts."},{"name":"code_steps_1h","type":["null","double"],"default":null,"doc":"Steps of a walk through codes in order."}]}],"default":null,"doc":"Null where the event names no subnet."},{"name":"code","type":["null",{"type":"record","name":"CodeReadings","doc":"From a log of at most 256 entries; a: user, b: device.","fields":[{"name":"cutAt","type":["null",{"type":"long","logicalType":"timestamp-millis"}],"default":null,"doc":"Largest event time, in milliseconds, that the log has cut; a window that reaches below it is a lower bound."},{"name":"uses_45d","type":"long","doc":"Redemptions of this code that did not fail."},{"name":"users_45d","type":"long","doc":"Different users."},{"name":"devices_45d","type":"long","doc":"Different devices."},{"name":"failed_1d","type":"long","doc":"Failed attempts."},{"name":"claim_age_45d","type":["null","double"],"default":null,"doc":"Time from the last claim of the same coupon to this redemption, in seconds; absent without one."},{"name":"claim_distance_45d","type":["null","double"],"default":null,"doc":"Distance from that claim to this redemption, in kilometres; absent where a place is unknown."},{"name":"claim_same_device_45d","type":["null","double"],"default":null,"doc":"1 where that claim came from the same device, 0 where not; absent where a device is unknown."},{"name":"claim_same_user_45d","type":["null","double"],"default":null,"doc":"1 where the last claim of this code was by the same user, 0 where not."},{"name":"reversals_45d","type":"long","default":0,"doc":"Reversals that did not fail."}]}],"default":null,"doc":"Null where the event names no code."},{"name":"phone","type":["null",{"type":"record","name":"PhoneReadings","doc":"From a log of at most 256 entries; a: user, b: device.","fields":[{"name":"cutAt","type":["null",{"type":"long","logicalType":"timestamp-millis"}],"default":null,"doc":"Largest event time, in milliseconds, that the log has cut; a window that reaches below it is a lower bound."},{"name":"top_ups_1d","type":"long","doc":"Top-ups to this number that did not fail."},{"name":"top_ups_7d","type":"long","doc":"Top-ups to this number that did not fail."},{"name":"users_1d","type":"long","doc":"Different users."},{"name":"users_7d","type":"long","doc":"Different users."}]}],"default":null,"doc":"Null where the event names no phone."},{"name":"sender","type":["null",{"type":"record","name":"SenderReadings","doc":"From a log of at most 256 entries; a: user, b: device.","fields":[{"name":"cutAt","type":["null",{"type":"long","logicalType":"timestamp-millis"}],"default":null,"doc":"Largest event time, in milliseconds, that the log has cut; a window that reaches below it is a lower bound."},{"name":"gifts_day","type":"long","doc":"Gifts from this sender taken in the calendar day."},{"name":"gifts_1h","type":"long","doc":"Gifts from this sender taken."},{"name":"recipients_1d","type":"long","doc":"Different recipients."},{"name":"recipients_7d","type":"long","doc":"Different recipients."}]}],"default":null,"doc":"Null where the event names no sender."},{"name":"returned","type":["null",{"type":"record","name":"ReturnedReadings","doc":"From a log of at most 256 entries; a: user, b: device.","fields":[{"name":"cutAt","type":["null",{"type":"long","logicalType":"timestamp-millis"}],"default":null,"doc":"Largest event time, in milliseconds, that the log has cut; a window that reaches below it is a lower bound."},{"name":"gifts_7d","type":"long","doc":"Gifts that this user sent before to the one who sends now: a circle."}]}],"default":null,"doc":"Null where the event names no returned."},{"name":"campaign","type":["null",{"type":"record","name":"DayReadings","doc":"Counts of a calendar day in the time zone of the playbook.","fields":[{"name":"claims_day","type":"long","doc":"Claims of the day that did not fail."},{"name":"redemptions_day","type":"long","doc":"Redemptions of the day that did not fail."}]}],"default":null,"doc":"Null where the event names no campaign."},{"name":"merchant","type":["null","DayReadings"],"default":null,"doc":"Null where the event names no merchant."},{"name":"category","type":["null","DayReadings"],"default":null,"doc":"Null where the event names no category."},{"name":"channel","type":["null","DayReadings"],"default":null,"doc":"Null where the event names no channel."}]},"doc":"What the windows held when the event was observed."},{"name":"lists","type":{"type":"array","items":{"type":"record","name":"ListMatch","doc":"One entry of a list that the event met.","fields":[{"name":"entry","type":"string","doc":"Id of the entry: list/kind/value."},{"name":"list","type":{"type":"enum","name":"ListName","symbols":["unknown","block","allow","watch"],"default":"unknown"},"default":"unknown","doc":"Which list."},{"name":"kind","type":{"type":"enum","name":"ListKind","symbols":["unknown","device","user","ip","phone","code","referrer"],"default":"unknown"},"default":"unknown","doc":"What kind of value."},{"name":"source","type":"string","doc":"Who put it there."}]}},"default":[],"doc":"Entries of lists that the event met, strongest first, at most 16."},{"name":"address","type":["null",{"type":"record","name":"AddressFacts","doc":"What the address feeds know of the ip.","fields":[{"name":"feed","type":"string","doc":"SHA-256 of the feeds that were loaded, in hexadecimal."},{"name":"hosting","type":"boolean","doc":"In a range of a data centre."},{"name":"vpn","type":"boolean","doc":"In a range of a VPN provider."},{"name":"tor","type":"boolean","doc":"A Tor exit."},{"name":"listedBy","type":"int","doc":"How many public lists name the address as bad."}]}],"default":null,"doc":"Null where the event has no ip or no feed is loaded."},{"name":"campaign","type":["null",{"type":"record","name":"CampaignFacts","doc":"The facts of the campaign that this event was held against.","fields":[{"name":"validFrom","type":["null",{"type":"long","logicalType":"timestamp-millis"}],"default":null,"doc":"First moment of the campaign, in milliseconds."},{"name":"validTo","type":["null",{"type":"long","logicalType":"timestamp-millis"}],"default":null,"doc":"First moment after the campaign, in milliseconds."},{"name":"storeInScope","type":["null","boolean"],"default":null,"doc":"Whether the store is among the campaign's; null where either is unknown."},{"name":"referrerOfficial","type":["null","boolean"],"default":null,"doc":"Whether the referrer is one of the campaign's official domains; null where either is unknown."},{"name":"tierMinAmount","type":["null","long"],"default":null,"doc":"Least order amount of the tier that the order names, in minor units."},{"name":"identityRequired","type":["null","boolean"],"default":null,"doc":"Whether the campaign asks for a verified identity."},{"name":"stock","type":["null","long"],"default":null,"doc":"Coupons that the campaign may issue in all."},{"name":"transferHopsMax","type":["null","int"],"default":null,"doc":"How often a coupon may be passed on."}]}],"default":null,"doc":"Null where the campaign is not known."},{"name":"switch","type":{"type":"enum","name":"SwitchState","symbols":["unknown","none","review","shadow"],"default":"unknown"},"default":"none","doc":"The kill switch: review sends everything to review, shadow lets no rule act."},{"name":"alerts","type":{"type":"array","items":"string"},"default":[],"doc":"Ids of the alerts in force for the event's scopes."},{"name":"late","type":"boolean","default":false,"doc":"The event was below the horizon of its windows: it was not counted and its readings are doubtful."},{"name":"repeatsSaturated","type":"boolean","default":false,"doc":"The user has more events within the dedupe horizon than are remembered: this may be a repeat."}]},"doc":"All that the decision depends on."},{"name":"decision","type":{"type":"record","name":"Decision","namespace":"couponguard","doc":"A word on one event. On risk.decisions: review and block, and every superseding decision. A later word on the same event has id …+1, +2 and names what it supersedes.","fields":[{"name":"id","type":"string","doc":"<eventKey>@<playbookVersion>, with +n for a superseding decision."},{"name":"eventKey","type":"string","doc":"First 128 bits of SHA-256 over user, id and occurredAt, in hexadecimal: names the event everywhere."},{"name":"eventId","type":"string","doc":"The publisher's id of the event."},{"name":"user","type":"string","doc":"Pseudonymous openid of the user."},{"name":"kind","type":"EventKind","default":"unknown","doc":"Claim, redemption or reversal."},{"name":"occurredAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When the event happened, in milliseconds."},{"name":"recordedAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When the log took the event, in milliseconds."},{"name":"campaign","type":"string","doc":"Id of the campaign."},{"name":"outcome","type":{"type":"enum","name":"Outcome","symbols":["unknown","allow","review","block"],"default":"unknown"},"default":"unknown","doc":"The strongest outcome of all; unknown is never written."},{"name":"score","type":"int","doc":"Risk from 0 to 100; orders the review queue."},{"name":"abnormal","type":"boolean","doc":"Whether a redemption counts as abnormal for the share alert."},{"name":"results","type":{"type":"array","items":{"type":"record","name":"RuleResult","doc":"What one rule said. Rules that missed or lacked a signal are not listed.","fields":[{"name":"rule","type":"string","doc":"Id of the rule."},{"name":"mode","type":{"type":"enum","name":"RuleMode","symbols":["unknown","live","shadow"],"default":"unknown"},"default":"unknown","doc":"shadow: recorded, never acted on."},{"name":"result","type":{"type":"enum","name":"RuleVerdict","symbols":["unknown","hit","miss","absent","doubtful","failed"],"default":"unknown"},"default":"unknown","doc":"What came of it."},{"name":"outcome","type":"Outcome","default":"unknown","doc":"What it asks for."},{"name":"values","type":{"type":"array","items":{"type":"record","name":"SignalValue","doc":"A signal that the rule looked at.","fields":[{"name":"signal","type":"string","doc":"Name of the signal."},{"name":"value","type":["null","double","string"],"default":null,"doc":"Its value; 1 and 0 for true and false; null where it was absent."},{"name":"saturated","type":"boolean","default":false,"doc":"The value is a lower bound."}]}},"default":[],"doc":"The signals of the condition."}]}},"default":[],"doc":"Hits, doubts and failures, in order of the playbook."},{"name":"reasons","type":{"type":"array","items":{"type":"record","name":"Reason","doc":"Why, in words; only where the outcome is not allow.","fields":[{"name":"code","type":"string","doc":"Stable reason code."},{"name":"zh","type":"string","doc":"In Chinese."},{"name":"en","type":"string","doc":"In English."}]}},"default":[],"doc":"Strongest first."},{"name":"advice","type":{"type":"array","items":"string"},"default":[],"doc":"What to do beside the outcome, such as step-up."},{"name":"alertIds","type":{"type":"array","items":"string"},"default":[],"doc":"Alerts that escalated this decision to review."},{"name":"playbook","type":"string","doc":"Name of the playbook."},{"name":"playbookVersion","type":"string","doc":"Version of the playbook."},{"name":"playbookHash","type":"string","doc":"SHA-256 of the whole playbook, in hexadecimal."},{"name":"amountAtStake","type":["null","long"],"default":null,"doc":"Money of the event, in minor units."},{"name":"supersedes","type":["null","string"],"default":null,"doc":"Id of the decision that this one replaces."},{"name":"cause","type":["null","string"],"default":null,"doc":"Why it was replaced, such as review or appeal."},{"name":"decidedBy","type":["null","string"],"default":null,"doc":"Pseudonym of the person who decided."},{"name":"models","type":{"type":"array","items":{"type":"record","name":"ModelResult","doc":"What one model said of the event.","fields":[{"name":"model","type":"string","doc":"Name of the model; the playbook's hash covers what it is."},{"name":"mode","type":"RuleMode","default":"unknown","doc":"shadow: recorded, never acted on."},{"name":"probability","type":"double","doc":"Calibrated probability of fraud, 0 to 1."},{"name":"outcome","type":"Outcome","default":"unknown","doc":"What it asks for, by the playbook's thresholds."},{"name":"contributions","type":{"type":"array","items":{"type":"record","name":"Contribution","doc":"How far a signal moved a model's output along the decision paths.","fields":[{"name":"signal","type":"string","doc":"Name of the signal."},{"name":"value","type":["null","double"],"default":null,"doc":"Its value; 1 and 0 for true and false; null where it was absent."},{"name":"moved","type":"double","doc":"Up for fraud, down against it: in probability before calibration for a random forest, in logits for boosted trees."}]}},"default":[],"doc":"The strongest, strongest first; only where the decision is not allow."}]}},"default":[],"doc":"One per model of the playbook, in its order."}]},"doc":"What was decided."}]},
  Progress: {"type":"record","name":"Progress","namespace":"couponguard","doc":"Judged up to here: silence on risk.decisions below it means allow.","fields":[{"name":"shard","type":"int","doc":"Shard that was judged."},{"name":"offsets","type":{"type":"array","items":{"type":"record","name":"PartitionOffset","doc":"How far one input partition was judged.","fields":[{"name":"topic","type":"string","doc":"Input topic."},{"name":"partition","type":"int","doc":"Partition."},{"name":"nextOffset","type":"long","doc":"First offset that is not judged yet."}]}},"doc":"Every input partition of the shard."},{"name":"recordedAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"Record time up to which the shard was judged, in milliseconds."},{"name":"playbookVersion","type":"string","doc":"Version of the playbook that judged."}]},
  Tally: {"type":"record","name":"Tally","namespace":"couponguard","doc":"What one batch adds to a scope's day. Internal.","fields":[{"name":"scope","type":"string","doc":"all, campaign:ID, merchant:ID, channel:ID or KIND:other."},{"name":"day","type":"int","doc":"Calendar day of the events in the time zone of the playbook, as days since 1970-01-01."},{"name":"claims","type":"long","doc":"Claims that did not fail."},{"name":"redemptions","type":"long","doc":"Redemptions that did not fail."},{"name":"abnormal","type":"long","doc":"Abnormal redemptions among them."},{"name":"abnormalUsers","type":{"type":"array","items":"string"},"default":[],"doc":"Keyed hashes of their users, at most the minimum that the playbook asks."},{"name":"recordedAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"Largest record time of the batch, in milliseconds."},{"name":"occurredAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"Largest event time of the batch in this scope, in milliseconds."}]},
  Alert: {"type":"record","name":"Alert","namespace":"couponguard","doc":"A transition of the share of abnormal redemptions of a scope and day.","fields":[{"name":"id","type":"string","doc":"SCOPE/DAY/N/raised, cleared or closed: N counts how often it was raised."},{"name":"raisedId","type":"string","doc":"Id of the raising transition, which decisions cite."},{"name":"condition","type":{"type":"enum","name":"AlertCondition","symbols":["unknown","abnormal_share","channel_band"],"default":"unknown"},"default":"unknown","doc":"What was watched."},{"name":"transition","type":{"type":"enum","name":"Transition","symbols":["unknown","raised","cleared","closed"],"default":"unknown"},"default":"unknown","doc":"What happened."},{"name":"scope","type":"string","doc":"What it holds for."},{"name":"day","type":"int","doc":"Calendar day, as days since 1970-01-01."},{"name":"at","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"Event time at which it happened, in milliseconds."},{"name":"recordedAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"Record time at which it happened, in milliseconds."},{"name":"claims","type":"long","doc":"Claims of the day so far."},{"name":"redemptions","type":"long","doc":"Redemptions of the day so far."},{"name":"abnormal","type":"long","doc":"Abnormal ones among them."},{"name":"abnormalUsers","type":"int","doc":"Different abnormal users, counted up to the minimum that the playbook asks."},{"name":"share","type":"double","doc":"abnormal / redemptions, or the channel's rate of redemption."},{"name":"threshold","type":"double","doc":"The share that was crossed."},{"name":"playbookVersion","type":"string","doc":"Version of the playbook whose policy this is."}]},
  Review: {"type":"record","name":"Review","namespace":"couponguard","doc":"A verdict of a person on one decision.","fields":[{"name":"eventKey","type":"string","doc":"The event."},{"name":"decisionId","type":"string","doc":"The decision that was reviewed."},{"name":"verdict","type":{"type":"enum","name":"Verdict","symbols":["unknown","fraud","legitimate","inconclusive"],"default":"unknown"},"default":"unknown","doc":"What the reviewer said."},{"name":"reviewer","type":"string","doc":"Pseudonym of the reviewer."},{"name":"reason","type":["null","string"],"default":null,"doc":"Why, in the reviewer's words."},{"name":"at","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When, in milliseconds."}]},
  ListEntry: {"type":"record","name":"ListEntry","namespace":"couponguard","doc":"An entry of the block, allow or watch list; a null value on risk.lists removes it.","fields":[{"name":"list","type":{"type":"enum","name":"ListName","symbols":["unknown","block","allow","watch"],"default":"unknown"},"default":"unknown","doc":"Which list."},{"name":"kind","type":{"type":"enum","name":"ListKind","symbols":["unknown","device","user","ip","phone","code","referrer"],"default":"unknown"},"default":"unknown","doc":"What kind of value."},{"name":"value","type":"string","doc":"The value in kept form: a hash for phone and code, canonical text or CIDR for ip, a domain for referrer."},{"name":"source","type":"string","doc":"Feed or person that put it there."},{"name":"note","type":["null","string"],"default":null,"doc":"Why."},{"name":"addedAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When it was added, in milliseconds."},{"name":"expiresAt","type":["null",{"type":"long","logicalType":"timestamp-millis"}],"default":null,"doc":"First moment at which it no longer holds, in milliseconds; null for ever."},{"name":"keyId","type":["null","string"],"default":null,"doc":"Id of the key that hashed the value; null where nothing is hashed."}]},
  Campaign: {"type":"record","name":"Campaign","namespace":"couponguard","doc":"What the platform tells us about a campaign.","fields":[{"name":"id","type":"string","doc":"Id of the campaign."},{"name":"category","type":["null","string"],"default":null,"doc":"Category."},{"name":"stock","type":["null","long"],"default":null,"doc":"Coupons that it may issue in all."},{"name":"exposures","type":["null","long"],"default":null,"doc":"How often it has been shown."},{"name":"stores","type":{"type":"array","items":"string"},"default":[],"doc":"Stores in scope; empty means all."},{"name":"tiers","type":{"type":"array","items":{"type":"record","name":"Tier","doc":"A step of the discount.","fields":[{"name":"name","type":"string","doc":"Name."},{"name":"minAmount","type":"long","doc":"Least order amount, in minor units."}]}},"default":[],"doc":"Tiers by amount."},{"name":"validFrom","type":["null",{"type":"long","logicalType":"timestamp-millis"}],"default":null,"doc":"First moment, in milliseconds."},{"name":"validTo","type":["null",{"type":"long","logicalType":"timestamp-millis"}],"default":null,"doc":"First moment after, in milliseconds."},{"name":"officialDomains","type":{"type":"array","items":"string"},"default":[],"doc":"Domains from which a referrer is official; a domain covers its subdomains. Empty means unknown."},{"name":"identityRequired","type":["null","boolean"],"default":null,"doc":"Whether the identity must be verified."},{"name":"transferHopsMax","type":["null","int"],"default":null,"doc":"How often a coupon may be passed on."},{"name":"announcedPeaks","type":{"type":"array","items":{"type":"record","name":"Peak","doc":"A peak announced beforehand.","fields":[{"name":"from","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"First moment, in milliseconds."},{"name":"to","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"First moment after, in milliseconds."}]}},"default":[],"doc":"Announced peaks."}]},
  Playbook: {"type":"record","name":"Playbook","namespace":"couponguard","doc":"A published playbook.","fields":[{"name":"name","type":"string","doc":"Name."},{"name":"version","type":"string","doc":"Version."},{"name":"hash","type":"string","doc":"SHA-256 of the text, in hexadecimal."},{"name":"text","type":"string","doc":"The YAML as published."},{"name":"publishedAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When, in milliseconds."}]},
  Report: {"type":"record","name":"Report","namespace":"couponguard","doc":"What the regulator must be told: one record a user and day.","fields":[{"name":"user","type":"string","doc":"Pseudonymous openid of the user."},{"name":"day","type":"int","doc":"Calendar day, as days since 1970-01-01."},{"name":"amount","type":"long","doc":"Money of the day when the threshold was reached, in minor units."},{"name":"threshold","type":"long","doc":"The threshold, in minor units."},{"name":"eventKey","type":"string","doc":"The event that reached it."},{"name":"at","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When that event happened, in milliseconds."}]},
  DeadLetter: {"type":"record","name":"DeadLetter","namespace":"couponguard","doc":"What could not be read. The one place that holds the original; kept 7 days.","fields":[{"name":"reason","type":"string","doc":"Reason from the closed list of rejections."},{"name":"detail","type":"string","doc":"What was wrong and where, without values."},{"name":"bytes","type":["null","bytes"],"default":null,"doc":"First 256 KiB of the message, encrypted where a key is configured: see sealedBy."},{"name":"sha256","type":"string","doc":"SHA-256 of all of it, in hexadecimal."},{"name":"source","type":"string","doc":"Log or topic."},{"name":"partition","type":"int","doc":"Partition."},{"name":"offset","type":"long","doc":"Offset."},{"name":"recordedAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When the log took it, in milliseconds."},{"name":"headers","type":{"type":"map","values":"bytes"},"default":{},"doc":"Headers of the message."},{"name":"key","type":["null","bytes"],"default":null,"doc":"Key of the message, so that it can be sent again to where it came from."},{"name":"sealedBy","type":["null","string"],"default":null,"doc":"Id of the key that bytes are encrypted with (AES-256-GCM: 12 bytes nonce, text, 16 bytes tag); null where they are as they came."}]},
  RecordingRow: {"type":"record","name":"RecordingRow","namespace":"couponguard","doc":"A row of a recording: an event or what could not be read, and if known its inputs, decision and labels.","fields":[{"name":"recordedAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When the log took it, in milliseconds."},{"name":"source","type":"string","doc":"Log or topic that it came from."},{"name":"partition","type":"int","doc":"Partition."},{"name":"offset","type":"long","doc":"Offset."},{"name":"event","type":["null",{"type":"record","name":"Event","namespace":"couponguard","doc":"One claim or redemption in the form that couponguard keeps: nothing personal but the declared ip and geo. In recordings, in the embedded log and, without geo, in the audit.","fields":[{"name":"id","type":"string","doc":"The publisher's id of this event, unique per user within the dedupe horizon; at most 128 characters."},{"name":"kind","type":{"type":"enum","name":"EventKind","symbols":["unknown","claim","redemption","reversal"],"default":"unknown"},"doc":"claim: a user takes a coupon. redemption: a user spends one. unknown is refused."},{"name":"occurredAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When it happened, in milliseconds since 1970-01-01T00:00Z."},{"name":"resolutionMs","type":"long","default":0,"doc":"How coarse the times of this event are, in milliseconds; 0 means exact, 86400000 means only the day is known."},{"name":"user","type":"string","doc":"Pseudonymous openid of the user; a value that looks personal is replaced by a keyed hash (p:...)."},{"name":"campaign","type":"string","doc":"Id of the campaign; at most 128 characters."},{"name":"device","type":["null","string"],"default":null,"doc":"MD5 of the device in 32 lower-case hexadecimal digits, or null where the event names none."},{"name":"deviceOrigin","type":{"type":"enum","name":"DeviceOrigin","symbols":["unknown","none","fingerprint","attributes","handmade"],"default":"unknown"},"default":"unknown","doc":"Where device comes from: none, a fingerprint of the SDK, hashed attributes, or a fingerprint that no SDK made."},{"name":"ip","type":["null","string"],"default":null,"doc":"Client address in canonical text: dotted IPv4, or compressed lower-case IPv6 (RFC 5952)."},{"name":"couponType","type":["null","string"],"default":null,"doc":"What the coupon is, such as voucher, top-up or gift-card."},{"name":"codeHash","type":["null","string"],"default":null,"doc":"HMAC-SHA256 of the code, first 128 bits in hexadecimal."},{"name":"codeBlock","type":["null","string"],"default":null,"doc":"HMAC-SHA256 of the code without its last four characters, first 128 bits in hexadecimal."},{"name":"codeTail","type":["null","int"],"default":null,"doc":"The last four characters of the code as a number: base 10 where all are digits, else base 36; null where they are neither."},{"name":"codeIssuedAt","type":["null",{"type":"long","logicalType":"timestamp-millis"}],"default":null,"doc":"When the code was made, in milliseconds."},{"name":"codeExpiresAt","type":["null",{"type":"long","logicalType":"timestamp-millis"}],"default":null,"doc":"First moment at which the code is no longer valid, in milliseconds."},{"name":"merchant","type":["null","string"],"default":null,"doc":"Id of the merchant."},{"name":"store","type":["null","string"],"default":null,"doc":"Id of the store."},{"name":"category","type":["null","string"],"default":null,"doc":"Category of the coupon, such as catering, e-commerce or local-services."},{"name":"channel","type":["null","string"],"default":null,"doc":"Where the user got the coupon: account-menu, mini-program-popup, group-share, offline-scan, gift-after-payment."},{"name":"referrerDomain","type":["null","string"],"default":null,"doc":"Host name of the page that led here, lower case, without port."},{"name":"currency","type":["null","string"],"default":null,"doc":"ISO 4217 code of every amount in this event."},{"name":"orderAmount","type":["null","long"],"default":null,"doc":"Whole order, in minor units of the currency."},{"name":"couponAmount","type":["null","long"],"default":null,"doc":"What this coupon pays or is worth, in minor units of the currency."},{"name":"attempt","type":{"type":"enum","name":"Attempt","symbols":["unknown","succeeded","wrong_code","wrong_input","expired","declined"],"default":"unknown"},"default":"unknown","doc":"How the attempt ended upstream. unknown counts as succeeded."},{"name":"geo","type":["null",{"type":"record","name":"Geo","doc":"A point on WGS 84.","fields":[{"name":"lat","type":"double","doc":"Latitude in degrees, -90 to 90."},{"name":"lon","type":"double","doc":"Longitude in degrees, -180 to 180."}]}],"default":null,"doc":"Where it happened; kept 90 days, never copied to the audit."},{"name":"registeredAt","type":["null",{"type":"long","logicalType":"timestamp-millis"}],"default":null,"doc":"When the user registered, in milliseconds."},{"name":"lastActiveAt","type":["null",{"type":"long","logicalType":"timestamp-millis"}],"default":null,"doc":"When the user was last active before this event, in milliseconds."},{"name":"phone","type":["null","string"],"default":null,"doc":"HMAC-SHA256 of the number that a top-up goes to, first 128 bits in hexadecimal."},{"name":"numberKind","type":["null",{"type":"enum","name":"NumberKind","symbols":["unknown","mobile","virtual","iot","hongkong","macau","taiwan","roaming"],"default":"unknown"}],"default":null,"doc":"What kind of number the recipient's is."},{"name":"portedAt","type":["null",{"type":"long","logicalType":"timestamp-millis"}],"default":null,"doc":"When the recipient's number was ported in, in milliseconds."},{"name":"transferId","type":["null","string"],"default":null,"doc":"Id of the gift or transfer that brought the coupon to this user."},{"name":"transferSender","type":["null","string"],"default":null,"doc":"Pseudonymous openid of who sent it."},{"name":"transferHop","type":["null","int"],"default":null,"doc":"How often the coupon has been passed on; 1 for the first."},{"name":"transferredAt","type":["null",{"type":"long","logicalType":"timestamp-millis"}],"default":null,"doc":"When it was sent, in milliseconds."},{"name":"stacked","type":{"type":"array","items":{"type":"record","name":"StackedCoupon","doc":"Another coupon in the same order.","fields":[{"name":"source","type":"string","doc":"Who issued it."},{"name":"amount","type":"long","doc":"What it pays, in minor units of the currency."}]}},"default":[],"doc":"Other coupons in the same order; at most 64."},{"name":"orderTier","type":["null","string"],"default":null,"doc":"Name of the campaign's tier that the order claims to reach."},{"name":"identityVerified","type":["null","boolean"],"default":null,"doc":"Whether the user's identity has been verified."},{"name":"batchId","type":["null","string"],"default":null,"doc":"Enterprise batch that this coupon belongs to."},{"name":"packageAmount","type":["null","long"],"default":null,"doc":"Price of that enterprise's package, in minor units of the currency."}]}],"default":null,"doc":"The event in kept form."},{"name":"rejected","type":["null",{"type":"record","name":"Rejected","doc":"What could not be read.","fields":[{"name":"reason","type":"string","doc":"Reason."},{"name":"bytes","type":["null","bytes"],"default":null,"doc":"The bytes, only where generate made them up."},{"name":"sha256","type":"string","doc":"SHA-256 of the bytes, in hexadecimal."}]}],"default":null,"doc":"Null where there is an event."},{"name":"inputs","type":["null",{"type":"record","name":"Inputs","namespace":"couponguard","doc":"All that a decision depends on besides the event and the playbook. Judging the same event again with these gives the same bytes.","fields":[{"name":"readings","type":{"type":"record","name":"Readings","namespace":"couponguard","doc":"What the windows held when the event was observed, per log.","fields":[{"name":"user","type":["null",{"type":"record","name":"UserReadings","doc":"From a log of at most 256 entries; a: device, b: ip.","fields":[{"name":"cutAt","type":["null",{"type":"long","logicalType":"timestamp-millis"}],"default":null,"doc":"Largest event time, in milliseconds, that the log has cut; a window that reaches below it is a lower bound."},{"name":"claims_1h","type":"long","doc":"Claims that did not fail."},{"name":"claims_1d","type":"long","doc":"Claims that did not fail."},{"name":"claims_7d","type":"long","doc":"Claims that did not fail."},{"name":"redemptions_1h","type":"long","doc":"Redemptions that did not fail."},{"name":"redemptions_1d","type":"long","doc":"Redemptions that did not fail."},{"name":"redemptions_7d","type":"long","doc":"Redemptions that did not fail."},{"name":"devices_1d","type":"long","doc":"Different devices."},{"name":"devices_7d","type":"long","doc":"Different devices."},{"name":"ips_1d","type":"long","doc":"Different addresses."},{"name":"ips_7d","type":"long","doc":"Different addresses."},{"name":"amount_1d","type":"long","doc":"Money of redemptions, in minor units."},{"name":"amount_day","type":"long","doc":"Money of redemptions of the calendar day, in minor units."},{"name":"small_top_ups_1h","type":"long","doc":"Top-ups of more than nothing and at most 50 yuan."},{"name":"small_top_ups_1d","type":"long","doc":"Top-ups of more than nothing and at most 50 yuan."},{"name":"gifts_1d","type":"long","doc":"Gifts and transfers received."},{"name":"failed_1h","type":"long","doc":"Failed attempts."},{"name":"failed_1d","type":"long","doc":"Failed attempts."},{"name":"code_steps_1h","type":["null","double"],"default":null,"doc":"Steps of a walk through codes in order."},{"name":"gap_cv_1d","type":["null","double"],"default":null,"doc":"Coefficient of variation of the last 10 gaps between events; absent below 5 gaps."},{"name":"gap_mean_1d","type":["null","double"],"default":null,"doc":"Mean of the last 10 gaps between events, in seconds; absent below 5 gaps."},{"name":"claim_age_45d","type":["null","double"],"default":null,"doc":"Time from the last claim of the same coupon to this redemption, in seconds; absent without one."},{"name":"claim_distance_45d","type":["null","double"],"default":null,"doc":"Distance from that claim to this redemption, in kilometres; absent where a place is unknown."},{"name":"claim_same_device_45d","type":["null","double"],"default":null,"doc":"1 where that claim came from the same device, 0 where not; absent where a device is unknown."},{"name":"reversals_7d","type":"long","default":0,"doc":"Reversals that did not fail."},{"name":"reversals_45d","type":"long","default":0,"doc":"Reversals that did not fail."},{"name":"redemptions_45d","type":["null","long"],"default":null,"doc":"Redemptions that did not fail."}]}],"default":null,"doc":"Null where the event names no user."},{"name":"device","type":["null",{"type":"record","name":"DeviceReadings","doc":"From a log of at most 256 entries; a: user, b: ip.","fields":[{"name":"cutAt","type":["null",{"type":"long","logicalType":"timestamp-millis"}],"default":null,"doc":"Largest event time, in milliseconds, that the log has cut; a window that reaches below it is a lower bound."},{"name":"claims_10s","type":"long","doc":"Claims that did not fail."},{"name":"claims_1h","type":"long","doc":"Claims that did not fail."},{"name":"claims_1d","type":"long","doc":"Claims that did not fail."},{"name":"claims_7d","type":"long","doc":"Claims that did not fail."},{"name":"redemptions_1d","type":"long","doc":"Redemptions that did not fail."},{"name":"users_1h","type":"long","doc":"Different users."},{"name":"users_1d","type":"long","doc":"Different users."},{"name":"users_7d","type":"long","doc":"Different users."},{"name":"fresh_users_1d","type":"long","doc":"Different users whose account was less than 24 hours old."},{"name":"fresh_users_7d","type":"long","doc":"Different users whose account was less than 24 hours old."},{"name":"ips_1d","type":"long","doc":"Different addresses."},{"name":"failed_1h","type":"long","doc":"Failed attempts."},{"name":"code_steps_1h","type":["null","double"],"default":null,"doc":"Steps of a walk through codes in order."},{"name":"gap_cv_1d","type":["null","double"],"default":null,"doc":"Coefficient of variation of the last 10 gaps between events; absent below 5 gaps."},{"name":"gap_mean_1d","type":["null","double"],"default":null,"doc":"Mean of the last 10 gaps between events, in seconds; absent below 5 gaps."}]}],"default":null,"doc":"Null where the event names no device."},{"name":"ip","type":["null",{"type":"record","name":"IpReadings","doc":"From a log of at most 512 entries; a: user, b: device.","fields":[{"name":"cutAt","type":["null",{"type":"long","logicalType":"timestamp-millis"}],"default":null,"doc":"Largest event time, in milliseconds, that the log has cut; a window that reaches below it is a lower bound."},{"name":"events_1m","type":"long","doc":"Events, failed attempts included."},{"name":"events_1h","type":"long","doc":"Events, failed attempts included."},{"name":"events_1d","type":"long","doc":"Events, failed attempts included."},{"name":"users_1m","type":"long","doc":"Different users."},{"name":"users_1h","type":"long","doc":"Different users."},{"name":"users_1d","type":"long","doc":"Different users."},{"name":"devices_1m","type":"long","doc":"Different devices."},{"name":"devices_1h","type":"long","doc":"Different devices."},{"name":"devices_1d","type":"long","doc":"Different devices."},{"name":"claims_10s","type":"long","doc":"Claims that did not fail."},{"name":"fresh_users_1h","type":"long","doc":"Different users whose account was less than 24 hours old."},{"name":"fresh_users_1d","type":"long","doc":"Different users whose account was less than 24 hours old."},{"name":"failed_1h","type":"long","doc":"Failed attempts."},{"name":"code_steps_1h","type":["null","double"],"default":null,"doc":"Steps of a walk through codes in order."},{"name":"gap_cv_1d","type":["null","double"],"default":null,"doc":"Coefficient of variation of the last 10 gaps between events; absent below 5 gaps."},{"name":"gap_mean_1d","type":["null","double"],"default":null,"doc":"Mean of the last 10 gaps between events, in seconds; absent below 5 gaps."}]}],"default":null,"doc":"Null where the event names no ip."},{"name":"subnet","type":["null",{"type":"record","name":"SubnetReadings","doc":"From a log of at most 512 entries; a: user, b: device.","fields":[{"name":"cutAt","type":["null",{"type":"long","logicalType":"timestamp-millis"}],"default":null,"doc":"Largest event time, in milliseconds, that the log has cut; a window that reaches below it is a lower bound."},{"name":"events_1m","type":"long","doc":"Events, failed attempts included."},{"name":"events_1h","type":"long","doc":"Events, failed attempts included."},{"name":"events_1d","type":"long","doc":"Events, failed attempts included."},{"name":"users_1m","type":"long","doc":"Different users."},{"name":"users_1h","type":"long","doc":"Different users."},{"name":"users_1d","type":"long","doc":"Different users."},{"name":"devices_1m","type":"long","doc":"Different devices."},{"name":"devices_1h","type":"long","doc":"Different devices."},{"name":"devices_1d","type":"long","doc":"Different devices."},{"name":"claims_10s","type":"long","doc":"Claims that did not fail."},{"name":"fresh_users_1h","type":"long","doc":"Different users whose account was less than 24 hours old."},{"name":"fresh_users_1d","type":"long","doc":"Different users whose account was less than 24 hours old."},{"name":"failed_1h","type":"long","doc":"Failed attempts."},{"name":"code_steps_1h","type":["null","double"],"default":null,"doc":"Steps of a walk through codes in order."}]}],"default":null,"doc":"Null where the event names no subnet."},{"name":"code","type":["null",{"type":"record","name":"CodeReadings","doc":"From a log of at most 256 entries; a: user, b: device.","fields":[{"name":"cutAt","type":["null",{"type":"long","logicalType":"timestamp-millis"}],"default":null,"doc":"Largest event time, in milliseconds, that the log has cut; a window that reaches below it is a lower bound."},{"name":"uses_45d","type":"long","doc":"Redemptions of this code that did not fail."},{"name":"users_45d","type":"long","doc":"Different users."},{"name":"devices_45d","type":"long","doc":"Different devices."},{"name":"failed_1d","type":"long","doc":"Failed attempts."},{"name":"claim_age_45d","type":["null","double"],"default":null,"doc":"Time from the last claim of the same coupon to this redemption, in seconds; absent without one."},{"name":"claim_distance_45d","type":["null","double"],"default":null,"doc":"Distance from that claim to this redemption, in kilometres; absent where a place is unknown."},{"name":"claim_same_device_45d","type":["null","double"],"default":null,"doc":"1 where that claim came from the same device, 0 where not; absent where a device is unknown."},{"name":"claim_same_user_45d","type":["null","double"],"default":null,"doc":"1 where the last claim of this code was by the same user, 0 where not."},{"name":"reversals_45d","type":"long","default":0,"doc":"Reversals that did not fail."}]}],"default":null,"doc":"Null where the event names no code."},{"name":"phone","type":["null",{"type":"record","name":"PhoneReadings","doc":"From a log of at most 256 entries; a: user, b: device.","fields":[{"name":"cutAt","type":["null",{"type":"long","logicalType":"timestamp-millis"}],"default":null,"doc":"Largest event time, in milliseconds, that the log has cut; a window that reaches below it is a lower bound."},{"name":"top_ups_1d","type":"long","doc":"Top-ups to this number that did not fail."},{"name":"top_ups_7d","type":"long","doc":"Top-ups to this number that did not fail."},{"name":"users_1d","type":"long","doc":"Different users."},{"name":"users_7d","type":"long","doc":"Different users."}]}],"default":null,"doc":"Null where the event names no phone."},{"name":"sender","type":["null",{"type":"record","name":"SenderReadings","doc":"From a log of at most 256 entries; a: user, b: device.","fields":[{"name":"cutAt","type":["null",{"type":"long","logicalType":"timestamp-millis"}],"default":null,"doc":"Largest event time, in milliseconds, that the log has cut; a window that reaches below it is a lower bound."},{"name":"gifts_day","type":"long","doc":"Gifts from this sender taken in the calendar day."},{"name":"gifts_1h","type":"long","doc":"Gifts from this sender taken."},{"name":"recipients_1d","type":"long","doc":"Different recipients."},{"name":"recipients_7d","type":"long","doc":"Different recipients."}]}],"default":null,"doc":"Null where the event names no sender."},{"name":"returned","type":["null",{"type":"record","name":"ReturnedReadings","doc":"From a log of at most 256 entries; a: user, b: device.","fields":[{"name":"cutAt","type":["null",{"type":"long","logicalType":"timestamp-millis"}],"default":null,"doc":"Largest event time, in milliseconds, that the log has cut; a window that reaches below it is a lower bound."},{"name":"gifts_7d","type":"long","doc":"Gifts that this user sent before to the one who sends now: a circle."}]}],"default":null,"doc":"Null where the event names no returned."},{"name":"campaign","type":["null",{"type":"record","name":"DayReadings","doc":"Counts of a calendar day in the time zone of the playbook.","fields":[{"name":"claims_day","type":"long","doc":"Claims of the day that did not fail."},{"name":"redemptions_day","type":"long","doc":"Redemptions of the day that did not fail."}]}],"default":null,"doc":"Null where the event names no campaign."},{"name":"merchant","type":["null","DayReadings"],"default":null,"doc":"Null where the event names no merchant."},{"name":"category","type":["null","DayReadings"],"default":null,"doc":"Null where the event names no category."},{"name":"channel","type":["null","DayReadings"],"default":null,"doc":"Null where the event names no channel."}]},"doc":"What the windows held when the event was observed."},{"name":"lists","type":{"type":"array","items":{"type":"record","name":"ListMatch","doc":"One entry of a list that the event met.","fields":[{"name":"entry","type":"string","doc":"Id of the entry: list/kind/value."},{"name":"list","type":{"type":"enum","name":"ListName","symbols":["unknown","block","allow","watch"],"default":"unknown"},"default":"unknown","doc":"Which list."},{"name":"kind","type":{"type":"enum","name":"ListKind","symbols":["unknown","device","user","ip","phone","code","referrer"],"default":"unknown"},"default":"unknown","doc":"What kind of value."},{"name":"source","type":"string","doc":"Who put it there."}]}},"default":[],"doc":"Entries of lists that the event met, strongest first, at most 16."},{"name":"address","type":["null",{"type":"record","name":"AddressFacts","doc":"What the address feeds know of the ip.","fields":[{"name":"feed","type":"string","doc":"SHA-256 of the feeds that were loaded, in hexadecimal."},{"name":"hosting","type":"boolean","doc":"In a range of a data centre."},{"name":"vpn","type":"boolean","doc":"In a range of a VPN provider."},{"name":"tor","type":"boolean","doc":"A Tor exit."},{"name":"listedBy","type":"int","doc":"How many public lists name the address as bad."}]}],"default":null,"doc":"Null where the event has no ip or no feed is loaded."},{"name":"campaign","type":["null",{"type":"record","name":"CampaignFacts","doc":"The facts of the campaign that this event was held against.","fields":[{"name":"validFrom","type":["null",{"type":"long","logicalType":"timestamp-millis"}],"default":null,"doc":"First moment of the campaign, in milliseconds."},{"name":"validTo","type":["null",{"type":"long","logicalType":"timestamp-millis"}],"default":null,"doc":"First moment after the campaign, in milliseconds."},{"name":"storeInScope","type":["null","boolean"],"default":null,"doc":"Whether the store is among the campaign's; null where either is unknown."},{"name":"referrerOfficial","type":["null","boolean"],"default":null,"doc":"Whether the referrer is one of the campaign's official domains; null where either is unknown."},{"name":"tierMinAmount","type":["null","long"],"default":null,"doc":"Least order amount of the tier that the order names, in minor units."},{"name":"identityRequired","type":["null","boolean"],"default":null,"doc":"Whether the campaign asks for a verified identity."},{"name":"stock","type":["null","long"],"default":null,"doc":"Coupons that the campaign may issue in all."},{"name":"transferHopsMax","type":["null","int"],"default":null,"doc":"How often a coupon may be passed on."}]}],"default":null,"doc":"Null where the campaign is not known."},{"name":"switch","type":{"type":"enum","name":"SwitchState","symbols":["unknown","none","review","shadow"],"default":"unknown"},"default":"none","doc":"The kill switch: review sends everything to review, shadow lets no rule act."},{"name":"alerts","type":{"type":"array","items":"string"},"default":[],"doc":"Ids of the alerts in force for the event's scopes."},{"name":"late","type":"boolean","default":false,"doc":"The event was below the horizon of its windows: it was not counted and its readings are doubtful."},{"name":"repeatsSaturated","type":"boolean","default":false,"doc":"The user has more events within the dedupe horizon than are remembered: this may be a repeat."}]}],"default":null,"doc":"What the decision depended on."},{"name":"decision","type":["null",{"type":"record","name":"Decision","namespace":"couponguard","doc":"A word on one event. On risk.decisions: review and block, and every superseding decision. A later word on the same event has id …+1, +2 and names what it supersedes.","fields":[{"name":"id","type":"string","doc":"<eventKey>@<playbookVersion>, with +n for a superseding decision."},{"name":"eventKey","type":"string","doc":"First 128 bits of SHA-256 over user, id and occurredAt, in hexadecimal: names the event everywhere."},{"name":"eventId","type":"string","doc":"The publisher's id of the event."},{"name":"user","type":"string","doc":"Pseudonymous openid of the user."},{"name":"kind","type":"EventKind","default":"unknown","doc":"Claim, redemption or reversal."},{"name":"occurredAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When the event happened, in milliseconds."},{"name":"recordedAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When the log took the event, in milliseconds."},{"name":"campaign","type":"string","doc":"Id of the campaign."},{"name":"outcome","type":{"type":"enum","name":"Outcome","symbols":["unknown","allow","review","block"],"default":"unknown"},"default":"unknown","doc":"The strongest outcome of all; unknown is never written."},{"name":"score","type":"int","doc":"Risk from 0 to 100; orders the review queue."},{"name":"abnormal","type":"boolean","doc":"Whether a redemption counts as abnormal for the share alert."},{"name":"results","type":{"type":"array","items":{"type":"record","name":"RuleResult","doc":"What one rule said. Rules that missed or lacked a signal are not listed.","fields":[{"name":"rule","type":"string","doc":"Id of the rule."},{"name":"mode","type":{"type":"enum","name":"RuleMode","symbols":["unknown","live","shadow"],"default":"unknown"},"default":"unknown","doc":"shadow: recorded, never acted on."},{"name":"result","type":{"type":"enum","name":"RuleVerdict","symbols":["unknown","hit","miss","absent","doubtful","failed"],"default":"unknown"},"default":"unknown","doc":"What came of it."},{"name":"outcome","type":"Outcome","default":"unknown","doc":"What it asks for."},{"name":"values","type":{"type":"array","items":{"type":"record","name":"SignalValue","doc":"A signal that the rule looked at.","fields":[{"name":"signal","type":"string","doc":"Name of the signal."},{"name":"value","type":["null","double","string"],"default":null,"doc":"Its value; 1 and 0 for true and false; null where it was absent."},{"name":"saturated","type":"boolean","default":false,"doc":"The value is a lower bound."}]}},"default":[],"doc":"The signals of the condition."}]}},"default":[],"doc":"Hits, doubts and failures, in order of the playbook."},{"name":"reasons","type":{"type":"array","items":{"type":"record","name":"Reason","doc":"Why, in words; only where the outcome is not allow.","fields":[{"name":"code","type":"string","doc":"Stable reason code."},{"name":"zh","type":"string","doc":"In Chinese."},{"name":"en","type":"string","doc":"In English."}]}},"default":[],"doc":"Strongest first."},{"name":"advice","type":{"type":"array","items":"string"},"default":[],"doc":"What to do beside the outcome, such as step-up."},{"name":"alertIds","type":{"type":"array","items":"string"},"default":[],"doc":"Alerts that escalated this decision to review."},{"name":"playbook","type":"string","doc":"Name of the playbook."},{"name":"playbookVersion","type":"string","doc":"Version of the playbook."},{"name":"playbookHash","type":"string","doc":"SHA-256 of the whole playbook, in hexadecimal."},{"name":"amountAtStake","type":["null","long"],"default":null,"doc":"Money of the event, in minor units."},{"name":"supersedes","type":["null","string"],"default":null,"doc":"Id of the decision that this one replaces."},{"name":"cause","type":["null","string"],"default":null,"doc":"Why it was replaced, such as review or appeal."},{"name":"decidedBy","type":["null","string"],"default":null,"doc":"Pseudonym of the person who decided."},{"name":"models","type":{"type":"array","items":{"type":"record","name":"ModelResult","doc":"What one model said of the event.","fields":[{"name":"model","type":"string","doc":"Name of the model; the playbook's hash covers what it is."},{"name":"mode","type":"RuleMode","default":"unknown","doc":"shadow: recorded, never acted on."},{"name":"probability","type":"double","doc":"Calibrated probability of fraud, 0 to 1."},{"name":"outcome","type":"Outcome","default":"unknown","doc":"What it asks for, by the playbook's thresholds."},{"name":"contributions","type":{"type":"array","items":{"type":"record","name":"Contribution","doc":"How far a signal moved a model's output along the decision paths.","fields":[{"name":"signal","type":"string","doc":"Name of the signal."},{"name":"value","type":["null","double"],"default":null,"doc":"Its value; 1 and 0 for true and false; null where it was absent."},{"name":"moved","type":"double","doc":"Up for fraud, down against it: in probability before calibration for a random forest, in logits for boosted trees."}]}},"default":[],"doc":"The strongest, strongest first; only where the decision is not allow."}]}},"default":[],"doc":"One per model of the playbook, in its order."}]}],"default":null,"doc":"What was decided."},{"name":"labels","type":["null",{"type":"record","name":"Labels","doc":"What is known to be true.","fields":[{"name":"fraud","type":"boolean","doc":"Whether a dishonest actor made it."},{"name":"kind","type":["null","string"],"default":null,"doc":"Kind of actor."},{"name":"actor","type":["null","string"],"default":null,"doc":"Which actor."},{"name":"source","type":["null","string"],"default":null,"doc":"Who says so."},{"name":"target","type":["null","string"],"default":null,"doc":"What `fraud` stands for where it is something else, such as attribution; null: fraud."}]}],"default":null,"doc":"Null where nothing is known."}]},
}

export type SchemaName =
  | 'CouponEvent'
  | 'Event'
  | 'Readings'
  | 'Inputs'
  | 'Decision'
  | 'Audit'
  | 'Progress'
  | 'Tally'
  | 'Alert'
  | 'Review'
  | 'ListEntry'
  | 'Campaign'
  | 'Playbook'
  | 'Report'
  | 'DeadLetter'
  | 'RecordingRow'
