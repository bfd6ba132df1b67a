/** The comparison as a table, and by how much ours falls short of the best forest in it. */
import type { DataSet } from './real-rows.ts'

/** One forest: means over both halves and all seeds; the largest memory. */
export interface Row {
  readonly name: string
  readonly auc: number
  readonly lowest: number
  readonly highest: number
  readonly seconds: number
  readonly cpuSeconds: number
  readonly peakRssBytes: number
}

/** Ours may be this much below, as an area under the ROC curve. */
export const shortMax = 0.01

export interface Comparison {
  readonly set: DataSet
  /** What is trained on: the whole of a half, or a sample of it. */
  readonly of: 'whole' | 'sample'
  /** Ours first. */
  readonly rows: readonly [Row, ...Row[]]
  readonly trees: number
  readonly depth: number
  readonly leaf: number
}

/**
 * How far ours, the first, is below the best of the others, where that is more than it may; else 0.
 */
export function shortBy([ours, ...others]: readonly [Row, ...Row[]]): number {
  if (others.length === 0) return 0
  const short = Math.max(...others.map(({ auc }) => auc)) - ours.auc
  return short <= shortMax ? 0 : short
}

const grouped = (value: number) => Math.round(value).toLocaleString('en-US')

export function peersTable({ set, of, rows, trees, depth, leaf }: Comparison): string {
  const { halves } = set
  const counts = halves.map((half) => (of === 'whole' ? half.rows : half.sampleRows))
  const positive = halves.map((half) => (of === 'whole' ? half.frauds : half.sampleFrauds))
  const [ours] = rows
  return [
    `${set.name}: trained on ${both(counts)} rows (${both(positive)} positive), each asked about the`,
    ` other half;\n${trees} trees of depth ${depth}, leaves of ${leaf}\n`,
    line('', ['AUC', 'from', 'to', 'ours is', 'seconds', 'CPU s', 'peak MiB']),
    ...rows.map((row) =>
      line(row.name, [
        row.auc.toFixed(4),
        row.lowest.toFixed(4),
        row.highest.toFixed(4),
        row === ours ? '' : signed(ours.auc - row.auc),
        row.seconds.toFixed(1),
        row.cpuSeconds.toFixed(1),
        grouped(row.peakRssBytes / 1_048_576),
      ]),
    ),
  ].join('')
}

const both = (counts: readonly number[]) => counts.map(grouped).join(' and ')

const signed = (value: number) => `${value < 0 ? '' : '+'}${value.toFixed(4)}`

const line = (label: string, cells: readonly string[]) =>
  `  ${label.padEnd(26)}${cells.map((cell) => cell.padStart(9)).join('')}\n`
