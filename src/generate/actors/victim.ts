/**
 * People whose code or account is taken. They claim in good faith, from where they are, and a few
 * of them come later to spend what is gone and are declined. Their events stay honest in the
 * labels: only the thief's are fraud.
 */
import { newCoupon, usualOrder } from '../coupons.ts'
import { labelsOf } from '../labels.ts'
import { giftCards, homeGoods, lunch } from '../market.ts'
import { nearCity } from '../places.ts'
import type { Person } from '../population.ts'
import { type Coupon, claimEvent, redemptionEvent } from '../published.ts'
import { minuteMs } from '../rhythm.ts'
import { settingAt } from '../settings.ts'
import { send, type World } from '../world.ts'
import type { Actor } from './actor.ts'

/** The victim claims a coupon that is worth taking. */
export function victimClaims(world: World, { random }: Actor, victim: Person, at: number): Coupon {
  const offer = random.pick([lunch, homeGoods, giftCards])
  const channel = random.chance(0.5) ? 'account-menu' : 'mini-program-popup'
  const coupon = newCoupon(world.codes, { offer, channel, store: null, at }, random)
  const setting = settingAt(world, { person: victim, coupon, at }, victim.device, random)
  const geo = setting.geo ?? (random.chance(0.9) ? nearCity(victim.city, 6, random) : null)
  const act = { id: world.nextId(), at, account: victim, setting: { ...setting, geo }, coupon }
  send(world, claimEvent(act, null), labelsOf(victim))
  return coupon
}

/** The victim tries to spend what is gone. */
export function planSurprise(
  world: World,
  { random }: Actor,
  of: { victim: Person; coupon: Coupon },
  stolenAt: number,
): void {
  const { victim, coupon } = of
  world.agenda.push(stolenAt + random.between(10, 600) * minuteMs, (now) => {
    const setting = settingAt(world, { person: victim, coupon, at: now }, victim.device, random)
    const order = { ...usualOrder(coupon, random), attempt: 'declined' } as const
    const act = { id: world.nextId(), at: now, account: victim, setting, coupon }
    send(world, redemptionEvent(act, order), labelsOf(victim))
  })
}
