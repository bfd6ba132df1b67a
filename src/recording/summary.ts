/**
 * What a replay, or a day that was played, came to: counted as batches go by, in bounded memory.
 */
import type { Alert, Decision, Labels, ModelResult, Report } from '../core/schema.gen.ts'
import type { Judged } from '../pipeline.ts'
import { type Detection, newDetectionCount } from './detection.ts'

export interface Summary {
  readonly playbook: { readonly name: string; readonly version: string; readonly hash: string }
  /** Rows that were read: decided, repeated and dead. */
  readonly events: number
  readonly decisions: { readonly allow: number; readonly review: number; readonly block: number }
  readonly alerts: readonly Alert[]
  readonly deadLetters: number
  readonly deadLettersByReason: Readonly<Record<string, number>>
  readonly duplicates: number
  /** Events below the horizon of their windows. */
  readonly late: number
  readonly reports: number
  /** Hits by rule id, most first; shadow rules are counted too. */
  readonly rules: Readonly<Record<string, number>>
  /** Decisions in doubt by rule id: a reading could not tell. */
  readonly doubts: Readonly<Record<string, number>>
  /** By name: what each model asked for, and how often for more than was decided. */
  readonly models: Readonly<Record<string, AskedByModel>>
  readonly detection: Detection | null
}

export interface AskedByModel {
  readonly mode: string
  readonly review: number
  readonly block: number
  /** Of a model in shadow: what it would have added. */
  readonly beyond: number
}

export interface CountedBatch {
  readonly judged: readonly Judged[]
  readonly alerts: readonly Alert[]
  readonly reports: readonly Report[]
}

export interface SummaryCount {
  add(batch: CountedBatch, labels: readonly (Labels | null)[]): void
  addDeadLetter(reason: string): void
  addDecision(decision: Decision, labels: Labels | null): void
  addDuplicates(count: number): void
  result(): Summary
}

/** Transitions that a summary lists; a hostile stream may cause more. */
const alertsMax = 10_000

export function newSummaryCount(playbook: Summary['playbook']): SummaryCount {
  const decisions = { allow: 0, review: 0, block: 0 }
  const alerts: Alert[] = []
  const [dead, rules, doubts] = [
    new Map<string, number>(),
    new Map<string, number>(),
    new Map<string, number>(),
  ]
  const models = new Map<string, AskedByModel>()
  const detection = newDetectionCount()
  const seen = { events: 0, duplicates: 0, late: 0, reports: 0 }

  const addDecision = (decision: Decision, labels: Labels | null) => {
    if (decision.outcome !== 'unknown') decisions[decision.outcome] += 1
    for (const { rule, result } of decision.results) {
      if (result === 'hit') increase(rules, rule)
      else if (result === 'doubtful') increase(doubts, rule)
    }
    for (const result of decision.models) models.set(result.model, added(models, result, decision))
    if (labels !== null) detection.add(decision, labels)
  }

  return {
    add({ judged, alerts: transitions, reports }, labels) {
      judged.forEach((one, index) => {
        seen.events += 1
        if (one.kind === 'duplicate') seen.duplicates += 1
        else if (one.kind === 'dead') increase(dead, one.letter.reason)
        else {
          if (one.audit.inputs.late) seen.late += 1
          addDecision(one.audit.decision, labels[index] ?? null)
        }
      })
      seen.reports += reports.length
      for (const alert of transitions) if (alerts.length < alertsMax) alerts.push(alert)
    },
    addDeadLetter(reason) {
      seen.events += 1
      increase(dead, reason)
    },
    addDecision(decision, labels) {
      seen.events += 1
      addDecision(decision, labels)
    },
    addDuplicates(more) {
      seen.events += more
      seen.duplicates += more
    },
    result: () => ({
      playbook: { name: playbook.name, version: playbook.version, hash: playbook.hash },
      events: seen.events,
      decisions,
      alerts,
      deadLetters: [...dead.values()].reduce((sum, count) => sum + count, 0),
      deadLettersByReason: ranked(dead),
      duplicates: seen.duplicates,
      late: seen.late,
      reports: seen.reports,
      rules: ranked(rules),
      doubts: ranked(doubts),
      models: Object.fromEntries(models),
      detection: detection.result(),
    }),
  }
}

const rank = { unknown: 0, allow: 0, review: 1, block: 2 }

function added(
  models: ReadonlyMap<string, AskedByModel>,
  { model, mode, outcome }: ModelResult,
  decision: Decision,
): AskedByModel {
  const { review, block, beyond } = models.get(model) ?? { review: 0, block: 0, beyond: 0 }
  return {
    mode,
    review: review + (outcome === 'review' ? 1 : 0),
    block: block + (outcome === 'block' ? 1 : 0),
    beyond: beyond + (rank[outcome] > rank[decision.outcome] ? 1 : 0),
  }
}

function increase(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}

const ranked = (counts: ReadonlyMap<string, number>) =>
  Object.fromEntries([...counts].sort(([a, many], [b, few]) => few - many || (a < b ? -1 : 1)))
