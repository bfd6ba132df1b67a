/**
 * Who attacks when. Every day but one has its background of dishonest events; on one day, the
 * middle one of a short run, an attack wave more than doubles it, most of it starting in one
 * morning, which is what carries the share of abnormal redemptions past 5 %. Careful actors
 * get about a twentieth of all dishonest events and run from their start to the end of the run.
 */
import type { RowLabels } from '../faults.ts'
import { type ActorKind, actorKinds, type Mix } from '../mix.ts'
import type { Random } from '../random.ts'
import { dayMs, hourMs, minuteMs } from '../rhythm.ts'
import type { World } from '../world.ts'
import { accountTakeover } from './account-takeover.ts'
import type { Actor, Style } from './actor.ts'
import { cashOutMerchant } from './cash-out-merchant.ts'
import { clockworkScript } from './clockwork-script.ts'
import { codeWalker } from './code-walker.ts'
import { deviceFarm } from './device-farm.ts'
import { giftRing } from './gift-ring.ts'
import { oneIpBatch } from './one-ip-batch.ts'
import { proxyPool } from './proxy-pool.ts'
import { refundAbuser } from './refund-abuser.ts'
import { stolenCode } from './stolen-code.ts'
import { topUpMule } from './top-up-mule.ts'

const starters: Readonly<Record<ActorKind, (world: World, actor: Actor) => void>> = {
  'device-farm': deviceFarm,
  'proxy-pool': proxyPool,
  'one-ip-batch': oneIpBatch,
  'clockwork-script': clockworkScript,
  'code-walker': codeWalker,
  'gift-ring': giftRing,
  'stolen-code': stolenCode,
  'cash-out-merchant': cashOutMerchant,
  'account-takeover': accountTakeover,
  'top-up-mule': topUpMule,
  'refund-abuser': refundAbuser,
}

/** Careful actors are numbered from here. */
const firstCareful = 100_000

const carefulShare = 0.056
/** Dishonest share of a run of one day, of a usual day, and of the day of the wave. */
const singleDayShare = 0.036
const usualDayShare = 0.0155
const waveDayShare = 0.055

/** The middle day of a short run; in a long one, one day in six. */
export const isWaveDay = (day: number, days: number): boolean =>
  day % 6 === Math.min(3, Math.floor(days / 2))

function shareOfDay(day: number, days: number): number {
  if (days === 1) return singleDayShare
  return isWaveDay(day, days) ? waveDayShare : usualDayShare
}

export interface Attack {
  readonly events: number
  readonly mix: Mix
}

/** Lets every actor loose; gives all of them, so that what they have left can be counted. */
export function startActors(world: World, attack: Attack, random: Random): Actor[] {
  const actors: Actor[] = []
  const total = actorKinds.reduce((sum, kind) => sum + attack.mix[kind], 0)
  for (const kind of actorKinds) {
    const ofKind = random.fork(actorKinds.indexOf(kind) + 1)
    const part = attack.mix[kind] / total
    let careful = 0
    for (let day = 0; day < world.days; day += 1) {
      const perDay = attack.events / world.days
      const budget = part * perDay * shareOfDay(day, world.days)
      careful += budget * carefulShare
      const open = Math.round(budget * (1 - carefulShare))
      actors.push(...ofDay(world, { kind, day, budget: open }, actors.length, ofKind))
    }
    actors.push(...carefulOnes(world, kind, Math.round(careful), ofKind))
  }
  for (const actor of actors) starters[actor.kind](world, actor)
  return actors
}

interface DayPlan {
  readonly kind: ActorKind
  readonly day: number
  readonly budget: number
}

/**
 * Splits a kind's events of a day among actors of up to 400 events, three in five of them brash.
 */
function ofDay(world: World, plan: DayPlan, first: number, random: Random): Actor[] {
  const actors: Actor[] = []
  let left = plan.budget
  const largest = Math.min(400, Math.max(100, plan.budget))
  while (left > 0) {
    const wish = random.between(Math.ceil(0.6 * largest), largest)
    const budget = left - wish < 40 ? left : wish
    left -= budget
    const style: Style = random.chance(0.6) ? 'brash' : 'steady'
    const startAt = startOf(world, plan.day, random)
    const endAt = world.startAt + plan.day * dayMs + 23.4 * hourMs
    const place = first + actors.length
    actors.push(newActor({ kind: plan.kind, style, startAt, endAt, budget }, place, random))
  }
  return actors
}

/** Actors follow the crowd; on the day of the wave two in three start between 9:30 and 11:30. */
function startOf(world: World, day: number, random: Random): number {
  const midnight = world.startAt + day * dayMs
  if (isWaveDay(day, world.days) && random.chance(0.65)) {
    return midnight + 9.5 * hourMs + random.below(120) * minuteMs
  }
  const moment = world.rhythm.momentOf(midnight, random)
  return Math.min(Math.max(moment, midnight + 8 * hourMs), midnight + 21 * hourMs)
}

function carefulOnes(world: World, kind: ActorKind, budget: number, random: Random): Actor[] {
  const actors: Actor[] = []
  let left = budget
  while (left > 0) {
    const wish = random.between(14, 36)
    const events = left - wish < 8 ? left : wish
    left -= events
    const lead =
      world.days === 1 ? 7 * hourMs : random.below(Math.floor(0.3 * (world.endAt - world.startAt)))
    const startAt = world.startAt + lead + random.below(hourMs)
    const plan = { kind, style: 'careful', startAt, endAt: world.endAt, budget: events } as const
    actors.push(newActor(plan, firstCareful + actors.length, random))
  }
  return actors
}

type ActorPlan = Pick<Actor, 'kind' | 'style' | 'startAt' | 'endAt' | 'budget'>

function newActor(plan: ActorPlan, place: number, random: Random): Actor {
  const name = `${plan.kind}-${plan.style}-${place + 1}`
  const truth = { fraud: true, kind: plan.kind, actor: name } as const
  const labels: RowLabels = { ...truth, source: 'generate', target: null }
  return { ...plan, random: random.fork(place + 1), labels, left: plan.budget }
}
