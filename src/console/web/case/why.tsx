/** Why it was flagged: reasons, rules with the values put in, the model's bars, near misses. */
import { memo } from 'react'
import type { CaseWhole } from '../../api/case-shapes.ts'
import { useFormat, useTexts } from '../shell/settings.tsx'
import shared from './case.module.css'
import { Colleagues } from './colleagues.tsx'
import { ModelBars } from './model-bars.tsx'
import { NearMisses } from './near-misses.tsx'
import { RuleCard } from './rule-card.tsx'
import classes from './why.module.css'

const standing = { hit: 0, doubtful: 1, failed: 2, absent: 3, unknown: 4, miss: 5 } as const

export const Why = memo(function Why({ whole }: { readonly whole: CaseWhole }) {
  const { case: texts } = useTexts()
  const { language } = useFormat()
  const rules = whole.rules
    .filter(({ result }) => result === 'hit' || result === 'doubtful' || result === 'failed')
    .sort(
      (a, b) =>
        standing[a.result] - standing[b.result] ||
        Number(a.mode !== 'live') - Number(b.mode !== 'live') ||
        (b.weight ?? 0) - (a.weight ?? 0),
    )
  const told = new Set(rules.map(({ reason }) => reason?.code))
  const reasons = whole.reasons.filter((reason) => !told.has(reason.code))
  return (
    <section className={shared.column} aria-label={texts.why}>
      <h2 className={shared.title}>{texts.why}</h2>
      {reasons.length > 0 && (
        <ul className={classes.reasons}>
          {reasons.map((reason) => (
            <li key={`${reason.code} ${reason.en}`}>{reason[language]}</li>
          ))}
        </ul>
      )}
      {rules.length === 0 && <p className={shared.soft}>{texts.rules.none}</p>}
      {rules.map((rule) => (
        <RuleCard key={rule.rule} rule={rule} />
      ))}
      <ModelBars models={whole.models} />
      <NearMisses caseKey={whole.row.key} />
      <Colleagues whole={whole} />
    </section>
  )
})
