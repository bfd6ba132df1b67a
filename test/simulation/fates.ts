/**
 * What has to become of each row of the log, from the rows alone: decided, a repeat of an earlier
 * one, or misdated.
 */
import type { Event } from '../../src/core/schema.gen.ts'
import type { LoggedEvent } from '../../src/log/stream.ts'

export type Fate =
  | { readonly kind: 'decided'; readonly late: boolean; readonly saturated: boolean }
  | { readonly kind: 'duplicate' | 'conflicting'; readonly of: number }
  | { readonly kind: 'misdated'; readonly reason: string }

const [minuteMs, hourMs] = [60_000, 3_600_000]
const horizonMs = 2 * hourMs + 10 * minuteMs
const dedupeMs = 24 * hourMs + horizonMs
const repeatsMax = 1_024

export const contentOf = (event: Event): string => JSON.stringify(event)

interface Remembered {
  readonly id: string
  readonly content: string
  readonly recordedAt: number
  readonly offset: number
}

/** In order of the log; a repeat is one within 26 h 10 min of record time. */
export function fatesOf(rows: readonly LoggedEvent[]): Fate[] {
  const users = new Map<string, Remembered[]>()
  const cutAt = new Map<string, number>()
  let watermark = Number.NEGATIVE_INFINITY
  return rows.map(({ event, recordedAt, offset }) => {
    watermark = Math.max(watermark, recordedAt)
    if (event.occurredAt > recordedAt + 5 * minuteMs)
      return { kind: 'misdated', reason: 'future-time' }
    if (event.occurredAt < recordedAt - 7 * 24 * hourMs)
      return { kind: 'misdated', reason: 'stale-time' }
    const forgotten = watermark - dedupeMs
    const known = (users.get(event.user) ?? []).filter((one) => one.recordedAt > forgotten)
    const before = known.find(({ id }) => id === event.id)
    const content = contentOf(event)
    if (before !== undefined) {
      const kind = before.content === content ? 'duplicate' : 'conflicting'
      return { kind, of: before.offset }
    }
    known.push({ id: event.id, content, recordedAt, offset })
    const cut = known.length > repeatsMax ? known.shift() : undefined
    if (cut !== undefined) cutAt.set(event.user, cut.recordedAt)
    users.set(event.user, known)
    const saturated = (cutAt.get(event.user) ?? forgotten) > forgotten
    return { kind: 'decided', late: event.occurredAt < watermark - horizonMs, saturated }
  })
}
