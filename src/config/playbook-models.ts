/**
 * The models of a playbook: `model` is one or a list of them, of which one may be live. A model is
 * a folder that `train` wrote: one named by --model, else models/NAME beside the playbook, else the
 * one of that name that comes with couponguard. Whatever is wrong is reported at its place.
 */
import { existsSync } from 'node:fs'
import path from 'node:path'
import { isSeq } from 'yaml'
import { CommandError } from '../cli/exit.ts'
import { newPlaybookModel, type OnScored } from '../core/model/playbook-model.ts'
import { modelsMax, type PlaybookModel } from '../core/rules/playbook.ts'
import { type LoadedModel, loadModel } from './model-folder.ts'
import {
  asChoice,
  asList,
  asMap,
  asNumber,
  asText,
  lineOf,
  type NumberRange,
  report,
  required,
  type YamlField,
} from './yaml-reader.ts'

export interface ModelSources {
  /**
   * Folders named on the command line. A model that the playbook does not name is put beside it in
   * shadow, with the thresholds that it was trained with.
   */
  readonly folders: readonly string[]
  /** Asked once for each model; what it gives sees every row that the model scores. */
  readonly watch?: (loaded: LoadedModel) => OnScored
}

export const noModelSources: ModelSources = { folders: [] }

const shippedModels = path.resolve(import.meta.dirname, '../../models')

const modelKeys = ['name', 'mode', 'reviewAt', 'blockAt'] as const
const modes = ['live', 'shadow'] as const
const probability: NumberRange = { min: 0, max: 1, whole: false }

/** `field` null: the playbook names none. `file` says where "beside the playbook" is. */
export function readModels(
  field: YamlField | null,
  file: string,
  sources: ModelSources,
): readonly PlaybookModel[] {
  const given = sources.folders.map((folder) => loadModel(folder))
  const taken = new Map<string, number>()
  const items = field === null ? [] : isSeq(field.node) ? asList(field) : [field]
  const read = items.flatMap((item) => readModel(item, { file, given, taken, sources }) ?? [])
  if (field !== null && read.filter(({ mode }) => mode === 'live').length > 1)
    report(field.source, field.keyAt, 'one model may be live; let the others be in shadow')
  const extra = given.filter(({ model }) => !taken.has(model.name))
  const models = [...read, ...extra.map((loaded) => inShadow(loaded, sources))]
  if (models.length > modelsMax && field !== null)
    report(field.source, field.keyAt, `a playbook has at most ${modelsMax} models`)
  return models
}

interface Reading {
  readonly file: string
  readonly given: readonly LoadedModel[]
  /** Names so far, with their lines. */
  readonly taken: Map<string, number>
  readonly sources: ModelSources
}

function readModel(item: YamlField, reading: Reading): PlaybookModel | null {
  const map = asMap({ ...item, name: item.isItem ? 'this model' : item.name }, modelKeys)
  const { source } = map
  const before = source.problems.length
  const [name, mode, reviewAt] = [
    required(map, 'name'),
    required(map, 'mode'),
    required(map, 'reviewAt'),
  ]
  const blockAt = map.fields.get('blockAt')
  const acting = {
    mode: mode === null ? 'shadow' : asChoice(mode, modes),
    reviewAt: reviewAt === null ? 0 : asNumber(reviewAt, probability),
    blockAt: blockAt === undefined ? Number.POSITIVE_INFINITY : asNumber(blockAt, probability),
  }
  if (reviewAt !== null && acting.reviewAt > acting.blockAt)
    report(source, reviewAt.at, `reviewAt (${acting.reviewAt}) must not be above blockAt`)
  const loaded = name === null ? null : findModel(name, reading)
  if (loaded === null || source.problems.length > before) return null
  return newPlaybookModel(loaded.model, acting, reading.sources.watch?.(loaded))
}

function findModel(field: YamlField, { file, given, taken }: Reading): LoadedModel | null {
  const { value: name, at } = asText(field)
  if (name === '') return null
  const say = (what: string) => {
    report(field.source, at, what)
    return null
  }
  if (!/^[a-z0-9][a-z0-9._-]{0,63}$/.test(name))
    return say('the name of a model is of lower-case letters, digits, ".", "_" and "-"')
  const line = taken.get(name)
  if (line !== undefined) return say(`the model ${name} stands on line ${line} already`)
  taken.set(name, lineOf(field))
  const named = given.find(({ model }) => model.name === name)
  if (named !== undefined) return named
  const beside = path.resolve(path.dirname(file), 'models', name)
  const folder = [beside, path.join(shippedModels, name)].find((one) => existsSync(one))
  if (folder === undefined)
    return say(`there is no model ${name} in models/ beside the playbook; name it by --model`)
  try {
    const loaded = loadModel(folder)
    if (loaded.model.name === name) return loaded
    return say(`the folder ${name} holds the model ${loaded.model.name}; name the folder after it`)
  } catch (error) {
    if (error instanceof CommandError) return say(error.message)
    throw error
  }
}

function inShadow(loaded: LoadedModel, { watch }: ModelSources): PlaybookModel {
  const { reviewAt, blockAt } = loaded.manifest.thresholds
  return newPlaybookModel(loaded.model, { mode: 'shadow', reviewAt, blockAt }, watch?.(loaded))
}
