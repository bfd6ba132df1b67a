/**
 * The settings of connections before they are checked: the file's values with those of the
 * environment laid over them, and for each the place to name where it is wrong. A variable that
 * stands for a secret pushes out the file's setting for the same secret, given in whichever way.
 */
import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { type Document, isNode, type ParsedNode } from 'yaml'
import type { z } from 'zod'
import { CommandError } from '../cli/exit.ts'
import { fileProblem } from '../recording/file-problem.ts'
import { formatPlace, problemAt, type SourceText } from './source-caret.ts'
import { readSyntax } from './yaml-syntax.ts'

export type Environment = Readonly<Record<string, string | undefined>>

export interface SettingsOptions {
  /** The configuration file. */
  readonly config?: string
}

export interface Settings {
  /** Not checked yet. */
  readonly values: unknown
  report(issue: z.core.$ZodIssue): void
  /** Notes a problem of the setting at a path such as kafka, username. */
  say(at: readonly string[], message: string): void
  /** All that were noted, in the order of the file, then of the environment. */
  problems(): readonly string[]
  /** A path in the file is relative to it, one in the environment to where we run. */
  pathOf(at: readonly string[], path: string): string
}

type Path = readonly string[]

interface Variable {
  readonly name: string
  readonly at: Path
  /** Settings that this one stands for as well. */
  readonly instead?: readonly Path[]
  readonly form?: 'list' | 'flag' | 'number'
}

export const prefix = 'COUPONGUARD_'

function login(part: 'kafka' | 'registry' | 'redis'): readonly Variable[] {
  const name = `${prefix}${part.toUpperCase()}`
  return [
    { name: `${name}_USERNAME`, at: [part, 'username'] },
    { name: `${name}_PASSWORD`, at: [part, 'password'], instead: [[part, 'passwordFile']] },
    { name: `${name}_PASSWORD_FILE`, at: [part, 'passwordFile'], instead: [[part, 'password']] },
    { name: `${name}_TLS`, at: [part, 'tls'], form: 'flag' },
    { name: `${name}_TLS_CA_FILE`, at: [part, 'tls', 'caFile'] },
    { name: `${name}_TLS_CERT_FILE`, at: [part, 'tls', 'certFile'] },
    { name: `${name}_TLS_KEY_FILE`, at: [part, 'tls', 'keyFile'] },
  ]
}

const variables: readonly Variable[] = [
  { name: `${prefix}KAFKA_BROKERS`, at: ['kafka', 'brokers'], form: 'list' },
  { name: `${prefix}KAFKA_SASL`, at: ['kafka', 'sasl'] },
  ...login('kafka'),
  { name: `${prefix}REGISTRY_URL`, at: ['registry', 'url'] },
  { name: `${prefix}REGISTRY_TIMEOUT_MS`, at: ['registry', 'timeoutMs'], form: 'number' },
  ...login('registry'),
  { name: `${prefix}REDIS_URL`, at: ['redis', 'url'], instead: [['redis', 'nodes']] },
  {
    name: `${prefix}REDIS_NODES`,
    at: ['redis', 'nodes'],
    instead: [['redis', 'url']],
    form: 'list',
  },
  ...login('redis'),
  { name: `${prefix}REDIS_COPIES_MIB`, at: ['redis', 'copiesMib'], form: 'number' },
  { name: `${prefix}POSTGRES_URL`, at: ['postgres', 'url'], instead: [['postgres', 'urlFile']] },
  {
    name: `${prefix}POSTGRES_URL_FILE`,
    at: ['postgres', 'urlFile'],
    instead: [['postgres', 'url']],
  },
  { name: `${prefix}TOPIC_PREFIX`, at: ['topicPrefix'] },
  { name: `${prefix}DEAD_LETTERS_KEY_FILE`, at: ['deadLetters', 'keyFile'] },
]

/** Keys of the file that are about connections; config/judging.ts reads the others. */
export const connectionKeys = [
  'kafka',
  'registry',
  'redis',
  'postgres',
  'topicPrefix',
  'deadLetters',
] as const
const otherKeys = ['playbook', 'lists', 'campaigns', 'switch']

interface Node {
  [key: string]: unknown
}

interface ConfigFile {
  readonly source: SourceText
  readonly document: Document.Parsed<ParsedNode>
  readonly path: string
}

export function gatherSettings(options: SettingsOptions, environment: Environment): Settings {
  const file = options.config === undefined ? null : readConfig(options.config)
  const values = file === null ? {} : ownValues(file)
  const given = variables.filter(({ name }) => (environment[name] ?? '') !== '')
  const names = new Map<string, string>()
  // Both of a pair in the environment stay, and are told.
  for (const { instead } of given) for (const at of instead ?? []) remove(values, at)
  for (const variable of given) {
    set(values, variable.at, readValue(variable, environment[variable.name]!))
    names.set(variable.at.join('.'), variable.name)
  }
  // Without them there is nothing to say that something is missing in.
  values.kafka ??= {}
  values.registry ??= {}
  const found: { readonly order: number; readonly line: string }[] = []
  const say = (at: Path, message: string) => {
    const told = problemLine(at, message, file, names)
    if (!found.some(({ line }) => line === told.line)) found.push(told)
  }
  return {
    values,
    say,
    report: (issue) => {
      const at = issue.path.map(String)
      if (issue.code !== 'unrecognized_keys') say(at, wordsOf(issue, values))
      else for (const key of issue.keys) say([...at, key], 'is no setting; check its spelling')
    },
    problems: () => found.sort((a, b) => a.order - b.order).map(({ line }) => line),
    pathOf: (at, path) =>
      file === null || names.has(at.join('.')) ? resolve(path) : resolve(dirname(file.path), path),
  }
}

function wordsOf(issue: z.core.$ZodIssue, values: Node): string {
  let value: unknown = values
  for (const key of issue.path)
    value = typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined
  return value === undefined ? 'is missing' : issue.message
}

function readConfig(path: string): ConfigFile | null {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    throw fileProblem(path, error)
  }
  const { source, document, slips } = readSyntax(text, path, true)
  if (slips.length > 0) throw new CommandError(slips.map(formatPlace).join('\ncouponguard: '))
  return document === null ? null : { source, document, path }
}

function ownValues({ document, path }: ConfigFile): Node {
  let read: unknown
  try {
    read = document.toJS({ maxAliasCount: 0 })
  } catch {
    throw new CommandError(`${path}: aliases (*name) are refused; write the value out`)
  }
  if (read === null) return {}
  if (!isNodeValue(read)) throw new CommandError(`${path}: must hold keys and values`)
  return Object.fromEntries(Object.entries(read).filter(([key]) => !otherKeys.includes(key)))
}

const isNodeValue = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function readValue({ form }: Variable, text: string): unknown {
  switch (form) {
    case 'list':
      return text.split(',').map((item) => item.trim())
    case 'flag':
      return /^(?:true|1)$/.test(text) ? true : /^(?:false|0)$/.test(text) ? false : text
    case 'number':
      return /^\d{1,9}$/.test(text) ? Number(text) : text
    case undefined:
      break
  }
  return text
}

function set(values: Node, at: Path, value: unknown): void {
  let node = values
  for (const key of at.slice(0, -1)) {
    const below = node[key]
    const next: Node = isNodeValue(below) ? below : {}
    node[key] = next
    node = next
  }
  node[at.at(-1)!] = value
}

function remove(values: Node, at: Path): void {
  const parent = values[at[0]!]
  if (isNodeValue(parent)) delete parent[at[1]!]
}

function problemLine(
  at: Path,
  message: string,
  file: ConfigFile | null,
  names: ReadonlyMap<string, string>,
): { order: number; line: string } {
  const what = `${at.join('.') || 'the configuration'} ${message}`
  const variable = nearestName(at, names)
  if (variable !== null) return { order: Number.MAX_SAFE_INTEGER, line: `${variable}: ${what}` }
  const offset = file === null ? null : offsetOf(file.document, at)
  if (file !== null && offset !== null)
    return { order: offset, line: formatPlace(problemAt(file.source, offset, what)) }
  const known = variables.find((each) => each.at.join('.') === at.join('.'))
  const isMissing = known !== undefined && message.startsWith('is missing')
  const remedy = isMissing ? `; set it in --config or by ${known.name}` : ''
  return { order: Number.MAX_SAFE_INTEGER, line: `${what}${remedy}` }
}

/** The variable that gave a setting, or the list that it is an item of. */
function nearestName(at: Path, names: ReadonlyMap<string, string>): string | null {
  for (let length = at.length; length > 0; length -= 1) {
    const name = names.get(at.slice(0, length).join('.'))
    if (name !== undefined) return name
  }
  return null
}

/** Null where the file says nothing of it. */
function offsetOf(document: Document.Parsed<ParsedNode>, at: Path): number | null {
  for (let length = at.length; length > 0; length -= 1) {
    const path = at.slice(0, length).map((key) => (/^\d+$/.test(key) ? Number(key) : key))
    const node = document.getIn(path, true)
    if (isNode(node) && node.range) return node.range[0]
    if (length < at.length) return null
  }
  return null
}
