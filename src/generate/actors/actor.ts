/**
 * A dishonest actor: who it is, how hard it pushes, how much it still has to do, and its accounts.
 * Three styles: brash ones take all they can in an hour; steady ones keep it up for hours with
 * fewer accounts per device; careful ones spread over the whole run with gaps and numbers that look
 * human, and slip only now and then.
 */
import type { CouponEvent, Geo } from '../../core/schema.gen.ts'
import { newCoupon } from '../coupons.ts'
import type { RowLabels } from '../faults.ts'
import { cinema, flashSale, giftCards, lunch, type Offer, topUps } from '../market.ts'
import type { ActorKind } from '../mix.ts'
import { nearCity, pickCity } from '../places.ts'
import type { Account } from '../population.ts'
import type { Coupon, Setting } from '../published.ts'
import { fingerprint, openid, type Random, weighted } from '../random.ts'
import { dayMs, hourMs, minuteMs } from '../rhythm.ts'
import { send, type World } from '../world.ts'

export type Style = 'brash' | 'steady' | 'careful'

export interface Actor {
  readonly kind: ActorKind
  readonly style: Style
  readonly random: Random
  readonly startAt: number
  /** It stops here, finished or not. */
  readonly endAt: number
  /** Events that it means to make. */
  readonly budget: number
  readonly labels: RowLabels
  left: number
}

/** A choice by style. */
export const byStyle = <T>(actor: Actor, brash: T, steady: T, careful: T): T =>
  actor.style === 'brash' ? brash : actor.style === 'steady' ? steady : careful

export function sendAs(world: World, actor: Actor, event: CouponEvent): void {
  actor.left -= 1
  send(world, event, actor.labels)
}

/** Repeats a step until the actor is done, with a gap drawn anew each time. */
export function repeat(
  world: World,
  actor: Actor,
  gapMs: () => number,
  step: (now: number) => void,
): void {
  const tick = (now: number): void => {
    if (actor.left <= 0 || now >= actor.endAt) return
    const asleep = actor.style === 'careful' ? untilMorning(world, actor, now) : 0
    if (asleep === 0) step(now)
    world.agenda.push(now + Math.max(20, Math.round(asleep + gapMs())), tick)
  }
  world.agenda.push(actor.startAt, tick)
}

/** Careful actors sleep from midnight to about seven, as people do. */
export function untilMorning(world: World, { random }: Actor, now: number): number {
  const sinceMidnight = (now - world.startAt) % dayMs
  if (sinceMidnight >= 7 * hourMs) return 0
  return 7 * hourMs - sinceMidnight + random.below(2 * hourMs)
}

/**
 * Gaps that use up the budget in about `durationMs`, or in all the time there is for careful
 * actors: from 0.3 to 1.7 times the mean.
 */
export function looseGaps(actor: Actor, durationMs: number): () => number {
  const mean = Math.min(durationMs, actor.endAt - actor.startAt) / Math.max(1, actor.budget)
  return () => mean * (0.3 + 1.4 * actor.random.unit())
}

/** How long the actor works, by style; careful ones use what there is but for the nights. */
export function duration(actor: Actor, brashMs: number, steadyMs: number): number {
  const all = (actor.style === 'careful' ? 0.65 : 0.92) * (actor.endAt - actor.startAt)
  const wide = 0.7 + 0.6 * actor.random.unit()
  return Math.min(all, byStyle(actor, brashMs * wide, steadyMs * wide, all))
}

export type AccountAge = 'fresh' | 'aged' | 'dormant'

/** Fresh: all registered in one go a few hours before. Dormant: bought, unused for months. */
export function newAccounts(
  actor: Actor,
  count: number,
  ageOf: (place: number) => AccountAge,
): Account[] {
  const { random, startAt } = actor
  const registeredFrom = startAt - random.between(90, 8 * 60) * minuteMs
  return Array.from({ length: count }, (_, place) => {
    const age = ageOf(place)
    const registeredAt =
      age === 'fresh'
        ? registeredFrom + random.below(60 * minuteMs)
        : startAt - random.between(age === 'aged' ? 40 : 400, 1_500) * dayMs
    const idleMs =
      age === 'fresh'
        ? 0
        : age === 'aged'
          ? random.between(2, 12 * 24) * hourMs
          : random.between(95, 380) * dayMs
    return {
      openid: openid(random),
      registeredAt,
      verified: random.chance(age === 'fresh' ? 0.3 : 0.75),
      lastAt: Math.max(registeredAt, startAt - idleMs),
    }
  })
}

export const newDevices = (random: Random, count: number): string[] =>
  Array.from({ length: Math.max(1, count) }, () => fingerprint(random))

export interface Hideout {
  readonly city: number
  readonly geo: Geo
}
export function newHideout(random: Random): Hideout {
  const city = pickCity(random)
  return { city, geo: nearCity(city, 7, random) }
}

/** The hideout's place with a few metres of noise, or none: scripts often send none. */
export function placeOf(hideout: Hideout, random: Random, knownShare: number): Geo | null {
  if (!random.chance(knownShare)) return null
  const shift = () => Math.round((random.unit() - 0.5) * 40) / 1e5
  return { lat: hideout.geo.lat + shift(), lon: hideout.geo.lon + shift() }
}

const wanted: readonly Offer[] = [lunch, flashSale, cinema, giftCards, topUps]
const pickWanted = weighted([40, 30, 14, 8, 8])

/** A coupon as scripts take them: whatever is worth most, from the menu or the pop-up. */
export function wantedCoupon(world: World, actor: Actor, at: number): Coupon {
  const { random } = actor
  const offer = wanted[pickWanted(random)]!
  const channel = random.chance(0.5) ? 'account-menu' : 'mini-program-popup'
  return newCoupon(world.codes, { offer, channel, store: null, at }, random)
}

const resellers = [
  'https://free-coupons.example/today',
  'https://www.quan-wang.example/share/8812',
  'https://gift-card-club.example/get',
]

/** Where the click came from: mostly nowhere, and now and then from a page that sells coupons. */
export function referrerOf(actor: Actor, coupon: Coupon): string | null {
  const { random } = actor
  if (random.chance(byStyle(actor, 0.25, 0.2, 0.15))) return random.pick(resellers)
  return random.chance(0.2) ? random.pick(coupon.offer.referrers) : null
}

export const plainSetting = (device: string | null, ip: string, geo: Geo | null): Setting => ({
  device,
  attributes: null,
  ip,
  geo,
})
