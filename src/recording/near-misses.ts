/**
 * The rules that did not hit an event, the nearest first: how many of the parts of its condition
 * (joined by `&&`) held; where a condition has alternatives (joined by `||`), those of the nearest.
 * Made from the recorded event and inputs alone, by the rules of the playbook at hand. Rules that
 * are off or whose roll-out does not reach the user are left out: they were not asked.
 */
import { CommandError } from '../cli/exit.ts'
import { newDecisionRow, userBucket } from '../core/decision/decide.ts'
import { isAsked, signalValues } from '../core/rules/judge.ts'
import { alternativesOf } from '../core/rules/parts.ts'
import type { Playbook, Rule, RuleVerdictName } from '../core/rules/playbook.ts'
import type { SignalValue } from '../core/schema.gen.ts'
import { deriveSignals } from '../core/signals/derive.ts'
import type { SignalRow } from '../core/signals/row.ts'
import { withValues } from './explanation.ts'
import type { FoundEvent } from './find-event.ts'

export interface NearMiss {
  readonly rule: string
  readonly tier: Rule['tier']
  readonly mode: Rule['mode']
  readonly outcome: Rule['outcome']
  readonly weight: number
  /** `absent`: it could not hit for want of a signal. */
  readonly result: 'miss' | 'absent'
  readonly when: string
  readonly withValues: string
  readonly values: readonly SignalValue[]
  /** Of the nearest alternative. */
  readonly parts: readonly PartResult[]
  readonly partsHeld: number
}

export interface PartResult {
  readonly withValues: string
  readonly result: RuleVerdictName
}

/** Throws where the inputs were not recorded. */
export function nearMissesOf(
  { row, eventKey }: FoundEvent,
  path: string,
  playbook: Playbook,
): readonly NearMiss[] {
  const { event, inputs } = row
  if (event === null || inputs === null)
    throw new CommandError(
      `${path}: event ${eventKey} has no recorded inputs, which near misses are made from; ` +
        `judge it first: couponguard replay ${path} --out D`,
    )
  const signals = newDecisionRow()
  deriveSignals(event, inputs, playbook.timeZone, signals)
  const bucket = userBucket(event.user)
  const misses = playbook.rules.flatMap((rule) => {
    if (!isAsked(rule, bucket)) return []
    const result = rule.condition(signals)
    return result === 'miss' || result === 'absent' ? [nearMiss(rule, result, signals)] : []
  })
  return misses.sort((a, b) => share(b) - share(a) || lacking(a) - lacking(b))
}

const share = ({ parts, partsHeld }: Pick<NearMiss, 'parts' | 'partsHeld'>) =>
  partsHeld / parts.length
const lacking = ({ parts, partsHeld }: NearMiss) => parts.length - partsHeld

function nearMiss(rule: Rule, result: NearMiss['result'], signals: SignalRow): NearMiss {
  const values = signalValues(rule, signals)
  const { tier, mode, outcome, weight, when } = rule
  const alternatives = alternativesOf(when).map((alternative) => {
    const parts = alternative.map(({ text, condition }) => {
      return { withValues: withValues(text, values), result: condition(signals) }
    })
    return { parts, partsHeld: parts.filter((part) => part.result === 'hit').length }
  })
  const nearest = alternatives.reduce((best, one) => (share(one) > share(best) ? one : best))
  const about = { rule: rule.id, tier, mode, outcome, weight, result, when }
  return { ...about, withValues: withValues(when, values), values, ...nearest }
}

/**
 * What `explain` prints below its page: in full where at least half of the parts held, else by
 * name. `other` is the playbook at hand where another one decided.
 */
export function nearMissText(misses: readonly NearMiss[], other: Playbook | null): string {
  const near = misses.filter((miss) => share(miss) >= 0.5)
  const far = misses.slice(near.length)
  const lines = near.flatMap(nearMissLines)
  if (near.length === 0) lines.push(line('near miss', 'none: no rule had half of its parts'))
  if (far.length > 0) {
    const counts = far.map(({ rule, parts, partsHeld }) => `${rule} ${partsHeld}/${parts.length}`)
    lines.push(line('far miss', counts.join(', ')))
  }
  if (other !== null) {
    const by = `${other.name} ${other.version}`
    lines.push(line('', `misses are by the rules of ${by}, another playbook than decided`))
  }
  return lines.join('\n')
}

const line = (label: string, text: string) => `${label.padEnd(12)}${text}`

function nearMissLines(miss: NearMiss): readonly string[] {
  const { rule, tier, mode, outcome, weight, parts, partsHeld } = miss
  const about = [tier, `would ask for ${outcome}`, `weight ${weight}`]
  if (mode === 'shadow') about.push('shadow: not acted on')
  return [
    line('near miss', `${rule}: ${partsHeld} of ${parts.length} parts held (${about.join(', ')})`),
    line('', miss.withValues),
    ...parts
      .filter(({ result }) => result !== 'hit')
      .map((part) => line('', `${part.result}: ${part.withValues}`)),
  ]
}
