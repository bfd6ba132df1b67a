/**
 * Calendar-day totals in Redis: counters, as in day-counters.ts, and beside them for each source
 * (a partition of a topic) the last position that was counted. An event counts where its position
 * is past that, whether it is seen for the first time or was seen by somebody who died before he
 * counted it. So totals stay exact when events are delivered again, when a call is sent twice and
 * when a worker wakes that was taken for dead. It takes events of a source in order of position.
 */
import type { DayReadings } from '../core/schema.gen.ts'
import { flagBits, type Observation } from '../core/signals/observation.ts'
import { dayNames } from '../core/signals/readings.ts'
import { type DayTotals, daysKept, unknownTotals } from './day-counters.ts'

/** Positions of one source: see sourcePosition. */
const sourcePositions = 2 ** 40

interface Name {
  readonly kind: number
  readonly name: string
  claims: number
  redemptions: number
}

interface Source {
  first: number
  last: number
}

/** What a batch adds to one day. */
interface Day {
  readonly names: Name[]
  readonly places: Map<string, number>
  readonly sources: Map<number, Source>
  /** Last positions that were counted before, by source. */
  readonly reached: Map<number, number>
}

/** What one event adds: places of its names in its day, -1 where it has none. */
interface Turn {
  readonly day: number
  readonly places: readonly number[]
  readonly claims: number
  readonly redemptions: number
}

/** An event and whether it may be one more. */
export interface Countable {
  readonly observation: Observation
  readonly mayCount: boolean
}

export class DayBatch {
  readonly #events: readonly Countable[]
  #days = new Map<number, Day>()
  #turns: Turn[] = []

  constructor(events: readonly Countable[]) {
    this.#events = events
    this.#take(new Map())
  }

  get days(): readonly number[] {
    return [...this.#days.keys()]
  }

  /** What count-n.lua is asked. */
  question(): string {
    const days = [...this.#days].map(([day, { names, sources }]) => ({
      day,
      sources: [...sources].map(([source, { first, last }]) => [source, `${first}`, `${last}`]),
      names: names.map(({ kind, name, claims, redemptions }) => [kind, name, claims, redemptions]),
    }))
    return JSON.stringify(days)
  }

  /**
   * The totals that each event reads; null where some of the batch had been counted before: what
   * is left is then to be asked again.
   */
  answer(reply: unknown): readonly DayTotals[] | null {
    const [done, one, other] = listOf(reply)
    if (done === 1) return this.#totals(one, listOf(other).map(numbersOf))
    const reached = listOf(one).map((day) =>
      listOf(day).map((position) => Number(String(position))),
    )
    this.#take(
      new Map(
        [...this.#days].map(([day, { sources }], index) => [
          day,
          new Map([...sources.keys()].map((source, place) => [source, reached[index]![place]!])),
        ]),
      ),
    )
    return null
  }

  /** Puts together what is asked, leaving out what is known to have been counted. */
  #take(known: ReadonlyMap<number, ReadonlyMap<number, number>>): void {
    this.#days = new Map()
    this.#turns = []
    for (const { observation, mayCount } of this.#events) {
      const day = this.#dayOf(observation.day, known)
      const counts = mayCount && takePosition(day, observation.position)
      const adds = counts && (observation.flags & (flagBits.failed | flagBits.reversal)) === 0
      const isRedemption = (observation.flags & flagBits.redemption) !== 0
      const turn = {
        day: observation.day,
        places: dayNames.map((kind, index) => placeOf(day, index + 1, observation.scopes[kind])),
        claims: adds && !isRedemption ? 1 : 0,
        redemptions: adds && isRedemption ? 1 : 0,
      }
      for (const place of turn.places) {
        if (place < 0) continue
        day.names[place]!.claims += turn.claims
        day.names[place]!.redemptions += turn.redemptions
      }
      this.#turns.push(turn)
    }
  }

  #dayOf(number: number, known: ReadonlyMap<number, ReadonlyMap<number, number>>): Day {
    const found = this.#days.get(number)
    if (found !== undefined) return found
    const reached = new Map(known.get(number) ?? [])
    const day = { names: [], places: new Map(), sources: new Map(), reached }
    this.#days.set(number, day)
    return day
  }

  /** Lets each event add to what the days were before the batch. */
  #totals(newestBefore: unknown, before: readonly (readonly number[])[]): readonly DayTotals[] {
    const counters = new Map(
      this.days.map((day, index) => [day, countersOf(this.#days.get(day)!, before[index]!)]),
    )
    let newest = newestBefore === null ? Number.NEGATIVE_INFINITY : Number(String(newestBefore))
    return this.#turns.map(({ day, places, claims, redemptions }) => {
      if (day <= newest - daysKept) return unknownTotals
      newest = Math.max(newest, day)
      const read = (index: number): DayReadings | null => {
        const place = places[index]!
        if (place < 0) return null
        const counter = counters.get(day)![place]!
        counter.claims += claims
        counter.redemptions += redemptions
        return { claims_day: counter.claims, redemptions_day: counter.redemptions }
      }
      return { campaign: read(0), merchant: read(1), category: read(2), channel: read(3) }
    })
  }
}

/** Whether a position is past all that its source has counted; then it is the last. */
function takePosition({ sources, reached }: Day, position: number): boolean {
  const number = Math.floor(position / sourcePositions)
  if (position <= (reached.get(number) ?? -1)) return false
  reached.set(number, position)
  const source = sources.get(number)
  if (source === undefined) sources.set(number, { first: position, last: position })
  else source.last = position
  return true
}

/** Place of a name among those of its day, in order of first mention; -1 for none. */
function placeOf({ names, places }: Day, kind: number, name: string | null): number {
  if (name === null) return -1
  const key = `${kind}${name}`
  const found = places.get(key)
  if (found !== undefined) return found
  places.set(key, names.length)
  names.push({ kind, name, claims: 0, redemptions: 0 })
  return names.length - 1
}

interface Counter {
  claims: number
  redemptions: number
}

/** A counter for each name; names beyond the bound share their kind's. */
function countersOf({ names }: Day, before: readonly number[]): readonly Counter[] {
  const others = new Map<number, Counter>()
  return names.map(({ kind }, place) => {
    const [claims, redemptions, beyond] = before.slice(place * 3, place * 3 + 3)
    const counter = { claims: claims!, redemptions: redemptions! }
    if (beyond !== 1) return counter
    const shared = others.get(kind)
    if (shared !== undefined) return shared
    others.set(kind, counter)
    return counter
  })
}

function listOf(reply: unknown): readonly unknown[] {
  if (!Array.isArray(reply)) throw new TypeError('count-n gave no list')
  return reply
}

function numbersOf(reply: unknown): readonly number[] {
  return listOf(reply).map((one) => {
    if (typeof one !== 'number') throw new TypeError('count-n gave no number')
    return one
  })
}
