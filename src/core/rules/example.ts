/**
 * The examples that a rule carries: a row made of the signals that one names, and what it comes
 * to.
 */
import { catalogue, signalIndex } from '../signals/catalogue.ts'
import { exact, newSignalRow, type SignalRow } from '../signals/row.ts'
import type { Condition, RuleExample, RuleVerdictName } from './playbook.ts'

/** Every signal not named is absent; a name that is not in the catalogue is left out. */
export function exampleRow(signals: RuleExample['signals']): SignalRow {
  const row = newSignalRow(catalogue.length)
  for (const [name, value] of Object.entries(signals)) {
    const index = signalIndex.get(name)
    if (index === undefined) continue
    row.states[index] = exact
    if (typeof value === 'string') row.strings[index] = value
    else row.numbers[index] = Number(value)
  }
  return row
}

/** What came of an example, and whether that is what it is there to show. */
export function runExample(
  condition: Condition,
  example: RuleExample,
): { readonly verdict: RuleVerdictName; readonly asExpected: boolean } {
  const verdict = condition(exampleRow(example.signals))
  return { verdict, asExpected: verdict === (example.expect === 'hit' ? 'hit' : 'miss') }
}
