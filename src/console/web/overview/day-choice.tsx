/** Which day the figures are of: back and forth through the days that have events. */
import { ActionIcon, Button } from '@mantine/core'
import { IconChevronLeft, IconChevronRight } from '@tabler/icons-react'
import type { Overview } from '../../api/programme-shapes.ts'
import { useFormat, useTexts } from '../shell/settings.tsx'
import classes from './overview.module.css'

export function DayChoice(given: {
  readonly overview: Overview
  /** Null: whichever day is shown unasked. */
  readonly choose: (day: number | null) => void
}) {
  const { today, dayBefore, dayAfter } = given.overview
  const texts = useTexts().alerts.overview
  const format = useFormat()
  if (today.day === null) return null
  const step = (label: string, day: number | null, Icon: typeof IconChevronLeft) => (
    <ActionIcon
      aria-label={label}
      title={label}
      disabled={day === null}
      onClick={() => given.choose(day)}
    >
      <Icon size={16} />
    </ActionIcon>
  )
  return (
    <div className={classes.days} role="group" aria-label={texts.day}>
      {step(texts.dayBefore, dayBefore, IconChevronLeft)}
      <strong aria-live="polite">{format.date(today.day)}</strong>
      {step(texts.dayAfter, dayAfter, IconChevronRight)}
      {dayAfter !== null && (
        <Button variant="subtle" size="compact-xs" onClick={() => given.choose(dayAfter)}>
          {texts.toDay(format.date(dayAfter))}
        </Button>
      )}
    </div>
  )
}
