/**
 * What a model may look at: every signal of the catalogue that is a number or a flag, but for
 * lists, which have rules of their own and would teach a model what people have already decided. A
 * model names its features; their hash says that they mean what they meant when it was trained.
 */
import { sha256Hex } from '../event/keyed-hash.ts'
import { catalogue, type Signal, signalIndex } from '../signals/catalogue.ts'
import { atLeast, exact, type SignalRow } from '../signals/row.ts'

const fromLists = /^(?:blocked_|watched$)/

export const isFeature = ({ name, type }: Signal): boolean =>
  type !== 'string' && !fromLists.test(name)

/** Names of all of them, in the order of the catalogue. */
export const featureNames: readonly string[] = catalogue.filter(isFeature).map(({ name }) => name)

/** Places in a SignalRow; null for a name that is none of ours. */
export function placesOf(names: readonly string[]): readonly (number | null)[] {
  return names.map((name) => {
    const place = signalIndex.get(name)
    return place !== undefined && isFeature(catalogue[place]!) ? place : null
  })
}

/** Over names, types and meanings, in order: another span or unit is another feature. */
export function featuresHash(names: readonly string[]): string {
  const lines = names.map((name) => {
    const { type, doc } = catalogue[signalIndex.get(name)!]!
    return `${name}\t${type}\t${doc}`
  })
  return sha256Hex(new TextEncoder().encode(lines.join('\n')))
}

/** Values of a row's features, NaN where there is none; `at` is where they begin. */
export function putFeatures(
  row: SignalRow,
  places: readonly number[],
  into: Float64Array,
  at: number,
): void {
  for (let index = 0; index < places.length; index += 1) {
    const place = places[index]!
    const state = row.states[place]
    const isKnown = state === exact || state === atLeast
    into[at + index] = isKnown ? row.numbers[place]! : Number.NaN
  }
}
