/** Audit records for the console's tests, judged by the default playbook; each names little. */
import { decide, newDecisionRow } from '../../src/core/decision/decide.ts'
import { eventKeyOf } from '../../src/core/event/keyed-hash.ts'
import type { Audit, Decision, DeviceReadings, Event } from '../../src/core/schema.gen.ts'
import { inputsWith } from '../recording/sample-rows.ts'
import { plainEvent } from '../support/plain-event.ts'
import { playbook } from './memory-engine.ts'

export const startAt = Date.UTC(2026, 2, 1, 4)

export interface About {
  readonly event?: Partial<Event>
  readonly device?: Partial<DeviceReadings>
  /** Over what the playbook says. */
  readonly decision?: Partial<Decision>
}

/** The n-th event of a test: a second after the one before. */
export function anAudit(n: number, about: About = {}): Audit {
  const event = plainEvent({
    id: `e${n}`,
    user: `u${n}`,
    occurredAt: startAt + 1_000 * n,
    device: 'd'.repeat(32),
    deviceOrigin: 'fingerprint',
    ip: '203.0.113.7',
    ...about.event,
  })
  const inputs = inputsWith(about.device ?? {})
  const recordedAt = event.occurredAt + 100
  const eventKey = eventKeyOf(event.user, event.id, event.occurredAt)
  const decision = decide({ event, eventKey, recordedAt }, inputs, playbook, newDecisionRow())
  return {
    recordedAt,
    source: 'coupon.claims',
    partition: 0,
    offset: n,
    event,
    inputs,
    decision: { ...decision, ...about.decision },
  }
}

/** A case of the outcome; the score follows n unless it is said. */
export const aCase = (n: number, outcome: 'allow' | 'review' | 'block', about: About = {}): Audit =>
  anAudit(n, { ...about, decision: { outcome, score: n % 101, ...about.decision } })
