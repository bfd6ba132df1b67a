/**
 * Files of tree ensembles → forests: those in a model's folder, and those that XGBoost or LightGBM
 * wrote elsewhere. Whatever is wrong with one is told in one line that names the file. It is read
 * whole, at most 256 MiB.
 */
import { readFileSync, statSync } from 'node:fs'
import { CommandError } from '../cli/exit.ts'
import { isFeature } from '../core/model/features.ts'
import { ForestError } from '../core/model/forest.ts'
import { readLightgbm } from '../core/model/lightgbm.ts'
import { forestFromJson } from '../core/model/ml-forest-json.ts'
import { type LoadedForest, readXgboost } from '../core/model/xgboost.ts'
import { didYouMean } from '../core/rules/nearest-name.ts'
import { catalogue, signalIndex } from '../core/signals/catalogue.ts'
import { fileProblem } from '../recording/file-problem.ts'
import type { Manifest } from './model-manifest.ts'

const fileBytesMax = 256 * 1_048_576

export type ForestKind = Manifest['kind']

/** Trees that were grown elsewhere, on signals of ours. */
export interface ForeignForest extends LoadedForest {
  readonly kind: Exclude<ForestKind, 'random-forest'>
  /** Signals, in the order of the forest's features. */
  readonly featureNames: readonly string[]
  /** The file as it is. */
  readonly bytes: Buffer
}

/** Throws CommandError. */
export function readForeignForest(path: string): ForeignForest {
  const bytes = readBounded(path)
  const kind = kindOf(path, bytes)
  const { forest, featureNames } = readForest(path, kind, bytes.toString('utf8'))
  if (featureNames === null)
    throw new CommandError(
      `${path}: does not name its features; train it on columns that have the names of the signals`,
    )
  if (featureNames.length !== forest.featureCount)
    throw new CommandError(
      `${path}: names ${featureNames.length} features and has ${forest.featureCount}`,
    )
  refuseForeignNames(path, featureNames)
  return { kind, forest, featureNames, bytes }
}

/** By what a file begins with. */
function kindOf(path: string, bytes: Buffer): ForeignForest['kind'] {
  const head = bytes.subarray(0, 64).toString('latin1').trimStart()
  if (/^tree\r?\n/.test(head)) return 'lightgbm'
  // XGBoost's binary form begins with a brace too, and then the length of a name.
  if (/^\{\s*["}]/.test(head) || head === '{') return 'xgboost'
  const how = "save_model('m.json') of XGBoost or save_model('m.txt') of LightGBM writes one"
  throw new CommandError(`${path}: is neither JSON of XGBoost nor text of LightGBM; ${how}`)
}

function refuseForeignNames(path: string, names: readonly string[]): void {
  const met = new Set<string>()
  for (const name of names) {
    const shown = JSON.stringify(name.slice(0, 64)).slice(1, -1)
    if (met.has(name)) throw new CommandError(`${path}: names the feature ${shown} twice`)
    met.add(name)
    const place = signalIndex.get(name)
    if (place !== undefined && isFeature(catalogue[place]!)) continue
    const known = catalogue.filter(isFeature).map((signal) => signal.name)
    const why =
      place === undefined
        ? `is no signal of this version${didYouMean(name, known)}`
        : 'is a signal that no model may look at'
    throw new CommandError(`${path}: its feature ${shown} ${why}`)
  }
}

/** Throws CommandError. */
export function readForest(path: string, kind: ForestKind, text: string): LoadedForest {
  try {
    switch (kind) {
      case 'random-forest':
        return { forest: forestFromJson(parseJson(path, text)), featureNames: null }
      case 'xgboost':
        return readXgboost(parseJson(path, text))
      case 'lightgbm':
        return readLightgbm(text)
    }
  } catch (error) {
    if (error instanceof ForestError) throw new CommandError(`${path}: ${error.message}`)
    throw error
  }
}

/** What XGBoost writes where a number is none, and JSON does not know. */
const noNumber = /[[,:]\s*(-?(?:NaN|Infinity))\s*[,\]}]/

export function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    const [, written] = noNumber.exec(text) ?? []
    if (written !== undefined)
      throw new CommandError(`${path}: holds ${written} where a number must be`)
    throw new CommandError(`${path}: is no JSON; it may have been cut short`)
  }
}

export function readBounded(path: string): Buffer {
  try {
    if (statSync(path).size > fileBytesMax)
      throw new CommandError(`${path}: is larger than ${fileBytesMax / 1_048_576} MiB`)
    return readFileSync(path)
  } catch (error) {
    if (error instanceof CommandError) throw error
    throw fileProblem(path, error)
  }
}
