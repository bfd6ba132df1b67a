/**
 * Account takeover: a crew logs into other people's accounts and drains them (`drain.ts`). Half of
 * the victims are found by leaked passwords among accounts that nobody has used for months, because
 * nobody looks; the other half have just claimed a coupon and are rung up, minutes to hours later,
 * by false customer service that asks for the SMS code of a login (D16), and go on using their
 * account. The accounts are genuine: years old, most with an identity, not made or bought for this.
 * Only device and address are the crew's.
 *
 * Brash crews log a phone into five to nine accounts and hide a third of their phones behind a VPN
 * or data centre; steady ones change the phone after two or three accounts and hide a fifth;
 * careful ones use a phone once, behind a carrier of the victim's own city.
 */
import { nearCity, pickCity } from '../places.ts'
import { fingerprint } from '../random.ts'
import { hourMs, minuteMs } from '../rhythm.ts'
import type { World } from '../world.ts'
import {
  type Actor,
  byStyle,
  duration,
  type Hideout,
  looseGaps,
  newAccounts,
  newHideout,
  repeat,
} from './actor.ts'
import { drain, type Seat } from './drain.ts'
import { planSurprise, victimClaims } from './victim.ts'

interface Phone {
  readonly seat: Seat
  /** Accounts that it will still log into. */
  left: number
}

export function accountTakeover(world: World, actor: Actor): void {
  const { random } = actor
  const home = newHideout(random)
  let phone: Phone | null = null
  const seatFor = (city: number): Seat => {
    if (phone === null || phone.left <= 0) {
      const left = byStyle(actor, random.between(5, 9), random.between(2, 3), 1)
      phone = { seat: newSeat(world, actor, home, city), left }
    }
    phone.left -= 1
    return phone.seat
  }
  const step = (now: number) => {
    if (random.chance(0.5)) {
      const account = newAccounts(actor, 1, () => 'dormant')[0]!
      drain(world, actor, { account, seat: seatFor(pickCity(random)), waiting: null }, now)
      return
    }
    const victim = world.population.anyone(random)
    const coupon = victimClaims(world, actor, victim, now)
    world.agenda.push(now + random.between(8, 150) * minuteMs, (calledAt) => {
      if (actor.left <= 0) return
      const taken = { account: victim, seat: seatFor(victim.city), waiting: coupon }
      const doneAt = drain(world, actor, taken, calledAt)
      if (random.chance(0.33)) planSurprise(world, actor, { victim, coupon }, doneAt)
    })
  }
  // A drained account brings so many events, so the gaps are stretched by as much.
  const eventsPerAccount = byStyle(actor, 11, 8, 3.3)
  const gap = looseGaps(actor, duration(actor, 2 * hourMs, 7 * hourMs))
  repeat(world, actor, () => eventsPerAccount * gap(), step)
}

function newSeat(world: World, actor: Actor, home: Hideout, city: number): Seat {
  const { random } = actor
  const careful = actor.style === 'careful'
  const hideout = careful ? { city, geo: nearCity(city, 7, random) } : home
  return { device: fingerprint(random), address: addressOf(world, actor, hideout), hideout }
}

function addressOf(world: World, actor: Actor, { city }: Hideout): string {
  const { random } = actor
  if (!random.chance(byStyle(actor, 0.33, 0.2, 0))) {
    return world.places.carrier(city, random.below(3), random)
  }
  return random.chance(0.7) ? world.places.vpn(random) : world.places.hosting(random)
}
