/**
 * The topics of a small day on which everything went well, made by hand: three users in one shard
 * and one in another, with a duplicate, a conflict, a wrong date and a message that nobody can
 * read; an alert that was raised and closed. A test changes one thing in it.
 */
import { createHash } from 'node:crypto'
import type {
  AuditRow,
  Evidence,
  InputEvent,
  InputRow,
  TallyRow,
} from '../../scripts/chaos/audit/evidence.ts'

/** 2026-03-02T10:00 in Shanghai, the day numbered 20514. */
export const tenOClock = Date.UTC(2026, 2, 2, 2)
export const day = 20_514
const hourMs = 3_600_000

interface Told {
  readonly user: string
  readonly id: string
  readonly kind?: 'claim' | 'redemption' | 'reversal'
  readonly couponAmount?: number
  readonly orderAmount?: number
  readonly occurredAt?: number
  readonly attempt?: string
}

export function eventOf({ user, id, ...told }: Told): InputEvent {
  const facts = {
    id,
    kind: told.kind ?? 'claim',
    occurredAt: told.occurredAt ?? tenOClock,
    user,
    campaign: 'spring',
    merchant: 'm-1',
    channel: null,
    attempt: told.attempt ?? 'succeeded',
    orderAmount: told.orderAmount ?? null,
    couponAmount: told.couponAmount ?? 500,
  }
  return { ...facts, content: JSON.stringify(facts) }
}

export const claims = (partition: number, offset: number) =>
  ({ topic: 'coupon.claims', partition, offset }) as const
export const redemptions = (partition: number, offset: number) =>
  ({ topic: 'coupon.redemptions', partition, offset }) as const

const recordedAt = tenOClock + 1_000

export function inputOf(
  place: Pick<InputRow, 'topic' | 'partition' | 'offset'>,
  event: InputEvent | null,
  planted: string | null = null,
): InputRow {
  return { ...place, recordedAt, planted, event }
}

/** The record of a message that was decided. */
export function auditOf(row: InputRow, outcome: 'allow' | 'block' = 'allow'): AuditRow {
  const { topic, partition, offset, recordedAt: at } = row
  const { content: _, ...event } = row.event!
  const { user, id, occurredAt } = event
  const named = `${user.length}:${user}${id.length}:${id}${occurredAt}`
  const eventKey = createHash('sha256').update(named).digest('hex').slice(0, 32)
  const abnormal = outcome === 'block' && event.kind === 'redemption'
  const decision = { id: `${eventKey}@1`, eventKey, outcome, abnormal }
  return {
    topic,
    partition,
    offset,
    recordedAt: at,
    event,
    late: false,
    repeatsSaturated: false,
    alerts: [],
    decision: { ...decision, content: JSON.stringify(decision) },
  }
}

export function tallyOf(
  scope: string,
  [claimed, redeemed, abnormal]: readonly [number, number, number],
  at = recordedAt,
): TallyRow {
  const abnormalUsers = Array.from({ length: abnormal }, (_, user) => `hash-${user}`)
  const sums = { claims: claimed, redemptions: redeemed, abnormal }
  return { scope, day, ...sums, abnormalUsers, recordedAt: at }
}

/** Half past two at night: the day is over for good. */
export const nextNight = tenOClock + 16.5 * hourMs

const good = {
  ann: inputOf(claims(0, 0), eventOf({ user: 'ann', id: 'a1' })),
  annAgain: inputOf(claims(0, 1), eventOf({ user: 'ann', id: 'a1' })),
  annOther: inputOf(claims(0, 2), eventOf({ user: 'ann', id: 'a1', couponAmount: 600 })),
  annSpends: inputOf(
    redemptions(0, 0),
    eventOf({ user: 'ann', id: 'a2', kind: 'redemption', orderAmount: 9_000 }),
  ),
  beaSpends: inputOf(redemptions(0, 1), eventOf({ user: 'bea', id: 'b1', kind: 'redemption' })),
  cyFails: inputOf(
    redemptions(1, 0),
    eventOf({ user: 'cy', id: 'c1', kind: 'redemption', attempt: 'wrong_code' }),
  ),
}
const tomorrow = eventOf({ user: 'bea', id: 'b2', occurredAt: tenOClock + 24 * hourMs })
const misdated = inputOf(claims(1, 0), tomorrow)
const unreadable = inputOf(claims(1, 1), null, 'bad-frame')

const audits = [
  auditOf(good.ann),
  auditOf(good.annSpends, 'block'),
  auditOf(good.beaSpends),
  auditOf(good.cyFails),
]
const scopes = ['all', 'campaign:spring', 'merchant:m-1']
const late = eventOf({ user: 'dee', id: 'd1' })
const closing = { ...inputOf(claims(1, 2), late), recordedAt: nextNight }

const raised = (scope: string) => ({
  id: `${scope}/${day}/1/raised`,
  raisedId: `${scope}/${day}/1/raised`,
  claims: 1,
  redemptions: 2,
  abnormal: 1,
  share: 0.5,
})
const closed = (scope: string) => ({ ...raised(scope), id: `${scope}/${day}/1/closed` })

export const rows = { ...good, misdated, unreadable, closing }

export const sound: Evidence = {
  inputs: [...Object.values(good), misdated, unreadable, closing],
  ends: [
    claims(0, 3),
    claims(1, 3),
    redemptions(0, 2),
    redemptions(1, 1),
    { ...claims(2, 0) },
    { ...redemptions(2, 0) },
  ],
  open: [],
  committed: [claims(0, 3), claims(1, 3), redemptions(0, 2), redemptions(1, 1)],
  audits: [...audits, auditOf(closing)],
  decisions: [audits[1]!.decision],
  letters: [
    { ...claims(0, 2), reason: 'conflicting-id' },
    { ...claims(1, 0), reason: 'future-time' },
    { ...claims(1, 1), reason: 'bad-frame' },
  ],
  tallies: [
    ...scopes.map((scope) => tallyOf(scope, [1, 2, 1])),
    ...scopes.map((scope) => tallyOf(scope, [1, 0, 0], nextNight)),
  ],
  alerts: [...scopes.map(raised), ...scopes.map(closed)],
  reports: [{ user: 'ann', day, amount: 9_000, eventKey: audits[1]!.decision.eventKey }],
  progress: [
    { shard: 0, places: [claims(0, 2), redemptions(0, 0)], recordedAt },
    { shard: 1, places: [claims(1, 2), redemptions(1, 1)], recordedAt },
    { shard: 0, places: [claims(0, 3), redemptions(0, 2)], recordedAt },
    { shard: 1, places: [claims(1, 3), redemptions(1, 1)], recordedAt: nextNight },
  ],
  policy: {
    abnormalShareMax: 0.05,
    clearShareMax: 0.04,
    minRedemptions: 2,
    minAbnormal: 1,
    minAbnormalUsers: 1,
    scopesMax: 100,
    channelBands: {},
  },
  reportAmountMin: 8_000,
}
