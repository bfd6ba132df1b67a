/** Rows made up for tests of the log: each names its place, so that a lost or doubled one shows. */
import type { Audit, Decision, Event, Progress, Review, Tally } from '../../src/core/schema.gen.ts'
import { embeddedSource } from '../../src/log/embedded-log.ts'
import type { LoggedEvent, Outputs } from '../../src/log/stream.ts'

export const sampleReview = (key: string, at: number): Review => ({
  eventKey: key.padEnd(32, '0'),
  decisionId: `${key.padEnd(32, '0')}@1.0.0`,
  verdict: 'fraud',
  reviewer: 'wei',
  reason: null,
  at,
})

export const noOutputs: Outputs = {
  audits: [],
  decisions: [],
  tallies: [],
  alerts: [],
  reports: [],
  deadLetters: [],
}

export function sampleEvent(id: string): Event {
  return {
    id,
    kind: 'redemption',
    occurredAt: 1_700_000_000_000,
    resolutionMs: 0,
    user: `用户-${id}`,
    campaign: 'spring',
    device: '0123456789abcdef0123456789abcdef',
    deviceOrigin: 'fingerprint',
    ip: '203.0.113.9',
    couponType: 'voucher',
    codeHash: 'aa'.repeat(16),
    codeBlock: 'bb'.repeat(16),
    codeTail: 1234,
    codeIssuedAt: null,
    codeExpiresAt: null,
    merchant: 'm-1',
    store: 's-1',
    category: 'catering',
    channel: 'group-share',
    referrerDomain: null,
    currency: 'CNY',
    orderAmount: 10_000,
    couponAmount: 2_000,
    attempt: 'succeeded',
    geo: { lat: 31.2, lon: 121.5 },
    registeredAt: null,
    lastActiveAt: null,
    phone: null,
    numberKind: null,
    portedAt: null,
    transferId: null,
    transferSender: null,
    transferHop: null,
    transferredAt: null,
    stacked: [{ source: 'bank', amount: 100 }],
    orderTier: null,
    identityVerified: true,
    batchId: null,
    packageAmount: null,
  }
}

export function sampleDecision(row: LoggedEvent, outcome: 'allow' | 'block' = 'block'): Decision {
  return {
    id: `${row.event.id}@1`,
    eventKey: row.event.id,
    eventId: row.event.id,
    user: row.event.user,
    kind: row.event.kind,
    occurredAt: row.event.occurredAt,
    recordedAt: row.recordedAt,
    campaign: row.event.campaign,
    outcome,
    score: 90,
    abnormal: true,
    results: [],
    reasons: [{ code: 'device-farm', zh: '设备农场', en: 'Device farm' }],
    advice: ['step-up'],
    alertIds: [],
    playbook: 'default',
    playbookVersion: '1',
    playbookHash: 'cc'.repeat(32),
    amountAtStake: 2_000,
    supersedes: null,
    cause: null,
    decidedBy: null,
    models: [],
  }
}

export function sampleAudit(row: LoggedEvent): Audit {
  const none = {
    user: null,
    device: null,
    ip: null,
    subnet: null,
    code: null,
    phone: null,
    sender: null,
    returned: null,
    campaign: null,
    merchant: null,
    category: null,
    channel: null,
  }
  return {
    ...row,
    event: { ...row.event, geo: null },
    inputs: {
      readings: none,
      lists: [],
      address: null,
      campaign: null,
      switch: 'none',
      alerts: [],
      late: false,
      repeatsSaturated: false,
    },
    decision: sampleDecision(row),
  }
}

export function sampleTally(row: LoggedEvent): Tally {
  return {
    scope: 'all',
    day: 1,
    claims: 0,
    redemptions: 1,
    abnormal: row.offset,
    abnormalUsers: [],
    recordedAt: row.recordedAt,
    occurredAt: row.event.occurredAt,
  }
}

export function sampleProgress(nextOffset: number, recordedAt = 0): Progress {
  return {
    shard: 0,
    offsets: [{ topic: embeddedSource, partition: 0, nextOffset }],
    recordedAt,
    playbookVersion: '1',
  }
}

/** An audit, a decision and a tally for every row. */
export function sampleOutputs(rows: readonly LoggedEvent[]): Outputs {
  return {
    ...noOutputs,
    audits: rows.map(sampleAudit),
    decisions: rows.map((row) => sampleDecision(row)),
    tallies: rows.map(sampleTally),
  }
}

/** Everything of an async iterable of batches. */
export async function all<T>(batches: AsyncIterable<readonly T[]>): Promise<T[]> {
  const rows: T[] = []
  for await (const batch of batches) rows.push(...batch)
  return rows
}
