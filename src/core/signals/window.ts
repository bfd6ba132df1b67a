/**
 * Every reading at every span, from one walk along an entity's log. It starts at the event's own
 * entry and goes back in order of arrival, so later arrivals are never seen and a redelivered event
 * reads what it read the first time. Event time decides which window an entry falls into:
 *
 *     t − 1 d          t − 1 h    t − 1 m   t
 *        ├─ bucket 2 ─────┤─ bucket 1 ─┤─ bucket 0 ─┤     a reading at a span is the sum of the
 *        excluded ┘                          included ┘    buckets up to it
 *
 * The walk counts what can be counted in passing (window-walk.ts). What needs a second look at the
 * entries, as money and links do, is gathered from the window laid out; the long logs of addresses
 * seldom need it.
 */
import { tailBits } from './entry.ts'
import type { Observation } from './observation.ts'
import { type LogSpec, spansOf } from './readings.ts'
import { isMarked, newBehindCounter } from './window-behind.ts'
import { countingOf, writeLanes, writeParties } from './window-counts.ts'
import { claimGatherers, matchGatherers } from './window-links.ts'
import { newLoneReadings } from './window-lone.ts'
import { gapReader, stepReader } from './window-rhythm.ts'
import { dayGatherers, sumGatherers } from './window-totals.ts'
import { type Gatherer, type LogView, newLogView, type Window } from './window-view.ts'
import { newWalker } from './window-walk.ts'

/** Reads the windows of one log; the array it gives is overwritten by its next call. */
export type WindowReader = (log: LogView, observation: Observation) => Float64Array

/** Makes the reader of a log from its table of readings. Its scratch memory is its own. */
export function newWindowReader(log: LogSpec): WindowReader {
  const spans = spansOf(log)
  const counting = countingOf(log, spans)
  const { walk, along } = newWalker(log, { spans, lanes: counting.lanes })
  const parties = counting.parties.filter(isMarked)
  const countBehind = newBehindCounter(log.cap + 1, { spans, parties })
  const [readGaps, readSteps] = [gapReader(log), stepReader(log)]
  const gatherers: readonly Gatherer[] = [
    ...sumGatherers(log, spans),
    ...dayGatherers(log),
    ...claimGatherers(log),
    ...matchGatherers(log),
  ]
  const unmarked = parties.length < counting.parties.length
  const values = new Float64Array(log.readings.length)
  const window = newWindow(log.cap + 1)
  const bounds = Float64Array.from(spans)
  const readAll: WindowReader = (view, observation) => {
    const { at } = observation
    along(view, at)
    const byMarks = view.marked
    if (byMarks) countBehind(walk, view, at)
    writeLanes(walk, counting, values)
    readGaps(walk, view, at, values)
    readSteps(walk, view, at, values)
    if (byMarks && !unmarked && gatherers.length === 0) return values
    fillWindow(window, view, bounds, at)
    if (unmarked || !byMarks) writeParties(window, counting, byMarks ? 'unmarked' : 'all', values)
    for (let index = 0; index < gatherers.length; index += 1)
      gatherers[index]!(window, observation, values)
    return values
  }
  const lone = newLoneReadings(log)
  return (view, observation) => {
    if (view.count > 1) return readAll(view, observation)
    const key = lone.keyOf(observation)
    const known = lone.read(key, view, observation)
    if (known !== null) return known
    lone.keep(key, readAll(view, observation))
    return values
  }
}

function newWindow(entriesMax: number): Window {
  return {
    view: newLogView(),
    size: 0,
    places: new Int32Array(entriesMax),
    buckets: new Int8Array(entriesMax),
    flags: new Uint16Array(entriesMax),
  }
}

function fillWindow(window: Window, view: LogView, bounds: Float64Array, now: number): void {
  const { floats, ints, times, flags, count } = view
  const longest = bounds[bounds.length - 1]!
  let size = 0
  for (let place = count - 1; place >= 0; place -= 1) {
    const age = now - floats[times + place]!
    if (age >= longest) continue
    let bucket = 0
    while (age >= bounds[bucket]!) bucket += 1
    window.places[size] = place
    window.buckets[size] = age < 0 ? -1 : bucket
    window.flags[size] = ints[flags + place]! >>> tailBits
    size += 1
  }
  window.view = view
  window.size = size
}
