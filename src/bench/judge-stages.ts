/**
 * What the judge stage is made of, and the rules alone: measured over the recorded inputs of a
 * sample of the day, one step at a time.
 */
import { decide, newDecisionRow } from '../core/decision/decide.ts'
import { judge, signalValues } from '../core/rules/judge.ts'
import type { Playbook } from '../core/rules/playbook.ts'
import type { Audit } from '../core/schema.gen.ts'
import { deriveSignals } from '../core/signals/derive.ts'
import type { SignalRow } from '../core/signals/row.ts'
import { cpuMicros, rounded } from './cpu-time.ts'

export interface RulesCost {
  readonly rules: number
  /** Events judged against all of these rules a second, results with values. */
  readonly judgementsPerSecond: number
  /**
   * CPU microseconds an event: signals from inputs, and the whole decision from event and inputs.
   */
  readonly deriveMicros: number
  readonly decideMicros: number
}

/** Rules of one judgement. */
const rulesMeasured = 20
const secondsAtLeast = 2

export function measureRules(sample: readonly Audit[], playbook: Playbook): RulesCost {
  const row = newDecisionRow()
  const rows = sample.map(({ event, inputs }): SignalRow => {
    const own = newDecisionRow()
    deriveSignals(event, inputs, playbook.timeZone, own)
    return own
  })
  const rules = playbook.rules.filter(({ mode }) => mode === 'live').slice(0, rulesMeasured)
  const some: Playbook = { ...playbook, rules }
  let values = 0
  const judged = perCall(rows, (one) => {
    for (const { rule } of judge(some, one, 0)) values += signalValues(rule, one).length
  })
  const derived = perCall(sample, ({ event, inputs }) =>
    deriveSignals(event, inputs, playbook.timeZone, row),
  )
  const decided = perCall(sample, ({ event, inputs, decision: { eventKey, recordedAt } }) => {
    values += decide({ event, eventKey, recordedAt }, inputs, playbook, row).score
  })
  if (!Number.isFinite(values)) throw new Error('nothing was judged')
  return {
    rules: rules.length,
    judgementsPerSecond: Math.round(1e6 / judged),
    deriveMicros: rounded(derived),
    decideMicros: rounded(decided),
  }
}

/** CPU microseconds of one call, over at least two seconds after a warm-up of one round. */
function perCall<T>(items: readonly T[], run: (item: T) => void): number {
  items.forEach(run)
  const start = cpuMicros()
  let calls = 0
  while (cpuMicros() - start < secondsAtLeast * 1e6) {
    items.forEach(run)
    calls += items.length
  }
  return (cpuMicros() - start) / calls
}
