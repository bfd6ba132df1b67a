/** Head of a case: the way back, which case, where it stands in the queue, who holds it. */
import { ActionIcon, Button } from '@mantine/core'
import { IconArrowLeft, IconChevronDown, IconChevronUp, IconLock } from '@tabler/icons-react'
import type { CaseWhole } from '../../api/case-shapes.ts'
import { useMay, usePerson } from '../api/use-api.tsx'
import { Caps } from '../keys/caps.tsx'
import { OutcomeTag, VerdictTag } from '../parts/outcome.tsx'
import { Value } from '../parts/value.tsx'
import { isHeldBy } from '../queue/lock.ts'
import { useFormat, useTexts } from '../shell/settings.tsx'
import { useNow } from '../time/use-now.ts'
import classes from './case.module.css'
import type { Neighbours } from './neighbours.ts'
import type { CaseWork } from './use-case-work.ts'

interface Given {
  readonly whole: CaseWhole
  readonly neighbours: Neighbours
  readonly work: CaseWork
}

export function CaseHead({ whole, neighbours, work }: Given) {
  const { case: texts, keys } = useTexts()
  const format = useFormat()
  const { row } = whole
  return (
    <header className={classes.head}>
      <Button
        variant="subtle"
        color="gray"
        size="compact-sm"
        leftSection={<IconArrowLeft size={15} />}
        onClick={work.back}
      >
        {texts.backToQueue}
      </Button>
      <span className={classes.caseKey}>
        <Value text={row.key} longest={14} mono copyAs={texts.caseNamed('')} />
      </span>
      {neighbours.position !== null && (
        <span className={classes.soft}>{texts.position(format.number(neighbours.position))}</span>
      )}
      <ActionIcon
        aria-label={keys.does.previous}
        title={keys.does.previous}
        disabled={neighbours.previous === null}
        onClick={() => work.goTo(neighbours.previous)}
      >
        <IconChevronUp size={16} />
      </ActionIcon>
      <ActionIcon
        aria-label={keys.does.next}
        title={keys.does.next}
        disabled={neighbours.next === null}
        onClick={() => work.goTo(neighbours.next)}
      >
        <IconChevronDown size={16} />
      </ActionIcon>
      <span className={classes.grow} />
      <Standing {...{ whole, work }} />
    </header>
  )
}

/** Whether it is decided, taken, or waits for a second opinion. */
function Standing({ whole, work }: Pick<Given, 'whole' | 'work'>) {
  const { row, superseding } = whole
  const { verdict: texts } = useTexts().case
  const { words, penalties } = useTexts()
  const isLead = useMay('lead')
  const isReviewer = useMay('reviewer')
  const last = superseding.at(-1)
  const isAppeal = whole.penalties.some(({ state }) => state === 'appealed')
  return (
    <>
      {isAppeal && (
        <span className={classes.notice} title={penalties.appealTold}>
          {penalties.appeal}
        </span>
      )}
      {row.secondOpinion && !isAppeal && (
        <span className={classes.notice} title={texts.secondAsked}>
          {texts.secondOpinion}
        </span>
      )}
      {last !== undefined && <OutcomeTag outcome={last.outcome} />}
      {row.verdict !== null && (
        <>
          <VerdictTag verdict={row.verdict} />
          <span className={classes.soft}>
            {texts.decidedAs(words.verdict[row.verdict], row.decidedBy ?? '')}
          </span>
        </>
      )}
      {row.state === 'decided' && isLead && !row.secondOpinion && (
        <Button
          variant="default"
          rightSection={<Caps of="second-opinion" />}
          onClick={work.askSecond}
        >
          {texts.askSecond}
        </Button>
      )}
      {row.state === 'open' && isReviewer && <Lock {...{ whole, work }} />}
    </>
  )
}

function Lock({ whole, work }: Pick<Given, 'whole' | 'work'>) {
  const { verdict: texts } = useTexts().case
  const format = useFormat()
  const { name } = usePerson()
  const at = useNow(15_000)
  if (work.lockedBy !== null)
    return (
      <span className={classes.notice}>
        <IconLock size={14} aria-hidden />
        {texts.lockedBy(work.lockedBy)}
      </span>
    )
  const isMine = isHeldBy(whole.row, name, at)
  return (
    <>
      {isMine && (
        <span className={classes.soft}>
          {texts.lockedByYou(format.span((whole.row.lockedUntil ?? at) - at))}
        </span>
      )}
      <Button variant="default" rightSection={<Caps of="take" />} onClick={work.take}>
        {isMine ? texts.release : texts.take}
      </Button>
    </>
  )
}
