/** A store's answers held against the oracle's, reading by reading. */
import type { Readings } from '../../src/core/schema.gen.ts'
import type { Observation } from '../../src/core/signals/observation.ts'
import { dayNames, type LogName, logSpecs } from '../../src/core/signals/readings.ts'
import type { Observed } from '../../src/state/signal-store.ts'
import type { OracleAnswer, OracleLog } from './oracle.ts'

export interface Tally {
  readings: number
  /** Readings that say so. */
  saturated: number
  /** Logs that had cut something inside their longest window. */
  fullLogs: number
  /** Events that came again: redelivered, duplicate or conflicting. */
  repeated: number
  /** Events dated before one that had come before them. */
  late: number
  /** Of these, events below the horizon. */
  tooLate: number
}

export const newTally = (): Tally => ({
  readings: 0,
  saturated: 0,
  fullLogs: 0,
  repeated: 0,
  late: 0,
  tooLate: 0,
})

/** What differs, one line each; empty where store and oracle agree. */
export function differences(
  {
    observation,
    observed,
    answer,
  }: { observation: Observation; observed: Observed; answer: OracleAnswer },
  tally: Tally,
): string[] {
  const found: string[] = []
  const same = (name: string, store: unknown, oracle: unknown) => {
    if (!Object.is(store, oracle)) found.push(`${name}: store ${store}, oracle ${oracle}`)
  }
  same('sighting', observed.sighting, answer.sighting)
  same('firstPosition', observed.firstPosition, answer.firstPosition)
  same('repeatsSaturated', observed.repeatsSaturated, answer.repeatsSaturated)
  same('has readings', observed.readings !== null, answer.logs !== null)
  if (observed.readings === null || answer.logs === null || answer.days === null) return found
  same('late', observed.late, answer.late)
  for (const kind of dayNames) {
    const [store, oracle] = [observed.readings[kind], answer.days[kind]]
    same(`${kind} is named`, store !== null, oracle !== null)
    if (store === null || oracle === null) continue
    tally.readings += 2
    same(`${kind}_claims_day`, store.claims_day, oracle.claims_day)
    same(`${kind}_redemptions_day`, store.redemptions_day, oracle.redemptions_day)
  }
  for (const { name } of logSpecs) {
    found.push(...logDifferences({ name, observation, readings: observed.readings, answer }, tally))
  }
  return found
}

interface OneLog {
  readonly name: LogName
  readonly observation: Observation
  readonly readings: Readings
  readonly answer: OracleAnswer
}

function logDifferences({ name, observation, readings, answer }: OneLog, tally: Tally): string[] {
  const store = readings[name]
  const oracle = answer.logs![name]
  if (store === null || oracle === null) {
    return store === oracle ? [] : [`${name}: ${store === null ? 'store' : 'oracle'} has no log`]
  }
  const { cutAt, ...values } = store
  const found: string[] = []
  if (cutAt !== oracle.cutAt && !answer.trimmed) {
    found.push(`${name} cutAt: store ${cutAt}, oracle ${oracle.cutAt}`)
  }
  if (cutAt !== null) tally.fullLogs += 1
  const names = new Set([...Object.keys(values), ...Object.keys(oracle.readings)])
  for (const reading of names) {
    const value = (values as Readonly<Record<string, number | null>>)[reading]
    const saturated = isSaturated(name, reading, observation, cutAt)
    tally.readings += 1
    if (saturated) tally.saturated += 1
    const told = { name: reading, value, saturated }
    const fault = readingFault(told, oracle.readings[reading], answer)
    if (fault !== null) found.push(`${name}_${reading}: ${fault} (cutAt ${cutAt})`)
  }
  return found
}

function isSaturated(
  log: LogName,
  reading: string,
  observation: Observation,
  cutAt: number | null,
) {
  if (cutAt === null) return false
  const spec = logSpecs
    .find(({ name }) => name === log)
    ?.readings.find(({ name }) => name === reading)
  if (spec === undefined) return false
  const byDay = spec.measure.kind === 'day-count' || spec.measure.kind === 'day-sum'
  return byDay ? observation.dayStart <= cutAt : observation.at - spec.spanMs < cutAt
}

function readingFault(
  store: { name: string; value: number | null | undefined; saturated: boolean },
  oracle: OracleLog['readings'][string] | undefined,
  { trimmed, sighting, repeatsSaturated }: OracleAnswer,
): string | null {
  if (store.value === undefined) return 'the store has no such reading'
  if (oracle === undefined) return 'the oracle has no such reading'
  if (!store.saturated && !close(store.value, oracle.truth)) {
    return `store ${store.value} and not saturated, the truth is ${oracle.truth}`
  }
  // Ages, gaps and flags are exact or not there; all else is a lower bound where it is saturated.
  const isBound = !/^(gap|claim)_/.test(store.name)
  if (!isBound && store.value !== null && !close(store.value, oracle.truth)) {
    return `store ${store.value}, the truth is ${oracle.truth}`
  }
  // A repeat whose own entry was cut reads what came later, too.
  const isNew = sighting === 'first' && !repeatsSaturated
  if (isBound && isNew && store.value! > oracle.truth!) {
    return `store ${store.value}, the truth is only ${oracle.truth}`
  }
  if (trimmed) return null
  if (store.saturated !== oracle.saturated)
    return `store saturated ${store.saturated}, oracle ${oracle.saturated}`
  return close(store.value, oracle.value) ? null : `store ${store.value}, oracle ${oracle.value}`
}

/** Equal; roots and quotients may differ in the last bits. */
function close(one: number | null, other: number | null): boolean {
  if (one === null || other === null) return one === other
  return one === other || Math.abs(one - other) <= 1e-12 * Math.abs(other)
}
