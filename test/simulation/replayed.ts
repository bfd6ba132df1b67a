/**
 * The strongest check: the final log from its first row through a fresh pipeline, in the batches
 * that were committed, gives the same records byte for byte, as if nothing had ever failed.
 */
import avro from 'avsc'
import { type Audit, schemas } from '../../src/core/schema.gen.ts'
import type { Outputs } from '../../src/log/stream.ts'
import { newPipeline } from '../../src/pipeline.ts'
import { newMemoryStore } from '../../src/state/memory-store.ts'
import type { Commit, Disk } from './faulty-log.ts'
import { facts, keys, playbook } from './process.ts'

const types = {
  audits: avro.Type.forSchema(schemas.Audit),
  decisions: avro.Type.forSchema(schemas.Decision),
  tallies: avro.Type.forSchema(schemas.Tally),
  alerts: avro.Type.forSchema(schemas.Alert),
  reports: avro.Type.forSchema(schemas.Report),
} as const
const topics = ['audits', 'decisions', 'tallies', 'alerts', 'reports'] as const

export async function replayDifferences(
  { log, commits }: Disk,
  observedAgain: ReadonlySet<number>,
): Promise<string[]> {
  const pipeline = newPipeline({ store: newMemoryStore(), playbook, facts, keys })
  const differences: string[] = []
  for (const commit of commits) {
    const { outputs } = await pipeline.process(log.rows.slice(commit.from, commit.to))
    const kept = { ...commit.outputs, audits: commit.outputs.audits.map(withDaysOf(outputs)) }
    for (const { offset } of highDays(commit, outputs))
      if (!observedAgain.has(offset)) differences.push(`row ${offset}: its day totals differ`)
    for (const topic of topics) {
      const line = firstDifference(topic, kept, outputs)
      if (line !== null) differences.push(line)
    }
    const letters = commit.outputs.deadLetters.filter(({ source }) => source !== 'http')
    if (JSON.stringify(letters) !== JSON.stringify(outputs.deadLetters))
      differences.push(`replayed from ${commit.from}: the dead letters differ`)
  }
  return differences
}

function firstDifference(
  topic: (typeof topics)[number],
  kept: Outputs,
  now: Outputs,
): string | null {
  const bytes = (outputs: Outputs) => outputs[topic].map((one) => types[topic].toBuffer(one))
  const [was, is] = [bytes(kept), bytes(now)]
  for (let index = 0; index < Math.max(was.length, is.length); index += 1) {
    const [a, b] = [was[index], is[index]]
    if (a !== undefined && b !== undefined && a.equals(b)) continue
    const one = kept.audits[index]
    const where = topic === 'audits' && one !== undefined ? `row ${one.offset}` : `number ${index}`
    return `replayed, ${where} of ${topic} differs: ${difference(kept[topic][index], now[topic][index])}`
  }
  return null
}

/** The first field that is not the same. */
function difference(was: unknown, is: unknown, path = ''): string {
  if (was !== null && is !== null && typeof was === 'object' && typeof is === 'object') {
    for (const [name, value] of Object.entries(was)) {
      const other: unknown = Reflect.get(is, name)
      if (JSON.stringify(value) === JSON.stringify(other)) continue
      return difference(value, other, path === '' ? name : `${path}.${name}`)
    }
  }
  const shown = (value: unknown) => (JSON.stringify(value) ?? 'missing').slice(0, 100)
  return `${path} ${shown(was)} is now ${shown(is)}`
}

const dayNames = ['campaign', 'merchant', 'category', 'channel'] as const

/** Day totals may read higher on redelivery; everything else must be the same. */
function withDaysOf(outputs: Outputs): (one: Audit) => Audit {
  const replayed = new Map(outputs.audits.map((one) => [one.offset, one.inputs.readings]))
  return (one) => {
    const readings = replayed.get(one.offset)
    if (readings === undefined) return one
    const { campaign, merchant, category, channel } = readings
    const days = { campaign, merchant, category, channel }
    return { ...one, inputs: { ...one.inputs, readings: { ...one.inputs.readings, ...days } } }
  }
}

/** Audits whose day totals are not the replayed ones. */
function highDays({ outputs }: Commit, replayed: Outputs): Audit[] {
  const by = new Map(replayed.audits.map((one) => [one.offset, one.inputs.readings]))
  return outputs.audits.filter((one) =>
    dayNames.some((name) => {
      const [was, is] = [one.inputs.readings[name], by.get(one.offset)?.[name] ?? null]
      return JSON.stringify(was) !== JSON.stringify(is)
    }),
  )
}
