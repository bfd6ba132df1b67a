/**
 * YAML to a document, with what is wrong with the YAML itself. One slip makes a parser complain of
 * everything behind it, so of an item that does not parse only the first complaint is kept. Then
 * the item is blanked out and the rest is parsed again: slips in other items come out too, and
 * nothing that only follows from one.
 *
 *     rules:
 *       - id: a
 *         weight 90      ─▶ told; item a is blanked out
 *       - id: b
 *         serves: [D1    ─▶ told as well
 *
 * Costs one more parse for each slip, so a large file has only its first told.
 */
import { type Document, LineCounter, type ParsedNode, parseDocument } from 'yaml'
import { problemAt, type SourceProblem, type SourceText } from './source-caret.ts'
import { contained, type ParserError, type Slip, slipOf } from './yaml-slip.ts'

export interface YamlSyntax {
  readonly source: SourceText
  /** Null where there is nothing to be read. */
  readonly document: Document.Parsed<ParsedNode> | null
  /** Empty where the file parses; else the rest of it cannot be judged. */
  readonly slips: readonly SourceProblem[]
}

/** Slips beyond these are told the next time. */
const slipsMax = 10
const searchedCharsMax = 1_048_576
/** With more complaints than these the file is no YAML. */
const searchedErrorsMax = 5_000
const tooDeep = 'nested too deeply'

/** `uniqueKeys`: whether a key that stands twice is a slip; costs the square of a map's keys. */
export function readSyntax(text: string, path: string, uniqueKeys: boolean): YamlSyntax {
  const source = { path, text, lines: new LineCounter() }
  const parse = (part: string, lineCounter?: LineCounter) =>
    parseDocument(part, {
      prettyErrors: false,
      uniqueKeys,
      logLevel: 'error',
      ...(lineCounter === undefined ? {} : { lineCounter }),
    })
  try {
    const document = parse(text, source.lines)
    const slips = findSlips(text, errorsOf(document), (part) => errorsOf(parse(part)))
    return {
      source,
      document,
      slips: slips.map((slip) => problemAt(source, slip.at, slip.message)),
    }
  } catch (error) {
    const why = error instanceof RangeError ? tooDeep : 'cannot be read as YAML'
    return { source, document: null, slips: [problemAt(source, 0, why)] }
  }
}

const errorsOf = ({ errors, warnings }: Document): readonly ParserError[] =>
  [...errors, ...warnings].sort((a, b) => a.pos[0] - b.pos[0])

function findSlips(
  text: string,
  first: readonly ParserError[],
  parse: (text: string) => readonly ParserError[],
): readonly Slip[] {
  const slips = new Map<number, Slip>()
  const tooLarge = text.length > searchedCharsMax || first.length > searchedErrorsMax
  let errors = first
  let rest = text
  while (errors.length > 0 && slips.size < slipsMax) {
    const deep = errors.find(({ message }) => message.includes('call stack'))
    if (deep !== undefined) return [{ at: deep.pos[0], message: tooDeep }]
    const torn = errors.find(({ code }) => !contained.has(code))
    for (const error of errors.slice(0, torn === undefined ? slipsMax : errors.indexOf(torn))) {
      const slip = slipOf(text, error)
      slips.set(slip.at, slip)
    }
    if (torn === undefined) break
    const slip = slipOf(text, torn)
    slips.set(slip.at, slip)
    if (slip.final === true || tooLarge) break
    const blanked = withoutItem(rest, torn, slip)
    if (blanked === rest) break
    rest = blanked
    errors = parse(rest)
  }
  return [...slips.values()].sort((a, b) => a.at - b.at)
}

/** Blanks out all items from the slip to where the parser stumbled; the offsets stay. */
function withoutItem(text: string, torn: ParserError, slip: Slip): string {
  if (/^\s*[[{]/.test(text)) return text
  const [from, to] = [Math.min(torn.pos[0], slip.at), Math.max(torn.pos[0], slip.at)]
  const parts = partsOf(text)
  const start = parts.findLast(({ at }) => at <= from)?.at ?? 0
  const last = parts.findLast(({ at }) => at <= to)
  const after = parts.find(({ at, item }) => at > to && (!item || last?.item === true))
  const end = after?.at ?? text.length
  return text.slice(0, start) + text.slice(start, end).replace(/[^\r\n]/g, ' ') + text.slice(end)
}

interface Part {
  readonly at: number
  /** An item of the list under a key of the file; else such a key itself, with all under it. */
  readonly item: boolean
}

/** Where keys of the file start, and items of the lists right under them. */
function partsOf(text: string): readonly Part[] {
  const parts: Part[] = []
  let itemIndent: number | null = null
  for (const { index, 1: spaces } of text.matchAll(/^(?:( *)-(?=\s)|[^\s#\]}])/gm)) {
    if (spaces !== undefined) itemIndent ??= spaces.length
    const item = spaces?.length === itemIndent && spaces !== undefined
    if (!item && spaces !== undefined && spaces !== '') continue
    if (!item) itemIndent = null
    parts.push({ at: index, item })
  }
  return parts
}
