/**
 * Line charts as SVG text that needs nothing from elsewhere: no script, no font, no style sheet.
 * All have one size, and equal input gives equal bytes. Lines differ in dashes as in colour.
 */
import { escaped } from './escaped.ts'
import type { Point } from './ranking.ts'

export interface ChartLine {
  readonly name: string
  readonly points: readonly Point[]
  /** Place in the palette; lines of one name keep one over several charts. */
  readonly colour: number
  /** Marks each point. */
  readonly dots?: boolean
}

export interface Tick {
  readonly at: number
  readonly label: string
}

export interface Axis {
  readonly label: string
  readonly from: number
  readonly to: number
  readonly ticks: readonly Tick[]
}

export interface Chart {
  readonly title: string
  readonly x: Axis
  readonly y: Axis
  readonly lines: readonly ChartLine[]
  /** A faint line for comparison, such as chance. */
  readonly guide?: readonly [Point, Point]
}

export const chartWidth = 460
export const chartHeight = 340

const plot = { left: 56, top: 34, right: 444, bottom: 262 } as const
const palette = ['#b45309', '#1d4ed8', '#047857', '#7c3aed'] as const
const dashes = ['none', '7 3', '2 3', '10 3 2 3'] as const
const ink = '#1f2937'
const faint = '#d1d5db'

/** 0 to 1 in fifths, told as percentages. */
export const shareAxis = (label: string): Axis => ({
  label,
  from: 0,
  to: 1,
  ticks: [0, 0.2, 0.4, 0.6, 0.8, 1].map((at) => ({ at, label: `${Math.round(at * 100)} %` })),
})

/** One place per name, from 0; of many only some are named. */
export function namedAxis(label: string, names: readonly string[]): Axis {
  const every = Math.max(1, Math.ceil(names.length / 6))
  const ticks = names.map((name, at) => ({ at, label: name })).filter(({ at }) => at % every === 0)
  return { label, from: 0, to: Math.max(1, names.length - 1), ticks }
}

export function lineChart(chart: Chart): string {
  const { title, x, y, lines, guide } = chart
  const across = placer(x, plot.left, plot.right)
  const down = placer(y, plot.bottom, plot.top)
  const at = (point: Point) => `${rounded(across(point.x))},${rounded(down(point.y))}`
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${chartWidth}" height="${chartHeight}" viewBox="0 0 ${chartWidth} ${chartHeight}" role="img" aria-label="${escaped(title)}" font-family="sans-serif" font-size="11" fill="${ink}">`,
    `<rect width="${chartWidth}" height="${chartHeight}" fill="#ffffff"/>`,
    text({ x: 4, y: 14 }, title, 'font-size="14" font-weight="bold"'),
    ...x.ticks.flatMap((tick) => xTick(across(tick.at), tick.label)),
    ...y.ticks.flatMap((tick) => yTick(down(tick.at), tick.label)),
    text({ x: (plot.left + plot.right) / 2, y: plot.bottom + 34 }, x.label, middle),
    text({ x: 4, y: plot.top - 8 }, y.label, 'font-style="italic"'),
    ...(guide === undefined
      ? []
      : [`<polyline points="${guide.map(at).join(' ')}" fill="none" stroke="#9ca3af"/>`]),
    ...lines.flatMap((line) => lineParts(line, at)),
    ...lines.flatMap(legendParts),
    '</svg>',
  ]
  return `${parts.join('\n')}\n`
}

const middle = 'text-anchor="middle"'

/** Values outside the axis are drawn on its edge. */
function placer({ from, to }: Axis, start: number, end: number): (value: number) => number {
  return (value) => {
    const share = Math.min(1, Math.max(0, (value - from) / (to - from)))
    return start + share * (end - start)
  }
}

/** Two decimals are finer than any screen, and keep the text short. */
const rounded = (value: number) => Number(value.toFixed(2))

function text(at: Point, words: string, style: string): string {
  return `<text x="${rounded(at.x)}" y="${rounded(at.y)}" ${style}>${escaped(words)}</text>`
}

const rule = (from: Point, to: Point) =>
  `<line x1="${rounded(from.x)}" y1="${rounded(from.y)}" x2="${rounded(to.x)}" y2="${rounded(to.y)}" stroke="${faint}"/>`

/** Half of a tick's label, which must not reach over the edge. */
const edgeLabel = 20

const xTick = (x: number, label: string) => [
  rule({ x, y: plot.top }, { x, y: plot.bottom }),
  text({ x: Math.min(x, chartWidth - edgeLabel), y: plot.bottom + 16 }, label, middle),
]

const yTick = (y: number, label: string) => [
  rule({ x: plot.left, y }, { x: plot.right, y }),
  text({ x: plot.left - 6, y: y + 4 }, label, 'text-anchor="end"'),
]

function lineParts(line: ChartLine, at: (point: Point) => string): string[] {
  const stroke = palette[line.colour % palette.length]!
  const path = `<polyline points="${line.points.map(at).join(' ')}" fill="none" ${strokeOf(line)}/>`
  if (line.dots !== true) return [path]
  const dots = line.points.map((point) => {
    const [x, y] = at(point).split(',')
    return `<circle cx="${x}" cy="${y}" r="3" fill="${stroke}"/>`
  })
  return [path, ...dots]
}

function strokeOf({ colour }: ChartLine): string {
  const dash = dashes[colour % dashes.length]!
  return `stroke="${palette[colour % palette.length]!}" stroke-width="2" stroke-dasharray="${dash}"`
}

function legendParts(line: ChartLine, place: number): string[] {
  const [x, y] = [plot.left + place * 130, chartHeight - 18]
  const sample = `<line x1="${x}" y1="${y}" x2="${x + 26}" y2="${y}" ${strokeOf(line)}/>`
  return [sample, text({ x: x + 32, y: y + 4 }, line.name, '')]
}
