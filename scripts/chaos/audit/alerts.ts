/**
 * The alerts that follow from the tallies, in the order of their topic, against those published;
 * and that no decision cites an alert that was never raised. Written from the rules: raised above
 * the limit once the minimums are met, cleared below the lower, closed when the largest record
 * time so far has passed the day's end by 2 h 10 min; what comes for a day that is over is nothing.
 */
import { endOfDay } from './days.ts'
import type { AlertPolicy, AlertRow, Evidence, Say, TallyRow } from './evidence.ts'

const overAfterMs = 130 * 60_000
/** A channel's rate clears this far inside its limit. */
const bandClear = 0.9

interface Watched {
  readonly scope: string
  readonly day: number
  claims: number
  redemptions: number
  abnormal: number
  readonly users: Set<string>
  readonly share: Condition
  readonly band: Condition
}

interface Condition {
  readonly stem: '' | 'band-'
  raised: number
  open: boolean
}

export function auditAlerts({ tallies, alerts, audits, policy }: Evidence, say: Say): void {
  const wanted = expectedAlerts(tallies, policy)
  const counts = new Map<string, number>()
  for (const { id } of alerts) counts.set(id, (counts.get(id) ?? 0) + 1)
  for (const [id, count] of counts)
    if (count > 1) say('doubled alert', `${id} was published ${count} times`)
  const told = new Map(alerts.map((alert) => [alert.id, alert]))
  for (const alert of wanted) {
    const found = told.get(alert.id)
    if (found === undefined) say('lost alert', `${sayAlert(alert)} was not published`)
    else if (sayAlert(found) !== sayAlert(alert))
      say('wrong alert', `${sayAlert(found)}, not ${sayAlert(alert)}`)
  }
  const expected = new Set(wanted.map(({ id }) => id))
  for (const alert of alerts) if (!expected.has(alert.id)) say('needless alert', sayAlert(alert))
  const due = wanted.map(({ id }) => id).filter((id) => told.has(id))
  const order = [...counts.keys()].filter((id) => expected.has(id))
  const outOfOrder = order.find((id, at) => id !== due[at])
  if (outOfOrder !== undefined) say('wrong alert', `${outOfOrder} comes out of order`)
  for (const { decision, alerts: cited } of audits)
    for (const id of cited)
      if (!told.has(id)) say('needless alert', `${decision.id} cites ${id}, which was not raised`)
}

const sayAlert = ({ id, raisedId, claims, redemptions, abnormal, share }: AlertRow) =>
  `${id} (${raisedId}) ${claims}/${redemptions}/${abnormal} ${share.toFixed(9)}`

export function expectedAlerts(tallies: readonly TallyRow[], policy: AlertPolicy): AlertRow[] {
  const days = new Map<number, Map<string, Watched>>()
  const alerts: AlertRow[] = []
  let watermark = Number.NEGATIVE_INFINITY
  for (const tally of tallies) {
    watermark = Math.max(watermark, tally.recordedAt)
    const isOver = (day: number) => watermark >= endOfDay(day) + overAfterMs
    if (!isOver(tally.day)) {
      const one = watchedOf(days, tally, policy.scopesMax)
      add(one, tally, policy)
      alerts.push(...shareChange(one, policy), ...bandChange(one, policy))
    }
    for (const [day, scopes] of days) {
      if (!isOver(day)) continue
      for (const one of scopes.values()) alerts.push(...closing(one, policy))
      days.delete(day)
    }
  }
  return alerts
}

function watchedOf(
  days: Map<number, Map<string, Watched>>,
  { scope, day }: TallyRow,
  scopesMax: number,
): Watched {
  const scopes = days.get(day) ?? new Map<string, Watched>()
  days.set(day, scopes)
  const isFull = scopes.size >= scopesMax && !scopes.has(scope)
  const name = isFull && scope !== 'all' ? `${scope.split(':')[0]}:other` : scope
  const found = scopes.get(name)
  if (found !== undefined) return found
  const one: Watched = {
    scope: name,
    day,
    claims: 0,
    redemptions: 0,
    abnormal: 0,
    users: new Set(),
    share: { stem: '', raised: 0, open: false },
    band: { stem: 'band-', raised: 0, open: false },
  }
  scopes.set(name, one)
  return one
}

function add(one: Watched, tally: TallyRow, { minAbnormalUsers }: AlertPolicy): void {
  one.claims += tally.claims
  one.redemptions += tally.redemptions
  one.abnormal += tally.abnormal
  for (const user of tally.abnormalUsers) if (one.users.size < minAbnormalUsers) one.users.add(user)
}

function shareChange(one: Watched, policy: AlertPolicy): AlertRow[] {
  const { redemptions, abnormal, users } = one
  const share = redemptions === 0 ? 0 : abnormal / redemptions
  if (one.share.open) return share < policy.clearShareMax ? [change(one, 'share', 'cleared')] : []
  const isEnough =
    redemptions >= policy.minRedemptions &&
    abnormal >= policy.minAbnormal &&
    users.size >= policy.minAbnormalUsers
  return isEnough && share > policy.abnormalShareMax ? [change(one, 'share', 'raised')] : []
}

const bandOf = ({ scope }: Watched, { channelBands }: AlertPolicy) =>
  scope.startsWith('channel:') ? channelBands[scope.slice('channel:'.length)] : undefined

function bandChange(one: Watched, policy: AlertPolicy): AlertRow[] {
  const band = bandOf(one, policy)
  if (band === undefined || one.claims < band.minClaims) return []
  const rate = one.redemptions / one.claims
  if (one.band.open) return rate < band.max * bandClear ? [change(one, 'band', 'cleared')] : []
  return rate > band.max ? [change(one, 'band', 'raised')] : []
}

/** Whether too few were redeemed can be said only when the day is over. */
function closing(one: Watched, policy: AlertPolicy): AlertRow[] {
  const alerts: AlertRow[] = []
  const band = bandOf(one, policy)
  const isLow =
    band !== undefined && one.claims >= band.minClaims && one.redemptions / one.claims < band.min
  if (isLow && !one.band.open) alerts.push(change(one, 'band', 'raised'))
  if (one.share.open) alerts.push(change(one, 'share', 'closed'))
  if (one.band.open) alerts.push(change(one, 'band', 'closed'))
  return alerts
}

function change(
  one: Watched,
  what: 'share' | 'band',
  transition: 'raised' | 'cleared' | 'closed',
): AlertRow {
  const condition = one[what]
  if (transition === 'raised') condition.raised += 1
  condition.open = transition === 'raised'
  const stem = `${one.scope}/${one.day}/${condition.stem}${condition.raised}`
  const { claims, redemptions, abnormal } = one
  const share =
    what === 'share' ? abnormal / Math.max(1, redemptions) : redemptions / Math.max(1, claims)
  return {
    id: `${stem}/${transition}`,
    raisedId: `${stem}/raised`,
    claims,
    redemptions,
    abnormal,
    share,
  }
}
