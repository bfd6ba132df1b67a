/** The share of abnormal redemptions over a day, against its threshold, with what happened when. */
import { useId } from 'react'
import type { AnswerOf } from '../../api/operations.ts'
import { useFormat, useTexts } from '../shell/settings.tsx'
import classes from './charts.module.css'
import { ChartFrame, type Frame, makeFrame, margin } from './frame.tsx'
import { nearest, scaleUpTo, spread } from './scale.ts'
import { useWidth } from './use-width.ts'

type Point = AnswerOf<'showShares'>['points'][number]

export interface Mark {
  readonly at: number
  readonly text: string
  readonly isBad: boolean
}

interface Given {
  readonly points: readonly Point[]
  readonly threshold: number
  readonly height: number
  readonly marks: readonly Mark[]
  /** Fewer redemptions than this are no ground for an alert; null where it is not known. */
  readonly minimum: number | null
}

export function ShareChart({ points, threshold, height, marks, minimum }: Given) {
  const { alerts: texts } = useTexts()
  const format = useFormat()
  const [element, width] = useWidth()
  const highest = Math.max(threshold * 1.6, ...counted(points, minimum).map(({ share }) => share))
  const frame = makeFrame(width, height, scaleUpTo(Math.min(1, highest)), points.length)
  const indexes = spread(
    points.map((_, index) => index),
    Math.max(2, Math.floor(width / 110)),
  )
  return (
    <div ref={element}>
      <ChartFrame
        frame={frame}
        count={points.length}
        label={texts.chart.label(format.percent(threshold))}
        say={format.percent}
        times={indexes.map((index) => ({ index, text: format.clock(points[index]!.at) }))}
        tell={(index) => <Told point={points[index]!} />}
      >
        <TooFew {...{ frame, points, minimum }} />
        <Shares {...{ frame, points, minimum }} />
        <Newest {...{ frame, points }} />
        <line
          className={classes.threshold}
          x1={margin.left}
          x2={width - margin.right}
          y1={frame.y(threshold)}
          y2={frame.y(threshold)}
        />
        <text className={classes.thresholdText} x={margin.left + 6} y={frame.y(threshold) - 5}>
          {texts.chart.threshold(format.percent(threshold))}
        </text>
        {marks.map((mark) => (
          <Marked key={`${mark.at} ${mark.text}`} {...{ mark, frame, points }} />
        ))}
      </ChartFrame>
    </div>
  )
}

/** Points with enough behind them to be worth a scale. */
const counted = (points: readonly Point[], minimum: number | null) => {
  const enough = points.filter(({ redemptions }) => redemptions >= (minimum ?? 0))
  return enough.length === 0 ? points : enough
}

function Told({ point }: { readonly point: Point }) {
  const { alerts: texts } = useTexts()
  const format = useFormat()
  return (
    <>
      <strong>
        {format.clock(point.at)} · {format.percent(point.share)}
      </strong>
      <div>{texts.chart.of(format.number(point.abnormal), format.number(point.redemptions))}</div>
    </>
  )
}

/** A dot where the day stands; a day of one point would show nothing without it. */
function Newest({ frame, points }: { readonly frame: Frame } & Pick<Given, 'points'>) {
  const last = points.at(-1)
  if (last === undefined) return null
  const y = frame.y(Math.min(last.share, frame.scale.max))
  return <circle className={classes.newest} cx={frame.x(points.length - 1)} cy={y} r={3.5} />
}

/** What is too little to be judged is drawn faintly, and may leave the scale at the top. */
function Shares({ frame, points, minimum }: Judged) {
  const id = useId()
  const [top, bottom] = [margin.top, frame.height - margin.bottom]
  const from = frame.x(fewUntil(points, minimum) - 0.5)
  const part = (name: string, left: number, right: number) => (
    <clipPath id={`${id}${name}`}>
      <rect x={left} y={top} width={Math.max(0, right - left)} height={bottom - top} />
    </clipPath>
  )
  const line = lineOf(frame, points)
  return (
    <>
      <defs>
        {part('few', margin.left, from)}
        {part('enough', from, frame.width)}
      </defs>
      <path className={classes.faint} d={line} clipPath={`url(#${id}few)`} />
      <path className={classes.area} d={areaOf(frame, points)} clipPath={`url(#${id}enough)`} />
      <path className={classes.line} d={line} clipPath={`url(#${id}enough)`} />
    </>
  )
}

type Judged = { readonly frame: Frame } & Pick<Given, 'points' | 'minimum'>

/** Index of the first point with enough redemptions; the number of points where none has. */
function fewUntil(points: readonly Point[], minimum: number | null): number {
  const first = points.findIndex(({ redemptions }) => redemptions >= (minimum ?? 0))
  return first < 0 ? points.length : first
}

/** Narrower than this has no room for words. */
const wordsMin = 190

/** The part of the day that has too few redemptions to be judged. */
function TooFew({ frame, points, minimum }: Judged) {
  const { alerts: texts } = useTexts()
  const format = useFormat()
  if (minimum === null) return null
  const until = fewUntil(points, minimum)
  if (until === 0) return null
  const width = Math.max(0, frame.x(until - 0.5) - margin.left)
  const said = texts.chart.tooFew(format.number(minimum))
  return (
    <>
      <rect
        className={classes.few}
        x={margin.left}
        y={margin.top}
        width={width}
        height={frame.height - margin.top - margin.bottom}
      >
        <title>{said}</title>
      </rect>
      {width > wordsMin && (
        <text className={classes.fewText} x={margin.left + 6} y={margin.top + 13}>
          {said}
        </text>
      )}
    </>
  )
}

function Marked({
  mark,
  frame,
  points,
}: {
  readonly mark: Mark
  readonly frame: Frame
  readonly points: readonly Point[]
}) {
  if (points.length === 0) return null
  const index = nearest(
    points.map(({ at }) => at),
    mark.at,
  )
  const x = frame.x(index)
  const isRight = x > frame.width / 2
  return (
    <g className={mark.isBad ? classes.bad : classes.good}>
      <line x1={x} x2={x} y1={margin.top} y2={frame.height - margin.bottom} strokeDasharray="4 3" />
      <circle cx={x} cy={frame.y(Math.min(points[index]!.share, frame.scale.max))} r={4.5} />
      <text x={isRight ? x - 6 : x + 6} y={margin.top + 11} textAnchor={isRight ? 'end' : 'start'}>
        {mark.text}
      </text>
    </g>
  )
}

const lineOf = (frame: Frame, points: readonly Point[]) =>
  points
    .map(({ share }, index) => {
      const y = frame.y(share)
      return `${index === 0 ? 'M' : 'L'}${frame.x(index).toFixed(1)} ${y.toFixed(1)}`
    })
    .join('')

const areaOf = (frame: Frame, points: readonly Point[]) =>
  points.length === 0
    ? ''
    : `${lineOf(frame, points)}L${frame.x(points.length - 1).toFixed(1)} ${frame.y(0)}L${frame.x(0).toFixed(1)} ${frame.y(0)}Z`
