/**
 * The tallies against the audits: per scope and day they must add up. Which batch a tally belongs
 * to is not looked at.
 */
import type { AuditRow, Evidence, Say } from './evidence.ts'

const dayMs = 86_400_000
/** The playbook's time zone, Asia/Shanghai, has no summer time. */
export const zoneMs = 8 * 3_600_000
export const dayOf = (at: number): number => Math.floor((at + zoneMs) / dayMs)
export const endOfDay = (day: number): number => (day + 1) * dayMs - zoneMs

interface Sums {
  claims: number
  redemptions: number
  abnormal: number
}

type Days = Map<string, Sums>

export function auditDays({ audits, tallies }: Evidence, say: Say): void {
  const wanted: Days = new Map()
  for (const audit of audits) {
    if (!isTallied(audit)) continue
    const { event, decision } = audit
    for (const scope of scopesOf(audit)) {
      const sums = at(wanted, `${scope} on day ${dayOf(event.occurredAt)}`)
      if (event.kind === 'claim') sums.claims += 1
      else if (event.kind === 'redemption') sums.redemptions += 1
      if (decision.abnormal) sums.abnormal += 1
    }
  }
  const found: Days = new Map()
  for (const { scope, day, claims, redemptions, abnormal } of tallies) {
    const sums = at(found, `${scope} on day ${day}`)
    sums.claims += claims
    sums.redemptions += redemptions
    sums.abnormal += abnormal
  }
  for (const place of new Set([...wanted.keys(), ...found.keys()])) {
    const [tallied, audited] = [sayOf(found, place), sayOf(wanted, place)]
    if (tallied !== audited) say('wrong tally', `${place}: ${tallied} tallied, ${audited} audited`)
  }
}

function at(days: Days, place: string): Sums {
  const sums = days.get(place) ?? { claims: 0, redemptions: 0, abnormal: 0 }
  days.set(place, sums)
  return sums
}

function sayOf(days: Days, place: string): string {
  const { claims, redemptions, abnormal } = at(days, place)
  return `${claims}/${redemptions}/${abnormal}`
}

/** Attempts that failed count for nothing, nor do users whose repeats may be forgotten. */
const isTallied = ({ event, repeatsSaturated }: AuditRow) =>
  (event.attempt === 'succeeded' || event.attempt === 'unknown') && !repeatsSaturated

const scopesOf = ({ event: { campaign, merchant, channel } }: AuditRow): string[] => [
  'all',
  `campaign:${campaign}`,
  ...(merchant === null ? [] : [`merchant:${merchant}`]),
  ...(channel === null ? [] : [`channel:${channel}`]),
]
