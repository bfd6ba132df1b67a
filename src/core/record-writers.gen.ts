// Made from schemas/ by scripts/generate-types.ts; do not edit.

import { type Tap, writeAny, writeBoolean, writeDouble, writeIsThere, writeItems, writeLong, writeSymbol, writeText } from './event/avro-tap.ts'
import type { EventKind, DeviceOrigin, Attempt, Geo, NumberKind, StackedCoupon, Event, UserReadings, DeviceReadings, IpReadings, SubnetReadings, CodeReadings, PhoneReadings, SenderReadings, ReturnedReadings, DayReadings, Readings, ListName, ListKind, ListMatch, AddressFacts, CampaignFacts, SwitchState, Inputs, Outcome, RuleMode, RuleVerdict, SignalValue, RuleResult, Reason, Contribution, ModelResult, Decision, Audit } from './schema.gen.ts'

const symbolsOfEventKind: Readonly<Record<EventKind, number>> = {
  unknown: 0,
  claim: 1,
  redemption: 2,
  reversal: 3,
}

const symbolsOfDeviceOrigin: Readonly<Record<DeviceOrigin, number>> = {
  unknown: 0,
  none: 1,
  fingerprint: 2,
  attributes: 3,
  handmade: 4,
}

const symbolsOfAttempt: Readonly<Record<Attempt, number>> = {
  unknown: 0,
  succeeded: 1,
  wrong_code: 2,
  wrong_input: 3,
  expired: 4,
  declined: 5,
}

function writeGeo(tap: Tap, v: Geo): void {
  writeDouble(tap, v.lat)
  writeDouble(tap, v.lon)
}

const symbolsOfNumberKind: Readonly<Record<NumberKind, number>> = {
  unknown: 0,
  mobile: 1,
  virtual: 2,
  iot: 3,
  hongkong: 4,
  macau: 5,
  taiwan: 6,
  roaming: 7,
}

function writeStackedCoupon(tap: Tap, v: StackedCoupon): void {
  writeText(tap, v.source)
  writeLong(tap, v.amount)
}

function writeEvent(tap: Tap, v: Event): void {
  writeText(tap, v.id)
  writeSymbol(tap, symbolsOfEventKind, v.kind)
  writeLong(tap, v.occurredAt)
  writeLong(tap, v.resolutionMs)
  writeText(tap, v.user)
  writeText(tap, v.campaign)
  if (writeIsThere(tap, v.device)) writeText(tap, v.device)
  writeSymbol(tap, symbolsOfDeviceOrigin, v.deviceOrigin)
  if (writeIsThere(tap, v.ip)) writeText(tap, v.ip)
  if (writeIsThere(tap, v.couponType)) writeText(tap, v.couponType)
  if (writeIsThere(tap, v.codeHash)) writeText(tap, v.codeHash)
  if (writeIsThere(tap, v.codeBlock)) writeText(tap, v.codeBlock)
  if (writeIsThere(tap, v.codeTail)) writeLong(tap, v.codeTail)
  if (writeIsThere(tap, v.codeIssuedAt)) writeLong(tap, v.codeIssuedAt)
  if (writeIsThere(tap, v.codeExpiresAt)) writeLong(tap, v.codeExpiresAt)
  if (writeIsThere(tap, v.merchant)) writeText(tap, v.merchant)
  if (writeIsThere(tap, v.store)) writeText(tap, v.store)
  if (writeIsThere(tap, v.category)) writeText(tap, v.category)
  if (writeIsThere(tap, v.channel)) writeText(tap, v.channel)
  if (writeIsThere(tap, v.referrerDomain)) writeText(tap, v.referrerDomain)
  if (writeIsThere(tap, v.currency)) writeText(tap, v.currency)
  if (writeIsThere(tap, v.orderAmount)) writeLong(tap, v.orderAmount)
  if (writeIsThere(tap, v.couponAmount)) writeLong(tap, v.couponAmount)
  writeSymbol(tap, symbolsOfAttempt, v.attempt)
  if (writeIsThere(tap, v.geo)) writeGeo(tap, v.geo)
  if (writeIsThere(tap, v.registeredAt)) writeLong(tap, v.registeredAt)
  if (writeIsThere(tap, v.lastActiveAt)) writeLong(tap, v.lastActiveAt)
  if (writeIsThere(tap, v.phone)) writeText(tap, v.phone)
  if (writeIsThere(tap, v.numberKind)) writeSymbol(tap, symbolsOfNumberKind, v.numberKind)
  if (writeIsThere(tap, v.portedAt)) writeLong(tap, v.portedAt)
  if (writeIsThere(tap, v.transferId)) writeText(tap, v.transferId)
  if (writeIsThere(tap, v.transferSender)) writeText(tap, v.transferSender)
  if (writeIsThere(tap, v.transferHop)) writeLong(tap, v.transferHop)
  if (writeIsThere(tap, v.transferredAt)) writeLong(tap, v.transferredAt)
  writeItems(tap, v.stacked, writeStackedCoupon)
  if (writeIsThere(tap, v.orderTier)) writeText(tap, v.orderTier)
  if (writeIsThere(tap, v.identityVerified)) writeBoolean(tap, v.identityVerified)
  if (writeIsThere(tap, v.batchId)) writeText(tap, v.batchId)
  if (writeIsThere(tap, v.packageAmount)) writeLong(tap, v.packageAmount)
}

function writeUserReadings(tap: Tap, v: UserReadings): void {
  if (writeIsThere(tap, v.cutAt)) writeLong(tap, v.cutAt)
  writeLong(tap, v.claims_1h)
  writeLong(tap, v.claims_1d)
  writeLong(tap, v.claims_7d)
  writeLong(tap, v.redemptions_1h)
  writeLong(tap, v.redemptions_1d)
  writeLong(tap, v.redemptions_7d)
  writeLong(tap, v.devices_1d)
  writeLong(tap, v.devices_7d)
  writeLong(tap, v.ips_1d)
  writeLong(tap, v.ips_7d)
  writeLong(tap, v.amount_1d)
  writeLong(tap, v.amount_day)
  writeLong(tap, v.small_top_ups_1h)
  writeLong(tap, v.small_top_ups_1d)
  writeLong(tap, v.gifts_1d)
  writeLong(tap, v.failed_1h)
  writeLong(tap, v.failed_1d)
  if (writeIsThere(tap, v.code_steps_1h)) writeDouble(tap, v.code_steps_1h)
  if (writeIsThere(tap, v.gap_cv_1d)) writeDouble(tap, v.gap_cv_1d)
  if (writeIsThere(tap, v.gap_mean_1d)) writeDouble(tap, v.gap_mean_1d)
  if (writeIsThere(tap, v.claim_age_45d)) writeDouble(tap, v.claim_age_45d)
  if (writeIsThere(tap, v.claim_distance_45d)) writeDouble(tap, v.claim_distance_45d)
  if (writeIsThere(tap, v.claim_same_device_45d)) writeDouble(tap, v.claim_same_device_45d)
  writeLong(tap, v.reversals_7d)
  writeLong(tap, v.reversals_45d)
  if (writeIsThere(tap, v.redemptions_45d)) writeLong(tap, v.redemptions_45d)
}

function writeDeviceReadings(tap: Tap, v: DeviceReadings): void {
  if (writeIsThere(tap, v.cutAt)) writeLong(tap, v.cutAt)
  writeLong(tap, v.claims_10s)
  writeLong(tap, v.claims_1h)
  writeLong(tap, v.claims_1d)
  writeLong(tap, v.claims_7d)
  writeLong(tap, v.redemptions_1d)
  writeLong(tap, v.users_1h)
  writeLong(tap, v.users_1d)
  writeLong(tap, v.users_7d)
  writeLong(tap, v.fresh_users_1d)
  writeLong(tap, v.fresh_users_7d)
  writeLong(tap, v.ips_1d)
  writeLong(tap, v.failed_1h)
  if (writeIsThere(tap, v.code_steps_1h)) writeDouble(tap, v.code_steps_1h)
  if (writeIsThere(tap, v.gap_cv_1d)) writeDouble(tap, v.gap_cv_1d)
  if (writeIsThere(tap, v.gap_mean_1d)) writeDouble(tap, v.gap_mean_1d)
}

function writeIpReadings(tap: Tap, v: IpReadings): void {
  if (writeIsThere(tap, v.cutAt)) writeLong(tap, v.cutAt)
  writeLong(tap, v.events_1m)
  writeLong(tap, v.events_1h)
  writeLong(tap, v.events_1d)
  writeLong(tap, v.users_1m)
  writeLong(tap, v.users_1h)
  writeLong(tap, v.users_1d)
  writeLong(tap, v.devices_1m)
  writeLong(tap, v.devices_1h)
  writeLong(tap, v.devices_1d)
  writeLong(tap, v.claims_10s)
  writeLong(tap, v.fresh_users_1h)
  writeLong(tap, v.fresh_users_1d)
  writeLong(tap, v.failed_1h)
  if (writeIsThere(tap, v.code_steps_1h)) writeDouble(tap, v.code_steps_1h)
  if (writeIsThere(tap, v.gap_cv_1d)) writeDouble(tap, v.gap_cv_1d)
  if (writeIsThere(tap, v.gap_mean_1d)) writeDouble(tap, v.gap_mean_1d)
}

function writeSubnetReadings(tap: Tap, v: SubnetReadings): void {
  if (writeIsThere(tap, v.cutAt)) writeLong(tap, v.cutAt)
  writeLong(tap, v.events_1m)
  writeLong(tap, v.events_1h)
  writeLong(tap, v.events_1d)
  writeLong(tap, v.users_1m)
  writeLong(tap, v.users_1h)
  writeLong(tap, v.users_1d)
  writeLong(tap, v.devices_1m)
  writeLong(tap, v.devices_1h)
  writeLong(tap, v.devices_1d)
  writeLong(tap, v.claims_10s)
  writeLong(tap, v.fresh_users_1h)
  writeLong(tap, v.fresh_users_1d)
  writeLong(tap, v.failed_1h)
  if (writeIsThere(tap, v.code_steps_1h)) writeDouble(tap, v.code_steps_1h)
}

function writeCodeReadings(tap: Tap, v: CodeReadings): void {
  if (writeIsThere(tap, v.cutAt)) writeLong(tap, v.cutAt)
  writeLong(tap, v.uses_45d)
  writeLong(tap, v.users_45d)
  writeLong(tap, v.devices_45d)
  writeLong(tap, v.failed_1d)
  if (writeIsThere(tap, v.claim_age_45d)) writeDouble(tap, v.claim_age_45d)
  if (writeIsThere(tap, v.claim_distance_45d)) writeDouble(tap, v.claim_distance_45d)
  if (writeIsThere(tap, v.claim_same_device_45d)) writeDouble(tap, v.claim_same_device_45d)
  if (writeIsThere(tap, v.claim_same_user_45d)) writeDouble(tap, v.claim_same_user_45d)
  writeLong(tap, v.reversals_45d)
}

function writePhoneReadings(tap: Tap, v: PhoneReadings): void {
  if (writeIsThere(tap, v.cutAt)) writeLong(tap, v.cutAt)
  writeLong(tap, v.top_ups_1d)
  writeLong(tap, v.top_ups_7d)
  writeLong(tap, v.users_1d)
  writeLong(tap, v.users_7d)
}

function writeSenderReadings(tap: Tap, v: SenderReadings): void {
  if (writeIsThere(tap, v.cutAt)) writeLong(tap, v.cutAt)
  writeLong(tap, v.gifts_day)
  writeLong(tap, v.gifts_1h)
  writeLong(tap, v.recipients_1d)
  writeLong(tap, v.recipients_7d)
}

function writeReturnedReadings(tap: Tap, v: ReturnedReadings): void {
  if (writeIsThere(tap, v.cutAt)) writeLong(tap, v.cutAt)
  writeLong(tap, v.gifts_7d)
}

function writeDayReadings(tap: Tap, v: DayReadings): void {
  writeLong(tap, v.claims_day)
  writeLong(tap, v.redemptions_day)
}

function writeReadings(tap: Tap, v: Readings): void {
  if (writeIsThere(tap, v.user)) writeUserReadings(tap, v.user)
  if (writeIsThere(tap, v.device)) writeDeviceReadings(tap, v.device)
  if (writeIsThere(tap, v.ip)) writeIpReadings(tap, v.ip)
  if (writeIsThere(tap, v.subnet)) writeSubnetReadings(tap, v.subnet)
  if (writeIsThere(tap, v.code)) writeCodeReadings(tap, v.code)
  if (writeIsThere(tap, v.phone)) writePhoneReadings(tap, v.phone)
  if (writeIsThere(tap, v.sender)) writeSenderReadings(tap, v.sender)
  if (writeIsThere(tap, v.returned)) writeReturnedReadings(tap, v.returned)
  if (writeIsThere(tap, v.campaign)) writeDayReadings(tap, v.campaign)
  if (writeIsThere(tap, v.merchant)) writeDayReadings(tap, v.merchant)
  if (writeIsThere(tap, v.category)) writeDayReadings(tap, v.category)
  if (writeIsThere(tap, v.channel)) writeDayReadings(tap, v.channel)
}

const symbolsOfListName: Readonly<Record<ListName, number>> = {
  unknown: 0,
  block: 1,
  allow: 2,
  watch: 3,
}

const symbolsOfListKind: Readonly<Record<ListKind, number>> = {
  unknown: 0,
  device: 1,
  user: 2,
  ip: 3,
  phone: 4,
  code: 5,
  referrer: 6,
}

function writeListMatch(tap: Tap, v: ListMatch): void {
  writeText(tap, v.entry)
  writeSymbol(tap, symbolsOfListName, v.list)
  writeSymbol(tap, symbolsOfListKind, v.kind)
  writeText(tap, v.source)
}

function writeAddressFacts(tap: Tap, v: AddressFacts): void {
  writeText(tap, v.feed)
  writeBoolean(tap, v.hosting)
  writeBoolean(tap, v.vpn)
  writeBoolean(tap, v.tor)
  writeLong(tap, v.listedBy)
}

function writeCampaignFacts(tap: Tap, v: CampaignFacts): void {
  if (writeIsThere(tap, v.validFrom)) writeLong(tap, v.validFrom)
  if (writeIsThere(tap, v.validTo)) writeLong(tap, v.validTo)
  if (writeIsThere(tap, v.storeInScope)) writeBoolean(tap, v.storeInScope)
  if (writeIsThere(tap, v.referrerOfficial)) writeBoolean(tap, v.referrerOfficial)
  if (writeIsThere(tap, v.tierMinAmount)) writeLong(tap, v.tierMinAmount)
  if (writeIsThere(tap, v.identityRequired)) writeBoolean(tap, v.identityRequired)
  if (writeIsThere(tap, v.stock)) writeLong(tap, v.stock)
  if (writeIsThere(tap, v.transferHopsMax)) writeLong(tap, v.transferHopsMax)
}

const symbolsOfSwitchState: Readonly<Record<SwitchState, number>> = {
  unknown: 0,
  none: 1,
  review: 2,
  shadow: 3,
}

function writeInputs(tap: Tap, v: Inputs): void {
  writeReadings(tap, v.readings)
  writeItems(tap, v.lists, writeListMatch)
  if (writeIsThere(tap, v.address)) writeAddressFacts(tap, v.address)
  if (writeIsThere(tap, v.campaign)) writeCampaignFacts(tap, v.campaign)
  writeSymbol(tap, symbolsOfSwitchState, v.switch)
  writeItems(tap, v.alerts, writeText)
  writeBoolean(tap, v.late)
  writeBoolean(tap, v.repeatsSaturated)
}

const symbolsOfOutcome: Readonly<Record<Outcome, number>> = {
  unknown: 0,
  allow: 1,
  review: 2,
  block: 3,
}

const symbolsOfRuleMode: Readonly<Record<RuleMode, number>> = {
  unknown: 0,
  live: 1,
  shadow: 2,
}

const symbolsOfRuleVerdict: Readonly<Record<RuleVerdict, number>> = {
  unknown: 0,
  hit: 1,
  miss: 2,
  absent: 3,
  doubtful: 4,
  failed: 5,
}

function writeSignalValue(tap: Tap, v: SignalValue): void {
  writeText(tap, v.signal)
  writeAny(tap, v.value)
  writeBoolean(tap, v.saturated)
}

function writeRuleResult(tap: Tap, v: RuleResult): void {
  writeText(tap, v.rule)
  writeSymbol(tap, symbolsOfRuleMode, v.mode)
  writeSymbol(tap, symbolsOfRuleVerdict, v.result)
  writeSymbol(tap, symbolsOfOutcome, v.outcome)
  writeItems(tap, v.values, writeSignalValue)
}

function writeReason(tap: Tap, v: Reason): void {
  writeText(tap, v.code)
  writeText(tap, v.zh)
  writeText(tap, v.en)
}

function writeContribution(tap: Tap, v: Contribution): void {
  writeText(tap, v.signal)
  if (writeIsThere(tap, v.value)) writeDouble(tap, v.value)
  writeDouble(tap, v.moved)
}

function writeModelResult(tap: Tap, v: ModelResult): void {
  writeText(tap, v.model)
  writeSymbol(tap, symbolsOfRuleMode, v.mode)
  writeDouble(tap, v.probability)
  writeSymbol(tap, symbolsOfOutcome, v.outcome)
  writeItems(tap, v.contributions, writeContribution)
}

function writeDecision(tap: Tap, v: Decision): void {
  writeText(tap, v.id)
  writeText(tap, v.eventKey)
  writeText(tap, v.eventId)
  writeText(tap, v.user)
  writeSymbol(tap, symbolsOfEventKind, v.kind)
  writeLong(tap, v.occurredAt)
  writeLong(tap, v.recordedAt)
  writeText(tap, v.campaign)
  writeSymbol(tap, symbolsOfOutcome, v.outcome)
  writeLong(tap, v.score)
  writeBoolean(tap, v.abnormal)
  writeItems(tap, v.results, writeRuleResult)
  writeItems(tap, v.reasons, writeReason)
  writeItems(tap, v.advice, writeText)
  writeItems(tap, v.alertIds, writeText)
  writeText(tap, v.playbook)
  writeText(tap, v.playbookVersion)
  writeText(tap, v.playbookHash)
  if (writeIsThere(tap, v.amountAtStake)) writeLong(tap, v.amountAtStake)
  if (writeIsThere(tap, v.supersedes)) writeText(tap, v.supersedes)
  if (writeIsThere(tap, v.cause)) writeText(tap, v.cause)
  if (writeIsThere(tap, v.decidedBy)) writeText(tap, v.decidedBy)
  writeItems(tap, v.models, writeModelResult)
}

function writeAudit(tap: Tap, v: Audit): void {
  writeLong(tap, v.recordedAt)
  writeText(tap, v.source)
  writeLong(tap, v.partition)
  writeLong(tap, v.offset)
  writeEvent(tap, v.event)
  writeInputs(tap, v.inputs)
  writeDecision(tap, v.decision)
}

/** Writes a record as avsc does, byte for byte: see avro-tap.ts. */
export const recordWriters = {
  Event: writeEvent,
  Readings: writeReadings,
  Inputs: writeInputs,
  Decision: writeDecision,
  Audit: writeAudit,
}
