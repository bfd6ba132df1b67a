/**
 * A model made by hand: one tree of one split. A device that more than two people used in a day is
 * suspicious, at 0.95; any other event is at 0.02.
 */
import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Calibration } from '../../src/core/model/calibration.ts'
import { featuresHash, placesOf } from '../../src/core/model/features.ts'
import { newForest } from '../../src/core/model/forest.ts'
import { forestToJson } from '../../src/core/model/ml-forest-json.ts'
import { type Model, newModel } from '../../src/core/model/model.ts'

const features = ['device_users_1d']
export const [lowProbability, highProbability] = [0.02, 0.95]
const calibration: Calibration = { from: [0, 1], to: [lowProbability, highProbability] }

function handMadeForest() {
  const [left, right] = [
    { value: 0, cover: 3 },
    { value: 1, cover: 1 },
  ]
  const tree = { feature: 0, threshold: 2.5, missingLeft: false, cover: 4, left, right }
  return newForest([tree], { featureCount: 1, link: 'mean', base: 0, singlePrecision: false })
}

export function handMadeModel(name: string): Model {
  const places = placesOf(features).map((place) => place!)
  const checksum = createHash('sha256').update(name).digest('hex')
  return newModel({ name, checksum, forest: handMadeForest(), features, places, calibration })
}

/** As `train` would write it, in a new folder called as the model is; gives that folder. */
export function writeHandMadeModel(
  folder: string,
  recordings: readonly object[] = [],
  name = 'by-hand',
): string {
  const text = JSON.stringify(forestToJson(handMadeForest(), 1))
  const bins = { edges: [2, 3], shares: [0.8, 0.1, 0.1, 0] }
  const rows = { train: 1, calibrate: 1, test: 1 }
  const manifest = {
    format: 1,
    name,
    kind: 'random-forest',
    file: 'model.json',
    checksum: createHash('sha256').update(text).digest('hex'),
    features,
    featuresHash: featuresHash(features),
    calibration,
    thresholds: { reviewAt: 0.5, blockAt: 0.99 },
    training: {
      recordings,
      seed: 1,
      trees: 1,
      depthMax: 1,
      leafRowsMin: 1,
      rows,
      frauds: rows,
      cutAt: 0,
      heldOut: [],
    },
    metrics: {},
    importance: [1],
    statistics: { features: [bins], score: { edges: [0.5], shares: [0.9, 0.1, 0] } },
  }
  const directory = join(folder, name)
  mkdirSync(directory, { recursive: true })
  writeFileSync(join(directory, 'model.json'), text)
  writeFileSync(join(directory, 'manifest.json'), JSON.stringify(manifest))
  return directory
}
