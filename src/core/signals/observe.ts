/** Event → observation: what it adds to the windows of its entities. */
import { subnetOf } from '../event/address.ts'
import type { CalendarDay } from '../event/time-zone.ts'
import type { Event } from '../schema.gen.ts'
import { flagBits, hashSlots, hashWords, type Observation } from './observation.ts'
import { cellOf } from './place.ts'
import { freshAccountMs, smallTopUpMax } from './readings.ts'
import type { WindowHash } from './window-hash.ts'

/** Where and when the log took an event, and what the windows may forget. */
export interface EventPlace {
  readonly recordedAt: number
  readonly position: number
  readonly horizon: number
}

export interface ObservationContext {
  readonly hash: WindowHash
  /** The calendar day of a time: see newCalendar. */
  readonly calendar: (at: number) => CalendarDay
  /** Room for the hashes of one observation: see newHashPool. */
  readonly room: () => Uint32Array
}

/** Hashes of this many observations share one stretch of memory: one allocation instead of each. */
const pooled = 1024

/** Hands out rooms for `Observation.hashes`, all zero. */
export function newHashPool(): () => Uint32Array {
  let room = new Uint32Array(0)
  let next = 0
  return () => {
    if (next + hashWords > room.length) {
      room = new Uint32Array(hashWords * pooled)
      next = 0
    }
    next += hashWords
    return room.subarray(next - hashWords, next)
  }
}

export function toObservation(
  event: Event,
  place: EventPlace,
  { hash, calendar, room }: ObservationContext,
): Observation {
  const hashes = room()
  hashEntities(event, hash, hashes)
  hashContent(event, hash, hashes)
  if (event.kind === 'reversal') forgetParties(hashes)
  const { day, start, end } = calendar(event.occurredAt)
  return {
    at: event.occurredAt,
    recordedAt: place.recordedAt,
    horizon: place.horizon,
    position: place.position,
    hashes,
    flags: flagsOf(event),
    codeTail: event.codeTail ?? 0,
    codeBlock: codeBlockOf(event, hash),
    amount: moneyOf(event),
    cell: cellOf(event.geo),
    day,
    dayStart: start,
    dayEnd: end,
    scopes: event,
  }
}

/** Whether the attempt failed upstream; one that does not say counts as succeeded. */
export function attemptFailed({ attempt }: Event): boolean {
  return attempt !== 'succeeded' && attempt !== 'unknown'
}

/**
 * Money that a redemption moves, in minor units: the order, or the coupon where no order is known.
 */
export function moneyOf({ kind, orderAmount, couponAmount }: Event): number {
  return kind === 'redemption' ? (orderAmount ?? couponAmount ?? 0) : 0
}

/** Age of the account in milliseconds; null where unknown or where it would be negative. */
export function accountAgeMs({ occurredAt, registeredAt }: Event): number | null {
  return registeredAt === null || registeredAt > occurredAt ? null : occurredAt - registeredAt
}

/** A top-up that names no amount is none of the small ones. */
const isSmall = (amount: number) => amount > 0 && amount <= smallTopUpMax

function flagsOf(event: Event): number {
  const age = accountAgeMs(event)
  const topUp = event.couponType === 'top-up' && event.kind === 'redemption'
  return (
    (event.kind === 'redemption' ? flagBits.redemption : 0) |
    (event.kind === 'reversal' ? flagBits.reversal : 0) |
    (attemptFailed(event) ? flagBits.failed : 0) |
    (topUp && isSmall(moneyOf(event)) ? flagBits.small : 0) |
    (event.transferSender !== null && event.kind === 'claim' ? flagBits.gift : 0) |
    (age !== null && age < freshAccountMs ? flagBits.fresh : 0) |
    (event.codeTail !== null ? flagBits.hasTail : 0)
  )
}

/** Names of entities become their hashes; one that is not there stays zero. */
function hashEntities(event: Event, hash: WindowHash, hashes: Uint32Array): void {
  const { ip, campaign, couponType } = event
  hashPair(hash, [event.user, event.id], hashes, hashSlots.id)
  hashName(hash, event.user, hashes, hashSlots.user)
  hashName(hash, event.device, hashes, hashSlots.device)
  hashName(hash, ip, hashes, hashSlots.ip)
  hashName(hash, ip === null ? null : subnetOf(ip), hashes, hashSlots.subnet)
  hashName(hash, event.codeHash, hashes, hashSlots.code)
  hashName(hash, event.phone, hashes, hashSlots.phone)
  hashName(hash, event.transferSender, hashes, hashSlots.sender)
  hashPair(hash, [campaign, couponType ?? ''], hashes, hashSlots.coupon)
}

/**
 * A reversal counts for its user and its code alone. Device and address are those of whoever asks
 * for the money or gives it back, often a clerk's; number and sender did nothing.
 */
function forgetParties(hashes: Uint32Array): void {
  hashes.fill(0, hashSlots.device, hashSlots.code)
  hashes.fill(0, hashSlots.phone, hashSlots.coupon)
}

function hashName(hash: WindowHash, name: string | null, out: Uint32Array, slot: number): void {
  if (name === null) return
  hash.begin()
  hash.addText(name)
  hash.writeTo(out, slot)
}

function hashPair(
  hash: WindowHash,
  [one, other]: readonly [string, string],
  out: Uint32Array,
  slot: number,
): void {
  hash.begin()
  hash.addText(one)
  hash.addText(other)
  hash.writeTo(out, slot)
}

const blockWords = new Uint32Array(2)

function codeBlockOf({ codeBlock }: Event, hash: WindowHash): number {
  if (codeBlock === null) return 0
  hashName(hash, codeBlock, blockWords, 0)
  return blockWords[0]!
}

/**
 * All of an event's content: two with the same id repeat each other only if all is the same. Names
 * that have a hash already go in as that.
 */
function hashContent(event: Event, hash: WindowHash, hashes: Uint32Array): void {
  hash.begin()
  for (let word = hashSlots.device; word < hashWords; word += 1) hash.addWord(hashes[word]!)
  hashWhat(event, hash)
  hashWho(event, hash)
  hash.addNumber(event.geo === null ? null : event.geo.lat)
  hash.addNumber(event.geo === null ? null : event.geo.lon)
  for (const { source, amount } of event.stacked) {
    hash.addText(source)
    hash.addNumber(amount)
  }
  hash.writeTo(hashes, hashSlots.content)
}

function hashWhat(event: Event, hash: WindowHash): void {
  hash.addText(event.kind)
  hash.addNumber(event.occurredAt)
  hash.addNumber(event.resolutionMs)
  hash.addNumber(event.codeIssuedAt)
  hash.addNumber(event.codeExpiresAt)
  hash.addText(event.attempt)
  hash.addText(event.merchant ?? '')
  hash.addText(event.store ?? '')
  hash.addText(event.category ?? '')
  hash.addText(event.channel ?? '')
  hash.addText(event.currency ?? '')
  hash.addNumber(event.orderAmount)
  hash.addNumber(event.couponAmount)
  hash.addText(event.orderTier ?? '')
  hash.addText(event.batchId ?? '')
  hash.addNumber(event.packageAmount)
}

function hashWho(event: Event, hash: WindowHash): void {
  const { identityVerified } = event
  hash.addText(event.deviceOrigin)
  hash.addText(event.referrerDomain ?? '')
  hash.addNumber(event.registeredAt)
  hash.addNumber(event.lastActiveAt)
  hash.addWord(identityVerified === null ? 2 : Number(identityVerified))
  hash.addText(event.numberKind ?? '')
  hash.addNumber(event.portedAt)
  hash.addText(event.transferId ?? '')
  hash.addNumber(event.transferHop)
  hash.addNumber(event.transferredAt)
}
