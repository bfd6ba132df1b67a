/**
 * A YAML file read by hand, so that every problem has its place. The readers never stop at one:
 * each reports and gives a stand-in of the right type, and the caller throws the whole away if
 * anything was reported. Aliases are refused, which also disarms files that grow without end when
 * expanded; a key may stand once in a map.
 */
import { isAlias, isMap, isScalar, isSeq, LineCounter, type ParsedNode, parseDocument } from 'yaml'
import { didYouMean } from '../core/rules/nearest-name.ts'
import { placeInScalar, problemAt, type SourceProblem, type SourceText } from './source-caret.ts'

/** Problems beyond this are not kept: nobody mends that many at once. */
export const problemsMax = 100
/** Longest key that means anything, in characters. */
const keyCharsMax = 128
const tooDeep = 'nested too deeply'

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
}

export interface YamlMap {
  readonly source: YamlSource
  readonly name: string
  /** Where the map's own key stands. */
  readonly keyAt: number
  /** Whether there is a map at all. */
  readonly sound: boolean
  readonly fields: ReadonlyMap<string, YamlField>
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

/** The whole file as one field; problems of the YAML itself are in its source. */
export function parseYaml(text: string, path: string): YamlField {
  const lines = new LineCounter()
  const source: YamlSource = { path, text, lines, problems: [] }
  const name = 'the file'
  try {
    const document = parseDocument(text, {
      lineCounter: lines,
      prettyErrors: false,
      uniqueKeys: false,
      logLevel: 'error',
    })
    for (const { message, pos } of [...document.errors, ...document.warnings]) {
      report(source, pos[0], message.includes('call stack') ? tooDeep : message)
    }
    return { source, name, node: document.contents, at: 0, keyAt: 0 }
  } catch (error) {
    const why = error instanceof RangeError ? tooDeep : 'cannot be read as YAML'
    report(source, 0, why)
    return { source, name, node: null, at: 0, keyAt: 0 }
  }
}

/** `known` null: any key may stand there. */
export function asMap(field: YamlField, known: readonly string[] | null): YamlMap {
  const { source, node, keyAt, name } = field
  const fields = new Map<string, YamlField>()
  if (!isMap(node)) {
    wrongKind(field, 'must hold keys and values')
    return { source, name, keyAt, sound: false, fields }
  }
  for (const { key, value } of node.items) {
    const place = key.range[0]
    if (!isScalar(key)) {
      report(source, place, 'a key must be a word')
      continue
    }
    const word = String(key.value).slice(0, keyCharsMax)
    if (known !== null && !known.includes(word)) {
      report(source, place, `${name} has no key ${word}${didYouMean(word, known)}`)
    } else if (fields.has(word)) {
      report(
        source,
        place,
        `the key ${word} stands twice; the first is on line ${lineOf(fields.get(word)!)}`,
      )
    } else {
      const at = value?.range[0] ?? place
      fields.set(word, { source, name: word, node: value, at, keyAt: place })
    }
  }
  return { source, name, keyAt, sound: true, fields }
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
    return { source, name: `an item of ${name}`, node: item, at, keyAt: at }
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
  if (map.sound) report(map.source, map.keyAt, `${map.name} lacks the key ${key}`)
  return null
}

function wrongKind(field: YamlField, wanted: string): void {
  const { source, node, at, name } = field
  if (isAlias(node)) report(source, at, 'aliases (*name) are refused; write the value out')
  else if (node === null || (isScalar(node) && node.value === null)) {
    report(source, at, `${name} is empty; it ${wanted}`)
  } else report(source, at, `${name} ${wanted}`)
}
