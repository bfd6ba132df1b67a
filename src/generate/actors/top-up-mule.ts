/**
 * Top-up mules: stolen money pays strangers' phone bills. A dispatcher sells top-ups cheaply on the
 * second-hand market, splits every sale into small parts and hands them to mules, who claim a
 * top-up coupon for each and pay with the money that they were sent. Mules are real people who rent
 * themselves out: their own verified account, phone and address, and honest customers otherwise.
 * Nothing is shared and nobody is new; a mule tops up numbers of people it has never met, and a
 * number is topped up by several strangers:
 *
 *     a sale of 100  ->  mule 1 pays 50, mule 2 pays 30, mule 3 pays 20, each with a coupon
 *
 * Brash mules pay twenty parts in an hour and a half, and a sale's parts one after the other by
 * themselves; steady ones pay eight in six hours; careful ones two or three in the whole run, of
 * sales that are not split. One number in twelve is virtual, and fails as often as those do (D14).
 */
import { newCoupon } from '../coupons.ts'
import { type Tier, topUps } from '../market.ts'
import type { Person } from '../population.ts'
import { claimEvent, type Order, redemptionEvent } from '../published.ts'
import type { Random } from '../random.ts'
import { hourMs, minuteMs, secondMs } from '../rhythm.ts'
import { settingAt } from '../settings.ts'
import type { World } from '../world.ts'
import { type Actor, byStyle, duration, looseGaps, repeat, sendAs } from './actor.ts'

/** What one customer bought. */
interface Sale {
  readonly phone: string
  readonly virtual: boolean
  /** Parts still to be paid. */
  readonly parts: Tier[]
}

/** One part in the hands of a mule. */
interface Job {
  readonly mule: Person
  readonly sale: Sale
  readonly tier: Tier
}

/** Sales in fen, as the second-hand market has them. */
const saleAmounts = [3_000, 5_000, 10_000, 10_000, 20_000] as const
/** Parts of a sale that is split are no larger. */
const partMax = 5_000
const virtualShare = 1 / 12
/** Of top-ups of virtual numbers. */
const failingShare = 0.35

export function topUpMule(world: World, actor: Actor): void {
  const { random } = actor
  const partsPerMule = byStyle(actor, 20, 8, 2.5)
  const mules = recruit(world, Math.max(2, Math.round(actor.budget / 2 / partsPerMule)), random)
  let sale = newSale(actor)
  let turn = 0
  const step = (now: number) => {
    const sold = sale.parts.length === 0
    if (sold) sale = newSale(actor)
    if (sold || actor.style !== 'brash') turn += 1
    const mule = mules[turn % mules.length]!
    payPart(world, actor, { mule, sale, tier: sale.parts.pop()! }, now)
  }
  // Each part is a claim and a redemption.
  const gap = looseGaps(actor, duration(actor, 90 * minuteMs, 6 * hourMs))
  repeat(world, actor, () => 2 * gap(), step)
}

/** People who have shown who they are, which top-ups ask for. */
function recruit(world: World, count: number, random: Random): Person[] {
  const mules: Person[] = []
  while (mules.length < count) {
    const person = world.population.anyone(random)
    if (person.verified) mules.push(person)
  }
  return mules
}

function newSale(actor: Actor): Sale {
  const { random } = actor
  const phone = `1${random.between(3, 9)}${String(random.below(1e9)).padStart(9, '0')}`
  const amount = random.pick(saleAmounts)
  const parts = actor.style === 'careful' ? [wholeOf(amount)] : partsOf(amount, random)
  return { phone, virtual: random.chance(virtualShare), parts }
}

/** The largest step of the offer that the amount reaches. */
const wholeOf = (amount: number): Tier => topUps.tiers.findLast((tier) => tier.minAmount <= amount)!

function partsOf(amount: number, random: Random): Tier[] {
  const parts: Tier[] = []
  let left = amount
  while (left > 0) {
    const most = Math.min(left, partMax)
    const part = random.pick(topUps.tiers.filter((tier) => tier.minAmount <= most))
    parts.push(part)
    left -= part.minAmount
  }
  return parts
}

/** The mule claims a coupon from its own phone, and pays the part with it soon after. */
function payPart(world: World, actor: Actor, { mule, sale, tier }: Job, now: number): void {
  const { random } = actor
  const draft = { offer: topUps, channel: 'account-menu', store: null, at: now } as const
  const coupon = { ...newCoupon(world.codes, draft, random), worth: tier.off }
  const actAt = (at: number) => {
    const setting = settingAt(world, { person: mule, coupon, at }, mule.device, random)
    return { id: world.nextId(), at, account: mule, setting, coupon }
  }
  sendAs(world, actor, claimEvent(actAt(now), null))
  const waitS = byStyle(
    actor,
    random.between(15, 90),
    random.between(60, 600),
    random.between(300, 3_600),
  )
  world.agenda.push(now + waitS * secondMs, (later) => {
    if (actor.left <= 0) return
    sendAs(world, actor, redemptionEvent(actAt(later), orderOf(sale, tier, random)))
  })
}

function orderOf({ phone, virtual }: Sale, tier: Tier, random: Random): Order {
  return {
    amount: tier.minAmount,
    couponPays: tier.off,
    tier: tier.name,
    stacked: [],
    phone,
    numberKind: virtual ? 'virtual' : 'mobile',
    portedAt: null,
    attempt: virtual && random.chance(failingShare) ? 'declined' : 'succeeded',
  }
}
