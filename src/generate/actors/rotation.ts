/**
 * The loop that most scripts are: rotate through accounts, claim with each in turn, and after a
 * while spend what has ripened. Device farms, proxy pools, batches, clocks and cash-out merchants
 * differ in what they rotate and where it seems to come from, not in the loop.
 */
import { topUpOrder, usualOrder } from '../coupons.ts'
import type { Account } from '../population.ts'
import { type Coupon, claimEvent, type Order, redemptionEvent, type Setting } from '../published.ts'
import type { World } from '../world.ts'
import { type Actor, referrerOf, sendAs, wantedCoupon } from './actor.ts'

export interface Rotation {
  readonly accounts: readonly Account[]
  /** Share of the actor's events that are redemptions. */
  readonly redeemShare: number
  /** A coupon ripens this long after its claim. */
  readonly holdMs: number
  /** Where the account at a place of the list acts from. */
  settingOf(place: number, now: number): Setting
  /** The coupon that it claims; by default whatever is worth most. */
  readonly couponOf?: (place: number, now: number) => Coupon
  readonly orderOf?: (coupon: Coupon, now: number) => Order
}

interface Held {
  readonly place: number
  readonly coupon: Coupon
  readonly at: number
}

/** The step to repeat: one claim or one redemption. */
export function rotate(world: World, actor: Actor, rotation: Rotation): (now: number) => void {
  const held: Held[] = []
  let head = 0
  let turn = 0
  let redeemed = 0
  return (now) => {
    const done = actor.budget - actor.left
    const ripe = held[head]
    if (
      ripe !== undefined &&
      now - ripe.at >= rotation.holdMs &&
      redeemed < rotation.redeemShare * (done + 1)
    ) {
      head += 1
      redeemed += 1
      spend(world, actor, rotation, { ...ripe, at: now })
      return
    }
    const place = turn % rotation.accounts.length
    turn += 1
    const coupon = rotation.couponOf?.(place, now) ?? wantedCoupon(world, actor, now)
    const account = rotation.accounts[place]!
    const act = {
      id: world.nextId(),
      at: now,
      account,
      setting: rotation.settingOf(place, now),
      coupon,
    }
    sendAs(world, actor, claimEvent(act, referrerOf(actor, coupon)))
    held.push({ place, coupon, at: now })
  }
}

function spend(world: World, actor: Actor, rotation: Rotation, { place, coupon, at }: Held): void {
  const stores = coupon.offer.stores[actor.random.below(12)]
  const store = coupon.store ?? (stores === undefined ? null : actor.random.pick(stores))
  const placed = store === null ? coupon : { ...coupon, store, merchant: store.merchant }
  const act = {
    id: world.nextId(),
    at,
    account: rotation.accounts[place]!,
    setting: rotation.settingOf(place, at),
    coupon: placed,
  }
  const order = rotation.orderOf?.(placed, at) ?? orderFor(actor, placed, at)
  sendAs(world, actor, redemptionEvent(act, order))
}

function orderFor(actor: Actor, coupon: Coupon, at: number): Order {
  const { random } = actor
  if (coupon.offer.couponType !== 'top-up') return usualOrder(coupon, random)
  const phone = `1${random.between(3, 9)}${String(random.below(1e9)).padStart(9, '0')}`
  return topUpOrder(coupon, phone, at, random)
}
