/** A log's readings by kind of measure, and what their filters ask of an entry's flags. */
import { flagBits } from './observation.ts'
import type { Filter, LogSpec, Measure } from './readings.ts'

const { redemption, failed, small, gift, fresh, reversal } = flagBits

/** Which flags a filter looks at, and what they must be. */
export const filterBits: Readonly<Record<Filter, { mask: number; want: number }>> = {
  events: { mask: 0, want: 0 },
  claims: { mask: redemption | failed | reversal, want: 0 },
  redemptions: { mask: redemption | failed, want: redemption },
  reversals: { mask: reversal | failed, want: reversal },
  failed: { mask: failed | reversal, want: failed },
  small: { mask: small | failed, want: small },
  gifts: { mask: gift | failed, want: gift },
  fresh: { mask: fresh, want: fresh },
}

type Kind = Measure['kind']
export interface Placed<K extends Kind> {
  readonly measure: Extract<Measure, { kind: K }>
  readonly spanMs: number
  /** Place among the log's readings. */
  readonly place: number
}

/** Readings of one kind of measure with their places among the log's readings. */
export function readingsOf<K extends Kind>(log: LogSpec, kind: K): Placed<K>[] {
  const isKind = (measure: Measure): measure is Extract<Measure, { kind: K }> =>
    measure.kind === kind
  return log.readings.flatMap(({ measure, spanMs }, place) =>
    isKind(measure) ? [{ measure, spanMs, place }] : [],
  )
}

export function groupBy<T>(items: readonly T[], key: (item: T) => string): readonly [T, ...T[]][] {
  const groups = new Map<string, [T, ...T[]]>()
  for (const item of items) {
    const group = groups.get(key(item))
    if (group === undefined) groups.set(key(item), [item])
    else group.push(item)
  }
  return [...groups.values()]
}
