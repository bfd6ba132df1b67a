/**
 * What every reading means, said once more from the documents and nothing else: plain arrays of
 * what happened, strings, filters. No hash, no bucket, no table of src/; slow, and easy to check by
 * eye.
 */
import type { Event } from '../../src/core/schema.gen.ts'
import type { LogName } from '../../src/core/signals/readings.ts'

/** One event, with what the definitions ask about it. */
export interface Seen {
  readonly event: Event
  readonly at: number
  /** The calendar day in the playbook's time zone, such as 2026-03-01. */
  readonly day: string
  readonly subnet: string | null
}

/** An entry of an entity's log. `took` marks a transfer that the log's sender took, not sent. */
export interface Entry {
  readonly seen: Seen
  readonly took: boolean
  /** Money of the day's redemptions that the log knew of when this one came, itself included. */
  readonly daySum: number
}

/** An event, and what its entity's log held when it came, itself last. */
export interface Question {
  readonly own: Seen
  readonly entries: readonly Entry[]
  /** Largest event time that was cut from the log; -Infinity where nothing was. */
  readonly cutAt: number
  /** What happened in (t − span, t], in order of arrival. */
  within(spanMs: number): readonly Seen[]
}

export type Ask = (question: Question) => number | null

const second = 1_000
const hour = 3_600 * second
const day = 24 * hour
const week = 7 * day
const longest = 45 * day

export function question(own: Seen, entries: readonly Entry[], cutAt: number): Question {
  const known = new Map<number, readonly Seen[]>()
  const within = (spanMs: number) => {
    const found = known.get(spanMs)
    if (found !== undefined) return found
    const inside = entries
      .filter(({ seen, took }) => !took && seen.at > own.at - spanMs && seen.at <= own.at)
      .map(({ seen }) => seen)
    known.set(spanMs, inside)
    return inside
  }
  return { own, entries, cutAt, within }
}

type Test = (seen: Seen) => boolean

const failedAttempts = ['wrong_code', 'wrong_input', 'expired', 'declined']
const whatever: Test = () => true
const unsuccessful: Test = ({ event }) => failedAttempts.includes(event.attempt)
const reversal: Test = (seen) => seen.event.kind === 'reversal' && !unsuccessful(seen)
const failed: Test = (seen) => seen.event.kind !== 'reversal' && unsuccessful(seen)
const claim: Test = (seen) => seen.event.kind === 'claim' && !failed(seen)
const redemption: Test = (seen) => seen.event.kind === 'redemption' && !failed(seen)
const gift: Test = (seen) => claim(seen) && seen.event.transferSender !== null
const fresh: Test = ({ event }) =>
  event.registeredAt !== null &&
  event.registeredAt <= event.occurredAt &&
  event.occurredAt - event.registeredAt < day
const smallTopUp: Test = (seen) =>
  redemption(seen) && seen.event.couponType === 'top-up' && money(seen) > 0 && money(seen) <= 50_00

function money({ event }: Seen): number {
  if (event.kind !== 'redemption') return 0
  return event.orderAmount ?? event.couponAmount ?? 0
}

/** What an event adds to the money of its day. */
export const paidBy = (seen: Seen): number => (redemption(seen) ? money(seen) : 0)

const count =
  (test: Test, spanMs: number): Ask =>
  (asked) =>
    asked.within(spanMs).filter(test).length

const different =
  (name: 'user' | 'device' | 'ip', spanMs: number, test = whatever): Ask =>
  (asked) => {
    const names = asked
      .within(spanMs)
      .filter(test)
      .map(({ event }) => (event.kind === 'reversal' && name !== 'user' ? null : event[name]))
    return new Set(names.filter((one) => one !== null)).size
  }

const sum = (seen: readonly Seen[]) => seen.reduce((total, one) => total + money(one), 0)
const amount =
  (spanMs: number): Ask =>
  (asked) =>
    sum(asked.within(spanMs).filter(redemption))

/** Of the whole calendar day, in order of arrival, whatever the hour. */
const ofDay = ({ own, entries }: Question, test: Test) =>
  entries
    .filter(({ seen, took }) => !took && seen.day === own.day && test(seen))
    .map(({ seen }) => seen)

function lastGaps(asked: Question): number[] | null {
  const times = asked
    .within(day)
    .filter(({ event }) => event.kind !== 'reversal')
    .map(({ at }) => at)
  const newest = times.sort((a, b) => b - a).slice(0, 11)
  // With one of them cut there would be other gaps.
  const all = newest.length === 11 && newest.every((time) => time > asked.cutAt)
  if (asked.own.at - day < asked.cutAt && !all) return null
  const gaps = newest.slice(1).map((time, index) => newest[index]! - time)
  return gaps.length < 5 ? null : gaps
}

const mean = (numbers: readonly number[]) =>
  numbers.reduce((total, one) => total + one, 0) / numbers.length

const gapMean: Ask = (asked) => {
  const gaps = lastGaps(asked)
  return gaps === null ? null : mean(gaps) / second
}

const gapSpread: Ask = (asked) => {
  const gaps = lastGaps(asked)
  if (gaps === null) return null
  const middle = mean(gaps)
  if (middle === 0) return 0
  return Math.sqrt(mean(gaps.map((gap) => (gap - middle) ** 2))) / middle
}

const codeSteps: Ask = (asked) => {
  const attempts = asked
    .within(hour)
    .filter(({ event }) => event.kind === 'redemption' && event.codeTail !== null)
    .map(({ at, event }) => ({ at, block: event.codeBlock, tail: event.codeTail! }))
    .sort((a, b) => a.at - b.at)
  return attempts.filter((one, index) => {
    const next = attempts[index + 1]
    if (next === undefined || one.block !== next.block) return false
    return [1, 2, 3].includes(Math.abs(one.tail - next.tail))
  }).length
}

type Same = (claim: Seen, own: Seen) => boolean
const coupon = ({ event }: Seen) => JSON.stringify([event.campaign, event.couponType ?? ''])
const ofCoupon: Same = (one, own) => coupon(one) === coupon(own)
const ofCode: Same = () => true

/** The claim with the latest event time, of equals the one that came last. */
function lastClaim(asked: Question, same: Same): Seen | null {
  if (asked.own.event.kind !== 'redemption') return null
  let last: Seen | null = null
  for (const seen of asked.within(longest)) {
    if (claim(seen) && same(seen, asked.own) && (last === null || seen.at >= last.at)) last = seen
  }
  // No newer than what was cut: another may have come after it.
  return last === null || last.at <= asked.cutAt ? null : last
}

const claimAge =
  (same: Same): Ask =>
  (asked) => {
    const last = lastClaim(asked, same)
    return last === null ? null : (asked.own.at - last.at) / second
  }

const claimSame =
  (name: 'device' | 'user', same: Same): Ask =>
  (asked) => {
    const one = lastClaim(asked, same)?.event[name] ?? null
    const other = asked.own.event[name]
    return one === null || other === null ? null : Number(one === other)
  }

const claimDistance =
  (same: Same): Ask =>
  (asked) => {
    const from = lastClaim(asked, same)?.event.geo ?? null
    const to = asked.own.event.geo
    return from === null || to === null ? null : kilometres(onEarth(from), onEarth(to))
  }

/** Where on a unit sphere the centre of the place's cell of a hundredth of a degree lies. */
function onEarth({ lat, lon }: { lat: number; lon: number }): readonly number[] {
  const radians = (degrees: number) => ((Math.floor(degrees * 100) + 0.5) / 100 / 180) * Math.PI
  const [up, round] = [radians(lat), radians(lon)]
  return [Math.cos(up) * Math.cos(round), Math.cos(up) * Math.sin(round), Math.sin(up)]
}

function kilometres(one: readonly number[], other: readonly number[]): number {
  const chord = Math.hypot(...one.map((side, index) => side - other[index]!))
  return Math.round(2 * Math.asin(Math.min(1, chord / 2)) * 6371 * 10) / 10
}

const circle: Ask = ({ own, entries }) =>
  entries.filter(
    ({ seen, took }) =>
      !took &&
      gift(seen) &&
      seen.event.user === own.event.transferSender &&
      seen.at > own.at - week &&
      seen.at <= own.at,
  ).length

const address = {
  events_1m: count(whatever, 60 * second),
  events_1h: count(whatever, hour),
  events_1d: count(whatever, day),
  users_1m: different('user', 60 * second),
  users_1h: different('user', hour),
  users_1d: different('user', day),
  devices_1m: different('device', 60 * second),
  devices_1h: different('device', hour),
  devices_1d: different('device', day),
  claims_10s: count(claim, 10 * second),
  fresh_users_1h: different('user', hour, fresh),
  fresh_users_1d: different('user', day, fresh),
  failed_1h: count(failed, hour),
  code_steps_1h: codeSteps,
}
const gaps = { gap_cv_1d: gapSpread, gap_mean_1d: gapMean }
const claimLink = (same: Same) => ({
  claim_age_45d: claimAge(same),
  claim_distance_45d: claimDistance(same),
  claim_same_device_45d: claimSame('device', same),
})

/** Every reading of every log. A reading that src/ has and this does not is reported as missing. */
export const definitions: Readonly<Record<LogName, Readonly<Record<string, Ask>>>> = {
  user: {
    claims_1h: count(claim, hour),
    claims_1d: count(claim, day),
    claims_7d: count(claim, week),
    redemptions_1h: count(redemption, hour),
    redemptions_1d: count(redemption, day),
    redemptions_7d: count(redemption, week),
    devices_1d: different('device', day),
    devices_7d: different('device', week),
    ips_1d: different('ip', day),
    ips_7d: different('ip', week),
    amount_1d: amount(day),
    amount_day: (asked) =>
      asked.cutAt === Number.NEGATIVE_INFINITY
        ? sum(ofDay(asked, redemption))
        : asked.entries.at(-1)!.daySum,
    small_top_ups_1h: count(smallTopUp, hour),
    small_top_ups_1d: count(smallTopUp, day),
    gifts_1d: count(gift, day),
    failed_1h: count(failed, hour),
    failed_1d: count(failed, day),
    code_steps_1h: codeSteps,
    ...gaps,
    ...claimLink(ofCoupon),
    reversals_7d: count(reversal, week),
    reversals_45d: count(reversal, longest),
    redemptions_45d: count(redemption, longest),
  },
  device: {
    claims_10s: count(claim, 10 * second),
    claims_1h: count(claim, hour),
    claims_1d: count(claim, day),
    claims_7d: count(claim, week),
    redemptions_1d: count(redemption, day),
    users_1h: different('user', hour),
    users_1d: different('user', day),
    users_7d: different('user', week),
    fresh_users_1d: different('user', day, fresh),
    fresh_users_7d: different('user', week, fresh),
    ips_1d: different('ip', day),
    failed_1h: count(failed, hour),
    code_steps_1h: codeSteps,
    ...gaps,
  },
  ip: { ...address, ...gaps },
  subnet: address,
  code: {
    uses_45d: count(redemption, longest),
    users_45d: different('user', longest),
    devices_45d: different('device', longest),
    failed_1d: count(failed, day),
    ...claimLink(ofCode),
    claim_same_user_45d: claimSame('user', ofCode),
    reversals_45d: count(reversal, longest),
  },
  phone: {
    top_ups_1d: count(redemption, day),
    top_ups_7d: count(redemption, week),
    users_1d: different('user', day),
    users_7d: different('user', week),
  },
  sender: {
    gifts_day: (asked) => ofDay(asked, gift).length,
    gifts_1h: count(gift, hour),
    recipients_1d: different('user', day, gift),
    recipients_7d: different('user', week, gift),
  },
  returned: { gifts_7d: circle },
}

const spans: Readonly<Record<string, number>> = {
  '10s': 10 * second,
  '1m': 60 * second,
  '1h': hour,
  '1d': day,
  '7d': week,
  '45d': longest,
}

/** Whether a reading may miss what was cut: entries up to the event time `cutAt`. */
export function reachesBelow(
  name: string,
  own: Seen,
  cutAt: number,
  dayOf: (at: number) => string,
) {
  if (cutAt === Number.NEGATIVE_INFINITY) return false
  const span = name.slice(name.lastIndexOf('_') + 1)
  return span === 'day' ? dayOf(cutAt) >= own.day : own.at - spans[span]! < cutAt
}
