/** The figures of the benchmark against Kafka as a table for a terminal and for the README. */
import { availableParallelism } from 'node:os'
import type { Measured, SubjectResult } from './kafka-bench.ts'

const grouped = (value: number) => Math.round(value).toLocaleString('en-US')
const seconds = (value: number) => (Number.isNaN(value) ? '?' : value.toFixed(1))
const ms = (value: number) => (value < 100 ? value.toFixed(1) : grouped(value))
const columns = [36, 10, 10, 10, 10, 12, 10] as const
const furtherColumn = 10

const line = (...cells: readonly string[]) =>
  `${cells
    .map((cell, at) =>
      at === 0 ? cell.padEnd(columns[0]) : cell.padStart(columns[at] ?? furtherColumn),
    )
    .join('')
    .trimEnd()}\n`

/** What each column holds, then a line for the full topic and one for each rate. */
export function kafkaTable(results: readonly SubjectResult[]): string {
  const watched = Object.keys(results[0]?.full.watchedPerMillion ?? {})
  const head = line('', 'events/s', 'p50 ms', 'p99 ms', 'p99.9 ms', 'CPU s/M', 'load', ...watched)
  const lines = results.flatMap(({ name, full, atRates }) => [
    line(name, grouped(full.subject.eventsPerSecond), '', '', '', ...processorTime(full)),
    ...atRates.map(rateLine),
  ])
  return [head, ...lines, note].join('')
}

function rateLine(measured: Measured): string {
  const { load } = measured
  if (load === null) return ''
  const { rate, latencyMs, lost, doubled, senderLateMsMax } = load
  const { p50, p99, p999 } = latencyMs
  const cells = [grouped(rate), ...[p50, p99, p999].map(ms), ...processorTime(measured)]
  const remarks = [
    ...(lost + doubled > 0 ? [`${lost} LOST, ${doubled} DOUBLED`] : []),
    ...(senderLateMsMax > lateMs ? [`load generator late by up to ${ms(senderLateMsMax)} ms`] : []),
  ]
  return line('  at a constant rate', ...cells) + remarks.map((one) => line(`    ${one}`)).join('')
}

/** A generator that is later than this shares in the latency that it measures. */
const lateMs = 50

const processorTime = ({ subject, load, watchedPerMillion }: Measured) => [
  seconds(subject.cpuSecondsPerMillion),
  load === null ? '' : seconds(load.cpuSecondsPerMillion),
  ...Object.values(watchedPerMillion).map(seconds),
]

const note = `CPU s/M: processor seconds for a million events, of the subject; after it of the load
generator and of the servers. Latency: from when an event was due, whenever it was sent, to when its
committed result was read. All of them share the ${availableParallelism()} cores of this machine.
`
