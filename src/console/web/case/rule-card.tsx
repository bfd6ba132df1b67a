/** One rule: its reason in words, its condition with the values of the signals put in. */
import type { CaseWhole } from '../../api/case-shapes.ts'
import { useFormat, useTexts } from '../shell/settings.tsx'
import { wordFor } from '../texts/words.ts'
import type { Format } from '../time/format.ts'
import { piecesOf } from './condition.ts'
import classes from './why.module.css'

type Rule = CaseWhole['rules'][number]
type SignalValue = CaseWhole['signals'][number]

export function RuleCard({ rule }: { readonly rule: Rule }) {
  const { case: texts, words } = useTexts()
  const format = useFormat()
  const notes = [
    rule.tier === null ? null : wordFor(words.tier, rule.tier),
    rule.weight === null ? null : texts.rules.weight(format.number(rule.weight)),
    rule.mode === 'live' ? null : wordFor(texts.rules.modes, rule.mode),
    rule.result === 'hit' ? null : texts.rules.results[rule.result],
  ]
  const isActing = rule.mode === 'live' && rule.result === 'hit'
  return (
    <article
      className={`${classes.rule} ${isActing ? (classes[`edge-${rule.outcome}`] ?? '') : ''}`}
    >
      <p className={classes.ruleReason}>{rule.reason?.[format.language] ?? rule.rule}</p>
      <p className={classes.ruleHead}>
        <code className={classes.ruleName}>{rule.rule}</code>
        {notes.filter((note) => note !== null).join(' · ')}
      </p>
      {rule.condition !== null && <Condition condition={rule.condition} values={rule.values} />}
      {rule.condition === null && <Values values={rule.values} />}
    </article>
  )
}

export function Condition(given: {
  readonly condition: string
  readonly values: readonly SignalValue[]
}) {
  const { case: texts } = useTexts()
  const format = useFormat()
  const saturated = new Set(given.values.filter((one) => one.saturated).map(({ signal }) => signal))
  const shown = new Map(
    given.values.map((signal) => [signal.signal, signalText(signal, format)] as const),
  )
  return (
    <code className={classes.condition}>
      {piecesOf(given.condition, shown).map(({ text, value }, at) =>
        value === null ? (
          text
        ) : (
          // biome-ignore lint/suspicious/noArrayIndexKey: pieces of one condition never move
          <span key={at} className={classes.signal}>
            {text}
            <span
              className={classes.signalValue}
              title={saturated.has(text) ? texts.rules.saturated : undefined}
            >
              {value}
            </span>
          </span>
        ),
      )}
    </code>
  )
}

function Values({ values }: { readonly values: readonly SignalValue[] }) {
  const format = useFormat()
  return (
    <code className={classes.condition}>
      {values.map((signal) => (
        <span key={signal.signal} className={classes.signal}>
          {signal.signal}
          <span className={classes.signalValue}>{signalText(signal, format)}</span>
        </span>
      ))}
    </code>
  )
}

/** `≥` where the window was full and the true value may be higher. */
export function signalText({ value, saturated }: SignalValue, format: Format): string {
  const text = typeof value === 'number' ? format.measure(value) : (value ?? '–')
  return saturated ? `≥ ${text}` : text
}
