/**
 * A model's folder → a model that can be used, or one line that says why not: another set of
 * features, a file that was changed, a forest that breaks a limit.
 */
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { CommandError } from '../cli/exit.ts'
import { featuresHash, placesOf } from '../core/model/features.ts'
import { type Model, newModel } from '../core/model/model.ts'
import { parseJson, readBounded, readForest } from './forest-file.ts'
import { type Manifest, manifestSchema } from './model-manifest.ts'

export interface LoadedModel {
  readonly model: Model
  readonly manifest: Manifest
}

/** Throws CommandError. */
export function loadModel(directory: string): LoadedModel {
  const manifestPath = join(directory, 'manifest.json')
  const manifestBytes = readBounded(manifestPath)
  const manifest = readManifest(manifestPath, manifestBytes.toString('utf8'))
  const path = join(directory, manifest.file)
  const bytes = readBounded(path)
  const ofForest = sha256(bytes)
  if (ofForest !== manifest.checksum)
    throw new CommandError(
      `${path}: is not the file that manifest.json names (SHA-256 ${ofForest.slice(0, 12)}…); train it again`,
    )
  const { features } = manifest
  const places = placesOf(features)
  const foreign = features.filter((_, index) => places[index] === null)
  if (foreign.length > 0)
    throw new CommandError(
      `${manifestPath}: ${foreign[0]} is no signal of this version; train it again`,
    )
  if (featuresHash(features) !== manifest.featuresHash)
    throw new CommandError(
      `${manifestPath}: its features mean something else in this version; train it again`,
    )
  const { forest } = readForest(path, manifest.kind, bytes.toString('utf8'))
  if (forest.featureCount > features.length)
    throw new CommandError(
      `${path}: has ${forest.featureCount} features, manifest.json names ${features.length}`,
    )
  const checksum = sha256(manifestBytes)
  const parts = { name: manifest.name, checksum, features, calibration: manifest.calibration }
  const whole = { ...forest, featureCount: features.length }
  const known = places.filter((place) => place !== null)
  return { model: newModel({ ...parts, forest: whole, places: known }), manifest }
}

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')

function readManifest(path: string, text: string): Manifest {
  const read = manifestSchema.safeParse(parseJson(path, text))
  if (read.success) return read.data
  const [issue] = read.error.issues
  const where = issue?.path.join('.') ?? ''
  throw new CommandError(
    `${path}: ${where === '' ? '' : `${where} `}${issue?.message ?? 'is none'}`,
  )
}
