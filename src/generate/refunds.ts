/**
 * Honest refunds (D20): about one redemption in 150 is taken back, more than half of them by the
 * one person in fifty who is hard to please and takes back a fifth; all collectors are among these.
 * Nearly half comes within the hour, because it was a slip or the shop had run out; a quarter later
 * that day; the rest one to five days after. Two coupons in five come back with the money and are
 * spent once more, where they have not expired.
 * Half of what was bought in a shop is given back at its counter, from a till that names no device.
 *
 *     redemption ──3 minutes to 5 days──▶ reversal ──minutes to 3 days──▶ redemption, same code
 *
 * Every draw is from a stream of its own, so that nobody claims or redeems otherwise for it.
 */
import { usualOrder } from './coupons.ts'
import { labelsOf } from './labels.ts'
import type { Person } from './population.ts'
import { type Act, type Order, redemptionEvent, reversalEvent, type Setting } from './published.ts'
import type { Random } from './random.ts'
import { dayMs, hourMs, minuteMs } from './rhythm.ts'
import { redemptionSetting, settingAt } from './settings.ts'
import { promise, send, type World } from './world.ts'

const refundedShare = 1 / 375
const refundedByChoosy = 1 / 5
const isChoosy = ({ number }: Person) => number % 50 === 17
/** Of refunds that are asked. */
const refusedShare = 0.04
/** Of coupons whose money was refunded. */
const spentAgainShare = 0.4

const atCounter: Setting = { device: null, attributes: null, ip: null, geo: null }

/** Some redemptions are taken back; `spent` may lie a few minutes ahead. */
export function planRefund(world: World, person: Person, spent: Act, order: Order): void {
  const random = world.refunds
  if (random === null || order.attempt !== 'succeeded') return
  if (!random.chance(isChoosy(person) ? refundedByChoosy : refundedShare)) return
  promise(world, refundTime(world, spent.at, random), 1, (now) => {
    const { coupon } = spent
    const counter = coupon.store !== null && random.chance(0.5)
    const asked = { person, coupon, at: now }
    const setting = counter ? atCounter : settingAt(world, asked, person.device, random)
    const attempt = random.chance(refusedShare) ? 'declined' : 'succeeded'
    const act = { ...spent, id: world.nextId(), at: now, setting }
    send(world, reversalEvent(act, { ...order, attempt }), labelsOf(person))
    if (attempt === 'succeeded') planSecondUse(world, person, act, random)
  })
}

function refundTime(world: World, spentAt: number, random: Random): number {
  const draw = random.unit()
  if (draw < 0.45) return spentAt + 3 * minuteMs + random.exponential(15 * minuteMs)
  if (draw < 0.7) return spentAt + hourMs + random.exponential(4 * hourMs)
  return laterDay(world, spentAt, random.between(1, 5), random)
}

/** By the rhythm of a day so many days later. */
function laterDay(world: World, at: number, days: number, random: Random): number {
  const midnight = world.startAt + Math.floor((at - world.startAt) / dayMs) * dayMs
  return world.rhythm.momentOf(midnight + days * dayMs, random)
}

/** A top-up is no coupon that could be given back. */
function planSecondUse(world: World, person: Person, refunded: Act, random: Random): void {
  const { coupon, at } = refunded
  if (coupon.offer.couponType === 'top-up' || !random.chance(spentAgainShare)) return
  const again = random.chance(0.5)
    ? at + 5 * minuteMs + random.exponential(50 * minuteMs)
    : laterDay(world, at, random.between(1, 3), random)
  if (again >= coupon.expiresAt) return
  promise(world, again, 1, (now) => {
    const setting = redemptionSetting(world, { person, coupon, at: now }, random)
    const act = { ...refunded, id: world.nextId(), at: now, setting }
    send(world, redemptionEvent(act, usualOrder(coupon, random)), labelsOf(person))
  })
}
