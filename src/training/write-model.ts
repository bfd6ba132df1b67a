/** A trained model → its folder: the forest, the manifest, and the card with its pictures. */
import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { CommandError } from '../cli/exit.ts'
import { type Manifest, manifestSchema } from '../config/model-manifest.ts'
import { featuresHash } from '../core/model/features.ts'
import { forestToJson } from '../core/model/ml-forest-json.ts'
import { makeFolder } from '../runtime/make-folder.ts'
import type { FeatureTable } from './feature-table.ts'
import { metricsOf } from './metrics.ts'
import { cardOf } from './model-card.ts'
import { curvesOf } from './model-curves.ts'
import type { Part } from './split.ts'
import type { Trained } from './train.ts'

export interface WriteModelParts {
  readonly table: FeatureTable
  readonly result: Trained
  readonly recordings: readonly { readonly name: string; readonly sha256: string }[]
  readonly seed: number
  readonly trees: number
  readonly depthMax: number
  readonly leafRowsMin: number
  readonly heldOut: readonly string[]
}

/** Throws CommandError. Gives the manifest that it wrote. */
export async function writeModel(directory: string, parts: WriteModelParts): Promise<Manifest> {
  const { table, result, recordings, seed, trees, depthMax, leafRowsMin } = parts
  const { split } = result
  const forestText = `${JSON.stringify(forestToJson(result.forest, seed))}\n`
  const counts = (of: (part: Part) => number) => ({
    train: of('train'),
    calibrate: of('calibrate'),
    test: of('test'),
  })
  const manifest: Manifest = {
    format: 1,
    name: basename(resolve(directory)),
    kind: 'random-forest',
    file: 'model.json',
    checksum: createHash('sha256').update(forestText).digest('hex'),
    features: [...table.features],
    featuresHash: featuresHash(table.features),
    calibration: { from: [...result.calibration.from], to: [...result.calibration.to] },
    thresholds: result.thresholds,
    target: [...table.targets][0] ?? 'fraud',
    training: {
      recordings: [...recordings],
      seed,
      trees,
      depthMax,
      leafRowsMin,
      rows: counts((part) => split.rows[part].length),
      frauds: counts((part) =>
        split.rows[part].reduce((sum, row) => sum + (table.facts[row]!.fraud ? 1 : 0), 0),
      ),
      cutAt: split.cutAt,
      heldOut: [...parts.heldOut],
    },
    metrics: metricsOf(result),
    importance: [...result.importance],
    statistics: {
      features: result.statistics.features.map(({ edges, shares }) => ({
        edges: [...edges],
        shares: [...shares],
      })),
      score: {
        edges: [...result.statistics.score.edges],
        shares: [...result.statistics.score.shares],
      },
    },
  }
  const checked = manifestSchema.safeParse(manifest)
  if (!checked.success)
    throw new CommandError(`--out ${directory}: ${checked.error.issues[0]?.message ?? ''}`)
  await makeFolder(directory)
  try {
    writeFileSync(join(directory, 'model.json'), forestText)
    writeFileSync(join(directory, 'manifest.json'), `${JSON.stringify(manifest, null, 1)}\n`)
    for (const [name, svg] of curvesOf(result)) writeFileSync(join(directory, name), svg)
    writeFileSync(join(directory, 'card.md'), cardOf(manifest))
  } catch (error) {
    throw new CommandError(`${directory}: cannot be written (${String(error)})`)
  }
  return manifest
}
