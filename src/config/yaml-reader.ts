/**
 * A YAML file read by hand, so that every problem has its place. The readers never stop at one:
 * each reports and gives a stand-in of the right type, and the caller throws the whole away if
 * anything was reported. Aliases are refused, which also disarms files that grow without end when
 * expanded; a key may stand once in a map.
 */
import { isAlias, isMap, isScalar, isSeq, type ParsedNode } from 'yaml'
import { didYouMean } from '../core/rules/nearest-name.ts'
import { placeInScalar, problemAt, type SourceProblem, type SourceText } from './source-caret.ts'
import { readSyntax } from './yaml-syntax.ts'

/** Problems beyond this are not kept: nobody mends that many at once. */
export const problemsMax = 100
/** Longest key that means anything, in characters. */
const keyCharsMax = 128

export interface YamlSource extends SourceText {
  readonly problems: SourceProblem[]
}

/** One value in the file: of a key, or of a place in a list. */
export interface YamlField {
  readonly source: YamlSource
  readonly name: string
  readonly node: ParsedNode | null
  /** Where it stands, and where its key does. */
  readonly at: number
  readonly keyAt: number
  /** Whether it stands in a list. */
  readonly isItem: boolean
}

export interface YamlMap {
  readonly source: YamlSource
  readonly name: string
  /** Where the map's own key stands. */
  readonly keyAt: number
  /** Whether there is a map at all. */
  readonly sound: boolean
  readonly fields: ReadonlyMap<string, YamlField>
  /** Keys that were asked for and are not there: one problem for all of them. */
  readonly lacking: { readonly keys: string[]; told: SourceProblem | null }
}

/** A text with the way back to the file from a place in it. */
export interface YamlText {
  readonly value: string
  readonly at: number
  readonly placeOf: (offset: number) => number
}

export interface NumberRange {
  readonly min: number
  readonly max: number
  readonly whole: boolean
}

export function report(source: YamlSource, offset: number, message: string): void {
  if (source.problems.length < problemsMax) {
    source.problems.push(problemAt(source, offset, message))
  }
}

/** The whole file as one field; slips in the YAML itself are in its source. */
export function parseYaml(text: string, path: string): YamlField {
  const { source: read, document, slips } = readSyntax(text, path, false)
  const source: YamlSource = { ...read, problems: [...slips] }
  return {
    source,
    name: 'the file',
    node: document?.contents ?? null,
    at: 0,
    keyAt: 0,
    isItem: false,
  }
}

/**
 * `known` null: any key may stand there. What follows from one slip is told once: the keys of an
 * item whose dash is missing, and those of a map that are not indented.
 */
export function asMap(field: YamlField, known: readonly string[] | null): YamlMap {
  const { source, node, keyAt, name, isItem } = field
  const fields = new Map<string, YamlField>()
  const sound = isMap(node)
  const map: YamlMap = { source, name, keyAt, sound, fields, lacking: { keys: [], told: null } }
  if (!sound) {
    wrongKind(field, 'must hold keys and values')
    return map
  }
  let hollow: Hollow | null = null
  for (const { key, value } of node.items) {
    const place = key.range[0]
    if (!isScalar(key)) {
      report(source, place, 'a key must be a word')
      continue
    }
    const word = String(key.value).slice(0, keyCharsMax)
    if (known !== null && !known.includes(word)) {
      if (hollow?.told !== true) report(source, place, unknownKey(name, word, known, hollow))
      if (hollow !== null || isEmpty(value)) hollow = { key: word, told: true }
      continue
    }
    hollow = isEmpty(value) ? { key: word, told: false } : null
    const first = fields.get(word)
    if (first === undefined) {
      const at = value?.range[0] ?? place
      fields.set(word, { source, name: word, node: value, at, keyAt: place, isItem: false })
      continue
    }
    const again = `the key ${word} stands twice; the first is on line ${lineOf(first)}`
    const isNext = isItem && fields.keys().next().value === word
    report(source, place, isNext ? `${again}; is a - missing before this one?` : again)
    if (isNext) break
  }
  return map
}

/** A key without a value, under which others may be meant to stand. */
interface Hollow {
  readonly key: string
  told: boolean
}

const isEmpty = (node: ParsedNode | null) =>
  node === null || (isScalar(node) && node.value === null)

/** A space that only looks like one, as copied from a page. */
const oddSpace = /[\u00a0\u2000-\u200b\u3000\ufeff]/

function unknownKey(
  name: string,
  word: string,
  known: readonly string[],
  hollow: Hollow | null,
): string {
  const near = didYouMean(word, known)
  const odd = oddSpace.exec(word)?.[0].charCodeAt(0).toString(16).padStart(4, '0')
  const space = odd === undefined ? '' : `; it holds U+${odd}, which is no space to YAML`
  const place = hollow === null ? '' : `; if it belongs to ${hollow.key}, indent it deeper`
  return `${name} has no key ${word}${space}${place}${near}`
}

export const lineOf = (field: YamlField) => field.source.lines.linePos(field.at).line

export function asList(field: YamlField): readonly YamlField[] {
  const { source, node, name } = field
  if (!isSeq(node)) {
    wrongKind(field, 'must be a list')
    return []
  }
  return node.items.map((item) => {
    const at = item.range[0]
    return { source, name: `an item of ${name}`, node: item, at, keyAt: at, isItem: true }
  })
}

export function asText(field: YamlField): YamlText {
  const { source, node, at } = field
  if (!isScalar(node) || typeof node.value !== 'string') {
    const unquoted = isScalar(node) && node.value !== null
    wrongKind(field, unquoted ? 'must be a text; put it in quotes' : 'must be a text')
    return { value: '', at, placeOf: () => at }
  }
  if (node.value.trim() === '') report(source, at, `${field.name} is empty`)
  return { value: node.value, at, placeOf: (offset) => placeInScalar(source.text, node, offset) }
}

export function asNumber(field: YamlField, range: NumberRange): number {
  const { source, node, at, name } = field
  if (!isScalar(node) || typeof node.value !== 'number') {
    wrongKind(field, 'must be a number')
    return range.min
  }
  const { value } = node
  if (range.whole && !Number.isSafeInteger(value))
    report(source, at, `${name} must be a whole number`)
  else if (!(value >= range.min && value <= range.max)) {
    report(source, at, `${name} must be from ${range.min} to ${range.max}, not ${value}`)
  } else return value
  return range.min
}

export function asChoice<T extends string>(field: YamlField, choices: readonly [T, ...T[]]): T {
  const { source, at, name } = field
  const { value } = asText(field)
  const choice = choices.find((each) => each === value)
  if (choice !== undefined) return choice
  if (value !== '') {
    const near = didYouMean(value, choices)
    report(
      source,
      at,
      `${name} must be one of ${choices.join(', ')}, not ${value.slice(0, 40)}${near}`,
    )
  }
  return choices[0]
}

/**
 * The field of a key; null where it is missing, which is reported if there is a map to miss it in.
 */
export function required(map: YamlMap, key: string): YamlField | null {
  const field = map.fields.get(key)
  if (field !== undefined) return field
  if (map.sound) lack(map, key)
  return null
}

function lack({ source, name, keyAt, lacking }: YamlMap, key: string): void {
  lacking.keys.push(key)
  const keys = lacking.keys.length === 1 ? `the key ${key}` : `the keys ${lacking.keys.join(', ')}`
  const before = lacking.told === null ? -1 : source.problems.indexOf(lacking.told)
  if (before >= 0) source.problems.splice(before, 1)
  lacking.told = problemAt(source, keyAt, `${name} lacks ${keys}`)
  if (source.problems.length < problemsMax) source.problems.push(lacking.told)
}

function wrongKind(field: YamlField, wanted: string): void {
  const { source, node, at, name } = field
  if (isAlias(node)) report(source, at, 'aliases (*name) are refused; write the value out')
  else if (isEmpty(node)) {
    report(source, at, `${name} is empty; it ${wanted}`)
  } else report(source, at, `${name} ${wanted}`)
}
