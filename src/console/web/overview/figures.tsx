/** The figures of the day, a line of them. */
import type { Overview } from '../../api/programme-shapes.ts'
import { Figure } from '../parts/page.tsx'
import { useFormat, useTexts } from '../shell/settings.tsx'
import classes from './overview.module.css'

export function Figures({ overview }: { readonly overview: Overview }) {
  const texts = useTexts().alerts.overview
  const format = useFormat()
  const { today, backlog, lateness, lag, asOf } = overview
  const [most, ...others] = today.blocked
  const oldest = backlog.oldestRecordedAt
  return (
    <dl className={classes.figures}>
      <Figure
        label={texts.shareToday}
        value={format.percent(today.share)}
        note={texts.shareNote(format.number(today.abnormal), format.number(today.redemptions))}
        isBad={today.share > today.threshold}
      />
      <Figure
        label={texts.events}
        value={format.number(today.events)}
        note={texts.eventsNote(
          format.number(today.redemptions),
          format.number(today.announcedAbove),
        )}
      />
      <Figure
        label={texts.blocked}
        value={format.money(most?.amount ?? 0, most?.currency ?? null)}
        note={
          others.length === 0
            ? texts.blockedNote
            : others.map(({ amount, currency }) => format.money(amount, currency)).join(' · ')
        }
      />
      <Figure
        label={texts.backlog}
        value={format.number(backlog.waiting)}
        note={
          oldest === null || asOf === null
            ? texts.nothingWaits
            : texts.backlogNote(format.span(Math.max(0, asOf - oldest)))
        }
      />
      <Figure
        label={texts.decided}
        value={format.number(backlog.decidedToday)}
        note={texts.decidedNote(format.number(backlog.takenByMe))}
      />
      <Figure
        label={texts.lateness}
        value={format.span(lateness.p50Ms)}
        note={texts.latenessNote(format.span(lateness.p99Ms), format.number(lateness.late))}
      />
      <Figure
        label={texts.lag}
        value={lag === null ? '–' : format.number(lag)}
        note={lag === null ? texts.lagUnknown : texts.lagNote(lag)}
      />
    </dl>
  )
}
