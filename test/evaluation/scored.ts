/** Scored events and their circumstances, where a test names only what it is about. */
import type { Evaluated } from '../../src/evaluation/evaluate.ts'
import type { ScoredEvent } from '../../src/evaluation/scored-events.ts'

export const scoredEvent = (is: Partial<ScoredEvent> = {}): ScoredEvent => ({
  fraud: false,
  kind: 'ordinary',
  day: 20_514,
  user: 0,
  outcome: 'allow',
  score: 0,
  allowListed: false,
  probability: 0,
  atStake: null,
  currency: null,
  ...is,
})

export const evaluated = (is: Partial<Evaluated> = {}): Evaluated => ({
  recording: 'day.avro',
  playbook: { name: 'kept', version: '1.0.0', hash: 'a'.repeat(64) },
  model: { name: 'tried', checksum: 'b'.repeat(64), trainedOnIt: false },
  thresholds: { reviewAt: 0.5, blockAt: 0.9 },
  costs: { missedFraud: 10, blockedUser: 50, review: 1 },
  target: 'fraud',
  limits: { precisionMin: 0.95, blockedShareMax: 0.001 },
  drift: null,
  labels: null,
  rules: null,
  ...is,
})
