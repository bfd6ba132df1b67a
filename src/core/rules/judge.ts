/**
 * A playbook's rules against one row of signals. Only what matters is given back: hits, doubts and
 * failures; misses and rules that lack a signal are not listed, which keeps the common case free of
 * allocation. A rule in roll-out is not evaluated at all for users outside its share: it leaves no
 * trace on them, so widening it later changes nothing that was decided before.
 */
import type { SignalValue } from '../schema.gen.ts'
import { signalValue } from '../signals/all-signals.ts'
import type { SignalRow } from '../signals/row.ts'
import type { Playbook, Rule, RuleVerdictName } from './playbook.ts'
import { type Glance, glanceOf, isSettled } from './sure-miss.ts'

export interface JudgedRule {
  readonly rule: Rule
  readonly verdict: Exclude<RuleVerdictName, 'miss' | 'absent'>
}

/** Made once for the rules of a playbook, and gone with them. */
const glances = new WeakMap<readonly Rule[], Glance>()

function glanceAt(rules: readonly Rule[]): Glance {
  let glance = glances.get(rules)
  if (glance === undefined) {
    glance = glanceOf(rules.map(({ sureMiss }) => sureMiss))
    glances.set(rules, glance)
  }
  return glance
}

const nothing: readonly JudgedRule[] = Object.freeze([])

/** In order of the playbook. `userBucket` is 0 to 99, by hash of the user. */
export function judge(
  playbook: Playbook,
  row: SignalRow,
  userBucket: number,
): readonly JudgedRule[] {
  const { rules } = playbook
  const glance = glanceAt(rules)
  let judged: JudgedRule[] | null = null
  for (let at = 0; at < rules.length; at++) {
    if (isSettled(glance, at, row)) continue
    const rule = rules[at]!
    if (!isAsked(rule, userBucket)) continue
    const verdict = rule.condition(row)
    if (verdict === 'miss' || verdict === 'absent') continue
    if (judged === null) judged = [{ rule, verdict }]
    else judged.push({ rule, verdict })
  }
  return judged ?? nothing
}

/** Whether a rule is evaluated for users of this bucket at all. */
export const isAsked = ({ mode, rolloutPercent }: Rule, userBucket: number): boolean =>
  mode !== 'off' && userBucket < rolloutPercent

/** The signals that the rule looked at, with what they held: the row itself is soon reused. */
export function signalValues(rule: Rule, row: SignalRow): SignalValue[] {
  return rule.signals.map((index) => signalValue(index, row))
}
