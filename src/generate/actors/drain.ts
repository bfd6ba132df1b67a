/**
 * Draining an account that was taken over: claim what it may claim, then spend that and what its
 * owner had waiting. A brash crew is through in five minutes:
 *
 *     claim claim claim claim claim      spend spend spend spend spend
 *     |<--- 4 to 7, seconds apart --->|  |<--- at once, one after the other
 *
 * It takes what is sold online and sells well, gift cards first. The owner's wallet pays what the
 * coupon leaves, so bold crews order from the top of the scale; top-ups go to numbers that were
 * sold beforehand. Careful crews take one or two, order what anyone would, and leave a quarter of
 * an hour to an hour and a half between orders.
 */
import { newCoupon, usualOrder } from '../coupons.ts'
import { flashSale, giftCards, homeGoods, type Offer, topUps } from '../market.ts'
import type { Account } from '../population.ts'
import { type Act, type Coupon, claimEvent, type Order, redemptionEvent } from '../published.ts'
import { type Random, weighted } from '../random.ts'
import { secondMs } from '../rhythm.ts'
import type { World } from '../world.ts'
import { type Actor, byStyle, type Hideout, placeOf, plainSetting, sendAs } from './actor.ts'

/** A phone of the crew, and where it seems to be. */
export interface Seat {
  readonly device: string
  readonly address: string
  readonly hideout: Hideout
}

/** Somebody's account in the hands of a crew. */
export interface Taken {
  readonly account: Account
  readonly seat: Seat
  /** What its owner had claimed and not yet spent. */
  readonly waiting: Coupon | null
}

const loot: readonly Offer[] = [giftCards, flashSale, topUps, homeGoods]
const pickLoot = weighted([38, 27, 20, 15])

/** Crews lose patience, or the owner calls back, before this share of the coupons is spent. */
const leftShare = 0.12

/** Gives the time at which it is done. */
export function drain(world: World, actor: Actor, taken: Taken, now: number): number {
  const { random } = actor
  const { account, waiting } = taken
  const wait = (low: number, high: number) => random.between(low, high) * secondMs
  const claims = byStyle(actor, random.between(4, 7), random.between(3, 5), random.between(1, 2))
  const held = waiting === null ? [] : [waiting]
  let at = now + wait(20, 90)
  for (let claim = 0; claim < claims; claim += 1) {
    const coupon = lootCoupon(world, account, at, random)
    held.push(coupon)
    world.agenda.push(at, (later) => claimAs(world, actor, taken, { coupon, at: later }))
    at += byStyle(actor, wait(4, 25), wait(20, 120), wait(60, 600))
  }
  for (const coupon of held) {
    at += byStyle(actor, wait(12, 60), wait(45, 300), wait(900, 5_400))
    if (coupon !== waiting && random.chance(leftShare)) continue
    world.agenda.push(at, (later) => spendAs(world, actor, taken, { coupon, at: later }))
  }
  return at
}

/** Top-ups ask for an identity, which most old accounts have shown. */
function lootCoupon(world: World, account: Account, at: number, random: Random): Coupon {
  let offer = loot[pickLoot(random)]!
  while (offer.identityRequired && !account.verified) offer = loot[pickLoot(random)]!
  const inPopup = offer === flashSale || offer === homeGoods
  const channel = inPopup ? 'mini-program-popup' : 'account-menu'
  return newCoupon(world.codes, { offer, channel, store: null, at }, random)
}

interface Turn {
  readonly coupon: Coupon
  readonly at: number
}

function claimAs(world: World, actor: Actor, taken: Taken, turn: Turn): void {
  if (actor.left > 0) sendAs(world, actor, claimEvent(actOf(world, actor, taken, turn), null))
}

function spendAs(world: World, actor: Actor, taken: Taken, turn: Turn): void {
  if (actor.left <= 0) return
  const order = orderOf(actor, turn.coupon)
  sendAs(world, actor, redemptionEvent(actOf(world, actor, taken, turn), order))
}

function actOf(world: World, { random }: Actor, { account, seat }: Taken, turn: Turn): Act {
  const setting = plainSetting(seat.device, seat.address, placeOf(seat.hideout, random, 0.6))
  return { id: world.nextId(), account, setting, ...turn }
}

function orderOf(actor: Actor, coupon: Coupon): Order {
  const { random } = actor
  const { couponType, tiers } = coupon.offer
  const usual = usualOrder(coupon, random)
  const bold = random.chance(byStyle(actor, 0.7, 0.45, 0))
  if (couponType === 'gift-card') return usual
  const top = tiers.at(-1)!
  const large = { ...usual, couponPays: top.off, tier: top.name }
  if (couponType === 'top-up') {
    const phone = `1${random.between(3, 9)}${String(random.below(1e9)).padStart(9, '0')}`
    const sold = { phone, numberKind: 'mobile' } as const
    return bold ? { ...large, ...sold, amount: top.minAmount } : { ...usual, ...sold }
  }
  if (!bold) return usual
  return { ...large, amount: Math.round(top.minAmount * (1 + random.exponential(120) / 1_000)) }
}
