/**
 * What runs beside the visits: coupons claimed before the run and spent in it, and collectors, who
 * take whatever there is, all day, from one device, and are honest all the same.
 */
import { couponFor, eventsPerClaim, pickHabit, takeCoupon } from './honest.ts'
import type { Random } from './random.ts'
import { redemptionTime, scheduleRedemption } from './redeem.ts'
import { dayMs, secondMs } from './rhythm.ts'
import { promise, type World } from './world.ts'

/**
 * Coupons claimed in the two days before the run, whose redemptions fall into it: without them the
 * first day's rates of redemption would start at nothing.
 */
export function planBacklog(world: World, claimsPerDay: number, random: Random): void {
  for (let day = 1; day <= 2; day += 1) {
    for (let claim = 0; claim < claimsPerDay; claim += 1) {
      const at = world.rhythm.momentOf(world.startAt - day * dayMs, random)
      const person = world.population.anyone(random)
      const habit = pickHabit(random, random.chance(0.15))
      const redeemAt = redemptionTime(world, habit, at, random)
      if (redeemAt === null || redeemAt < world.startAt) continue
      const coupon = couponFor(world, { person, habit, at }, random)
      scheduleRedemption(world, person, coupon, redeemAt)
    }
  }
}

/**
 * Collectors take 20 to 32 coupons on three days of four, in bursts through the day, from one
 * device.
 */
export function planCollectors(world: World, random: Random): void {
  for (let place = 0; place < world.population.collectors; place += 1) {
    for (let day = 0; day < world.days; day += 1) {
      let left = random.chance(0.25) ? 0 : random.between(20, 32)
      while (left > 0) {
        const claims = Math.min(left, random.between(3, 8))
        left -= claims
        const at = world.rhythm.momentOf(world.startAt + day * dayMs, random)
        collect(world, { place, claims, at }, random.fork((place * world.days + day) * 64 + left))
      }
    }
  }
}

function collect(
  world: World,
  burst: { place: number; claims: number; at: number },
  random: Random,
): void {
  promise(world, burst.at, Math.round(burst.claims * eventsPerClaim), () => {
    const person = world.population.collector(burst.place)
    let at = burst.at
    for (let claim = 0; claim < burst.claims; claim += 1) {
      const flash = world.rhythm.isFlash(at)
      takeCoupon(world, { person, habit: pickHabit(random, flash), at }, random)
      at += 3 * secondMs + random.exponential(20 * secondMs)
    }
  })
}
