/**
 * What one batch adds to the day of each scope. Distinct users do not add, so a tally carries keyed
 * hashes of its abnormal users, at most as many as the policy's minimum: enough to know whether the
 * minimum is reached, and never a list of people.
 */
import { calendarDay, type TimeZone } from '../event/time-zone.ts'
import type { Event, Tally } from '../schema.gen.ts'
import { attemptFailed } from '../signals/observe.ts'
import { scopesOf } from './scopes.ts'

export interface TalliedEvent {
  readonly event: Event
  readonly abnormal: boolean
  /** Keyed hash of the user. */
  readonly userHash: string
}

interface OpenTally {
  readonly scope: string
  readonly day: number
  claims: number
  redemptions: number
  abnormal: number
  readonly abnormalUsers: Set<string>
  occurredAt: number
}

export interface TallyContext {
  readonly zone: TimeZone
  /** Abnormal users that one tally carries at most. */
  readonly usersMax: number
  /** Largest record time so far: by it a rebuild knows which days were over. */
  readonly watermark: number
}

/** Tallies in order of first appearance. Failed attempts count for nothing. */
export function tallyBatch(events: readonly TalliedEvent[], context: TallyContext): Tally[] {
  const { zone, usersMax, watermark } = context
  const open = new Map<string, OpenTally>()
  const sets = new Map<string, readonly OpenTally[]>()
  for (const { event, abnormal, userHash } of events) {
    if (attemptFailed(event)) continue
    for (const tally of talliesOf(event, calendarDay(zone, event.occurredAt).day, { open, sets })) {
      if (event.kind === 'claim') tally.claims += 1
      else tally.redemptions += 1
      tally.occurredAt = Math.max(tally.occurredAt, event.occurredAt)
      if (!abnormal) continue
      tally.abnormal += 1
      if (tally.abnormalUsers.size < usersMax) tally.abnormalUsers.add(userHash)
    }
  }
  return [...open.values()].map((tally) => ({
    ...tally,
    abnormalUsers: [...tally.abnormalUsers],
    recordedAt: watermark,
  }))
}

/**
 * Events of one campaign, merchant, channel and day share their tallies: one look-up finds them.
 */
function talliesOf(
  event: Event,
  day: number,
  known: { open: Map<string, OpenTally>; sets: Map<string, readonly OpenTally[]> },
): readonly OpenTally[] {
  const key = `${day}\n${event.campaign}\n${event.merchant}\n${event.channel}`
  let tallies = known.sets.get(key)
  if (tallies === undefined) {
    tallies = scopesOf(event).map((scope) => openTally(known.open, scope, day))
    known.sets.set(key, tallies)
  }
  return tallies
}

function openTally(open: Map<string, OpenTally>, scope: string, day: number): OpenTally {
  const key = `${day} ${scope}`
  const found = open.get(key)
  if (found !== undefined) return found
  const tally = {
    scope,
    day,
    claims: 0,
    redemptions: 0,
    abnormal: 0,
    abnormalUsers: new Set<string>(),
    occurredAt: 0,
  }
  open.set(key, tally)
  return tally
}
