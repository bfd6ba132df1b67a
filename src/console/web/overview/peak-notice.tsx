/** How many redemptions the newest day will have, and a warning where that was not announced. */
import { IconAlertTriangle, IconSpeakerphone, IconTrendingUp } from '@tabler/icons-react'
import type { Overview } from '../../api/programme-shapes.ts'
import { Value } from '../parts/value.tsx'
import { useFormat, useTexts } from '../shell/settings.tsx'
import type { Format } from '../time/format.ts'
import classes from './peak-notice.module.css'

type Notice = NonNullable<Overview['notice']>

/** `limit`: more than so many in a day must be announced. */
export function PeakNotice(given: { readonly notice: Notice; readonly limit: number }) {
  const { notice } = given
  const { state, announced } = notice
  const texts = useTexts().peaks
  const format = useFormat()
  const isAbove = state !== 'quiet'
  const isBad = state === 'unannounced' || (state === 'past' && announced.length === 0)
  const Icon = isBad ? IconAlertTriangle : isAbove ? IconSpeakerphone : IconTrendingUp
  return (
    <section
      className={classes.notice}
      data-state={isBad ? 'bad' : isAbove ? 'announced' : 'quiet'}
      aria-label={texts.title}
    >
      <Icon size={18} aria-hidden className={classes.icon} />
      <div>
        <p className={classes.line} role={isBad ? 'alert' : undefined}>
          <strong>{useHeadline(given)}</strong>
          {isAbove && (
            <span className={classes.tag}>{isBad ? texts.unannounced : texts.announced}</span>
          )}
        </p>
        <p className={classes.soft}>{useDetails(notice).join(' · ')}</p>
        {isAbove && announced.length > 0 && (
          <ul className={classes.peaks}>
            {announced.map(({ campaign, from, to }) => (
              <li key={`${campaign} ${from} ${to}`}>
                <Value text={campaign} longest={30} /> {spanText(format, from, to)}
              </li>
            ))}
          </ul>
        )}
        {isBad && (
          <p className={classes.line}>
            {texts.toAnnounce} <code>announcedPeaks</code> {texts.toImport}{' '}
            <code>couponguard campaigns import</code>
            {texts.ifNot}
          </p>
        )}
      </div>
    </section>
  )
}

/** The day once, where it is the same. */
export function spanText(format: Format, from: number, to: number): string {
  const end = format.day(from) === format.day(to) ? format.clock(to) : format.moment(to)
  return `${format.moment(from)} – ${end}`
}

function useHeadline({ notice, limit }: { readonly notice: Notice; readonly limit: number }) {
  const texts = useTexts().peaks
  const format = useFormat()
  const { state, forecast, redemptions } = notice
  const [day, most] = [format.date(notice.day), format.number(limit)]
  if (state === 'past') return texts.past(day, format.number(redemptions), most)
  if (forecast === null) return texts.tooEarly(day)
  const expected = format.number(forecast)
  return state === 'quiet' ? texts.quiet(day, expected) : texts.onCourse(day, expected, most)
}

function useDetails({ state, redemptions, forecast, basis, days, busiest }: Notice): string[] {
  const texts = useTexts().peaks
  const format = useFormat()
  const said = state === 'past' ? [] : [texts.soFar(format.number(redemptions))]
  if (state === 'past' && forecast !== null) said.push(texts.total(format.number(forecast)))
  if (basis !== null) said.push(basis === 'days' ? texts.byDays(days) : texts.byPace)
  if (busiest !== null)
    said.push(texts.busiest(format.moment(busiest.from), format.number(busiest.redemptions)))
  return said
}
