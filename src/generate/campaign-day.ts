/**
 * A coupon campaign, simulated: days with peaks and flash sales, honest people, dishonest actors
 * and the faults of the wire between the platform and the log.
 *
 * `generateRows` is lazy and gives exactly the number of rows asked for, in order of record time.
 * It is a pure function of its options: the same seed gives the same rows. Memory is what is under
 * way (coupons not yet spent, rows not yet arrived) and about 400 bytes a person who has acted.
 */

import type { Actor } from './actors/actor.ts'
import { startActors } from './actors/plan.ts'
import { planBacklog, planCollectors } from './background.ts'
import type { GeneratedRow } from './faults.ts'
import { eventsPerVisit, visit } from './honest.ts'
import { defaultMix, type Mix } from './mix.ts'
import { minuteMs } from './rhythm.ts'
import { newWorld, streamOf, type World } from './world.ts'

export interface GenerateOptions {
  readonly seed: number
  /** Rows in all: events, repeats and what cannot be read. */
  readonly events: number
  /** clean: nobody is dishonest. */
  readonly scenario: 'attack' | 'clean'
  /** Local midnight of the first day in Asia/Shanghai, in milliseconds. */
  readonly startAt: number
  readonly mix?: Mix
}

/**
 * Days that so many events fill: about 170,000 a day, which keeps every category below the daily
 * caps on issuance (D11).
 */
export const daysFor = (events: number): number => Math.max(1, Math.ceil(events / 170_000))

/** People per event: a run of a million has 220,000. */
const peoplePerEvent = 0.22
/** Claims of the days before the run, as a share of the rows of a day. */
const backlogShare = 0.74

export function* generateRows(options: GenerateOptions): Generator<GeneratedRow, void, undefined> {
  const { seed, events, startAt } = options
  const days = daysFor(events)
  const people = Math.max(120, Math.round(events * peoplePerEvent))
  const mix = options.mix ?? defaultMix
  const refunds = mix['refund-abuser'] > 0
  const world = newWorld({ seed, startAt, days, people, refunds })
  const honest = streamOf(seed, 'visits')
  planBacklog(world, Math.round((events / days) * backlogShare), streamOf(seed, 'backlog'))
  planCollectors(world, streamOf(seed, 'collectors'))
  const attack = { events, mix }
  const actors =
    options.scenario === 'attack' ? startActors(world, attack, streamOf(seed, 'actors')) : []
  const visits = { events, actors, random: honest }
  world.agenda.push(startAt, (now) => minute(world, visits, now))
  let taken = 0
  while (taken < events) {
    if (world.wire.nextAt() < world.agenda.nextKey()) {
      taken += 1
      yield world.wire.take()
    } else {
      const at = world.agenda.nextKey()
      world.agenda.pop()(at)
    }
  }
}

interface Visits {
  readonly events: number
  readonly actors: readonly Actor[]
  readonly random: World['honest']
}

/**
 * One minute of visits: this minute's share, by the rhythm, of the rows still to fill after what is
 * already promised. Past the end of the last day it goes on at the pace of a slow minute.
 */
function minute(world: World, visits: Visits, now: number): void {
  const { random } = visits
  const left = visits.events - world.wire.sent - world.promised - dishonestLeft(visits.actors, now)
  const share = world.rhythm.shareOfRest(now)
  const past = now >= world.endAt
  const wanted = past
    ? Math.max(2, visits.events / world.days / 5_000)
    : (left * share) / (eventsPerVisit * faultFactor)
  const count = Math.floor(wanted + random.unit())
  for (let done = 0; done < count; done += 1) {
    visit(world, now + random.below(minuteMs), random)
  }
  world.agenda.push(now + minuteMs, (next) => minute(world, visits, next))
}

/** Rows per event: repeats, conflicts and broken messages come on top. */
const faultFactor = 1.006

function dishonestLeft(actors: readonly Actor[], now: number): number {
  let left = 0
  for (const actor of actors) if (now < actor.endAt) left += Math.max(0, actor.left)
  return left
}
