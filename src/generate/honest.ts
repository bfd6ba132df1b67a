/**
 * What ordinary people do: open a channel, take one coupon or a few, and spend some of them minutes
 * to days later, at the rates that each channel has (D10). Typos, gifts, family phones, second
 * devices, travel, VPNs and accounts registered a moment ago are all part of it.
 */
import { newCoupon } from './coupons.ts'
import { passOn } from './gifts.ts'
import { labelsOf } from './labels.ts'
import { type ChannelHabit, channelHabits, type Offer } from './market.ts'
import type { Person } from './population.ts'
import { type Coupon, claimEvent } from './published.ts'
import { type Random, weighted } from './random.ts'
import { planRedemption, type Taking } from './redeem.ts'
import { secondMs } from './rhythm.ts'
import { claimSetting } from './settings.ts'
import { send, type World } from './world.ts'

const pickUsual = weighted(channelHabits.map((habit) => habit.share))
const pickInFlash = weighted(channelHabits.map((habit) => habit.flashShare))
const offerPickers = new Map(
  channelHabits.map((habit) => [habit, weighted(habit.offers.map(([, weight]) => weight))]),
)

/** Share of sessions by people who registered just now, usually and in a flash sale. */
const newcomerShare = 0.012
const newcomerFlashShare = 0.05

/** Events that a claim and a visit bring in the end, redemptions and gifts included, about. */
export const eventsPerClaim = 1.29
export const eventsPerVisit = 1.375 * eventsPerClaim

export function pickHabit(random: Random, flash: boolean): ChannelHabit {
  return channelHabits[flash ? pickInFlash(random) : pickUsual(random)]!
}

/** An offer of the channel; those that ask for an identity only for people who have shown it. */
export function pickOffer(habit: ChannelHabit, person: Person, random: Random): Offer {
  const pick = offerPickers.get(habit)!
  let offer = habit.offers[pick(random)]![0]
  while (offer.identityRequired && !person.verified) offer = habit.offers[pick(random)]![0]
  return offer
}

/** One visit: a person takes coupons, a few seconds to a minute apart. */
export function visit(world: World, now: number, random: Random): void {
  const flash = world.rhythm.isFlash(now)
  const isNew = random.chance(flash ? newcomerFlashShare : newcomerShare)
  const person = isNew ? world.population.newcomer(now) : world.population.anyone(random)
  const habit = pickHabit(random, flash)
  const claims = random.chance(0.75) ? 1 : random.between(2, 3)
  let at = now
  for (let claim = 0; claim < claims; claim += 1) {
    takeCoupon(world, { person, habit, at }, random)
    at += 4 * secondMs + random.exponential(25 * secondMs)
  }
}

/** Claims a coupon, and plans what becomes of it. */
export function takeCoupon(world: World, taking: Taking, random: Random): Coupon {
  const { person, habit, at } = taking
  const coupon = couponFor(world, taking, random)
  const setting = claimSetting(world, { person, coupon, at }, random)
  const referrer = random.chance(0.35) ? random.pick(coupon.offer.referrers) : null
  const act = { id: world.nextId(), at, account: person, setting, coupon }
  send(world, claimEvent(act, referrer), labelsOf(person))
  if (habit.channel === 'group-share' && random.chance(0.3)) passOn(world, taking, coupon, random)
  else planRedemption(world, taking, coupon, random)
  return coupon
}

export function couponFor(world: World, taking: Taking, random: Random): Coupon {
  const { person, habit, at } = taking
  const offer = pickOffer(habit, person, random)
  const stores = offer.stores[person.city]
  const onSite = habit.channel === 'offline-scan' || habit.channel === 'gift-after-payment'
  const store = onSite && stores !== undefined ? random.pick(stores) : null
  const coupon = newCoupon(world.codes, { offer, channel: habit.channel, store, at }, random)
  if (offer.couponType !== 'gift-card' || person.pattern !== 'employee') return coupon
  const batch = person.family % 40
  return { ...coupon, batchId: `ent-${batch}`, packageAmount: 2_000_000 + batch * 150_000 }
}
