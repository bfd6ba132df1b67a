/**
 * Law 2 for ids: what an event is to its user when it comes again, and when its whole batch does,
 * as after a crash. Part of the suite in laws.ts; the numbers are those of the laws.
 */
import { expect, it } from 'vitest'
import type { Event } from '../../src/core/schema.gen.ts'
import { dedupeHorizonMs } from '../../src/core/signals/observation.ts'
import type { Observed, Sighting, SignalStore } from '../../src/state/signal-store.ts'
import { newHistory } from '../support/histories.ts'
import { horizonAt, inOrder, type Placed } from '../support/placed.ts'
import { plainEvent } from '../support/plain-event.ts'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour
const noon = Date.UTC(2026, 2, 10, 4)

interface Again {
  readonly position: number
  readonly campaign?: string
  /** How long after its id was to be forgotten; an hour after the first where not given. */
  readonly after?: number
}

const comingAgain: readonly (readonly [where: string, again: Again, sighting: Sighting])[] = [
  ['the same place', { position: 0 }, 'redelivered'],
  ['another place', { position: 1 }, 'duplicate'],
  ['another place with other content', { position: 1, campaign: 'c2' }, 'conflicting'],
  ['another place when its id is just forgotten', { position: 1, after: 0 }, 'first'],
  ['another place when its id is almost forgotten', { position: 1, after: -1 }, 'duplicate'],
]

/** Minutes past noon at which a user's events come, and the first of the batch that comes again. */
const givenAgain: readonly (readonly [what: string, minutes: readonly number[], from: number])[] = [
  ['its first event precedes the end of an id, its last follows', [0, 26 * 60, 26 * 60 + 20], 1],
  ['it is longer than ids are remembered', [0, 27 * 60, 28 * 60], 0],
]

/** An event whose time is coarse: its number, and how long after the first it comes. */
const coarsely: readonly (readonly [
  what: string,
  again: { readonly number: number; readonly after: number },
  sighting: Sighting,
])[] = [
  ['a new id, when others of the user are forgotten', { number: 2, after: 27 * hour }, 'first'],
  ['an id that is just forgotten', { number: 0, after: dedupeHorizonMs }, 'first'],
  ['an id that is not forgotten yet', { number: 0, after: dedupeHorizonMs - 1 }, 'conflicting'],
]

/** Observes what was placed in batches of a size, into a new store unless one is given. */
type Play = (placed: readonly Placed[], batch?: number, store?: SignalStore) => Promise<Observed[]>

export function repeatLaws(open: () => Promise<SignalStore>, play: Play): void {
  it.each(comingAgain)(
    '2. what comes again at %s',
    async (_, { position, campaign, after }, sighting) => {
      const first = inOrder([event(0, noon, {})])[0]!
      const recordedAt = after === undefined ? noon + hour : noon + dedupeHorizonMs + after
      const again = {
        event: { ...first.event, campaign: campaign ?? first.event.campaign },
        recordedAt: position === 0 ? first.recordedAt : recordedAt,
        position,
        horizon: horizonAt(recordedAt),
      }
      const observed = await play([first, again], 1)
      expect(observed[1]!.sighting).toBe(sighting)
      expect(observed[1]!.firstPosition).toBe(sighting === 'first' ? position : 0)
      expect(observed[1]!.readings === null).toBe(/duplicate|conflicting/.test(sighting))
    },
  )

  it.each(givenAgain)(
    '2. a batch that comes again as it first came reads the same: %s',
    async (_, minutes, from) => {
      const placed = inOrder(minutes.map((at, index) => event(index, noon + at * minute)))
      const store = await open()
      await play(placed.slice(0, from), 97, store)
      const batch = placed.slice(from)
      const first = await play(batch, 97, store)
      const again = await play(batch, 97, store)
      expect(first.some(({ repeatsSaturated }) => repeatsSaturated)).toBe(false)
      expect(again.map(withoutSightings)).toEqual(first.map(withoutSightings))
      // Nor does it leave anything behind: what comes next reads as if it had come once.
      const next = inOrder([event(9, noon + 30 * hour)], 9)
      const once = await play([...placed, ...next])
      expect(await play(next, 97, store)).toEqual(once.slice(-1))
    },
  )

  it.each([15, 16, 17])(
    '2. batches that all come again as they first came are never doubted (seed %i)',
    async (seed) => {
      // Fewer than are remembered of one user.
      const { placed } = newHistory(seed, 900)
      const store = await open()
      for (let from = 0; from < placed.length; from += 97) {
        const batch = placed.slice(from, from + 97)
        for (const turn of [1, 2]) {
          const observed = await play(batch, 97, store)
          expect(
            observed.filter((one) => one.repeatsSaturated),
            `turn ${turn}`,
          ).toEqual([])
        }
      }
    },
  )

  it.each(coarsely)(
    '2. a time told only to the day does not change how long ids are known: %s',
    async (_, again, sighting) => {
      const [first, second] = inOrder([event(0, noon), event(1, noon + 27 * hour)])
      const recordedAt = noon + again.after
      const coarse = {
        event: event(again.number, noon, { resolutionMs: day }),
        recordedAt,
        position: 9,
        horizon: horizonAt(recordedAt) - day,
      }
      const placed = again.after >= 27 * hour ? [first!, second!, coarse] : [first!, coarse]
      const observed = (await play(placed)).at(-1)!
      expect(observed.sighting).toBe(sighting)
      expect(observed.repeatsSaturated).toBe(false)
    },
  )
}

function event(number: number, occurredAt: number, about: Partial<Event> = {}): Event {
  return plainEvent({ id: `e${number}`, occurredAt, ...about })
}

/** An answer but for how the event came; totals of a day may have gone on. */
function withoutSightings({ sighting: _, readings, ...told }: Observed) {
  const none = { campaign: null, merchant: null, category: null, channel: null }
  return { ...told, readings: readings === null ? null : { ...readings, ...none } }
}
