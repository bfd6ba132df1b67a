/** The figures of `bench --http` as a table for a terminal and for docs/http.md. */
import { availableParallelism } from 'node:os'
import type { HttpFigures, LoadFigures, RunFigures } from './http-bench.ts'
import { grouped, mebibytes } from './table.ts'

const columns = [24, 8, 9, 8, 8, 9, 8, 9, 8, 9, 9] as const

const line = (...cells: readonly string[]) =>
  cells
    .map((cell, at) => (at === 0 ? cell.padEnd(columns[0]) : cell.padStart(columns[at]!)))
    .join('')
    .trimEnd()

const ms = (value: number) => (value < 100 ? value.toFixed(1) : grouped(value))
const known = (value: number, text: (value: number) => string) =>
  Number.isNaN(value) ? '?' : text(value)

export function httpTable({ before, seconds, runs, loadAverage }: HttpFigures): string {
  const head = line(
    ...['', 'asked', 'within', 'p50 ms', 'p99 ms', 'p99.9 ms', 'max ms', 'late ms', 'errors'],
    ...['CPU s/M', 'RSS'],
  )
  return `${[head, ...runs.flatMap(runLines)].join('\n')}
within: what an answer may take, and who had theirs in that time. Latency: from when a request was
due, whenever it was sent, to the last byte of its answer; ${seconds} s each${shortOf(seconds)}.
late: the sender itself, at worst, which counts as latency. CPU s/M: processor seconds of the server
for a million events. RSS: its memory, with ${grouped(before)} events in its windows before.
Server and load generator share the ${availableParallelism()} cores of this machine: load average
${loadAverage.before} at the start, ${loadAverage.after} at the end.
`
}

const shortOf = (seconds: number) => (seconds < 6 ? ', 6 s for arrays' : '')

/** What the server took stands beside a load alone, and in a line of its own above several. */
function runLines({ name, loads, ...server }: RunFigures): readonly string[] {
  const took = [
    known(server.cpuSecondsPerMillion, (value) => value.toFixed(0)),
    known(server.residentBytes, mebibytes),
  ]
  const [only] = loads
  if (loads.length === 1 && only !== undefined) return loadLines(only, only.load.name, took)
  const above = line(name, '', '', '', '', '', '', '', '', ...took)
  return [above, ...loads.flatMap((one) => loadLines(one, `  ${one.load.name}`, ['', '']))]
}

function loadLines(figures: LoadFigures, name: string, took: readonly string[]) {
  const { load, latencyMs, lost, errors, firstError, senderLateMsMax, isMetBy } = figures
  const { p50, p99, p999, max } = latencyMs
  const asked = load.rate < 1 ? `${Math.round(load.rate * 60)}/min` : `${grouped(load.rate)}/s`
  const cells = [asked, `${grouped(load.withinMs)} ms`, ...[p50, p99, p999, max].map(ms)]
  const said = [ms(senderLateMsMax), String(Math.max(errors, lost)), ...took]
  const verdict = isMetBy === 'no' ? 'NOT MET' : `met by ${isMetBy}`
  const all = line(name, ...cells, ...said)
  const width = columns.reduce((sum, one) => sum + one, 0)
  return [
    `${all.padEnd(width)}  ${verdict}`,
    ...(firstError === null ? [] : [`    first error: ${firstError}`]),
  ]
}
