/**
 * Refund abusers: people who have what they want and their money, too. They share tricks in chat
 * groups and nothing else: each has an account that is no longer new, and a phone and a home of its
 * own. What an account does is a sequence of rounds, each about one coupon:
 *
 *     claim ▶ spend ▶ refund                       the goods are eaten, the money is back
 *     claim ▶ spend ▶ refund ▶ spend ▶ refund      with the coupon that was given back, again
 *     claim ▶ spend ▶ refund ▶ refund              asked of the shop, then of the platform
 *     claim ▶ spend ▶ refund ▶ spend ▶ spend       a picture of the returned code, sold twice
 *     claim ▶ refund, or refund alone              of what was never bought
 *     claim ▶ spend                                for appearances
 *
 * One refund in twenty is refused, and one in four of those that nothing stands behind; then the
 * round ends. Brash ones make ten rounds in half a day; steady ones half as many, and ask for some
 * refunds a day or two later; careful ones keep half of what they buy and have two or three refunds
 * in the whole run.
 */
import { newCoupon, usualOrder } from '../coupons.ts'
import { cinema, flashSale, homeGoods, lunch, type Offer } from '../market.ts'
import type { Account } from '../population.ts'
import {
  type Coupon,
  claimEvent,
  type Order,
  redemptionEvent,
  reversalEvent,
  type Setting,
} from '../published.ts'
import { fingerprint, weighted } from '../random.ts'
import { dayMs, hourMs, minuteMs } from '../rhythm.ts'
import type { World } from '../world.ts'
import {
  type Actor,
  byStyle,
  duration,
  type Hideout,
  looseGaps,
  newAccounts,
  newHideout,
  placeOf,
  plainSetting,
  repeat,
  sendAs,
  untilMorning,
} from './actor.ts'

type Step = 'claim' | 'spend' | 'refund'

interface Play {
  readonly steps: readonly Step[]
  /** How often brash, steady and careful ones do it. */
  readonly shares: readonly [number, number, number]
}

const plays: readonly Play[] = [
  { steps: ['claim', 'spend'], shares: [5, 25, 50] },
  { steps: ['claim', 'spend', 'refund'], shares: [30, 35, 32] },
  { steps: ['claim', 'spend', 'refund', 'spend', 'refund'], shares: [25, 15, 10] },
  { steps: ['claim', 'spend', 'refund', 'refund'], shares: [15, 10, 4] },
  { steps: ['claim', 'spend', 'refund', 'spend', 'spend'], shares: [10, 5, 0] },
  { steps: ['claim', 'refund'], shares: [10, 6, 3] },
  { steps: ['refund'], shares: [5, 4, 1] },
]

/** Of refunds of a redemption, and of those that no redemption stands behind. */
const refusedShare = 0.05
const refusedOfNothing = 0.25
/** Refunds that steady and careful ones ask for a day or two later, where there are such days. */
const daysLaterShare = 0.4

const wanted: readonly Offer[] = [lunch, flashSale, homeGoods, cinema]
const pickWanted = weighted([45, 25, 15, 15])

interface Customer {
  readonly account: Account
  readonly device: string
  readonly address: string
  readonly home: Hideout
}

/** One coupon, and how far it has come. */
interface Round {
  readonly customer: Customer
  readonly steps: readonly Step[]
  coupon: Coupon
  order: Order
  /** Redemptions that are not refunded. */
  unrefunded: number
}

export function refundAbuser(world: World, actor: Actor): void {
  const { random } = actor
  const shares = plays.map((play) => play.shares[byStyle(actor, 0, 1, 2)])
  const pickPlay = weighted(shares)
  const customers = recruit(world, actor)
  let turn = 0
  const step = (now: number) => {
    const customer = customers[turn % customers.length]!
    const { steps } = plays[pickPlay(random)]!
    turn += 1
    const coupon = newWanted(world, actor, now)
    const round = { customer, steps, coupon, order: usualOrder(coupon, random), unrefunded: 0 }
    goOn(world, actor, round, { place: 0, now })
  }
  const gap = looseGaps(actor, duration(actor, 5 * hourMs, 10 * hourMs))
  const eventsPerRound = meanLength(shares)
  repeat(world, actor, () => eventsPerRound * gap(), step)
}

function meanLength(shares: readonly number[]): number {
  const total = shares.reduce((sum, share) => sum + share, 0)
  return plays.reduce((sum, { steps }, place) => sum + (steps.length * shares[place]!) / total, 0)
}

function recruit(world: World, actor: Actor): Customer[] {
  const { random } = actor
  const count = Math.max(2, Math.round(actor.budget / byStyle(actor, 36, 18, 10)))
  return newAccounts(actor, count, () => 'aged').map((account) => ({
    account,
    device: fingerprint(random),
    address: world.places.line(random),
    home: newHideout(random),
  }))
}

function newWanted(world: World, { random }: Actor, at: number): Coupon {
  const offer = wanted[pickWanted(random)]!
  const channel = random.chance(0.6) ? 'account-menu' : 'mini-program-popup'
  return newCoupon(world.codes, { offer, channel, store: null, at }, random)
}

interface Turn {
  readonly place: number
  readonly now: number
}

/** Does the round's step of this place, and the next one after a while. */
function goOn(world: World, actor: Actor, round: Round, { place, now }: Turn): void {
  const step = round.steps[place]
  if (step === undefined || actor.left <= 0) return
  const asleep = actor.style === 'careful' ? untilMorning(world, actor, now) : 0
  if (asleep > 0) {
    world.agenda.push(now + asleep, (later) => goOn(world, actor, round, { place, now: later }))
    return
  }
  const done = stepOf[step](world, actor, round, now)
  const next = round.steps[place + 1]
  if (!done || next === undefined) return
  const at = now + waitBefore(world, actor, next, now)
  world.agenda.push(at, (later) => goOn(world, actor, round, { place: place + 1, now: later }))
}

/** Says whether the round goes on. */
type Doing = (world: World, actor: Actor, round: Round, now: number) => boolean

const stepOf: Readonly<Record<Step, Doing>> = {
  claim: (world, actor, round, now) => {
    sendAs(world, actor, claimEvent(actOf(world, actor, round, now), null))
    return true
  },
  spend: (world, actor, round, now) => {
    const { random } = actor
    const stores = round.coupon.offer.stores[round.customer.home.city]
    const store = stores === undefined ? null : random.pick(stores)
    if (store !== null) round.coupon = { ...round.coupon, store, merchant: store.merchant }
    round.order = usualOrder(round.coupon, random)
    round.unrefunded += 1
    sendAs(world, actor, redemptionEvent(actOf(world, actor, round, now), round.order))
    return true
  },
  refund: (world, actor, round, now) => {
    const { random } = actor
    const refused = random.chance(round.unrefunded > 0 ? refusedShare : refusedOfNothing)
    const order = { ...round.order, attempt: refused ? 'declined' : 'succeeded' } as const
    sendAs(world, actor, reversalEvent(actOf(world, actor, round, now), order))
    if (!refused) round.unrefunded = Math.max(0, round.unrefunded - 1)
    return !refused
  },
}

function actOf(world: World, { random }: Actor, round: Round, at: number) {
  const { account, device, address, home } = round.customer
  const setting: Setting = plainSetting(device, address, placeOf(home, random, 0.8))
  return { id: world.nextId(), at, account, setting, coupon: round.coupon }
}

/** Never so long that the run is over. */
function waitBefore(world: World, actor: Actor, step: Step, now: number): number {
  const { random } = actor
  const left = world.endAt - now
  const days =
    step === 'refund' && actor.style !== 'brash' && left > 2.5 * dayMs
      ? Number(random.chance(daysLaterShare)) * random.between(1, 2)
      : 0
  const minutes =
    step === 'spend'
      ? byStyle(actor, random.between(1, 15), random.between(5, 90), random.between(30, 360))
      : byStyle(actor, random.between(8, 60), random.between(40, 300), random.between(120, 900))
  return Math.round(Math.min(days * dayMs + minutes * minuteMs, 0.5 * Math.max(0, left)))
}
