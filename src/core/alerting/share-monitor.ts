/**
 * The alert (D4): folds tallies into the day of each scope and says when a share crosses its limit.
 * Raised above `abnormalShareMax` once the minimums are met, cleared below `clearShareMax`, closed
 * when the record-time watermark has passed the day's end and the lateness allowed. A channel whose
 * rate of redemption leaves its usual band is told likewise (D10). Given the same tallies in the
 * same order it gives the same transitions, which is why a restart publishes none twice.
 */

import { dayStart, type TimeZone } from '../event/time-zone.ts'
import type { AlertingPolicy } from '../rules/playbook.ts'
import type { Alert, Tally } from '../schema.gen.ts'
import { latenessMs, shardLagMs } from '../signals/observation.ts'
import { otherScope } from './scopes.ts'

export interface MonitorPolicy {
  readonly alerting: AlertingPolicy
  readonly timeZone: TimeZone
  readonly version: string
}

interface ScopeDay {
  readonly scope: string
  readonly day: number
  claims: number
  redemptions: number
  abnormal: number
  readonly abnormalUsers: Set<string>
  /** Largest event time seen, in milliseconds. */
  at: number
  readonly raised: Record<Condition, number>
  readonly open: Record<Condition, string | null>
}

const conditions = ['abnormal_share', 'channel_band'] as const
type Condition = (typeof conditions)[number]
type Transition = 'raised' | 'cleared' | 'closed'

/** What a batch asks before it is judged. */
export interface AlertsInForce {
  /** Whether any share alert is raised: mostly none is, and nothing else need be looked up. */
  anyRaised(): boolean
  /** Ids of the raised share alerts that hold for these scopes on a day. */
  inForce(scopes: readonly string[], day: number): readonly string[]
}

export interface ShareMonitor extends AlertsInForce {
  /**
   * Takes one batch's tallies in; gives the transitions that they cause, in order. `recordedAt` is
   * the batch's largest record time: shards are not equally far, so it may go back from batch to
   * batch, and a day that is over by the largest so far stays over.
   */
  fold(tallies: readonly Tally[], recordedAt: number): Alert[]
}

const nothing: readonly string[] = []

export function newShareMonitor(policy: MonitorPolicy): ShareMonitor {
  return new FoldedDays(policy)
}

class FoldedDays implements ShareMonitor {
  readonly #policy: MonitorPolicy
  readonly #days = new Map<number, Map<string, ScopeDay>>()
  #raisedNow = 0
  #watermark = Number.NEGATIVE_INFINITY

  constructor(policy: MonitorPolicy) {
    this.#policy = policy
  }

  fold(tallies: readonly Tally[], recordedAt: number): Alert[] {
    this.#watermark = Math.max(this.#watermark, recordedAt)
    const watermark = this.#watermark
    // A day that is over stays closed, whatever arrives for it.
    const current = tallies.filter(({ day }) => !this.#isOver(day, watermark))
    return [...current.flatMap((tally) => this.#add(tally)), ...this.#close(watermark)]
  }

  anyRaised(): boolean {
    return this.#raisedNow > 0
  }

  inForce(scopes: readonly string[], day: number): readonly string[] {
    if (!this.anyRaised()) return nothing
    const ofDay = this.#days.get(day)
    return scopes.flatMap(
      (scope) => (ofDay?.get(scope) ?? ofDay?.get(otherScope(scope)))?.open.abnormal_share ?? [],
    )
  }

  #add(tally: Tally): Alert[] {
    const { alerting } = this.#policy
    const of = scopeDay(this.#days, tally, alerting.scopesMax)
    of.claims += tally.claims
    of.redemptions += tally.redemptions
    of.abnormal += tally.abnormal
    of.at = Math.max(of.at, tally.occurredAt)
    for (const user of tally.abnormalUsers) {
      if (of.abnormalUsers.size < alerting.minAbnormalUsers) of.abnormalUsers.add(user)
    }
    const alerts: Alert[] = []
    for (const condition of conditions) {
      const now =
        condition === 'abnormal_share' ? shareState(of, alerting) : bandState(of, alerting)
      const open = of.open[condition] !== null
      if (!open && now === 'above') alerts.push(this.#raise(of, condition, tally.recordedAt))
      else if (open && now === 'below')
        alerts.push(this.#end(of, condition, { transition: 'cleared', at: tally.recordedAt }))
    }
    return alerts
  }

  #isOver(day: number, watermark: number): boolean {
    return watermark >= dayStart(this.#policy.timeZone, day + 1) + latenessMs + shardLagMs
  }

  #close(watermark: number): Alert[] {
    const alerts: Alert[] = []
    for (const [day, scopes] of this.#days) {
      if (!this.#isOver(day, watermark)) continue
      for (const of of scopes.values()) {
        if (of.open.channel_band === null && isBelowBand(of, this.#policy.alerting)) {
          alerts.push(this.#raise(of, 'channel_band', watermark))
        }
        for (const condition of conditions) {
          if (of.open[condition] !== null)
            alerts.push(this.#end(of, condition, { transition: 'closed', at: watermark }))
        }
      }
      this.#days.delete(day)
    }
    return alerts
  }

  #raise(of: ScopeDay, condition: Condition, recordedAt: number): Alert {
    of.raised[condition] += 1
    of.open[condition] = `${stemOf(of, condition)}/raised`
    if (condition === 'abnormal_share') this.#raisedNow += 1
    return this.#alertOf(of, { condition, transition: 'raised', recordedAt })
  }

  #end(of: ScopeDay, condition: Condition, ending: Ending): Alert {
    of.open[condition] = null
    if (condition === 'abnormal_share') this.#raisedNow -= 1
    const { transition, at: recordedAt } = ending
    return this.#alertOf(of, { condition, transition, recordedAt })
  }

  #alertOf(of: ScopeDay, { condition, transition, recordedAt }: Change): Alert {
    const stem = stemOf(of, condition)
    const ids = { id: `${stem}/${transition}`, raisedId: `${stem}/raised` }
    return alertOf(of, { condition, transition, recordedAt, ...ids }, this.#policy)
  }
}

interface Ending {
  readonly transition: 'cleared' | 'closed'
  readonly at: number
}

interface Change {
  readonly condition: Condition
  readonly transition: Transition
  readonly recordedAt: number
}

/** SCOPE/DAY/N, N counting how often it was raised. */
function stemOf({ scope, day, raised }: ScopeDay, condition: Condition): string {
  return `${scope}/${day}/${condition === 'channel_band' ? 'band-' : ''}${raised[condition]}`
}

function scopeDay(
  days: Map<number, Map<string, ScopeDay>>,
  { scope, day }: Tally,
  scopesMax: number,
): ScopeDay {
  let scopes = days.get(day)
  if (scopes === undefined) {
    scopes = new Map()
    days.set(day, scopes)
  }
  const name = scopes.has(scope) || scopes.size < scopesMax ? scope : otherScope(scope)
  let of = scopes.get(name)
  if (of === undefined) {
    of = {
      scope: name,
      day,
      claims: 0,
      redemptions: 0,
      abnormal: 0,
      abnormalUsers: new Set(),
      at: 0,
      raised: { abnormal_share: 0, channel_band: 0 },
      open: { abnormal_share: null, channel_band: null },
    }
    scopes.set(name, of)
  }
  return of
}

/** between: neither high enough to raise nor low enough to clear. */
function shareState(of: ScopeDay, alerting: AlertingPolicy): 'above' | 'between' | 'below' {
  const share = of.redemptions === 0 ? 0 : of.abnormal / of.redemptions
  if (share < alerting.clearShareMax) return 'below'
  const enough =
    of.redemptions >= alerting.minRedemptions &&
    of.abnormal >= alerting.minAbnormal &&
    of.abnormalUsers.size >= alerting.minAbnormalUsers
  return share > alerting.abnormalShareMax && enough ? 'above' : 'between'
}

/** A raised band clears only this far inside its limit, or it would flap. */
const bandClearShare = 0.9

/** The lower limit can be judged only when the day is over: redemptions follow their claims. */
function bandState(of: ScopeDay, alerting: AlertingPolicy): 'above' | 'between' | 'below' {
  const band = bandOf(of.scope, alerting)
  if (band === undefined || of.claims < band.minClaims) return 'between'
  const rate = of.redemptions / of.claims
  if (rate > band.max) return 'above'
  return rate < band.max * bandClearShare ? 'below' : 'between'
}

function isBelowBand(of: ScopeDay, alerting: AlertingPolicy): boolean {
  const band = bandOf(of.scope, alerting)
  return band !== undefined && of.claims >= band.minClaims && of.redemptions / of.claims < band.min
}

function bandOf(scope: string, { channelBands }: AlertingPolicy) {
  const channel = 'channel:'
  if (!scope.startsWith(channel)) return undefined
  const name = scope.slice(channel.length)
  return Object.hasOwn(channelBands, name) ? channelBands[name] : undefined
}

function alertOf(
  of: ScopeDay,
  change: Change & { readonly id: string; readonly raisedId: string },
  { alerting, version }: MonitorPolicy,
): Alert {
  const { scope, day, claims, redemptions, abnormal } = of
  const isShare = change.condition === 'abnormal_share'
  const rate = redemptions / Math.max(1, claims)
  const band = bandOf(scope, alerting)
  const crossed = band === undefined ? 0 : rate > band.max ? band.max : band.min
  const limit = change.transition === 'raised' ? alerting.abnormalShareMax : alerting.clearShareMax
  return {
    ...change,
    scope,
    day,
    claims,
    redemptions,
    abnormal,
    at: of.at,
    abnormalUsers: of.abnormalUsers.size,
    share: isShare ? abnormal / Math.max(1, redemptions) : rate,
    threshold: isShare ? limit : crossed,
    playbookVersion: version,
  }
}
