/**
 * The days, batch by batch: tallies from the audits, alerts from the tallies, reports from the
 * money. Sums are taken anew from the list of all tallies at each step.
 */
import type { Playbook } from '../../src/core/rules/playbook.ts'
import type { Audit, Report, Tally } from '../../src/core/schema.gen.ts'
import type { MemoryLogState } from '../../src/log/memory-log.ts'
import { isFailed, isRedeemed } from './audit-decisions.ts'
import type { Commit } from './faulty-log.ts'

type Say = (problem: string) => void

interface DayEvidence {
  readonly kept: MemoryLogState
  readonly commits: readonly Commit[]
  readonly playbook: Playbook
}

const [minuteMs, dayMs] = [60_000, 86_400_000]
const zoneMs = 8 * 60 * minuteMs
const lateMs = 130 * minuteMs
export const dayOf = (at: number): number => Math.floor((at + zoneMs) / dayMs)
const endOf = (day: number) => (day + 1) * dayMs - zoneMs

export function auditDays({ kept, commits, playbook }: DayEvidence, say: Say): void {
  const monitor = newNaiveMonitor(playbook)
  const money = new Map<string, number>()
  for (const { from, to, outputs, progress } of commits) {
    const batch = `the batch ${from} to ${to}`
    for (const { inputs, event, offset } of outputs.audits) {
      const inForce = event.kind === 'redemption' ? monitor.inForce(event) : []
      if (`${inputs.alerts}` !== `${inForce}`)
        say(`row ${offset}: alerts ${inputs.alerts}, in force were ${inForce}`)
    }
    const tallies = talliesOf(outputs.audits, playbook)
    const counted = outputs.tallies.map(sayTally)
    if (`${counted}` !== `${tallies}`) say(`tallies of ${batch}: ${counted}, not ${tallies}`)
    for (const { recordedAt } of outputs.tallies)
      if (recordedAt !== progress.recordedAt) say(`tallies of ${batch} are of another time`)
    const alerts = outputs.alerts.map((one) => sayAlert({ ...one, rate: one.share }))
    const wanted = monitor.take(outputs.tallies, progress.recordedAt)
    if (`${alerts}` !== `${wanted}`) say(`alerts of ${batch}: ${alerts}, not ${wanted}`)
    const wantedReports = reportsOf(outputs.audits, money, playbook.reportAmountMin)
    const reports = outputs.reports.map(sayReport)
    if (`${reports}` !== `${wantedReports.map(sayReport)}`)
      say(`reports of ${batch}: ${reports}, not ${wantedReports.map(sayReport)}`)
  }
  const ids = kept.outputs.alerts.map(({ id }) => id)
  if (new Set(ids).size !== ids.length) say('doubled: an alert was published twice')
  auditTotals(kept, say)
}

const sayTally = (tally: Tally) =>
  `${tally.day} ${tally.scope} ${tally.claims}/${tally.redemptions}/${tally.abnormal}/${tally.abnormalUsers.length}`

const scopesOf = ({ campaign, merchant, channel }: Audit['event']) => [
  'all',
  `campaign:${campaign}`,
  ...(merchant === null ? [] : [`merchant:${merchant}`]),
  ...(channel === null ? [] : [`channel:${channel}`]),
]

/** Reversals are in no tally. */
const countsFor = (one: Audit) =>
  one.event.kind !== 'reversal' && !isFailed(one) && !one.inputs.repeatsSaturated

/** By scope and day, in order of first appearance. */
function talliesOf(audits: readonly Audit[], { alerting }: Playbook): string[] {
  const counted = audits.filter(countsFor)
  const places = counted.flatMap(({ event }) =>
    scopesOf(event).map((scope) => `${dayOf(event.occurredAt)} ${scope}`),
  )
  return [...new Set(places)].map((place) => {
    const here = counted.filter(({ event }) =>
      scopesOf(event).some((scope) => `${dayOf(event.occurredAt)} ${scope}` === place),
    )
    const abnormal = here.filter(({ decision }) => decision.abnormal)
    const users = new Set(abnormal.map(({ event }) => event.user)).size
    const redeemed = here.filter(isRedeemed).length
    const most = Math.min(users, alerting.minAbnormalUsers)
    return `${place} ${here.length - redeemed}/${redeemed}/${abnormal.length}/${most}`
  })
}

/** Over the whole run: what was tallied is what was audited. */
function auditTotals({ outputs }: MemoryLogState, say: Say): void {
  const sum = (scope: string, field: 'claims' | 'redemptions' | 'abnormal') =>
    outputs.tallies.reduce((total, one) => total + (one.scope === scope ? one[field] : 0), 0)
  const counted = outputs.audits.filter(countsFor)
  const redeemed = counted.filter(isRedeemed)
  const abnormal = redeemed.filter(({ decision }) => decision.abnormal)
  const found = [sum('all', 'claims'), sum('all', 'redemptions'), sum('all', 'abnormal')]
  const wanted = [counted.length - redeemed.length, redeemed.length, abnormal.length]
  if (`${found}` !== `${wanted}`) say(`tallied in all ${found}, audited ${wanted}`)
}

type Reported = Pick<Report, 'user' | 'day' | 'amount'>
const sayReport = ({ user, day, amount }: Reported) => `${user} ${day} ${amount}`

/** The event that lifts a user's money of the day to the limit; a late one is in no window. */
function reportsOf(
  audits: readonly Audit[],
  money: Map<string, number>,
  limit: number,
): Reported[] {
  return audits.filter(isRedeemed).flatMap(({ event, inputs }) => {
    if (inputs.late) return []
    const { user } = event
    const day = dayOf(event.occurredAt)
    const place = `${user} ${day}`
    const before = money.get(place) ?? 0
    const amount = before + (event.orderAmount ?? event.couponAmount ?? 0)
    money.set(place, amount)
    return before < limit && amount >= limit ? [{ user, day, amount }] : []
  })
}

interface Watched {
  readonly scope: string
  readonly day: number
  readonly tallies: Tally[]
  readonly raised: { share: number; band: number }
  readonly open: { share: boolean; band: boolean }
}

interface Said {
  readonly id: string
  readonly raisedId: string
  readonly claims: number
  readonly redemptions: number
  readonly abnormal: number
  readonly rate: number
}

const sayAlert = ({ id, raisedId, claims, redemptions, abnormal, rate }: Said) =>
  `${id} (${raisedId}) ${claims}/${redemptions}/${abnormal} ${rate.toFixed(9)}`

/** The alerts as DESIGN says them, from the list of all tallies. */
function newNaiveMonitor({ alerting }: Playbook) {
  const watched: Watched[] = []
  const find = (scope: string, day: number) =>
    watched.find((one) => one.scope === scope && one.day === day)
  const otherOf = (scope: string) => (scope === 'all' ? 'all' : `${scope.split(':')[0]}:other`)

  const placeOf = (scope: string, day: number): Watched => {
    const many = watched.filter((one) => one.day === day).length >= alerting.scopesMax
    const name = many && find(scope, day) === undefined ? otherOf(scope) : scope
    const found = find(name, day)
    if (found !== undefined) return found
    const raised = { share: 0, band: 0 }
    const one = { scope: name, day, tallies: [], raised, open: { share: false, band: false } }
    watched.push(one)
    return one
  }

  const sums = ({ tallies }: Watched) => ({
    claims: tallies.reduce((total, { claims }) => total + claims, 0),
    redemptions: tallies.reduce((total, { redemptions }) => total + redemptions, 0),
    abnormal: tallies.reduce((total, { abnormal }) => total + abnormal, 0),
    users: new Set(tallies.flatMap(({ abnormalUsers }) => abnormalUsers)).size,
  })

  const change = (one: Watched, what: 'share' | 'band', transition: string) => {
    if (transition === 'raised') one.raised[what] += 1
    one.open[what] = transition === 'raised'
    const number = `${what === 'band' ? 'band-' : ''}${one.raised[what]}`
    const stem = `${one.scope}/${one.day}/${number}`
    const { claims, redemptions, abnormal } = sums(one)
    const rate =
      what === 'share' ? abnormal / Math.max(1, redemptions) : redemptions / Math.max(1, claims)
    const id = `${stem}/${transition}`
    return sayAlert({ id, raisedId: `${stem}/raised`, claims, redemptions, abnormal, rate })
  }

  const shareOf = (one: Watched) => {
    const { redemptions, abnormal, users } = sums(one)
    const share = redemptions === 0 ? 0 : abnormal / redemptions
    const { minRedemptions, minAbnormal, minAbnormalUsers } = alerting
    const enough =
      redemptions >= minRedemptions && abnormal >= minAbnormal && users >= minAbnormalUsers
    if (!one.open.share)
      return share > alerting.abnormalShareMax && enough ? [change(one, 'share', 'raised')] : []
    return share < alerting.clearShareMax ? [change(one, 'share', 'cleared')] : []
  }

  const bandOf = ({ scope }: Watched) => alerting.channelBands[scope.replace('channel:', '')]

  const rateOf = (one: Watched) => {
    const band = bandOf(one)
    const { claims, redemptions } = sums(one)
    if (band === undefined || claims < band.minClaims) return []
    const rate = redemptions / claims
    if (!one.open.band) return rate > band.max ? [change(one, 'band', 'raised')] : []
    return rate < 0.9 * band.max ? [change(one, 'band', 'cleared')] : []
  }

  const close = (one: Watched) => {
    const band = bandOf(one)
    const { claims, redemptions } = sums(one)
    const low = band !== undefined && claims >= band.minClaims && redemptions / claims < band.min
    const said = low && !one.open.band ? [change(one, 'band', 'raised')] : []
    if (one.open.share) said.push(change(one, 'share', 'closed'))
    if (one.open.band) said.push(change(one, 'band', 'closed'))
    return said
  }

  return {
    take(tallies: readonly Tally[], watermark: number): string[] {
      const isOver = (day: number) => watermark >= endOf(day) + lateMs
      const said: string[] = []
      for (const tally of tallies) {
        if (isOver(tally.day)) continue
        const one = placeOf(tally.scope, tally.day)
        one.tallies.push(tally)
        said.push(...shareOf(one), ...rateOf(one))
      }
      for (const one of watched.filter(({ day }) => isOver(day))) {
        said.push(...close(one))
        watched.splice(watched.indexOf(one), 1)
      }
      return said
    },
    inForce(event: Audit['event']): string[] {
      const day = dayOf(event.occurredAt)
      return scopesOf(event).flatMap((scope) => {
        const one = find(scope, day) ?? find(otherOf(scope), day)
        return one?.open.share === true
          ? [`${one.scope}/${one.day}/${one.raised.share}/raised`]
          : []
      })
    },
  }
}
