/**
 * The rows of the comparison: recordings with labels through fresh windows, as `train` reads them,
 * in two halves by user. A forest grown on one half is asked about the people of the other. Each
 * half has a small sample too, with most of its frauds, for who cannot finish on more.
 */
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { loadJudging } from '../../src/config/judging.ts'
import { publishedTestKey } from '../../src/config/key-file.ts'
import { userBucket } from '../../src/core/decision/decide.ts'
import { deriveKeys } from '../../src/core/event/keyed-hash.ts'
import { featureNames, placesOf } from '../../src/core/model/features.ts'
import { newRandom } from '../../src/generate/random.ts'
import { openRecording } from '../../src/recording/read.ts'
import { FeatureTable } from '../../src/training/feature-table.ts'
import { gatherRows } from '../../src/training/gather-rows.ts'
import { writeMatrix } from './forest-order.ts'

export interface Half {
  readonly whole: string
  readonly sample: string
  readonly rows: number
  readonly frauds: number
  readonly sampleRows: number
  readonly sampleFrauds: number
}

export interface DataSet {
  readonly name: string
  readonly halves: readonly [Half, Half]
}

const samples = { rows: 500, fraudsMax: 100, seed: 5 }

/** Writes the halves into a new folder. */
export async function writeHalves(name: string, recording: string, out: string): Promise<DataSet> {
  const table = await labelledRows(recording)
  mkdirSync(out)
  const rows = table.facts.map((_, at) => at)
  const half = (side: string, isMine: (bucket: number) => boolean): Half => {
    const mine = rows.filter((at) => isMine(userBucket(`peers:${table.facts[at]!.user}`)))
    const sample = sampleOf(table, mine)
    const folders = { whole: join(out, side), sample: join(out, `${side}-sample`) }
    write(table, mine, folders.whole)
    write(table, sample, folders.sample)
    const fraudsIn = (some: readonly number[]) => some.filter((at) => table.facts[at]!.fraud).length
    return {
      ...folders,
      rows: mine.length,
      frauds: fraudsIn(mine),
      sampleRows: sample.length,
      sampleFrauds: fraudsIn(sample),
    }
  }
  return { name, halves: [half('one', (at) => at < 50), half('two', (at) => at >= 50)] }
}

async function labelledRows(path: string): Promise<FeatureTable> {
  const keys = deriveKeys(publishedTestKey)
  const beside = `${path}.campaigns.yaml`
  const { playbook, facts } = loadJudging(existsSync(beside) ? { campaigns: beside } : {}, keys)
  const table = new FeatureTable(featureNames)
  const places = placesOf(featureNames).filter((place) => place !== null)
  const recording = await openRecording(path)
  const rulesAlone = { ...playbook, models: [] }
  const judged = { recording, playbook: rulesAlone, facts, keys, onRows: () => undefined }
  const parts = { ...judged, places, labels: null }
  await gatherRows(parts, table)
  const problem = recording.problem()
  if (problem !== null) throw new Error(problem)
  return table
}

/** Drawn anew from the same seed, frauds first. */
function sampleOf({ facts }: FeatureTable, rows: readonly number[]): readonly number[] {
  const random = newRandom(samples.seed)
  const drawn = rows
    .map((at) => ({ at, by: random.unit() }))
    .sort((a, b) => a.by - b.by)
    .map(({ at }) => at)
  const frauds = drawn.filter((at) => facts[at]!.fraud).slice(0, samples.fraudsMax)
  const honest = drawn.filter((at) => !facts[at]!.fraud).slice(0, samples.rows - frauds.length)
  return [...frauds, ...honest].sort((a, b) => a - b)
}

function write(table: FeatureTable, rows: readonly number[], folder: string): void {
  const { length: width } = table.features
  const values = new Float32Array(rows.length * width)
  for (let index = 0; index < width; index += 1) {
    const column = table.column(index)
    for (const [at, row] of rows.entries()) values[at * width + index] = column[row]!
  }
  writeMatrix(folder, {
    rows: values,
    labels: Uint8Array.from(rows, (row) => (table.facts[row]!.fraud ? 1 : 0)),
  })
}
