/** A decision against its own rule results and inputs: outcome, score, abnormal, escalation. */
import type { Playbook } from '../../src/core/rules/playbook.ts'
import type { Audit } from '../../src/core/schema.gen.ts'

type Say = (problem: string) => void

const order = ['allow', 'review', 'block']
const strongest = (outcomes: readonly string[]) =>
  order[Math.max(0, ...outcomes.map((outcome) => order.indexOf(outcome)))]!

export const isRedeemed = ({ event }: Audit): boolean =>
  event.kind === 'redemption' && !isFailed({ event })

export const isFailed = ({ event }: Pick<Audit, 'event'>): boolean =>
  event.attempt !== 'succeeded' && event.attempt !== 'unknown'

export function auditDecision(one: Audit, playbook: Playbook, say: Say): void {
  const { decision, inputs, offset } = one
  const live = decision.results.filter(({ mode }) => mode === 'live')
  const hits = live.filter(({ result }) => result === 'hit')
  const certain = hits.map(({ rule }) => playbook.rules.find(({ id }) => id === rule)!)
  let left = 1
  for (const { weight } of certain) left *= (100 - weight) / 100
  const score = Math.round(100 - 100 * left)
  if (Math.abs(score - decision.score) > 1e-9) say(`row ${offset}: score ${decision.score}`)
  const { reviewAt, blockAt } = playbook.score
  const band = score >= blockAt ? 'block' : score >= reviewAt ? 'review' : 'allow'
  const own = strongest([...certain.map((rule) => rule.outcome), band])
  const doubts = live.filter(({ result }) => result !== 'hit').map(({ outcome }) => outcome)
  const doubt = inputs.late || inputs.repeatsSaturated ? ['review'] : []
  const judged = strongest([own, ...doubts, ...doubt])
  const allowed = inputs.lists.some(({ list }) => list === 'allow')
  const escalated =
    !allowed &&
    judged === 'allow' &&
    isRedeemed(one) &&
    inputs.alerts.length > 0 &&
    score >= playbook.alerting.reviewScoreMin
  const outcome = allowed ? 'allow' : escalated ? 'review' : judged
  const abnormal = !allowed && isRedeemed(one) && own !== 'allow'
  if (decision.outcome !== outcome) say(`row ${offset}: ${decision.outcome}, not ${outcome}`)
  if (decision.abnormal !== abnormal) say(`row ${offset}: abnormal is ${decision.abnormal}`)
  const cited = escalated ? inputs.alerts : []
  if (`${decision.alertIds}` !== `${cited}`) say(`row ${offset}: cites ${decision.alertIds}`)
}
