/** The figures of `bench --model` as a table for a terminal. */
import type { PeerSpeed, ScoringCost, Speed } from './model-scoring.ts'
import type { TrainingCost } from './model-training.ts'
import { onnxRuntimeRemedy } from './onnx-runtime.ts'
import { grouped, mebibytes } from './table.ts'

export interface ModelFigures {
  readonly scoring: ScoringCost
  readonly training: TrainingCost
}

/** Scores of the same rows may differ by this much, being summed in another precision. */
export const differenceMax = 1e-6

export function modelTable({ scoring, training }: ModelFigures): string {
  const { ours, peer, trees, depth, features, nodes, rows, batchRows } = scoring
  return [
    `Scoring: ${trees} trees of depth ${depth} over ${features} features, ${grouped(nodes)} nodes,`,
    ` grown from ${grouped(rows)} random rows\n`,
    'with a signal; others are scored. Rows a second of processor time, in one thread:\n',
    tableLine('', [`of ${grouped(batchRows)}`, 'one by one']),
    tableLine('here', speedsOf(ours)),
    ...(peer === null ? [`  Beside onnxruntime: ${onnxRuntimeRemedy}\n`] : peerLines(ours, peer)),
    ...trainingLines(training),
  ].join('')
}

const peerLines = (ours: Speed, peer: PeerSpeed) => [
  tableLine(`${peer.name} ${peer.version}`, speedsOf(peer)),
  tableLine('here, times as fast', [
    (ours.rowsPerSecond / peer.rowsPerSecond).toFixed(2),
    (ours.singleRowsPerSecond / peer.singleRowsPerSecond).toFixed(2),
  ]),
  `  Scores differ by ${peer.largestDifference.toExponential(1)} at most.\n`,
]

const speedsOf = ({ rowsPerSecond, singleRowsPerSecond }: Speed) => [
  `${grouped(rowsPerSecond)}/s`,
  `${grouped(singleRowsPerSecond)}/s`,
]

const tableLine = (label: string, values: readonly string[]) =>
  `  ${label.padEnd(21)}${values.map((value) => value.padStart(14)).join('')}\n`

function trainingLines(cost: TrainingCost): readonly string[] {
  const { rows, features, trees, depth, nodes, threads, seconds, cpuSeconds, peakRssBytes } = cost
  return [
    `Training: ${grouped(rows)} such rows × ${features} features × ${trees} trees of depth ${depth}`,
    ` at most, ${grouped(nodes)} nodes\n`,
    `  ${seconds.toFixed(1)} s in ${threads} threads, ${cpuSeconds.toFixed(1)} s of processor time,`,
    ` peak ${mebibytes(peakRssBytes)}\n`,
  ]
}
