/**
 * Every reading at every span, from one look at an entity's log. The look starts at the event's own
 * entry and goes back in order of arrival, so later arrivals are never seen and a redelivered event
 * reads what it read the first time. Event time decides which window an entry falls into:
 *
 *     t − 1 d          t − 1 h    t − 1 m   t
 *        ├─ bucket 2 ─────┤─ bucket 1 ─┤─ bucket 0 ─┤     a reading at a span is the sum of the
 *        excluded ┘                          included ┘    buckets up to it
 *
 * The buckets are found once; each gatherer then runs its own tight loop over them. Cost: a few
 * nanoseconds an entry and gatherer; the largest log has 512 entries.
 */
import { tailBits } from './entry.ts'
import type { Observation } from './observation.ts'
import type { LogSpec } from './readings.ts'
import { claimGatherers, gapGatherers, matchGatherers, stepGatherers } from './window-patterns.ts'
import { countGatherers, dayGatherers, distinctGatherers, sumGatherers } from './window-totals.ts'
import type { Gatherer, LogView, Window } from './window-view.ts'

/** Reads the windows of one log; the array it gives is overwritten by its next call. */
export type WindowReader = (log: LogView, observation: Observation) => Float64Array

/** Makes the reader of a log from its table of readings. Its scratch memory is its own. */
export function newWindowReader(log: LogSpec, stride: number): WindowReader {
  const spans = [...new Set(log.readings.map((reading) => reading.spanMs))].sort((a, b) => a - b)
  const gatherers: readonly Gatherer[] = [
    ...countGatherers(log, spans),
    ...distinctGatherers(log, spans),
    ...sumGatherers(log, spans),
    ...dayGatherers(log),
    ...gapGatherers(log),
    ...stepGatherers(log),
    ...claimGatherers(log),
    ...matchGatherers(log),
  ]
  const values = new Float64Array(log.readings.length)
  const empty = new Float64Array(0)
  const window: Window = {
    floats: empty,
    ints: new Uint32Array(0),
    size: 0,
    cutAt: Number.NEGATIVE_INFINITY,
    marked: false,
    places: new Int32Array(log.cap + 1),
    buckets: new Int8Array(log.cap + 1),
    flags: new Uint16Array(log.cap + 1),
    anyFlags: 0,
  }
  const bounds = Float64Array.from(spans)
  return (view, observation) => {
    fillWindow(window, view, { stride, bounds, now: observation.at })
    for (let index = 0; index < gatherers.length; index += 1)
      gatherers[index]!(window, observation, values)
    return values
  }
}

function fillWindow(
  window: Window,
  view: LogView,
  by: { stride: number; bounds: Float64Array; now: number },
): void {
  const { floats, ints, start, count } = view
  const { stride, bounds, now } = by
  const longest = bounds[bounds.length - 1]!
  let size = 0
  let anyFlags = 0
  for (let place = start + (count - 1) * stride; place >= start; place -= stride) {
    const age = now - floats[place]!
    if (age >= longest) continue
    let bucket = 0
    while (age >= bounds[bucket]!) bucket += 1
    window.places[size] = place
    window.buckets[size] = age < 0 ? -1 : bucket
    const flags = ints[place * 2 + 4]! >>> tailBits
    window.flags[size] = flags
    anyFlags |= flags
    size += 1
  }
  window.floats = floats
  window.ints = ints
  window.size = size
  window.cutAt = view.cutAt
  window.marked = view.marked
  window.anyFlags = anyFlags
}
