/** Events as a log would place them, and the observations that a store takes. */

import { zoneTable } from '../../src/config/zone-table.ts'
import { deriveKeys } from '../../src/core/event/keyed-hash.ts'
import { newCalendar, type TimeZone } from '../../src/core/event/time-zone.ts'
import type { Event } from '../../src/core/schema.gen.ts'
import { latenessMs, type Observation, shardLagMs } from '../../src/core/signals/observation.ts'
import { newHashPool, toObservation } from '../../src/core/signals/observe.ts'
import { WindowHash } from '../../src/core/signals/window-hash.ts'

export interface Placed {
  readonly event: Event
  readonly recordedAt: number
  readonly position: number
  readonly horizon: number
}

const hash = new WindowHash(deriveKeys(new Uint8Array(32).fill(7)).window)
export const shanghai = zoneTable('Asia/Shanghai')

/** What the windows may forget when the newest record time is `watermark`. */
export const horizonAt = (watermark: number) => watermark - latenessMs - shardLagMs

const room = newHashPool()

export function observationOf({ event, ...place }: Placed, zone: TimeZone = shanghai): Observation {
  return toObservation(event, place, { hash, calendar: newCalendar(zone), room })
}

/** Places events one after another at the time at which they happened, or later if that is past. */
export function inOrder(events: readonly Event[], firstPosition = 0): Placed[] {
  let watermark = Number.NEGATIVE_INFINITY
  return events.map((event, index) => {
    watermark = Math.max(watermark, event.occurredAt)
    const position = firstPosition + index
    return { event, recordedAt: watermark, position, horizon: horizonAt(watermark) }
  })
}
