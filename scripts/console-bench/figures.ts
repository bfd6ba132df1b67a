/** What was measured, beside what is asked: percentiles, and the table that they are shown in. */

export interface Figure {
  readonly name: string
  /** How often it was measured. */
  readonly count: number
  readonly unit: 'ms' | '/s' | 'rows'
  readonly p50: number
  readonly p95: number
  /** What is asked; null where nothing is. */
  readonly asked: Asked | null
}

export interface Asked {
  readonly of: 'p50' | 'p95'
  readonly limit: number
  readonly atLeast?: boolean
}

export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}

export function figureOf(
  name: string,
  values: readonly number[],
  asked: Asked | null = null,
  unit: Figure['unit'] = 'ms',
): Figure {
  const sorted = values.toSorted((a, b) => a - b)
  return {
    ...{ name, count: values.length, unit, asked },
    p50: percentile(sorted, 0.5),
    p95: percentile(sorted, 0.95),
  }
}

/** A rate of its own, which has no spread. */
export const rateOf = (name: string, count: number, perSecond: number, asked: Asked | null) =>
  ({ name, count, unit: '/s', p50: perSecond, p95: perSecond, asked }) satisfies Figure

export function isMissed({ asked, ...figure }: Figure): boolean {
  if (asked === null) return false
  const value = figure[asked.of]
  return asked.atLeast === true ? value < asked.limit : value > asked.limit
}

export function tableOf(figures: readonly Figure[]): string {
  const rows = figures.map((figure) => [
    figure.name,
    figure.count.toLocaleString('en-US'),
    shown(figure.p50),
    figure.unit === 'ms' ? shown(figure.p95) : '',
    figure.unit,
    askedText(figure),
  ])
  const all = [['', 'n', 'p50', 'p95', '', 'asked'], ...rows]
  const widths = all[0]!.map((_, at) => Math.max(...all.map((row) => row[at]!.length)))
  return all
    .map((row) =>
      row
        .map((cell, at) => padded(cell, widths[at]!, at))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

const padded = (cell: string, width: number, at: number) =>
  at === 0 || at > 3 ? cell.padEnd(width) : cell.padStart(width)

const shown = (value: number) =>
  value >= 20 ? Math.round(value).toLocaleString('en-US') : value.toFixed(1)

function askedText(figure: Figure): string {
  const { asked, unit } = figure
  if (asked === null) return ''
  const sign = asked.atLeast === true ? '≥' : '≤'
  const of = unit === 'ms' ? `${asked.of} ` : ''
  return `${of}${sign} ${asked.limit.toLocaleString('en-US')}${isMissed(figure) ? '  MISSED' : ''}`
}
