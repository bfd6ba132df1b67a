/**
 * What the regulator must be told: of each user and day, once, the redemption with which the money
 * of the day reached the limit, in the order in which they were judged. Late events are in no sum.
 */
import { dayOf } from './days.ts'
import type { AuditRow, Evidence, ReportRow, Say } from './evidence.ts'

export function auditReports({ audits, reports, reportAmountMin }: Evidence, say: Say): void {
  const sums = new Map<string, number>()
  const wanted = new Map<string, string>()
  for (const audit of audits) {
    const { event, decision } = audit
    const amount = moneyOf(audit)
    if (amount === 0) continue
    const of = { user: event.user, day: dayOf(event.occurredAt), eventKey: decision.eventKey }
    const before = sums.get(placeOf(of)) ?? 0
    sums.set(placeOf(of), before + amount)
    if (before < reportAmountMin && before + amount >= reportAmountMin)
      wanted.set(placeOf(of), sayReport({ ...of, amount: before + amount }))
  }
  const told = new Set<string>()
  for (const report of reports) {
    const place = placeOf(report)
    if (told.has(place)) say('doubled report', `${place} was told of again`)
    told.add(place)
    const due = wanted.get(place)
    if (due !== sayReport(report))
      say('wrong report', `${place}: ${sayReport(report)}, not ${due ?? 'any'}`)
  }
  for (const place of wanted.keys())
    if (!told.has(place)) say('lost report', `${place} was not told of`)
}

function moneyOf({ event, late }: AuditRow): number {
  const { kind, attempt, orderAmount, couponAmount } = event
  const isRedeemed = kind === 'redemption' && (attempt === 'succeeded' || attempt === 'unknown')
  return isRedeemed && !late ? (orderAmount ?? couponAmount ?? 0) : 0
}

const placeOf = ({ user, day }: Pick<ReportRow, 'user' | 'day'>) => `${user} on day ${day}`
const sayReport = ({ eventKey, amount }: ReportRow) => `${amount} with ${eventKey}`
