/** How a penalty is named everywhere: its step with how long it lasts, and its state as a tag. */
import type { Penalty, PenaltyState } from '../../api/penalty-shapes.ts'
import { useFormat, useTexts } from '../shell/settings.tsx'
import classes from './penalties.module.css'

type Named = Pick<Penalty, 'step' | 'until'>

/** `at`: when it begins, or began. A ban without an end says so; other steps have none to tell. */
export function useStepText(): (penalty: Named, at: number) => string {
  const { penalties: texts } = useTexts()
  const format = useFormat()
  return ({ step, until }, at) => {
    const words = texts.step[step]
    if (until !== null) return texts.lasting(words, format.span(until - at))
    return step === 'ban' ? texts.forGood(words) : words
  }
}

export function PenaltyTag({ state }: { readonly state: PenaltyState }) {
  const { penalties: texts } = useTexts()
  return <span className={`${classes.state} ${classes[state]}`}>{texts.state[state]}</span>
}
