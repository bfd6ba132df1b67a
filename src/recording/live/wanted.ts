/**
 * What proofs need of a recording besides the events that differ: the events of their entities, of
 * their calendar days and of their ids, gathered in a second reading. Memory: some 300 bytes for
 * each event of an entity that is asked for, and nothing for all others.
 */
import type { Event } from '../../core/schema.gen.ts'
import { futureMaxMs, type Observation } from '../../core/signals/observation.ts'
import {
  type DayName,
  dayNames,
  type LogName,
  logSpecs,
  longestSpanMs,
} from '../../core/signals/readings.ts'
import { keyOf, type LogEntry, sharing } from './log-trial.ts'

/** An event at its place, as a time only. */
export interface Passing {
  readonly recordedAt: number
  readonly stream: number
}

export class Wanted {
  readonly #logs = new Map<string, LogEntry[]>()
  readonly #days = new Map<string, Passing[]>()
  readonly #ids = new Map<string, Passing[]>()

  get isEmpty(): boolean {
    return this.#logs.size + this.#days.size + this.#ids.size === 0
  }

  wantLog(log: LogName, observation: Observation): void {
    this.#logs.set(logKey(log, observation), [])
  }

  wantDay(kind: DayName, observation: Observation): void {
    this.#days.set(dayKey(kind, observation), [])
  }

  wantId(event: Event): void {
    this.#ids.set(idKey(event), [])
  }

  /** Takes one that was counted, in the recording's order. */
  takeCounted(entry: LogEntry): void {
    const { observation } = entry
    for (const name of dayNames) this.#days.get(dayKey(name, observation))?.push(entry)
    const taken = new Set<string>()
    for (const { name } of logSpecs) {
      const key = logKey(name, observation)
      if (!taken.has(key)) this.#logs.get(key)?.push(entry)
      taken.add(key)
    }
  }

  /** Takes every event that could be read, repeats too. */
  takeAny(event: Event, passing: Passing): void {
    if (this.#ids.size > 0) this.#ids.get(idKey(event))?.push(passing)
  }

  /** Those that can stand in the log's windows, as far as `until` by record time. */
  entries(log: LogName, observation: Observation, until: number): readonly LogEntry[] {
    const spanMs = longestSpanMs(logSpecs.find(({ name }) => name === log)!)
    // Nothing is dated further ahead of its record time.
    const from = observation.at - spanMs - futureMaxMs
    return between(this.#logs.get(logKey(log, observation)) ?? [], from, until)
  }

  ofDay(
    kind: DayName,
    observation: Observation,
    [from, until]: readonly [number, number],
  ): readonly Passing[] {
    return between(this.#days.get(dayKey(kind, observation)) ?? [], from, until)
  }

  withId(event: Event): readonly Passing[] {
    return this.#ids.get(idKey(event)) ?? []
  }
}

/** Of what stands in the order of record time, what was recorded from one time to another. */
function between<T extends Passing>(all: readonly T[], from: number, until: number): readonly T[] {
  const firstAfter = (time: number) => {
    let [low, high] = [0, all.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if (all[middle]!.recordedAt > time) high = middle
      else low = middle + 1
    }
    return low
  }
  return all.slice(firstAfter(from - 1), firstAfter(until))
}

function logKey(log: LogName, observation: Observation): string {
  const [low, high] = keyOf(log, observation)
  return `${sharing(log)[0]} ${low} ${high}`
}

const dayKey = (kind: DayName, { day, scopes }: Observation) => `${kind} ${day} ${scopes[kind]}`
const idKey = ({ user, id }: Event) => JSON.stringify([user, id])
