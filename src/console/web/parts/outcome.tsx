/**
 * How outcomes, verdicts and scores look everywhere: a word and a colour, never the colour alone.
 */
import {
  IconCircleCheck,
  IconCircleX,
  IconEye,
  IconHelpCircle,
  IconShieldCheck,
  IconShieldX,
} from '@tabler/icons-react'
import type { VerdictWord } from '../../api/case-shapes.ts'
import { useTexts } from '../shell/settings.tsx'
import classes from './outcome.module.css'

type OutcomeWord = 'allow' | 'review' | 'block'

const outcomeIcons = { allow: IconShieldCheck, review: IconEye, block: IconShieldX }
const verdictIcons = {
  fraud: IconCircleX,
  legitimate: IconCircleCheck,
  inconclusive: IconHelpCircle,
}

export function OutcomeTag({ outcome }: { readonly outcome: OutcomeWord }) {
  const { words } = useTexts()
  const Icon = outcomeIcons[outcome]
  return (
    <span className={`${classes.tag} ${classes[outcome]}`}>
      <Icon size={13} stroke={2} aria-hidden />
      {words.outcome[outcome]}
    </span>
  )
}

export function VerdictTag({ verdict }: { readonly verdict: VerdictWord }) {
  const { words } = useTexts()
  const Icon = verdictIcons[verdict]
  return (
    <span className={`${classes.tag} ${classes[verdict]}`}>
      <Icon size={13} stroke={2} aria-hidden />
      {words.verdict[verdict]}
    </span>
  )
}

/** 0 to 100, with a bar under it as long as the score is high. */
export function Score(given: { readonly score: number; readonly outcome: OutcomeWord }) {
  return (
    <span className={classes.score}>
      {given.score}
      <span className={classes.track} aria-hidden>
        <span
          className={`${classes.fill} ${classes[`fill-${given.outcome}`]}`}
          style={{ width: `${given.score}%` }}
        />
      </span>
    </span>
  )
}
