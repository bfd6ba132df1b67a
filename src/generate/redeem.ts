/**
 * How honest people spend coupons: when, where and by whom. One time in two hundred somebody else
 * of the household shows the code, one time in a hundred the owner is in another city, and printed
 * codes are typed, sometimes wrongly.
 */
import { topUpOrder, usualOrder } from './coupons.ts'
import { labelsOf } from './labels.ts'
import type { ChannelHabit, Store } from './market.ts'
import { nearCity, pickCity } from './places.ts'
import type { Person } from './population.ts'
import { type Act, type Coupon, type Order, redemptionEvent, type Setting } from './published.ts'
import type { Random } from './random.ts'
import { planRefund } from './refunds.ts'
import { dayMs, minuteMs, secondMs } from './rhythm.ts'
import { redemptionSetting } from './settings.ts'
import { promise, send, type World } from './world.ts'

/** Somebody takes a coupon by a channel at a time. */
export interface Taking {
  readonly person: Person
  readonly habit: ChannelHabit
  readonly at: number
}

/** Who waits comes back the next day, or the day after. */
const nextDayShare = 0.7

/**
 * When a coupon claimed at `at` is spent; null where it never is. Later days follow the day's
 * rhythm, so that a channel's redemptions keep pace with its claims at every hour.
 */
export function redemptionTime(
  world: World,
  habit: ChannelHabit,
  at: number,
  random: Random,
): number | null {
  if (!random.chance(habit.redeemed)) return null
  if (random.chance(habit.soon)) return at + 25 * secondMs + random.exponential(habit.soonMeanMs)
  const days = random.chance(nextDayShare) ? 1 : 2
  const midnight = world.startAt + Math.floor((at - world.startAt) / dayMs) * dayMs
  return world.rhythm.momentOf(midnight + days * dayMs, random)
}

export function planRedemption(world: World, taking: Taking, coupon: Coupon, random: Random): void {
  const redeemAt = redemptionTime(world, taking.habit, taking.at, random)
  if (redeemAt !== null) scheduleRedemption(world, taking.person, coupon, redeemAt)
}

export function scheduleRedemption(
  world: World,
  person: Person,
  coupon: Coupon,
  redeemAt: number,
): void {
  promise(world, redeemAt, 1, (now) => redeem(world, person, coupon, now))
}

function redeem(world: World, owner: Person, claimed: Coupon, now: number): void {
  const random = world.honest
  const own = claimed.transfer !== null || claimed.offer.identityRequired
  const relative = !own && random.chance(0.005)
  const person = relative ? world.population.relative(owner, random) : owner
  const city = random.chance(0.01) ? pickCity(random) : person.city
  const coupon = claimed.store === null ? inStore(claimed, city, random) : claimed
  const setting = awayFrom(redemptionSetting(world, { person, coupon, at: now }, random), {
    coupon,
    person,
    city,
    random,
  })
  const act: Act = { id: world.nextId(), at: now, account: person, setting, coupon }
  const spentAt = claimed.offer.printedCodes ? mistype(world, act, person, random) : now
  const order = orderOf({ ...act, at: spentAt }, person, random)
  const spent = { ...act, id: world.nextId(), at: spentAt }
  send(world, redemptionEvent(spent, order), labelsOf(person))
  planRefund(world, person, spent, order)
  if (coupon.offer.couponType === 'top-up' && random.chance(0.06)) {
    topUpFamily(world, { ...act, at: spentAt }, person, random)
  }
}

/** A coupon claimed online is spent in some store of the city, where the offer has stores. */
function inStore(coupon: Coupon, city: number, random: Random): Coupon {
  const stores: readonly Store[] | undefined = coupon.offer.stores[city]
  if (stores === undefined) return coupon
  const store = random.pick(stores)
  return { ...coupon, store, merchant: store.merchant }
}

function awayFrom(
  setting: Setting,
  of: { coupon: Coupon; person: Person; city: number; random: Random },
): Setting {
  const { coupon, person, city, random } = of
  if (city === person.city || coupon.store !== null || setting.geo === null) return setting
  return { ...setting, geo: nearCity(city, 6, random) }
}

/** Wrong attempts before the right one; gives the time of the right one. Few people need many. */
function mistype(world: World, act: Act, person: Person, random: Random): number {
  if (!random.chance(0.05)) return act.at
  const attempts = random.chance(0.02) ? random.between(4, 6) : random.chance(0.8) ? 1 : 2
  let at = act.at
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const code = slipOf(act.coupon.code, random)
    const wrong = { ...act, id: world.nextId(), at, coupon: { ...act.coupon, code } }
    const order = { ...usualOrder(act.coupon, random), attempt: 'wrong_code' } as const
    send(world, redemptionEvent(wrong, order), labelsOf(person))
    at += 8 * secondMs + random.exponential(20 * secondMs)
  }
  return at
}

/** The same code with one of its last six characters wrong. */
function slipOf(code: string, random: Random): string {
  const place = code.length - 1 - random.below(6)
  const wrong = String((code.charCodeAt(place) + random.between(1, 9)) % 10)
  return code.slice(0, place) + wrong + code.slice(place + 1)
}

function orderOf({ coupon, at }: Act, person: Person, random: Random): Order {
  if (coupon.offer.couponType === 'top-up') return topUpOrder(coupon, person.phone, at, random)
  const order = usualOrder(coupon, random)
  return random.chance(0.006) ? { ...order, attempt: 'declined' } : order
}

/** A parent tops up two or three more phones of the family within the hour. */
function topUpFamily(world: World, first: Act, person: Person, random: Random): void {
  let at = first.at
  for (let left = random.between(2, 3); left > 0; left -= 1) {
    at += 2 * minuteMs + random.exponential(8 * minuteMs)
    const relative = world.population.relative(person, random)
    const coupon = { ...first.coupon, code: world.codes.next(first.coupon.offer, null, random) }
    const order = topUpOrder(coupon, relative.phone, at, random)
    const spent = { ...first, id: world.nextId(), at, coupon }
    send(world, redemptionEvent(spent, order), labelsOf(person))
    planRefund(world, person, spent, order)
  }
}
