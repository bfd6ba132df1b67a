/**
 * Event and inputs → signals: fills the one row that rules and model read. Pure and allocation-free
 * but for strings that are already there. A signal that cannot be had is absent, never zero.
 */
import { localHour, type TimeZone } from '../event/time-zone.ts'
import type { Event, Inputs, Readings } from '../schema.gen.ts'
import { catalogue, signalIndex } from './catalogue.ts'
import { accountAgeMs, attemptFailed } from './observe.ts'
import * as fill from './readings.gen.ts'
import {
  dayMs,
  dayNames,
  dayReadings,
  hourMs,
  type LogName,
  logSpecs,
  minuteMs,
  secondMs,
} from './readings.ts'
import { absent, atLeast, exact, type SignalRow, unknown } from './row.ts'

interface LogPlan {
  readonly name: LogName
  /** Place of the log's first signal. */
  readonly first: number
  readonly spans: Float64Array
  /** Coarsest times, in milliseconds, under which each reading still means something. */
  readonly coarsest: Float64Array
  readonly byDay: readonly boolean[]
  /** Whether a cut window still gives a lower bound; if not, a value that is given is exact. */
  readonly bounded: readonly boolean[]
  readonly isClaimLink: readonly boolean[]
  /** Place of the age of the claim, which tells whether one is known; -1 without one. */
  readonly claimAge: number
}

const finest = new Set(['gap-cv', 'gap-mean', 'steps'])

const logPlans: readonly LogPlan[] = logSpecs.map(({ name, readings }) => ({
  name,
  first: signalIndex.get(`${name}_${readings[0]!.name}`)!,
  bounded: readings.map((one) => catalogue[signalIndex.get(`${name}_${one.name}`)!]!.lowerBound),
  isClaimLink: readings.map(({ measure }) => measure.kind.startsWith('claim-')),
  claimAge: readings.findIndex(({ measure }) => measure.kind === 'claim-age'),
  spans: Float64Array.from(readings, ({ spanMs }) => spanMs),
  coarsest: Float64Array.from(readings, ({ spanMs, measure }) =>
    finest.has(measure.kind) ? secondMs : measure.kind === 'claim-age' ? minuteMs : spanMs,
  ),
  byDay: readings.map(({ measure }) => measure.kind === 'day-count' || measure.kind === 'day-sum'),
}))

const dayPlans = dayNames.map((name) => ({
  name,
  first: signalIndex.get(`${name}_${dayReadings[0]}`)!,
}))

/** Places of the signals that are texts: no other place of `strings` is ever written. */
const texts = catalogue.flatMap(({ type }, index) => (type === 'string' ? [index] : []))

/** Fills `row` from what is known of one event. */
export function deriveSignals(event: Event, inputs: Inputs, zone: TimeZone, row: SignalRow): void {
  const { numbers, states } = row
  for (let index = 0; index < numbers.length; index += 1) {
    numbers[index] = Number.NaN
    states[index] = absent
  }
  for (let index = 0; index < texts.length; index += 1) row.strings[texts[index]!] = null
  fillReadings(event, inputs, row)
  fillEventFacts(event, zone, row)
  fillMoney(event, row)
  fillInputFacts(event, inputs, row)
}

function fillReadings(event: Event, { readings, late }: Inputs, row: SignalRow): void {
  for (let index = 0; index < logPlans.length; index += 1) {
    const plan = logPlans[index]!
    const cutAt = late ? null : fillLog(plan.name, readings, row.numbers, plan.first)
    if (late) row.states.fill(unknown, plan.first, plan.first + plan.spans.length)
    else if (cutAt !== undefined) fillStates(event, plan, cutAt, row)
  }
  for (let index = 0; index < dayPlans.length; index += 1) {
    const { name, first } = dayPlans[index]!
    const day = readings[name]
    if (day === null) continue
    setNumber(row, first, day.claims_day)
    setNumber(row, first + 1, day.redemptions_day)
  }
}

/** Copies a log's readings and gives its cut; undefined where the event has no such entity. */
function fillLog(
  name: LogName,
  readings: Readings,
  out: Float64Array,
  at: number,
): number | null | undefined {
  const log = readings[name]
  if (log === null) return undefined
  switch (name) {
    case 'user':
      fill.fillUserReadings(readings.user!, out, at)
      break
    case 'device':
      fill.fillDeviceReadings(readings.device!, out, at)
      break
    case 'ip':
      fill.fillIpReadings(readings.ip!, out, at)
      break
    case 'subnet':
      fill.fillSubnetReadings(readings.subnet!, out, at)
      break
    case 'code':
      fill.fillCodeReadings(readings.code!, out, at)
      break
    case 'phone':
      fill.fillPhoneReadings(readings.phone!, out, at)
      break
    case 'sender':
      fill.fillSenderReadings(readings.sender!, out, at)
      break
    case 'returned':
      fill.fillReturnedReadings(readings.returned!, out, at)
      break
  }
  return log.cutAt
}

function fillStates(event: Event, plan: LogPlan, cutAt: number | null, row: SignalRow): void {
  const { occurredAt, resolutionMs } = event
  const { first, spans, coarsest, byDay, bounded, isClaimLink } = plan
  if (cutAt === null && resolutionMs === 0) {
    // Nothing was cut and no time is coarse: what has a value is exact, as for most events.
    for (let at = first; at < first + spans.length; at += 1)
      row.states[at] = Number.isNaN(row.numbers[at]!) ? absent : exact
    return
  }
  const hasClaim = plan.claimAge >= 0 && !Number.isNaN(row.numbers[first + plan.claimAge]!)
  const linkMayBeCut = event.kind === 'redemption' && !hasClaim
  for (let index = 0; index < spans.length; index += 1) {
    const at = first + index
    if (resolutionMs > coarsest[index]!) {
      row.numbers[at] = Number.NaN
      continue
    }
    // A calendar day may reach back to a whole span before the event, and one on which clocks are
    // put back an hour further.
    const saturated =
      cutAt !== null &&
      (byDay[index]!
        ? occurredAt - spans[index]! - hourMs <= cutAt
        : occurredAt - spans[index]! < cutAt)
    if (!Number.isNaN(row.numbers[at]!)) {
      row.states[at] = saturated && bounded[index]! ? atLeast : exact
    } else if (saturated && (!isClaimLink[index]! || linkMayBeCut)) {
      // What would be there may have been cut: this is doubt, not absence.
      row.states[at] = unknown
    }
  }
}

const place = (name: string): number => {
  const found = signalIndex.get(name)
  if (found === undefined) throw new RangeError(`${name} is not in the catalogue`)
  return found
}

function setNumber(row: SignalRow, at: number, value: number | null): void {
  if (value === null || Number.isNaN(value)) return
  row.numbers[at] = value
  row.states[at] = exact
}

function setFlag(row: SignalRow, at: number, value: boolean | null): void {
  if (value === null) return
  row.numbers[at] = value ? 1 : 0
  row.states[at] = exact
}

function setText(row: SignalRow, at: number, value: string | null): void {
  if (value === null) return
  row.strings[at] = value
  row.states[at] = exact
}

const at = {
  isClaim: place('is_claim'),
  isRedemption: place('is_redemption'),
  isReversal: place('is_reversal'),
  attemptFailed: place('attempt_failed'),
  attempt: place('attempt'),
  campaign: place('campaign'),
  merchant: place('merchant'),
  category: place('category'),
  channel: place('channel'),
  couponType: place('coupon_type'),
  accountAge: place('account_age_days'),
  dormancy: place('dormancy_days'),
  localHour: place('local_hour'),
  orderAmount: place('order_amount'),
  couponAmount: place('coupon_amount'),
  couponShare: place('coupon_share'),
  stackedCoupons: place('stacked_coupons'),
  stackedSources: place('stacked_sources'),
  deviceMissing: place('device_missing'),
  deviceHandmade: place('device_handmade'),
  ipMissing: place('ip_missing'),
  ipHosting: place('ip_is_hosting'),
  ipVpn: place('ip_is_vpn'),
  ipTor: place('ip_is_tor'),
  ipListed: place('ip_listed_by'),
  numberKind: place('number_kind'),
  numberPorted: place('number_ported_days'),
  storeInScope: place('store_in_scope'),
  referrerOfficial: place('referrer_official'),
  referrerDomain: place('referrer_domain'),
  tierReached: place('tier_reached'),
  campaignOpen: place('campaign_open'),
  stockUsed: place('stock_used'),
  identityVerified: place('identity_verified'),
  identityMissing: place('identity_missing'),
  transferHop: place('transfer_hop'),
  transferHopsOver: place('transfer_hops_over'),
  transferAge: place('transfer_age_hours'),
  codeAge: place('code_age_days'),
  codeExpired: place('code_expired'),
  channelRate: place('channel_redemption_rate_day'),
  isEnterprise: place('is_enterprise'),
  packageAmount: place('package_amount'),
  watched: place('watched'),
}
const blockedAt = {
  user: place('blocked_user'),
  device: place('blocked_device'),
  ip: place('blocked_ip'),
  phone: place('blocked_phone'),
  code: place('blocked_code'),
  referrer: place('blocked_referrer'),
}

/**
 * Time since, in some unit; absent where unknown, in the future, or finer than the source's times.
 */
function since(event: Event, then: number | null, unitMs: number): number | null {
  if (then === null || then > event.occurredAt || event.resolutionMs > unitMs) return null
  return (event.occurredAt - then) / unitMs
}

function fillEventFacts(event: Event, zone: TimeZone, row: SignalRow): void {
  const age = accountAgeMs(event)
  setFlag(row, at.isClaim, event.kind === 'claim')
  setFlag(row, at.isRedemption, event.kind === 'redemption')
  setFlag(row, at.isReversal, event.kind === 'reversal')
  setFlag(row, at.attemptFailed, attemptFailed(event))
  setText(row, at.attempt, event.attempt)
  setText(row, at.campaign, event.campaign)
  setText(row, at.merchant, event.merchant)
  setText(row, at.category, event.category)
  setText(row, at.channel, event.channel)
  setText(row, at.couponType, event.couponType)
  setNumber(row, at.accountAge, age === null ? null : age / dayMs)
  setNumber(row, at.dormancy, since(event, event.lastActiveAt, dayMs))
  setNumber(
    row,
    at.localHour,
    event.resolutionMs > hourMs ? null : localHour(zone, event.occurredAt),
  )
  setFlag(row, at.deviceMissing, event.deviceOrigin === 'none')
  setFlag(row, at.deviceHandmade, event.device === null ? null : event.deviceOrigin === 'handmade')
  setFlag(row, at.ipMissing, event.ip === null)
  setText(row, at.numberKind, event.numberKind)
  setNumber(row, at.numberPorted, since(event, event.portedAt, dayMs))
  setText(row, at.referrerDomain, event.referrerDomain)
  setFlag(row, at.identityVerified, event.identityVerified)
  setNumber(row, at.transferHop, event.transferHop)
  setNumber(row, at.transferAge, since(event, event.transferredAt, hourMs))
  setNumber(row, at.codeAge, since(event, event.codeIssuedAt, dayMs))
  setFlag(
    row,
    at.codeExpired,
    event.codeExpiresAt === null ? null : event.occurredAt >= event.codeExpiresAt,
  )
  setFlag(row, at.isEnterprise, event.batchId !== null)
  setNumber(row, at.packageAmount, event.packageAmount)
}

function fillMoney({ orderAmount, couponAmount, stacked, campaign }: Event, row: SignalRow): void {
  setNumber(row, at.orderAmount, orderAmount)
  setNumber(row, at.couponAmount, couponAmount)
  setNumber(row, at.stackedCoupons, stacked.length + 1)
  if (stacked.length === 0) {
    setNumber(row, at.stackedSources, 1)
    if (orderAmount !== null && orderAmount > 0 && couponAmount !== null)
      setNumber(row, at.couponShare, couponAmount / orderAmount)
    return
  }
  setNumber(
    row,
    at.stackedSources,
    new Set([campaign, ...stacked.map(({ source }) => source)]).size,
  )
  const paid = stacked.reduce((sum, { amount }) => sum + amount, couponAmount ?? 0)
  if (orderAmount !== null && orderAmount > 0) setNumber(row, at.couponShare, paid / orderAmount)
}

function fillInputFacts(event: Event, inputs: Inputs, row: SignalRow): void {
  const { address, campaign, lists, readings } = inputs
  if (address !== null) {
    setFlag(row, at.ipHosting, address.hosting)
    setFlag(row, at.ipVpn, address.vpn)
    setFlag(row, at.ipTor, address.tor)
    setNumber(row, at.ipListed, address.listedBy)
  }
  if (campaign !== null) fillCampaign(event, inputs, row)
  const day = readings.channel
  if (day !== null && day.claims_day > 0)
    setNumber(row, at.channelRate, day.redemptions_day / day.claims_day)
  setFlag(row, at.watched, false)
  setFlag(row, blockedAt.user, false)
  setFlag(row, blockedAt.device, event.device === null ? null : false)
  setFlag(row, blockedAt.ip, event.ip === null ? null : false)
  setFlag(row, blockedAt.phone, event.phone === null ? null : false)
  setFlag(row, blockedAt.code, event.codeHash === null ? null : false)
  setFlag(row, blockedAt.referrer, event.referrerDomain === null ? null : false)
  for (const { list, kind } of lists) {
    if (list === 'watch') setFlag(row, at.watched, true)
    else if (list === 'block' && kind !== 'unknown') setFlag(row, blockedAt[kind], true)
  }
}

function fillCampaign(event: Event, { campaign, readings }: Inputs, row: SignalRow): void {
  if (campaign === null) return
  const { occurredAt, resolutionMs, orderAmount, orderTier, transferHop, identityVerified } = event
  setFlag(row, at.storeInScope, campaign.storeInScope)
  setFlag(row, at.referrerOfficial, campaign.referrerOfficial)
  const { tierMinAmount, validFrom, validTo, stock, identityRequired, transferHopsMax } = campaign
  if (orderTier !== null && tierMinAmount !== null && orderAmount !== null)
    setFlag(row, at.tierReached, orderAmount >= tierMinAmount)
  if (validFrom !== null || validTo !== null) {
    const begun = validFrom === null || occurredAt + resolutionMs >= validFrom
    setFlag(row, at.campaignOpen, begun && (validTo === null || occurredAt < validTo))
  }
  if (stock !== null && stock > 0 && readings.campaign !== null)
    setNumber(row, at.stockUsed, readings.campaign.claims_day / stock)
  if (identityRequired !== null && identityVerified !== null)
    setFlag(row, at.identityMissing, identityRequired && !identityVerified)
  if (transferHop !== null && transferHopsMax !== null)
    setNumber(row, at.transferHopsOver, Math.max(0, transferHop - transferHopsMax))
}
