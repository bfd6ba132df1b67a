/**
 * One rule of a playbook file: its keys, its condition, the placeholders of its reason texts and
 * its examples, which are run. Whatever is wrong is reported at its place; the rule that comes
 * back is good only if nothing was.
 */
import { isScalar } from 'yaml'
import { compileCondition } from '../core/rules/compile.ts'
import { runExample } from '../core/rules/example.ts'
import { didYouMean } from '../core/rules/nearest-name.ts'
import { type Condition, type Rule, type RuleExample, tiers } from '../core/rules/playbook.ts'
import { templateProblems } from '../core/rules/reason.ts'
import { neverSure } from '../core/rules/sure-miss.ts'
import { catalogue, type Signal, signalIndex } from '../core/signals/catalogue.ts'
import {
  asChoice,
  asList,
  asMap,
  asNumber,
  asText,
  lineOf,
  report,
  required,
  type YamlField,
  type YamlMap,
} from './yaml-reader.ts'

const ruleKeys = [
  'id',
  'tier',
  'serves',
  'mode',
  'outcome',
  'onDoubt',
  'weight',
  'rolloutPercent',
  'when',
  'advice',
  'reason',
  'examples',
] as const

const modes = ['live', 'shadow', 'off'] as const
const outcomes = ['allow', 'review', 'block'] as const
const doubts = ['review', 'block'] as const
const percent = { min: 0, max: 100, whole: true } as const
const wordPattern = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/
const wordCharsMax = 64
const reasonCharsMax = 500

/** A condition that is still to be mended. */
const broken: Condition = () => 'failed'

/** `taken` holds the ids so far, with their lines. */
export function readRule(field: YamlField, taken: Map<string, number>): Rule {
  const map = asMap(field, ruleKeys)
  const idField = required(map, 'id')
  const id = idField === null ? '' : readId(idField, taken)
  const { condition, sureMiss, signals, when } = readCondition(required(map, 'when'))
  const choose = <T extends string>(key: string, choices: readonly [T, ...T[]]) => {
    const chosen = required(map, key)
    return chosen === null ? choices[0] : asChoice(chosen, choices)
  }
  const weight = required(map, 'weight')
  const mode = map.fields.get('mode')
  const onDoubt = map.fields.get('onDoubt')
  const rollout = map.fields.get('rolloutPercent')
  const advice = map.fields.get('advice')
  return {
    id,
    tier: choose('tier', tiers),
    serves: readServes(map),
    mode: mode === undefined ? 'live' : asChoice(mode, modes),
    outcome: choose('outcome', outcomes),
    onDoubt: onDoubt === undefined ? 'review' : asChoice(onDoubt, doubts),
    weight: weight === null ? 0 : asNumber(weight, percent),
    rolloutPercent: rollout === undefined ? 100 : asNumber(rollout, percent),
    when,
    signals,
    condition,
    sureMiss,
    advice: advice === undefined ? null : readWord(advice),
    reason: readReason(required(map, 'reason')),
    examples: readExamples(required(map, 'examples'), condition, signals),
  }
}

function readId(field: YamlField, taken: Map<string, number>): string {
  const id = readWord(field)
  const line = taken.get(id)
  if (line === undefined) taken.set(id, lineOf(field))
  else if (id !== '') {
    report(field.source, field.at, `the id ${id} is taken by the rule on line ${line}`)
  }
  return id
}

export function readWord(field: YamlField): string {
  const { value, at } = asText(field)
  if (value !== '' && (value.length > wordCharsMax || !wordPattern.test(value))) {
    const shape = `lower-case letters, digits and single hyphens, at most ${wordCharsMax} of them`
    report(field.source, at, `${field.name} must be ${shape}`)
  }
  return value
}

/** Rows of the domain table, such as D7. */
export function readServes(map: YamlMap, key = 'serves'): readonly string[] {
  const field = map.fields.get(key)
  if (field === undefined) return []
  return asList(field).map((item) => {
    const { value, at } = asText(item)
    if (value !== '' && !/^D[1-9][0-9]?$/.test(value)) {
      report(item.source, at, `${value.slice(0, 40)} is not a row of the domain table, such as D7`)
    }
    return value
  })
}

function readCondition(
  field: YamlField | null,
): Pick<Rule, 'when' | 'condition' | 'sureMiss' | 'signals'> {
  if (field === null) return { when: '', condition: broken, sureMiss: neverSure, signals: [] }
  const { value, placeOf } = asText(field)
  if (value.trim() === '') return { when: '', condition: broken, sureMiss: neverSure, signals: [] }
  const compiled = compileCondition(value)
  if ('condition' in compiled) return { when: value.trim(), ...compiled }
  for (const { start, message } of compiled) report(field.source, placeOf(start), message)
  return { when: value, condition: broken, sureMiss: neverSure, signals: [] }
}

function readReason(field: YamlField | null): Rule['reason'] {
  if (field === null) return { code: '', zh: '', en: '' }
  const map = asMap(field, ['code', 'zh', 'en'])
  const text = (key: 'zh' | 'en') => {
    const found = required(map, key)
    return found === null ? '' : readTemplate(found)
  }
  const code = required(map, 'code')
  return { code: code === null ? '' : readWord(code), zh: text('zh'), en: text('en') }
}

function readTemplate(field: YamlField): string {
  const { value, at, placeOf } = asText(field)
  if (value.length > reasonCharsMax) {
    report(field.source, at, `a reason has at most ${reasonCharsMax} characters`)
  }
  for (const problem of templateProblems(value)) {
    report(field.source, placeOf(problem.at), problem.message)
  }
  return value.trim()
}

function readExamples(
  field: YamlField | null,
  condition: Condition,
  signals: readonly number[],
): readonly RuleExample[] {
  if (field === null) return []
  const map = asMap(field, ['hit', 'nearMiss'])
  return [
    ...readExamplesOf(map, 'hit', condition, signals),
    ...readExamplesOf(map, 'nearMiss', condition, signals),
  ]
}

function readExamplesOf(
  map: YamlMap,
  key: 'hit' | 'nearMiss',
  condition: Condition,
  signals: readonly number[],
): readonly RuleExample[] {
  const field = required(map, key)
  if (field === null) return []
  const items = asList(field)
  if (items.length === 0) report(field.source, field.at, `${key} needs at least one example`)
  return items.map((item) => {
    const before = item.source.problems.length
    const example: RuleExample = {
      signals: readExampleSignals(item),
      expect: key === 'hit' ? 'hit' : 'near-miss',
    }
    const sound = item.source.problems.length === before && condition !== broken
    if (sound) checkExample(item, example, condition, signals)
    return example
  })
}

function checkExample(
  field: YamlField,
  example: RuleExample,
  condition: Condition,
  signals: readonly number[],
): void {
  const { verdict, asExpected } = runExample(condition, example)
  if (asExpected) return
  const lacking = signals
    .map((index) => catalogue[index]!.name)
    .filter((n) => !(n in example.signals))
  const why = verdict === 'absent' ? `; it names no value for ${lacking.join(', ')}` : ''
  const wanted = example.expect === 'hit' ? 'a hit comes out as' : 'a near miss must miss, this is'
  report(field.source, field.at, `the example of ${wanted} ${verdict}${why}`)
}

function readExampleSignals(field: YamlField): RuleExample['signals'] {
  const values: Record<string, number | boolean | string> = {}
  for (const [name, value] of asMap(field, null).fields) {
    const index = signalIndex.get(name)
    if (index === undefined) {
      const near = didYouMean(name, signalIndex.keys())
      report(field.source, value.keyAt, `unknown signal ${name}${near}`)
      continue
    }
    const read = readSignalValue(value, catalogue[index]!)
    if (read !== null) values[name] = read
  }
  return values
}

function readSignalValue(field: YamlField, signal: Signal): number | boolean | string | null {
  const { source, node, at } = field
  const value: unknown = isScalar(node) ? node.value : null
  if (signal.type === 'bool') {
    if (typeof value === 'boolean') return value
    report(source, at, `${signal.name} is true or false`)
    return null
  }
  if (signal.type === 'string') {
    if (typeof value === 'string') return value
    report(source, at, `${signal.name} is a text; put it in quotes`)
    return null
  }
  if (typeof value !== 'number' || !Number.isFinite(value)) {
    report(source, at, `${signal.name} is a number`)
    return null
  }
  if (signal.max === null || value <= signal.max) return value
  report(source, at, `${signal.name} cannot be above ${signal.max}`)
  return null
}
