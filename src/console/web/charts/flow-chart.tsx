/** Decisions a minute, what was flagged standing on what was allowed. */
import type { Overview } from '../../api/programme-shapes.ts'
import { useFormat, useTexts } from '../shell/settings.tsx'
import classes from './charts.module.css'
import { ChartFrame, makeFrame, margin } from './frame.tsx'
import { scaleUpTo, spread } from './scale.ts'
import { useWidth } from './use-width.ts'

const outcomes = ['block', 'review', 'allow'] as const

export function FlowChart(given: {
  readonly flow: Overview['flow']
  readonly bucketMs: number
  readonly height: number
}) {
  const { flow, bucketMs, height } = given
  const { words, alerts: texts } = useTexts()
  const format = useFormat()
  const [element, width] = useWidth()
  const perMinute = 60_000 / Math.max(1, bucketMs)
  const highest = Math.max(
    1,
    ...flow.map((one) => (one.allow + one.review + one.block) * perMinute),
  )
  const frame = makeFrame(width, height, scaleUpTo(highest), flow.length)
  const bar = Math.max(1, ((width - margin.left - margin.right) / Math.max(1, flow.length)) * 0.78)
  const indexes = spread(
    flow.map((_, index) => index),
    Math.max(2, Math.floor(width / 110)),
  )
  return (
    <div ref={element}>
      <Legend />
      <ChartFrame
        frame={frame}
        count={flow.length}
        label={texts.overview.flow}
        say={format.number}
        times={indexes.map((index) => ({ index, text: format.clock(flow[index]!.at) }))}
        tell={(index) => (
          <>
            <strong>{format.clock(flow[index]!.at)}</strong>
            {[...outcomes].reverse().map((outcome) => (
              <div key={outcome} className={classes.toldLine}>
                <span className={`${classes.swatch} ${classes[`swatch-${outcome}`]}`} />
                {words.outcome[outcome]}
                <span>{format.number(flow[index]![outcome] * perMinute)}</span>
              </div>
            ))}
          </>
        )}
      >
        {flow.map((one, index) => {
          let below = 0
          return (
            <g key={one.at}>
              {outcomes.map((outcome) => {
                const value = one[outcome] * perMinute
                const top = frame.y(below + value)
                const tall = frame.y(below) - top
                below += value
                return tall <= 0 ? null : (
                  <rect
                    key={outcome}
                    className={classes[`bar-${outcome}`]}
                    x={frame.x(index) - bar / 2}
                    y={top}
                    width={bar}
                    height={tall}
                  />
                )
              })}
            </g>
          )
        })}
      </ChartFrame>
    </div>
  )
}

function Legend() {
  const { words } = useTexts()
  return (
    <div className={classes.legend}>
      {outcomes.map((outcome) => (
        <span key={outcome} className={classes.legendItem}>
          <span className={`${classes.swatch} ${classes[`swatch-${outcome}`]}`} aria-hidden />
          {words.outcome[outcome]}
        </span>
      ))}
    </div>
  )
}
