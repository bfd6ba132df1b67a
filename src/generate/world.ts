/**
 * What everyone in the simulation shares: the rhythm, the places, the people, the codes, an agenda
 * of deeds that wait for their time, and the wire on which events leave.
 */
import type { CouponEvent } from '../core/schema.gen.ts'
import { type Codes, newCodes } from './coupons.ts'
import { newWire, type RowLabels, type Wire } from './faults.ts'
import { type Heap, newHeap } from './heap.ts'
import { newPlaces, type Places } from './places.ts'
import { newPopulation, type Population } from './population.ts'
import { newRandom, type Random } from './random.ts'
import { newRhythm, type Rhythm } from './rhythm.ts'

export type Deed = (now: number) => void

export interface World {
  readonly startAt: number
  readonly endAt: number
  readonly days: number
  readonly rhythm: Rhythm
  readonly places: Places
  readonly population: Population
  readonly codes: Codes
  readonly agenda: Heap<Deed>
  readonly wire: Wire
  /** Draws of the honest people. */
  readonly honest: Random
  /** Draws about what honest people have refunded; null where nobody asks for money back. */
  readonly refunds: Random | null
  /** Honest events that are promised for later, before the end. */
  promised: number
  /** A number that no other event of the run has. */
  nextId(): string
}

export interface WorldSize {
  readonly seed: number
  readonly startAt: number
  readonly days: number
  readonly people: number
  readonly refunds: boolean
}

/** Forks of the seed, one for each part, so that no part moves another. */
export const streams = {
  places: 1,
  population: 2,
  codes: 3,
  wire: 4,
  visits: 5,
  collectors: 6,
  backlog: 7,
  actors: 8,
  honest: 9,
  refunds: 10,
} as const

export function newWorld(size: WorldSize): World {
  const root = newRandom(size.seed)
  const rhythm = newRhythm(size.startAt, size.days)
  const companies = Math.max(4, Math.ceil(size.people / 2_000))
  const places = newPlaces(root.fork(streams.places), companies)
  let ids = 0
  const nextId = () => {
    ids += 1
    return `e${ids.toString(36).padStart(7, '0')}`
  }
  return {
    startAt: size.startAt,
    endAt: rhythm.endAt,
    days: size.days,
    rhythm,
    places,
    population: newPopulation(root.fork(streams.population), size.people, places, size.startAt),
    codes: newCodes(root.fork(streams.codes)),
    agenda: newHeap<Deed>(),
    wire: newWire(root.fork(streams.wire), rhythm),
    honest: root.fork(streams.honest),
    refunds: size.refunds ? root.fork(streams.refunds) : null,
    promised: 0,
    nextId,
  }
}

/** An honest deed for later that will bring `events` events. */
export function promise(world: World, at: number, events: number, deed: Deed): void {
  if (at >= world.endAt) {
    world.agenda.push(at, deed)
    return
  }
  world.promised += events
  world.agenda.push(at, (now) => {
    world.promised -= events
    deed(now)
  })
}

export function send(world: World, event: CouponEvent, labels: RowLabels): void {
  world.wire.send(event, labels)
}

/** A stream of its own for one part of the simulation. */
export const streamOf = (seed: number, part: keyof typeof streams): Random =>
  newRandom(seed).fork(streams[part])
