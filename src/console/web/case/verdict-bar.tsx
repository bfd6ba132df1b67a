/** The bar that is always there: verdict, reason, what to block with it, and who is next. */
import { Button, TextInput } from '@mantine/core'
import { IconCircleCheck, IconCircleX, IconHelpCircle } from '@tabler/icons-react'
import type { CaseWhole, VerdictWord } from '../../api/case-shapes.ts'
import { useMay } from '../api/use-api.tsx'
import { Caps } from '../keys/caps.tsx'
import { Value } from '../parts/value.tsx'
import { useFormat, useTexts } from '../shell/settings.tsx'
import { BlockChoices } from './block-choices.tsx'
import { LastVerdict } from './last-verdict.tsx'
import type { Neighbours } from './neighbours.ts'
import type { CaseWork } from './use-case-work.ts'
import classes from './verdict.module.css'

interface Given {
  readonly whole: CaseWhole
  readonly neighbours: Neighbours
  readonly work: CaseWork
}

const verdicts = [
  ['fraud', IconCircleX],
  ['legitimate', IconCircleCheck],
  ['inconclusive', IconHelpCircle],
] as const satisfies readonly (readonly [VerdictWord, unknown])[]
const reasonLongest = 500

export function VerdictBar(given: Given) {
  const { work } = given
  const { words, case: texts } = useTexts()
  const { verdict } = texts
  const isReviewer = useMay('reviewer')
  return (
    <section className={classes.bar} aria-label={verdict.bar}>
      {isReviewer ? (
        <div className={classes.line}>
          {verdicts.map(([word, Icon]) => (
            <button
              key={word}
              type="button"
              className={`${classes.verdict} ${classes[word]}`}
              disabled={!work.mayDecide}
              onClick={() => work.decide(word)}
            >
              <Icon size={17} stroke={1.9} aria-hidden />
              {words.verdict[word]}
              <Caps of={word} />
            </button>
          ))}
          <TextInput
            id="verdict-reason"
            className={classes.reason}
            size="sm"
            aria-label={verdict.reason}
            placeholder={verdict.reason}
            title={verdict.reasonHint}
            maxLength={reasonLongest}
            disabled={!work.mayDecide}
            rightSection={work.reason === '' ? <Caps of="reason" /> : null}
            rightSectionPointerEvents="none"
            value={work.reason}
            onChange={(event) => work.setReason(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key === 'Enter' || event.key === 'Escape') event.currentTarget.blur()
            }}
          />
          <LastVerdict undo={work.undo} />
        </div>
      ) : (
        <div className={classes.line}>{verdict.viewer}</div>
      )}
      <div className={classes.foot}>
        {isReviewer && <BlockChoices {...given} />}
        <span className={classes.grow} />
        <NextUp {...given} />
      </div>
    </section>
  )
}

function NextUp({ neighbours, work }: Given) {
  const { verdict } = useTexts().case
  const format = useFormat()
  const { next } = neighbours
  if (next === null) return <span>{verdict.nothingNext}</span>
  return (
    <>
      <span>{verdict.nextUp}</span>
      <strong>{next.score}</strong>
      <span className={classes.nextUser}>
        <Value text={next.user} longest={16} />
      </span>
      <span className={classes.nextWhy} title={next.reason?.[format.language]}>
        {next.reason?.[format.language] ?? ''}
      </span>
      <Button
        variant="subtle"
        size="compact-xs"
        rightSection={<Caps of="next" />}
        onClick={() => work.goTo(next)}
      >
        {verdict.next}
      </Button>
    </>
  )
}
