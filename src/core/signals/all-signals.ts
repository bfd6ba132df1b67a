/** Every signal of one event by name, for people who look at it; not for judging. */
import type { TimeZone } from '../event/time-zone.ts'
import type { Event, Inputs, SignalValue } from '../schema.gen.ts'
import { catalogue } from './catalogue.ts'
import { deriveSignals } from './derive.ts'
import { absent, atLeast, exact, type SignalRow } from './row.ts'

/** In order of the catalogue, absent ones too (value null). `row` is only used, not kept. */
export function allSignals(
  event: Event,
  inputs: Inputs,
  zone: TimeZone,
  row: SignalRow,
): readonly SignalValue[] {
  deriveSignals(event, inputs, zone, row)
  return catalogue.map((_, index) => signalValue(index, row))
}

/** What one place of a row holds. */
export function signalValue(index: number, row: SignalRow): SignalValue {
  const signal = catalogue[index]!.name
  const state = row.states[index]
  if (state === absent) return { signal, value: null, saturated: false }
  if (state !== exact && state !== atLeast) return { signal, value: null, saturated: true }
  const number = row.numbers[index]!
  const value = catalogue[index]!.type === 'string' ? row.strings[index]! : number
  return { signal, value: Number.isNaN(value) ? null : value, saturated: state === atLeast }
}
