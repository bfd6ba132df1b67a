/**
 * Honest gifts: a coupon passed on within the family or to a friend. Most people send one, some
 * send three to five a day, nobody more: that is the limit (D21). The friend takes it within the
 * day, and spends it like any other coupon of the channel; the code stays the same.
 */
import { labelsOf } from './labels.ts'
import type { Person } from './population.ts'
import { type Coupon, claimEvent } from './published.ts'
import type { Random } from './random.ts'
import { planRedemption, type Taking } from './redeem.ts'
import { dayMs, hourMs, minuteMs } from './rhythm.ts'
import { claimSetting } from './settings.ts'
import { promise, send, type World } from './world.ts'

const giftsPerDayMax = 5
/** One giver in five is generous and sends on what it claims next, too. */
const generousShare = 0.2

/** The person passes the coupon on, if it may, and otherwise keeps it. */
export function passOn(world: World, taking: Taking, coupon: Coupon, random: Random): void {
  const { person, at } = taking
  const hop = (coupon.transfer?.hop ?? 0) + 1
  if (hop > coupon.offer.transferHopsMax || !mayGive(world, person, at)) {
    planRedemption(world, taking, coupon, random)
    return
  }
  const sentAt = at + 30_000 + random.exponential(20 * minuteMs)
  const takenAt = sentAt + 20_000 + Math.min(random.exponential(45 * minuteMs), 22 * hourMs)
  const generous = random.chance(generousShare) ? random.between(2, 4) : 0
  give(world, { taking, coupon, hop, sentAt, takenAt }, random)
  for (let more = 0; more < generous && mayGive(world, person, at); more += 1) {
    const again = { ...coupon, code: world.codes.next(coupon.offer, null, random) }
    const later = takenAt + random.exponential(15 * minuteMs)
    give(world, { taking, coupon: again, hop, sentAt, takenAt: later }, random)
  }
}

/**
 * Counts the gift against the limit of its day, with the days on either side of midnight as one.
 */
function mayGive(world: World, person: Person, at: number): boolean {
  const day = Math.floor((at - world.startAt) / dayMs)
  if (person.giftDay < day - 1) {
    person.giftDay = day
    person.giftsThatDay = 0
  }
  if (person.giftsThatDay >= giftsPerDayMax) return false
  person.giftsThatDay += 1
  return true
}

interface Gift {
  readonly taking: Taking
  readonly coupon: Coupon
  readonly hop: number
  readonly sentAt: number
  readonly takenAt: number
}

function give(world: World, gift: Gift, random: Random): void {
  const sender = gift.taking.person
  const family = random.chance(0.5) && sender.familySize > 1
  const recipient = family
    ? world.population.relative(sender, random)
    : world.population.anyone(random)
  if (recipient === sender) return
  const transfer = { id: world.nextId(), sender: sender.openid, hop: gift.hop, at: gift.sentAt }
  const coupon = { ...gift.coupon, transfer }
  promise(world, gift.takenAt, 1, (now) => {
    const own = world.honest
    const setting = claimSetting(world, { person: recipient, coupon, at: now }, own)
    const act = { id: world.nextId(), at: now, account: recipient, setting, coupon }
    send(world, claimEvent(act, null), labelsOf(recipient))
    const taking = { person: recipient, habit: gift.taking.habit, at: now }
    if (own.chance(0.05)) passOn(world, taking, coupon, own)
    else planRedemption(world, taking, coupon, own)
  })
}
