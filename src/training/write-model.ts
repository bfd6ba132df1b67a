/** A trained model → its folder: the forest, the manifest, and the card with its pictures. */
import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { CommandError } from '../cli/exit.ts'
import type { ForeignForest } from '../config/forest-file.ts'
import { type Manifest, manifestSchema } from '../config/model-manifest.ts'
import { featuresHash } from '../core/model/features.ts'
import { depthOf, type Forest } from '../core/model/forest.ts'
import { forestToJson } from '../core/model/ml-forest-json.ts'
import { makeFolder } from '../runtime/make-folder.ts'
import type { FeatureTable } from './feature-table.ts'
import { metricsOf } from './metrics.ts'
import { cardOf } from './model-card.ts'
import { curvesOf } from './model-curves.ts'
import type { Part } from './split.ts'
import type { Trained } from './train.ts'

/** How the trees came about: grown here, or taken from a file. */
export type Grown =
  | ({ readonly kind: 'random-forest' } & GrownHere)
  | Pick<ForeignForest, 'kind' | 'bytes'>

export interface GrownHere {
  readonly seed: number
  readonly trees: number
  readonly depthMax: number
  readonly leafRowsMin: number
}

export interface WriteModelParts {
  readonly table: FeatureTable
  readonly result: Trained
  readonly recordings: readonly { readonly name: string; readonly sha256: string }[]
  /** Null: the recordings' own. */
  readonly labels: Manifest['training']['labels']
  readonly grown: Grown
  readonly heldOut: readonly string[]
}

/** Throws CommandError. Gives the manifest that it wrote. */
export async function writeModel(directory: string, parts: WriteModelParts): Promise<Manifest> {
  const { result, grown } = parts
  const bytes = forestBytes(result.forest, grown)
  const manifest = manifestOf(basename(resolve(directory)), bytes, parts)
  const checked = manifestSchema.safeParse(manifest)
  if (!checked.success)
    throw new CommandError(`--out ${directory}: ${checked.error.issues[0]?.message ?? ''}`)
  await makeFolder(directory)
  try {
    writeFileSync(join(directory, manifest.file), bytes)
    writeFileSync(join(directory, 'manifest.json'), `${JSON.stringify(manifest, null, 1)}\n`)
    for (const [name, svg] of curvesOf(result)) writeFileSync(join(directory, name), svg)
    writeFileSync(join(directory, 'card.md'), cardOf(manifest))
  } catch (error) {
    throw new CommandError(`${directory}: cannot be written (${String(error)})`)
  }
  return manifest
}

const forestBytes = (forest: Forest, grown: Grown): Buffer =>
  grown.kind === 'random-forest'
    ? Buffer.from(`${JSON.stringify(forestToJson(forest, grown.seed))}\n`)
    : grown.bytes

function manifestOf(name: string, bytes: Buffer, parts: WriteModelParts): Manifest {
  const { table, result, recordings, labels, grown, heldOut } = parts
  const { split } = result
  const counts = (of: (part: Part) => number) => ({
    train: of('train'),
    calibrate: of('calibrate'),
    test: of('test'),
  })
  return {
    format: 1,
    name,
    kind: grown.kind,
    file: grown.kind === 'lightgbm' ? 'model.txt' : 'model.json',
    checksum: createHash('sha256').update(bytes).digest('hex'),
    features: [...table.features],
    featuresHash: featuresHash(table.features),
    calibration: { from: [...result.calibration.from], to: [...result.calibration.to] },
    thresholds: result.thresholds,
    target: [...table.targets][0] ?? 'fraud',
    training: {
      recordings: [...recordings],
      labels,
      ...sizesOf(result.forest, grown),
      rows: counts((part) => split.rows[part].length),
      frauds: counts((part) =>
        split.rows[part].reduce((sum, row) => sum + (table.facts[row]!.fraud ? 1 : 0), 0),
      ),
      cutAt: split.cutAt,
      heldOut: [...heldOut],
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
}

function sizesOf(forest: Forest, grown: Grown) {
  if (grown.kind === 'random-forest') {
    const { seed, trees, depthMax, leafRowsMin } = grown
    return { seed, trees, depthMax, leafRowsMin }
  }
  const depthMax = forest.roots.reduce((most, root) => Math.max(most, depthOf(forest, root)), 0)
  return { seed: null, trees: forest.roots.length, depthMax, leafRowsMin: null }
}
