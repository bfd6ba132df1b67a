/** Rules and limits so low that a few hundred events meet all of them. */
import { formatProblems, parsePlaybook } from '../../src/config/playbook-file.ts'
import type { Playbook } from '../../src/core/rules/playbook.ts'

interface RuleText {
  readonly id: string
  readonly tier?: string
  readonly outcome: string
  readonly weight: number
  readonly when: string
  readonly more?: string
  readonly hit: string
  readonly miss: string
}

/** No rule reads a calendar-day total: those may read higher when a batch is observed again. */
const rules: readonly RuleText[] = [
  {
    id: 'device-shared',
    tier: 'device-ip',
    outcome: 'review',
    weight: 50,
    when: 'device_users_1d >= 3',
    hit: 'device_users_1d: 3',
    miss: 'device_users_1d: 2',
  },
  {
    id: 'device-farm',
    tier: 'device-ip',
    outcome: 'block',
    weight: 80,
    when: 'device_users_1d >= 5 && device_claims_1h >= 3',
    hit: 'device_users_1d: 5, device_claims_1h: 3',
    miss: 'device_users_1d: 5, device_claims_1h: 2',
  },
  {
    id: 'ip-burst',
    tier: 'device-ip',
    outcome: 'allow',
    weight: 25,
    when: 'ip_events_1m >= 3',
    hit: 'ip_events_1m: 3',
    miss: 'ip_events_1m: 2',
  },
  {
    id: 'no-device',
    tier: 'device-ip',
    outcome: 'review',
    weight: 35,
    when: 'device_missing',
    more: 'rolloutPercent: 50',
    hit: 'device_missing: true',
    miss: 'device_missing: false',
  },
  {
    id: 'many-claims',
    outcome: 'review',
    weight: 40,
    when: 'user_claims_1h >= 4',
    hit: 'user_claims_1h: 4',
    miss: 'user_claims_1h: 3',
  },
  {
    id: 'code-again',
    outcome: 'block',
    weight: 90,
    when: 'is_redemption && code_uses_45d >= 3',
    hit: 'is_redemption: true, code_uses_45d: 3',
    miss: 'is_redemption: true, code_uses_45d: 2',
  },
  {
    id: 'tries-again',
    outcome: 'allow',
    weight: 30,
    when: 'user_failed_1d >= 2',
    hit: 'user_failed_1d: 2',
    miss: 'user_failed_1d: 1',
  },
  {
    id: 'quick-redemption',
    outcome: 'review',
    weight: 30,
    when: 'user_claim_age_45d < 600.0',
    more: 'advice: step-up',
    hit: 'user_claim_age_45d: 599',
    miss: 'user_claim_age_45d: 600',
  },
  {
    id: 'clockwork',
    outcome: 'review',
    weight: 20,
    when: 'user_gap_cv_1d < 0.3',
    more: 'mode: shadow',
    hit: 'user_gap_cv_1d: 0.2',
    miss: 'user_gap_cv_1d: 0.3',
  },
  {
    id: 'listed',
    tier: 'blacklist',
    outcome: 'block',
    weight: 100,
    when: 'blocked_user',
    hit: 'blocked_user: true',
    miss: 'blocked_user: false',
  },
]

const ruleText = ({ id, tier, outcome, weight, when, more, hit, miss }: RuleText) => `
  - id: ${id}
    tier: ${tier ?? 'behaviour'}
    outcome: ${outcome}
    weight: ${weight}
    when: ${when}
    reason: { code: ${id}, zh: 模拟规则。, en: A rule of the simulation. }
    examples: { hit: [{ ${hit} }], nearMiss: [{ ${miss} }] }
    ${more ?? ''}`

const text = `
name: simulated
version: 1.0.0
timeZone: Asia/Shanghai
score: { reviewAt: 70, blockAt: 95 }
alerting:
  serves: [D4]
  abnormalShareMax: 0.2
  clearShareMax: 0.15
  minRedemptions: 8
  minAbnormal: 2
  minAbnormalUsers: 2
  reviewScoreMin: 20
  scopesMax: 9
  channelBands:
    group-share: { min: 0.6, max: 1.1, minClaims: 6 }
reportAmountMin: 60000
rules:${rules.map(ruleText).join('')}
`

export function simulatedPlaybook(): Playbook {
  const parsed = parsePlaybook(text, 'the simulation')
  if ('playbook' in parsed) return parsed.playbook
  throw new Error(formatProblems(parsed.problems, 'the simulation'))
}
