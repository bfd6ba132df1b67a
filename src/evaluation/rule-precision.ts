/**
 * How often reviewers agree with each rule: of the events that it hit and that have a verdict, the
 * share that is fraud. Hits that nobody looked at say nothing either way. Costs a counter a rule.
 */
import type { RuleMode, RuleResult } from '../core/schema.gen.ts'
import { share } from './by-group.ts'

export interface RuleRow {
  readonly rule: string
  readonly mode: RuleMode
  readonly hits: number
  /** Hits with a verdict, and those of them that are fraud. */
  readonly reviewed: number
  readonly frauds: number
  /** Null where no hit has a verdict. */
  readonly precision: number | null
}

export interface RuleCount {
  /** `verdict`: what a person said of the event; null where nobody did. */
  add(results: readonly RuleResult[], verdict: 'fraud' | 'legitimate' | null): void
  /** Most reviewed first, then most hits, then by name. */
  result(): readonly RuleRow[]
}

interface Counted {
  readonly mode: RuleMode
  hits: number
  reviewed: number
  frauds: number
}

export function newRuleCount(): RuleCount {
  const counted = new Map<string, Counted>()
  return {
    add(results, verdict) {
      for (const { rule, mode, result } of results) {
        if (result !== 'hit') continue
        const one = counted.get(rule) ?? { mode, hits: 0, reviewed: 0, frauds: 0 }
        counted.set(rule, one)
        one.hits += 1
        if (verdict === null) continue
        one.reviewed += 1
        if (verdict === 'fraud') one.frauds += 1
      }
    },
    result: () =>
      [...counted]
        .map(([rule, one]) => ({ rule, ...one, precision: share(one.frauds, one.reviewed) }))
        .sort((a, b) => b.reviewed - a.reviewed || b.hits - a.hits || (a.rule < b.rule ? -1 : 1)),
  }
}
