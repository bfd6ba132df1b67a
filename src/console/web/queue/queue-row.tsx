/** One row of the queue, drawn again only when something of it changes. */
import { IconMessage, IconUserCheck, IconUsersGroup } from '@tabler/icons-react'
import { memo } from 'react'
import type { CaseRow } from '../../api/case-shapes.ts'
import { usePerson } from '../api/use-api.tsx'
import { OutcomeTag, Score, VerdictTag } from '../parts/outcome.tsx'
import { Value } from '../parts/value.tsx'
import { useFormat, useTexts } from '../shell/settings.tsx'
import { holderOf } from './lock.ts'
import classes from './queue.module.css'

export const rowId = (key: string) => `case-${key}`

interface Given {
  readonly row: CaseRow
  readonly index: number
  readonly top: number
  /** Now, to the half minute. */
  readonly at: number
  readonly isCurrent: boolean
  readonly isSelected: boolean
  readonly maySelect: boolean
  readonly open: (index: number) => void
  readonly onSelect: (index: number, isRange: boolean) => void
}

export const QueueRow = memo(function QueueRow(given: Given) {
  const { row, index, isCurrent, isSelected } = given
  const { queue, words } = useTexts()
  const format = useFormat()
  const state = [
    classes.row,
    isCurrent ? classes.current : '',
    isSelected ? classes.selected : '',
    row.state === 'decided' ? classes.decided : '',
  ]
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the grid has the keys
    <div
      role="row"
      id={rowId(row.key)}
      className={state.join(' ')}
      style={{ transform: `translateY(${given.top}px)` }}
      aria-rowindex={index + 2}
      aria-selected={isSelected}
      aria-current={isCurrent ? 'true' : undefined}
      tabIndex={-1}
      onClick={() => given.open(index)}
    >
      <span role="gridcell" className={classes.check}>
        {given.maySelect && (
          <input
            type="checkbox"
            tabIndex={-1}
            checked={isSelected}
            disabled={row.state === 'decided'}
            aria-label={queue.rowLabel(String(row.score), words.outcome[row.outcome], row.user)}
            onClick={(event) => {
              event.stopPropagation()
              given.onSelect(index, event.shiftKey)
            }}
            onChange={() => undefined}
          />
        )}
      </span>
      <span role="gridcell" className={classes.score}>
        <Score score={row.score} outcome={row.outcome} />
      </span>
      <span role="gridcell" className={classes.outcome}>
        <OutcomeTag outcome={row.outcome} />
      </span>
      <Why row={row} />
      <span role="gridcell" className={classes.who}>
        <Value text={row.user} />
      </span>
      <span role="gridcell" className={classes.where}>
        <Value text={row.campaign} longest={24} />
      </span>
      <span role="gridcell" className={classes.money}>
        {row.amountAtStake === null ? '' : format.money(row.amountAtStake, row.currency)}
      </span>
      <span role="gridcell" className={classes.age} title={format.time(row.recordedAt)}>
        {format.span(Math.max(0, given.at - row.recordedAt))}
      </span>
      <span role="gridcell" className={classes.state}>
        <RowState row={row} at={given.at} />
      </span>
    </div>
  )
})

function Why({ row }: { readonly row: CaseRow }) {
  const { language } = useFormat()
  const text = row.reason?.[language] ?? row.rules[0] ?? ''
  return (
    <span role="gridcell" className={classes.why} title={text}>
      <span className={classes.whyText}>{text}</span>
      {row.rules.length > 1 && <span className={classes.more}>+{row.rules.length - 1}</span>}
    </span>
  )
}

function RowState({ row, at }: { readonly row: CaseRow; readonly at: number }) {
  const { queue } = useTexts()
  const { name } = usePerson()
  const holder = holderOf(row, at)
  return (
    <>
      {row.verdict !== null && <VerdictTag verdict={row.verdict} />}
      {holder !== null && (
        <span
          className={`${classes.holder} ${holder === name ? classes.mine : ''}`}
          title={holder === name ? queue.takenByMe : queue.takenBy(holder)}
        >
          <IconUserCheck size={14} aria-hidden />
          <bdi>{holder}</bdi>
        </span>
      )}
      {row.secondOpinion && (
        <IconUsersGroup size={15} role="img" aria-label={queue.secondOpinion} />
      )}
      {row.notes > 0 && (
        <span className={classes.notes} title={queue.notes(row.notes)}>
          <IconMessage size={14} aria-hidden />
          {row.notes}
        </span>
      )}
    </>
  )
}
