/**
 * One event's signals, by their place in the catalogue: what rules and model read. A row is filled
 * once per event and reused for the next, so nothing may keep a reference to it.
 */

/** How far a signal's value can be trusted. */
export const exact = 0
/** There is no value. */
export const absent = 1
/** The window was cut: the true value is this or more. */
export const atLeast = 2
/** The window cannot be read at all, as for an event that came too late. */
export const unknown = 3

export type SignalState = typeof exact | typeof absent | typeof atLeast | typeof unknown

export interface SignalRow {
  /** Numbers as they are, booleans as 1 and 0; NaN where absent. */
  readonly numbers: Float64Array
  /** Strings; null where absent or where the signal is not a string. */
  readonly strings: (string | null)[]
  /** A SignalState each. */
  readonly states: Uint8Array
}

export function newSignalRow(size: number): SignalRow {
  return {
    numbers: new Float64Array(size).fill(Number.NaN),
    strings: new Array<string | null>(size).fill(null),
    states: new Uint8Array(size).fill(absent),
  }
}
