/**
 * Gift ring: a reseller passes coupons on to buyers by way of the gift function, which allows five
 * a day. Brash rings send about a hundred a day from one account; a third of the coupons travel on
 * from hand to hand, up to four hops, and some come back to where they began, which makes them look
 * fresh. Two fifths of the events are the buyers spending. Steady rings share the work among more
 * senders; careful ones never send a sixth and stop at the second hop.
 */
import { newCoupon, usualOrder } from '../coupons.ts'
import { giftCards, homeGoods, lunch } from '../market.ts'
import type { Account } from '../population.ts'
import { type Coupon, claimEvent, redemptionEvent } from '../published.ts'
import { hourMs, minuteMs, secondMs } from '../rhythm.ts'
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
  referrerOf,
  repeat,
  sendAs,
} from './actor.ts'

interface Member {
  readonly account: Account
  readonly device: string
  readonly ip: string
  readonly hideout: ReturnType<typeof newHideout>
}

interface Ring {
  readonly senders: readonly Member[]
  readonly buyers: readonly Member[]
}

interface Pass {
  readonly from: Member
  readonly to: Member
  readonly coupon: Coupon
  readonly at: number
}

export function giftRing(world: World, actor: Actor): void {
  const { random } = actor
  const days = Math.max(1, Math.round((actor.endAt - actor.startAt) / (24 * hourMs)))
  const perSender = byStyle(actor, 240, 180, 8 * days)
  const senderCount = Math.max(1, Math.round(actor.budget / perSender))
  const buyerCount = Math.max(4, Math.round(actor.budget / byStyle(actor, 7, 7, 2.5)))
  const accounts = newAccounts(actor, senderCount + buyerCount, () => 'aged')
  const devices = newDevices(random, accounts.length)
  const members = accounts.map(
    (account, place): Member => ({
      account,
      device: devices[place]!,
      ip: world.places.line(random),
      hideout: newHideout(random),
    }),
  )
  const ring: Ring = {
    senders: members.slice(0, senderCount),
    buyers: members.slice(senderCount),
  }
  let turn = 0
  const step = (now: number) => {
    const from = ring.senders[turn % senderCount]!
    const to = ring.buyers[turn % buyerCount]!
    turn += 1
    const coupon = resold(world, actor, now)
    passOn(world, actor, ring, { from, to, coupon, at: now })
  }
  // Each step brings about 2.2 events, so the gaps are stretched by as much.
  const gap = looseGaps(actor, duration(actor, 90 * minuteMs, 6 * hourMs))
  repeat(world, actor, () => 2.2 * gap(), step)
}

function resold(world: World, { random }: Actor, at: number): Coupon {
  const offer = random.pick([homeGoods, giftCards, lunch, lunch])
  return newCoupon(world.codes, { offer, channel: 'group-share', store: null, at }, random)
}

/** The buyer takes the coupon, and passes it on, brings it back or spends it. */
function passOn(world: World, actor: Actor, ring: Ring, pass: Pass): void {
  if (actor.left <= 0 || pass.at >= actor.endAt) return
  const { random } = actor
  const { from, to, at } = pass
  const hop = (pass.coupon.transfer?.hop ?? 0) + 1
  const transfer = {
    id: world.nextId(),
    sender: from.account.openid,
    hop,
    at: at - random.between(20, 400) * secondMs,
  }
  const coupon = { ...pass.coupon, transfer }
  const setting = plainSetting(to.device, to.ip, placeOf(to.hideout, random, 0.6))
  const act = { id: world.nextId(), at, account: to.account, setting, coupon }
  sendAs(world, actor, claimEvent(act, referrerOf(actor, coupon)))
  const laterAt = at + random.between(90, 1_500) * secondMs
  const hopsMax = byStyle(actor, 4, 4, Math.min(2, coupon.offer.transferHopsMax))
  if (hop < hopsMax && random.chance(hop === 1 ? 0.3 : 0.6)) {
    const next = random.chance(0.35) ? from : random.pick(ring.buyers)
    if (next === to) return
    world.agenda.push(laterAt, (now) =>
      passOn(world, actor, ring, { from: to, to: next, coupon, at: now }),
    )
    return
  }
  if (!random.chance(0.8)) return
  world.agenda.push(laterAt, (now) => {
    if (actor.left <= 0) return
    const place = placeOf(to.hideout, random, 0.6)
    const spending = {
      id: world.nextId(),
      at: now,
      account: to.account,
      setting: plainSetting(to.device, to.ip, place),
      coupon,
    }
    sendAs(world, actor, redemptionEvent(spending, usualOrder(coupon, random)))
  })
}
