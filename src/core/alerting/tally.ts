/**
 * What one batch adds to the day of each scope. Distinct users do not add, so a tally carries keyed
 * hashes of its abnormal users, at most as many as the policy's minimum: enough to know whether the
 * minimum is reached, and never a list of people.
 */
import { newCalendar, type TimeZone } from '../event/time-zone.ts'
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

/** Tallies in order of first appearance. Failed attempts and reversals count for nothing. */
export function tallyBatch(events: readonly TalliedEvent[], context: TallyContext): Tally[] {
  const { zone, usersMax, watermark } = context
  const open = new Map<string, OpenTally>()
  const sets: TallySets = new Map()
  const calendar = newCalendar(zone)
  for (const { event, abnormal, userHash } of events) {
    if (event.kind === 'reversal' || attemptFailed(event)) continue
    for (const tally of talliesOf(event, calendar(event.occurredAt).day, { open, sets })) {
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

type Name = string | null
/** By day, campaign, merchant and channel: one after another, for a key of all costs more. */
type TallySets = Map<number, Map<Name, Map<Name, Map<Name, readonly OpenTally[]>>>>

/** Events of one campaign, merchant, channel and day share their tallies. */
function talliesOf(
  event: Event,
  day: number,
  { open, sets }: { open: Map<string, OpenTally>; sets: TallySets },
): readonly OpenTally[] {
  const byMerchant = innerMap(innerMap(sets, day), event.campaign)
  const byChannel = innerMap(byMerchant, event.merchant)
  let tallies = byChannel.get(event.channel)
  if (tallies === undefined) {
    tallies = scopesOf(event).map((scope) => openTally(open, scope, day))
    byChannel.set(event.channel, tallies)
  }
  return tallies
}

/** The map under a key, made where there is none. */
function innerMap<K, L, V>(map: Map<K, Map<L, V>>, key: K): Map<L, V> {
  let inner = map.get(key)
  if (inner === undefined) {
    inner = new Map()
    map.set(key, inner)
  }
  return inner
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
