/**
 * Cash-out merchant: a shop turns coupons into money. It recruits people, logs their accounts into
 * its own two or three phones, claims, and minutes later redeems in its own store an order that the
 * coupon and others stacked on it pay nearly whole; the same few amounts again and again. One in
 * five sells top-ups instead: small ones, to the same three numbers. Careful merchants let recruits
 * use their own phones, leave a third of the order to be paid, and wait for hours.
 */
import { newCoupon } from '../coupons.ts'
import { lunch, noodles, type Offer, tea, topUps } from '../market.ts'
import type { Coupon, Order } from '../published.ts'
import { hourMs, minuteMs } from '../rhythm.ts'
import type { World } from '../world.ts'
import {
  type Actor,
  byStyle,
  duration,
  looseGaps,
  newAccounts,
  newDevices,
  newHideout,
  placeOf,
  plainSetting,
  repeat,
} from './actor.ts'
import { rotate } from './rotation.ts'

/** Order amounts in fen that the shop rings up. */
const amounts = [3_000, 3_600, 6_000, 6_600] as const
const stackSources = ['platform', 'bank', 'merchant-card', 'points', 'partner'] as const

export function cashOutMerchant(world: World, actor: Actor): void {
  const { random } = actor
  const hideout = newHideout(random)
  const careful = actor.style === 'careful'
  const sellsTopUps = !careful && random.chance(0.2)
  const recruits = Math.max(3, Math.round(actor.budget / byStyle(actor, 4.5, 6, 3)))
  const phonesPer = byStyle(actor, 26, 22, 1)
  const devices = newDevices(random, Math.round(recruits / phonesPer))
  const shopLine = world.places.line(random)
  const ownLines = devices.map(() => world.places.line(random))
  const durationMs = duration(actor, 100 * minuteMs, 5 * hourMs)
  const offer = sellsTopUps ? topUps : random.pick([lunch, noodles, tea])
  const rotation = {
    accounts: newAccounts(actor, recruits, () => 'aged'),
    redeemShare: 0.5,
    holdMs: byStyle(actor, 2 * minuteMs, 4 * minuteMs, 3 * hourMs),
    settingOf: (place: number) => {
      const device = place % devices.length
      const ip = careful ? ownLines[device]! : shopLine
      return plainSetting(devices[device]!, ip, placeOf(hideout, random, 0.7))
    },
    couponOf: (_: number, now: number) =>
      shopCoupon(world, actor, { offer, city: hideout.city }, now),
    orderOf: sellsTopUps ? numbersOrder(actor) : (coupon: Coupon) => shopOrder(actor, coupon),
  }
  repeat(world, actor, looseGaps(actor, durationMs), rotate(world, actor, rotation))
}

function shopCoupon(
  world: World,
  { random }: Actor,
  shop: { offer: Offer; city: number },
  now: number,
): Coupon {
  const store = shop.offer.stores[shop.city]?.[0] ?? null
  const channel = store === null ? 'account-menu' : 'offline-scan'
  return newCoupon(world.codes, { offer: shop.offer, channel, store, at: now }, random)
}

/** An order paid with coupons to 93 to 99 percent; careful ones to about two thirds. */
function shopOrder(actor: Actor, coupon: Coupon): Order {
  const { random } = actor
  const amount = random.pick(amounts)
  const tier = coupon.offer.tiers.findLast((step) => step.minAmount <= amount) ?? null
  const couponPays = tier?.off ?? coupon.worth
  const share = actor.style === 'careful' ? random.between(60, 72) : random.between(93, 99)
  const missing = Math.max(0, Math.round((amount * share) / 100) - couponPays)
  const count = random.chance(0.15) ? 5 : 3
  const stacked = stackSources.slice(0, count).map((source) => ({
    source,
    amount: Math.floor(missing / count),
  }))
  return {
    amount,
    couponPays,
    tier: tier?.name ?? null,
    stacked,
    phone: null,
    numberKind: null,
    portedAt: null,
    attempt: 'succeeded',
  }
}

/** Small top-ups to the same three numbers. */
function numbersOrder({ random }: Actor): (coupon: Coupon) => Order {
  const phones = [1, 2, 3].map(() => `17${String(random.below(1e9)).padStart(9, '0')}`)
  return () => ({
    amount: random.pick([1_000, 2_000, 3_000]),
    couponPays: 100,
    tier: 'over-10',
    stacked: [],
    phone: random.pick(phones),
    numberKind: random.chance(0.5) ? 'virtual' : 'mobile',
    portedAt: null,
    attempt: 'succeeded',
  })
}
