/** What happened: a paragraph, the money, what came of it; who took part; what colleagues said. */
import { IconAlertCircle, IconCash } from '@tabler/icons-react'
import { memo, useState } from 'react'
import type { CaseWhole } from '../../api/case-shapes.ts'
import { OutcomeTag } from '../parts/outcome.tsx'
import { Value } from '../parts/value.tsx'
import { useFormat, useTexts } from '../shell/settings.tsx'
import { wordFor } from '../texts/words.ts'
import classes from './case.module.css'
import { Entities } from './entities.tsx'
import { factKind, factsOf } from './facts.ts'
import { PenaltyCard } from './penalty-card.tsx'
import { sentenceOf } from './sentence.ts'

export const What = memo(function What({ whole }: { readonly whole: CaseWhole }) {
  const { case: texts } = useTexts()
  const format = useFormat()
  const { row } = whole
  return (
    <section className={classes.column} aria-label={texts.what}>
      <div className={classes.verdictLine}>
        <span className={`${classes.bigScore} ${classes[row.outcome]}`}>{row.score}</span>
        <div>
          <OutcomeTag outcome={row.outcome} />
          <div className={classes.soft}>
            <span title={whole.playbook} data-given>
              {texts.playbook(whole.playbook, whole.playbookVersion)}
            </span>
          </div>
        </div>
        {row.amountAtStake !== null && (
          <div className={classes.stake}>
            <span className={classes.soft}>
              <IconCash size={14} aria-hidden /> {texts.atStake}
            </span>
            <strong>{format.money(row.amountAtStake, row.currency)}</strong>
          </div>
        )}
      </div>
      <Sentence whole={whole} />
      <Advice whole={whole} />
      <PenaltyCard whole={whole} />
      <Entities whole={whole} />
      <Facts key={row.key} whole={whole} />
    </section>
  )
})

function Sentence({ whole }: { readonly whole: CaseWhole }) {
  const { words } = useTexts()
  const format = useFormat()
  const parts = sentenceOf({ row: whole.row, event: whole.event, format })
  return (
    <p className={classes.sentence}>
      {parts.map(({ text, is }, at) => {
        const key = `${at} ${text}`
        if (is === 'words') return text
        if (is === 'strong') return <strong key={key}>{text}</strong>
        if (is === 'fact') return <Value key={key} text={text} longest={36} />
        return (
          <Value
            key={key}
            text={text}
            longest={26}
            mono={is === 'device'}
            copyAs={words.entity[is]}
          />
        )
      })}
    </p>
  )
}

function Advice({ whole }: { readonly whole: CaseWhole }) {
  const { case: texts } = useTexts()
  if (whole.advice.length === 0 && whole.alertIds.length === 0) return null
  return (
    <p className={classes.advice}>
      <IconAlertCircle size={15} aria-hidden />
      {[
        ...whole.advice.map((advice) => `${texts.advice}: ${wordFor(texts.advices, advice)}`),
        ...(whole.alertIds.length > 0 ? [texts.alerts] : []),
      ].join(' · ')}
    </p>
  )
}

/** Every field of the event, as it is kept. */
function Facts({ whole }: { readonly whole: CaseWhole }) {
  const { case: texts } = useTexts()
  // Where there is room it is open.
  const [isOpen, setOpen] = useState(() => matchMedia('(min-width: 1600px)').matches)
  return (
    <details
      className={classes.facts}
      open={isOpen}
      onToggle={(event) => setOpen(event.currentTarget.open)}
    >
      <summary>{texts.facts}</summary>
      {isOpen && (
        <dl className={classes.factList}>
          {factsOf(whole.event).map(([field, value]) => (
            <div key={field} className={classes.factRow}>
              <dt>
                <code>{field}</code>
              </dt>
              <dd>
                <FactValue field={field} value={value} currency={whole.row.currency} />
              </dd>
            </div>
          ))}
        </dl>
      )}
    </details>
  )
}

function FactValue(given: {
  readonly field: string
  readonly value: unknown
  readonly currency: string | null
}) {
  const { field, value, currency } = given
  const format = useFormat()
  const kind = factKind(field, value)
  if (typeof value === 'number' && kind === 'time') return format.time(value)
  if (typeof value === 'number' && kind === 'money') return format.money(value, currency)
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return <Value text={text} longest={48} copyAs={field} />
}
