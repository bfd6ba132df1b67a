/** Event → observation: what it adds to the windows of its entities. */
import { subnetOf } from '../event/address.ts'
import { hashText } from '../event/keyed-hash.ts'
import { calendarDay, type TimeZone } from '../event/time-zone.ts'
import type { Event } from '../schema.gen.ts'
import { flagBits, hashSlots, hashWords, type Observation } from './observation.ts'
import { cellOf } from './place.ts'
import { freshAccountMs, smallTopUpMax } from './readings.ts'

/** Where and when the log took an event, and what the windows may forget. */
export interface EventPlace {
  readonly recordedAt: number
  readonly position: number
  readonly horizon: number
}

export interface ObservationContext {
  /** Key of the windows' hash. */
  readonly key: Uint32Array
  readonly zone: TimeZone
  /** Room for the hashes of one observation: see newHashPool. */
  readonly room: () => Uint32Array
}

const block = new Uint32Array(2)

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
  { key, zone, room }: ObservationContext,
): Observation {
  const hashes = room()
  const hash = (slot: number, text: string | null) => {
    if (text !== null) hashText(key, text, hashes, slot)
  }
  hash(hashSlots.id, `${event.user}\u0000${event.id}`)
  hash(hashSlots.content, contentOf(event))
  hash(hashSlots.user, event.user)
  hash(hashSlots.device, event.device)
  hash(hashSlots.ip, event.ip)
  hash(hashSlots.subnet, event.ip === null ? null : subnetOf(event.ip))
  hash(hashSlots.code, event.codeHash)
  hash(hashSlots.phone, event.phone)
  hash(hashSlots.sender, event.transferSender)
  hash(hashSlots.coupon, `${event.campaign}\u0000${event.couponType ?? ''}`)
  if (event.codeBlock !== null) hashText(key, event.codeBlock, block, 0)
  const { day, start, end } = calendarDay(zone, event.occurredAt)
  return {
    at: event.occurredAt,
    recordedAt: place.recordedAt,
    horizon: place.horizon,
    position: place.position,
    hashes,
    flags: flagsOf(event),
    codeTail: event.codeTail ?? 0,
    codeBlock: event.codeBlock === null ? 0 : block[0]!,
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
    (attemptFailed(event) ? flagBits.failed : 0) |
    (topUp && isSmall(moneyOf(event)) ? flagBits.small : 0) |
    (event.transferSender !== null && event.kind === 'claim' ? flagBits.gift : 0) |
    (age !== null && age < freshAccountMs ? flagBits.fresh : 0) |
    (event.codeTail !== null ? flagBits.hasTail : 0)
  )
}

/**
 * One text for one content: two events with the same id repeat each other only if all is the same.
 * No name holds a control character (decode.ts), so no two contents give one text.
 */
function contentOf(event: Event): string {
  const { geo, stacked } = event
  const who = `${event.kind}\u0001${event.occurredAt}\u0001${event.resolutionMs}\u0001${event.campaign}\u0001${event.device}\u0001${event.deviceOrigin}\u0001${event.ip}`
  const code = `${event.couponType ?? ''}\u0001${event.codeHash}\u0001${event.codeIssuedAt}\u0001${event.codeExpiresAt}\u0001${event.attempt}`
  const where = `${event.merchant ?? ''}\u0001${event.store ?? ''}\u0001${event.category ?? ''}\u0001${event.channel ?? ''}\u0001${event.referrerDomain ?? ''}`
  const money = `${event.currency ?? ''}\u0001${event.orderAmount}\u0001${event.couponAmount}\u0001${event.orderTier ?? ''}\u0001${event.batchId ?? ''}\u0001${event.packageAmount}`
  const account = `${event.registeredAt}\u0001${event.lastActiveAt}\u0001${event.identityVerified}\u0001${event.phone}\u0001${event.numberKind}\u0001${event.portedAt}`
  const transfer = `${event.transferId ?? ''}\u0001${event.transferSender ?? ''}\u0001${event.transferHop}\u0001${event.transferredAt}`
  let text = `${who}\n${code}\n${where}\n${money}\n${account}\n${transfer}`
  if (geo !== null) text += `\n${geo.lat} ${geo.lon}`
  for (const { source, amount } of stacked) text += `\n${source}\u0001${amount}`
  return text
}
