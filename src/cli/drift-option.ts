/** `--drift-ms`: how far shards may be apart, for whoever judges and whoever checks it. */
import { driftMsDefault } from '../log/kafka/drift-gate.ts'
import { usageError } from './exit.ts'

export const driftMsText = String(driftMsDefault)

/** Milliseconds of record time; throws the line of a usage error. */
export function driftMsOf({ driftMs }: { readonly driftMs: string }): number {
  const number = Number(driftMs)
  if (Number.isSafeInteger(number) && number > 0) return number
  throw usageError(`--drift-ms is "${driftMs}": give whole milliseconds above 0`)
}
