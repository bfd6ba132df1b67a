/** What charts share: the lines of the scale, the times below, and what the pointer is over. */
import { type PointerEvent, type ReactNode, useState } from 'react'
import classes from './charts.module.css'
import type { Scale } from './scale.ts'

export const margin = { top: 8, right: 14, bottom: 22, left: 46 } as const

export interface Frame {
  readonly width: number
  readonly height: number
  readonly scale: Scale
  /** Where a value stands. */
  readonly y: (value: number) => number
  /** Where the moment of an index stands. */
  readonly x: (index: number) => number
}

export function makeFrame(width: number, height: number, scale: Scale, count: number): Frame {
  const [across, down] = [width - margin.left - margin.right, height - margin.top - margin.bottom]
  return {
    width,
    height,
    scale,
    y: (value) => margin.top + down * (1 - value / scale.max),
    x: (index) => margin.left + (across * (index + 0.5)) / Math.max(1, count),
  }
}

export function ChartFrame(given: {
  readonly frame: Frame
  readonly label: string
  readonly say: (value: number) => string
  readonly times: readonly { readonly index: number; readonly text: string }[]
  readonly count: number
  /** What is told of the moment that the pointer is over. */
  readonly tell: (index: number) => ReactNode
  readonly children: ReactNode
}) {
  const { frame, count } = given
  const [over, setOver] = useState<number | null>(null)
  const find = (event: PointerEvent<SVGSVGElement>) => {
    const at = event.clientX - event.currentTarget.getBoundingClientRect().left - margin.left
    const part = at / (frame.width - margin.left - margin.right)
    setOver(Math.max(0, Math.min(count - 1, Math.floor(part * count))))
  }
  return (
    <div className={classes.frame}>
      <svg
        data-chart
        width={frame.width}
        height={frame.height}
        role="img"
        aria-label={given.label}
        onPointerMove={find}
        onPointerLeave={() => setOver(null)}
      >
        {frame.scale.ticks.map((tick) => (
          <g key={tick}>
            <line
              className={classes.rule}
              x1={margin.left}
              x2={frame.width - margin.right}
              y1={frame.y(tick)}
              y2={frame.y(tick)}
            />
            <text className={classes.tick} x={margin.left - 7} y={frame.y(tick) + 4}>
              {given.say(tick)}
            </text>
          </g>
        ))}
        {given.children}
        {given.times.map(({ index, text }) => (
          <text key={index} className={classes.time} x={frame.x(index)} y={frame.height - 5}>
            {text}
          </text>
        ))}
        {over !== null && (
          <line
            className={classes.over}
            x1={frame.x(over)}
            x2={frame.x(over)}
            y1={margin.top}
            y2={frame.height - margin.bottom}
          />
        )}
      </svg>
      {over !== null && (
        <Told x={frame.x(over)} width={frame.width}>
          {given.tell(over)}
        </Told>
      )}
    </div>
  )
}

/** Beside the pointer, on the side that has room. */
function Told(given: { readonly x: number; readonly width: number; readonly children: ReactNode }) {
  const { x, width } = given
  return (
    <div
      className={classes.told}
      style={x > width / 2 ? { right: width - x + 10 } : { left: x + 10 }}
    >
      {given.children}
    </div>
  )
}
