/** The default model's folder: forest, manifest, curves over the unseen campaigns, card. */
import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadModel } from '../../src/config/model-folder.ts'
import { type Manifest, manifestSchema } from '../../src/config/model-manifest.ts'
import { featuresHash } from '../../src/core/model/features.ts'
import { forestToJson } from '../../src/core/model/ml-forest-json.ts'
import { importanceOf } from '../../src/training/importance.ts'
import { metricsOf } from '../../src/training/metrics.ts'
import { curvesOf } from '../../src/training/model-curves.ts'
import type { GrownModel } from './grow.ts'
import { forestSize, heldOut } from './plan.ts'
import type { Tried } from './results.ts'
import { lookedAt } from './signals.ts'

const manifestName = 'manifest.json'

/** Throws where no threshold keeps the limits: such a model is not worth its folder. */
export function thresholdsOf({ proposal }: GrownModel): { reviewAt: number; blockAt: number } {
  const { reviewAt, blockAt } = proposal.thresholds
  if (reviewAt === null) throw new Error('no threshold pays beside the rules within the limits')
  // No probability is above 1: blocks only what is certain.
  return { reviewAt, blockAt: blockAt ?? 1 }
}

/** Without what only the unseen campaigns can tell; it can be loaded then. */
export function writeForest(directory: string, name: string, grown: GrownModel): void {
  const text = `${JSON.stringify(forestToJson(grown.forest, forestSize.seed))}\n`
  const { trained, tuned, statistics } = grown
  const manifest: Manifest = {
    format: 1,
    name,
    kind: 'random-forest',
    file: 'model.json',
    target: 'fraud',
    checksum: createHash('sha256').update(text).digest('hex'),
    features: [...lookedAt],
    featuresHash: featuresHash(lookedAt),
    calibration: { from: [...grown.calibration.from], to: [...grown.calibration.to] },
    thresholds: thresholdsOf(grown),
    training: {
      recordings: [...grown.campaigns],
      labels: null,
      ...forestSize,
      rows: { train: trained.rows, calibrate: tuned.rows, test: 0 },
      frauds: { train: trained.frauds, calibrate: tuned.frauds, test: 0 },
      // Whole campaigns are split, not times.
      cutAt: 0,
      heldOut: [heldOut],
    },
    metrics: {},
    importance: importanceOf(grown.forest),
    statistics: {
      features: statistics.features.map(binsOf),
      score: binsOf(statistics.score),
    },
  }
  mkdirSync(directory, { recursive: true })
  writeFileSync(join(directory, 'model.json'), text)
  writeManifest(directory, manifest)
}

const binsOf = ({ edges, shares }: GrownModel['statistics']['score']) => ({
  edges: [...edges],
  shares: shares.map((share) => Math.round(share * 1e6) / 1e6),
})

function writeManifest(directory: string, manifest: Manifest): void {
  const checked = manifestSchema.parse(manifest)
  writeFileSync(join(directory, manifestName), `${JSON.stringify(checked, null, 1)}\n`)
}

/** Adds metrics and curves over what was tried; gives the manifest. */
export function writeTrials(directory: string, unseen: readonly Tried[]): Manifest {
  const { manifest } = loadModel(directory)
  const scored = unseen.flatMap((one) => one.scored)
  const test = {
    probabilities: Float64Array.from(scored, ({ probability }) => probability ?? 0),
    labels: Uint8Array.from(scored, ({ fraud }) => (fraud ? 1 : 0)),
    rows: Uint32Array.from(scored, (_, at) => at),
  }
  const frauds = test.labels.reduce((sum, label) => sum + label, 0)
  const { training, thresholds } = manifest
  const whole: Manifest = {
    ...manifest,
    training: {
      ...training,
      rows: { ...training.rows, test: scored.length },
      frauds: { ...training.frauds, test: frauds },
    },
    metrics: metricsOf({ test, thresholds }),
  }
  writeManifest(directory, whole)
  for (const [name, svg] of curvesOf({ test })) writeFileSync(join(directory, name), svg)
  return whole
}
