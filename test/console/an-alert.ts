/** An alert on a campaign for the console's tests. */
import type { Alert } from '../../src/core/schema.gen.ts'
import { startAt } from './an-audit.ts'

/** 1 March 2026 in the playbook's zone, as days since 1970. */
const alertDay = Math.floor(Date.UTC(2026, 2, 1) / 86_400_000)

export const anAlert = (about: Partial<Alert> = {}): Alert => ({
  id: `campaign:c1/${alertDay}/1/raised`,
  raisedId: `campaign:c1/${alertDay}/1/raised`,
  condition: 'abnormal_share',
  transition: 'raised',
  scope: 'campaign:c1',
  day: alertDay,
  at: startAt,
  recordedAt: startAt,
  claims: 10,
  redemptions: 100,
  abnormal: 7,
  abnormalUsers: 5,
  share: 0.07,
  threshold: 0.05,
  playbookVersion: '1',
  ...about,
})
