/** The model's word, and what moved it: one bar a signal, to the right where more suspicious. */
import type { CaseWhole } from '../../api/case-shapes.ts'
import { useFormat, useTexts } from '../shell/settings.tsx'
import shared from './case.module.css'
import classes from './why.module.css'

export function ModelBars({ models }: { readonly models: CaseWhole['models'] }) {
  const { model: texts } = useTexts().case
  return (
    <section className={shared.block_} aria-label={texts.title}>
      <h2 className={shared.title}>{texts.title}</h2>
      {models.length === 0 && <p className={shared.soft}>{texts.none}</p>}
      {models.map((model) => (
        <Model key={model.model} model={model} />
      ))}
    </section>
  )
}

function Model({ model }: { readonly model: CaseWhole['models'][number] }) {
  const { model: texts } = useTexts().case
  const format = useFormat()
  const widest = Math.max(0.001, ...model.contributions.map(({ moved }) => Math.abs(moved)))
  return (
    <>
      <p className={classes.modelSays}>
        <strong>{texts.says(format.percent(model.probability))}</strong>
        <span className={shared.soft}>{model.model}</span>
      </p>
      <ul className={classes.bars}>
        {model.contributions.map(({ signal, value, moved }) => (
          <li key={signal} className={classes.bar}>
            <span className={classes.barName} title={signal}>
              {signal}
            </span>
            <span className={classes.barValue}>{value === null ? '–' : format.measure(value)}</span>
            <span className={classes.barTrack} aria-hidden>
              <span
                className={moved >= 0 ? classes.barUp : classes.barDown}
                style={{ width: `${(Math.abs(moved) / widest) * 50}%` }}
              />
            </span>
            <span className={classes.barMoved} title={moved >= 0 ? texts.up : texts.down}>
              {moved >= 0 ? '+' : '−'}
              {format.percent(Math.abs(moved))}
            </span>
          </li>
        ))}
      </ul>
    </>
  )
}
