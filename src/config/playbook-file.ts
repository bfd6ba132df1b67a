/**
 * A playbook from its YAML file. Either the whole of it is good and comes back frozen, or every
 * problem comes back at once with file, line, column and a caret under the spot; nothing is ever
 * half-loaded. The examples of all rules are run on the way. See docs/playbooks.md for the format.
 */
import { createHash } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { CommandError } from '../cli/exit.ts'
import {
  type Playbook,
  type PlaybookModel,
  playbookBytesMax,
  type Rule,
  rulesMax,
  tiers,
} from '../core/rules/playbook.ts'
import { type ModelSources, noModelSources, readModels } from './playbook-models.ts'
import {
  readAlerting,
  readAmount,
  readScore,
  readTimeZone,
  readVersion,
} from './playbook-policy.ts'
import { readRule, readServes, readWord } from './playbook-rule.ts'
import { formatProblem, type SourceProblem } from './source-caret.ts'
import {
  asList,
  asMap,
  parseYaml,
  problemsMax,
  report,
  required,
  type YamlField,
  type YamlMap,
} from './yaml-reader.ts'

export type PlaybookProblem = SourceProblem

/** Rows of the domain table that the playbook serves by other means than rules. */
export interface OtherServes {
  readonly alerting: readonly string[]
  readonly reports: readonly string[]
}

export interface ParsedPlaybook {
  readonly playbook: Playbook
  readonly serves: OtherServes
}

/** The playbook that comes with couponguard. */
export const defaultPlaybookPath = path.resolve(import.meta.dirname, '../../playbooks/default.yaml')

const playbookKeys = [
  'name',
  'version',
  'timeZone',
  'score',
  'alerting',
  'reportAmountMin',
  'reportServes',
  'model',
  'rules',
] as const

/** Throws a CommandError that shows all problems of the file. */
export function loadPlaybook(file: string, sources = noModelSources): Playbook {
  const parsed = parsePlaybook(readPlaybookText(file), file, sources)
  if ('playbook' in parsed) return parsed.playbook
  throw new CommandError(formatProblems(parsed.problems, file))
}

export function formatProblems(problems: readonly PlaybookProblem[], file: string): string {
  const atLeast = problems.length >= problemsMax ? 'at least ' : ''
  const many = problems.length === 1 ? '1 problem' : `${atLeast}${problems.length} problems`
  const head = `${many} in ${file}; nothing of it was loaded`
  return [head, ...problems.map(formatProblem)].join('\n')
}

export function readPlaybookText(file: string): string {
  try {
    const { size } = statSync(file)
    if (size > playbookBytesMax) {
      throw new CommandError(
        `${file} is ${size} bytes; a playbook has at most ${playbookBytesMax}: shorten it`,
      )
    }
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(readFileSync(file))
  } catch (error) {
    if (error instanceof CommandError) throw error
    throw new CommandError(unreadable(file, error))
  }
}

function unreadable(file: string, error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : null
  if (code === 'ENOENT') return `${file} is not there; name a playbook that is`
  if (code === 'EISDIR') return `${file} is a folder; name the playbook in it`
  if (code === 'EACCES') return `${file} may not be read; change its permissions`
  if (error instanceof TypeError) return `${file} is not valid UTF-8; save it as UTF-8`
  return `${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`
}

/** `file` is what problems name as their place, and models are sought beside it. */
export function parsePlaybook(
  text: string,
  file: string,
  sources: ModelSources = noModelSources,
): ParsedPlaybook | { readonly problems: readonly PlaybookProblem[] } {
  const tooLarge = Buffer.byteLength(text) > playbookBytesMax
  const root = parseYaml(tooLarge ? '' : text, file)
  const { source } = root
  if (tooLarge) report(source, 0, `a playbook has at most ${playbookBytesMax} bytes`)
  else if (source.problems.length === 0 && root.node === null)
    report(source, 0, 'the file is empty')
  if (source.problems.length > 0) return { problems: source.problems }
  const map = asMap(root, playbookKeys)
  const models = readModels(map.fields.get('model') ?? null, file, sources)
  const parsed = readPlaybook(map, hashOf(text, models), models)
  if (source.problems.length === 0) return deepFreeze(parsed)
  const inOrder = (a: PlaybookProblem, b: PlaybookProblem) => a.line - b.line || a.column - b.column
  return { problems: source.problems.toSorted(inOrder) }
}

/** Without models the hash of the text alone; with them another model is another playbook. */
function hashOf(text: string, models: readonly PlaybookModel[]): string {
  const hash = createHash('sha256').update(text)
  for (const { checksum, mode } of models) hash.update(`\n${mode} ${checksum}`)
  return hash.digest('hex')
}

function readPlaybook(
  map: YamlMap,
  hash: string,
  models: readonly PlaybookModel[],
): ParsedPlaybook {
  const alerting = readAlerting(required(map, 'alerting'))
  const name = required(map, 'name')
  const playbook: Playbook = {
    name: name === null ? '' : readWord(name),
    version: readVersion(required(map, 'version')),
    hash,
    timeZone: readTimeZone(required(map, 'timeZone')),
    score: readScore(required(map, 'score')),
    alerting: alerting.policy,
    reportAmountMin: readAmount(required(map, 'reportAmountMin')),
    rules: readRules(required(map, 'rules')),
    models,
  }
  const reports = readServes(map, 'reportServes')
  return { playbook, serves: { alerting: alerting.serves, reports } }
}

/** In order of tiers, then of the file. */
function readRules(field: YamlField | null): readonly Rule[] {
  if (field === null) return []
  const items = asList(field)
  if (items.length > rulesMax) {
    report(field.source, field.at, `a playbook has at most ${rulesMax} rules, not ${items.length}`)
  }
  const taken = new Map<string, number>()
  const rules = items
    .slice(0, rulesMax)
    .map((item) => readRule({ ...item, name: 'this rule' }, taken))
  return tiers.flatMap((tier) => rules.filter((rule) => rule.tier === tier))
}

/** Typed arrays cannot be frozen, nor can a time zone's table of offsets be anything else. */
function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value
  for (const part of Object.values(value)) deepFreeze(part)
  return Object.freeze(value)
}
