/** A small good playbook for the tests of playbook files, and what is wrong with a changed one. */
import { expect } from 'vitest'
import { type PlaybookProblem, parsePlaybook } from '../../src/config/playbook-file.ts'

export const good = `name: test
version: 1.0.0-a
timeZone: Asia/Shanghai
score: { reviewAt: 60, blockAt: 97 }
alerting:
  serves: [D4]
  abnormalShareMax: 0.05
  clearShareMax: 0.04
  minRedemptions: 200
  minAbnormal: 20
  minAbnormalUsers: 10
  reviewScoreMin: 20
  scopesMax: 2000
  channelBands:
    group-share: { min: 0.09, max: 0.15, minClaims: 1000 }
reportAmountMin: 5000000
rules:
  - id: many-claims
    tier: behaviour
    serves: [D2]
    outcome: review
    weight: 40
    when: |
      user_claims_1h >= 20 &&
        is_claim
    reason:
      code: many-claims
      zh: 一小时内领取了 {user_claims_1h} 次。
      en: "{user_claims_1h} claims within an hour."
    examples:
      hit:
        - { user_claims_1h: 20, is_claim: true }
      nearMiss:
        - { user_claims_1h: 19, is_claim: true }
  - id: watched
    tier: device-ip
    mode: shadow
    outcome: block
    onDoubt: block
    rolloutPercent: 5
    weight: 95
    advice: step-up
    when: watched
    reason: { code: watched, zh: 观察名单。, en: On the watch list. }
    examples: { hit: [{ watched: true }], nearMiss: [{ watched: false }] }
`

export function problemsOf(text: string): readonly PlaybookProblem[] {
  const parsed = parsePlaybook(text, 'p.yaml')
  return 'problems' in parsed ? parsed.problems : []
}

/** `good` with one piece exchanged, which must be there exactly once. */
export function changed(from: string, to: string): string {
  expect(good.split(from), `one ${from}`).toHaveLength(2)
  return good.replace(from, () => to)
}
