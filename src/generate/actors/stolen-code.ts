/**
 * Stolen code: false customer service talks people out of the code in the message they just got.
 * The victim claims a coupon, honestly; within minutes it is spent from another account, a new
 * device and another city, by accounts bought after long disuse that make three to eight such
 * purchases each. One in seven works with a false gift link instead: the mule takes the coupon as a
 * gift and a buyer far away spends it on a device of his own. A third of the victims try later and
 * are declined. Careful thieves live in the victim's city, use aged accounts and wait a day.
 *
 * Only the thief's events are labelled as fraud; the victim's stay honest.
 */
import { usualOrder } from '../coupons.ts'
import { nearCity, pickCity } from '../places.ts'
import type { Account, Person } from '../population.ts'
import { type Coupon, claimEvent, redemptionEvent, type Setting } from '../published.ts'
import { fingerprint } from '../random.ts'
import { hourMs, minuteMs, secondMs } from '../rhythm.ts'
import type { World } from '../world.ts'
import {
  type Actor,
  byStyle,
  duration,
  looseGaps,
  newAccounts,
  plainSetting,
  repeat,
  sendAs,
} from './actor.ts'
import { planSurprise, victimClaims } from './victim.ts'

interface Mule {
  readonly account: Account
  readonly device: string
  readonly address: string
  readonly city: number
  left: number
}

export function stolenCode(world: World, actor: Actor): void {
  const { random } = actor
  let mule = newMule(world, actor)
  const step = (now: number) => {
    if (mule.left <= 0) mule = newMule(world, actor)
    mule.left -= 1
    const victim = world.population.anyone(random)
    const coupon = victimClaims(world, actor, victim, now)
    const wait = byStyle(
      actor,
      random.between(2, 18),
      random.between(4, 40),
      random.between(300, 900),
    )
    const thief = mule
    world.agenda.push(now + wait * minuteMs, (later) =>
      steal(world, actor, { thief, victim, coupon }, later),
    )
    if (random.chance(0.33)) planSurprise(world, actor, { victim, coupon }, now + wait * minuteMs)
  }
  const gap = looseGaps(actor, duration(actor, 2 * hourMs, 8 * hourMs))
  repeat(world, actor, () => 1.25 * gap(), step)
}

function newMule(world: World, actor: Actor): Mule {
  const { random } = actor
  const careful = actor.style === 'careful'
  const draw = random.unit()
  const city = pickCity(random)
  return {
    account: newAccounts(actor, 1, () => (careful ? 'aged' : 'dormant'))[0]!,
    device: fingerprint(random),
    address:
      !careful && draw < 0.3
        ? world.places.vpn(random)
        : draw < 0.6
          ? world.places.carrier(city, random.below(3), random)
          : world.places.line(random),
    city,
    left: careful ? 2 : random.between(3, 8),
  }
}

interface Theft {
  readonly thief: Mule
  readonly victim: Person
  readonly coupon: Coupon
}

function steal(world: World, actor: Actor, theft: Theft, now: number): void {
  if (actor.left <= 0) return
  const { random } = actor
  const { thief, victim } = theft
  const careful = actor.style === 'careful'
  const byGift = !careful && theft.coupon.offer.transferHopsMax > 0 && random.chance(0.14)
  const city = careful ? victim.city : farFrom(victim.city, thief.city)
  const own = (device: string, where: number): Setting =>
    plainSetting(device, thief.address, random.chance(0.97) ? nearCity(where, 6, random) : null)
  let coupon = theft.coupon
  let at = now
  let device = thief.device
  let spentIn = city
  if (byGift) {
    const transfer = { id: world.nextId(), sender: victim.openid, hop: 1, at: now - 40 * secondMs }
    coupon = { ...coupon, transfer }
    const act = {
      id: world.nextId(),
      at,
      account: thief.account,
      setting: own(device, city),
      coupon,
    }
    const link = random.chance(0.85) ? 'https://gift-for-you.example/open' : null
    sendAs(world, actor, claimEvent(act, link))
    at += random.between(1, 9) * minuteMs
    device = fingerprint(random)
    spentIn = farFrom(city, pickCity(random))
  }
  const act = {
    id: world.nextId(),
    at,
    account: thief.account,
    setting: own(device, spentIn),
    coupon,
  }
  sendAs(world, actor, redemptionEvent(act, usualOrder(coupon, random)))
}

/** The city itself, or the next one where the two are the same. */
const farFrom = (other: number, city: number): number => (city === other ? (city + 1) % 12 : city)
