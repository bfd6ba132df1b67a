/** One event on a timeline: when, what, what came of it, and who or where it was besides. */
import { IconArrowBackUp, IconArrowDownLeft, IconArrowUpRight } from '@tabler/icons-react'
import { memo } from 'react'
import type { AnswerOf } from '../../api/operations.ts'
import { VerdictTag } from '../parts/outcome.tsx'
import { Value } from '../parts/value.tsx'
import { useFormat, useTexts } from '../shell/settings.tsx'
import classes from './around.module.css'

type Sighting = AnswerOf<'showTimeline'>['events'][number]

const icons = {
  claim: IconArrowDownLeft,
  redemption: IconArrowUpRight,
  reversal: IconArrowBackUp,
  unknown: IconArrowDownLeft,
}

export const SightingRow = memo(function SightingRow(given: {
  readonly event: Sighting
  /** The one above it; a new day is told once. */
  readonly before: Sighting | undefined
  readonly of: 'user' | 'device' | 'ip'
  readonly isThis: boolean
}) {
  const { event, before, of, isThis } = given
  const { words, case: texts } = useTexts()
  const format = useFormat()
  const day = format.day(event.occurredAt)
  const isNewDay = before === undefined || format.day(before.occurredAt) !== day
  const Icon = icons[event.kind]
  const others = [
    of === 'user' ? null : event.user,
    of === 'device' ? null : event.device,
    of === 'ip' ? null : event.ip,
  ].filter((value) => value !== null)
  return (
    <>
      {isNewDay && <li className={classes.day}>{day}</li>}
      <li className={`${classes.sighting} ${isThis ? classes.thisOne : ''}`}>
        <span className={classes.sightTime}>{format.seconds(event.occurredAt)}</span>
        <span
          className={`${classes.sightDot} ${classes[`fill-${event.outcome}`]}`}
          role="img"
          aria-label={words.outcome[event.outcome]}
          title={`${words.outcome[event.outcome]} ${event.score}`}
        />
        <span className={classes.sightKind}>
          <Icon size={13} aria-hidden />
          {words.kind[event.kind]}
        </span>
        <span className={classes.sightWho}>
          {others.map((value) => (
            <Value key={value} text={value} />
          ))}
        </span>
        <span className={classes.sightEnd}>
          {event.verdict !== null && <VerdictTag verdict={event.verdict} />}
          {isThis && <strong>{texts.entities.this}</strong>}
          {event.amount !== null && !isThis && format.money(event.amount, event.currency)}
        </span>
      </li>
    </>
  )
})
