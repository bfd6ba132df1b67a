/** The figures of a benchmark as a table for a terminal and for the README. */

import type { RulesCost } from './judge-stages.ts'
import type { PathCost } from './path.ts'
import { pathStages } from './path.ts'
import type { RestartCost } from './restart.ts'

export const grouped = (value: number) => Math.round(value).toLocaleString('en-US')
export const mebibytes = (bytes: number) => `${grouped(bytes / 1_048_576)} MiB`
const micros = (value: number) => `${value.toFixed(2)} µs`

const stageNames = {
  decode: 'Avro → published event',
  desensitise: 'published → kept event',
  judge: 'observe, derive, judge, tally',
  encode: 'audit record → Avro',
} as const

export interface BenchFigures {
  readonly path: PathCost
  readonly rules: RulesCost
  readonly restart: RestartCost
}

export function benchTable({ path, rules, restart }: BenchFigures): string {
  const total = pathStages.reduce((sum, stage) => sum + path.stages[stage], 0)
  const line = (label: string, value: string, note = '') =>
    `${label.padEnd(34)}${value.padStart(14)}${note === '' ? '' : `  ${note}`}\n`
  const stages = pathStages.map((stage) =>
    line(
      `  ${stageNames[stage]}`,
      micros(path.stages[stage]),
      `${Math.round((path.stages[stage] / total) * 100)} %`,
    ),
  )
  return [
    line(
      'encoded event → encoded audit',
      `${grouped(path.eventsPerSecond)}/s`,
      `one core, ${grouped(path.events)} events, ${grouped(path.fullLogShare * 100)} % on a full log`,
    ),
    ...stages,
    line('    of which signals from inputs', micros(rules.deriveMicros)),
    line('    of which the whole decision', micros(rules.decideMicros), 'signals included'),
    line(
      `rules alone, ${rules.rules} of them`,
      `${grouped(rules.judgementsPerSecond)}/s`,
      'judgements, results with values',
    ),
    line(
      'peak memory',
      mebibytes(path.peakRssBytes),
      `${grouped(path.entities)} entities, ${mebibytes(path.entryBytes)} of entries`,
    ),
    line(
      'restart from the log',
      `${restart.seconds.toFixed(1)} s`,
      `${grouped(restart.events)} events, peak ${mebibytes(restart.peakRssBytes)}`,
    ),
  ].join('')
}
