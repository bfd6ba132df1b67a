/**
 * What a slip in the YAML of a file is, in words for who wrote the file. A parser says where it
 * stumbled; the slip is often one line above or below, and the remedy is never in its words:
 *
 *     serves: [D1            the slip: a bracket that nothing closes
 *     outcome: block         the parser: "Flow sequence … must be sufficiently indented"
 *
 * Looks only at the lines around; where it recognises nothing, the parser's words stand.
 */
import type { ErrorCode } from 'yaml'

/** What the parser says, and where. */
export interface ParserError {
  readonly code: ErrorCode
  readonly message: string
  readonly pos: readonly [number, number]
}

export interface Slip {
  readonly at: number
  readonly message: string
  /** Whether nothing can be told of what stands behind it. */
  readonly final?: true
}

interface Line {
  readonly start: number
  readonly text: string
  /** Spaces before what it says. */
  readonly indent: number
}

/** Problems of one value alone: what stands behind them is read rightly. */
export const contained: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'BAD_ALIAS',
  'BAD_DQ_ESCAPE',
  'BAD_SCALAR_START',
  'TAG_RESOLVE_FAILED',
])

const mergeMark = 'a merge left its marks here; settle it and remove them'

export function slipOf(text: string, error: ParserError): Slip {
  const at = firstSaid(text, error.pos[0])
  const line = lineAt(text, at)
  if (/^(?:<{7}|={7}|>{7})(?: |$)/.test(line.text))
    return { at: line.start, message: mergeMark, final: true }
  const tab = tabIn(line)
  if (tab !== null) return tab
  const message = lower(error.message)
  const look = looks[error.code]
  if (look !== undefined) return look({ ...error, text, at, line })
  return { at, message: words[error.code]?.(message) ?? message }
}

/** Where the parser stumbled, with the line of it. */
interface Stumble extends ParserError {
  readonly text: string
  readonly at: number
  readonly line: Line
}

/** What the lines around tell, by the parser's code. */
const looks: Partial<Record<ErrorCode, (stumble: Stumble) => Slip>> = {
  MULTILINE_IMPLICIT_KEY: (stumble) => {
    const { at, line } = stumble
    return at === line.start + line.indent + dashesOf(line) ? notAKey(stumble) : nested(stumble)
  },
  BLOCK_AS_IMPLICIT_KEY: nested,
  BAD_INDENT: (stumble) => (stumble.message.startsWith('Flow') ? unclosed : misplaced)(stumble),
  MISSING_CHAR: missingChar,
  UNEXPECTED_TOKEN: unexpected,
  MULTIPLE_DOCS: ({ at }) => {
    return { at, message: 'multiple documents in one file are refused', final: true }
  },
}

/** What the place itself tells. */
const words: Partial<Record<ErrorCode, (message: string) => string>> = {
  BLOCK_IN_FLOW: () => 'between [ ] or { } parts are set apart by commas; one is missing',
  BAD_SCALAR_START: (message) => `${message}; put the value in quotes`,
  TAG_RESOLVE_FAILED: (message) => `${message}; a value that begins with ! must be in quotes`,
  BAD_DQ_ESCAPE: (message) => `${message}; write \\\\ for \\, or use single quotes`,
  DUPLICATE_KEY: () => 'this key stands twice; if another item starts here, its - is missing',
}

const lower = (message: string) => message.charAt(0).toLowerCase() + message.slice(1)

/** A line that should be `key: value` and is not. */
function notAKey(stumble: Stumble): Slip {
  const { at, line } = stumble
  const said = line.text.slice(at - line.start)
  if (said.startsWith('-')) return misplaced(stumble)
  const wide = /^[^\s:：]+(?=：)/.exec(said)?.[0]
  if (wide !== undefined)
    return { at: at + wide.length, message: 'this colon is none of YAML; write : and a space' }
  const tight = /^-?[A-Za-z][\w-]*:(?=\S)/.exec(said)?.[0]
  if (tight !== undefined)
    return { at: at + tight.length, message: 'a space is missing behind the colon' }
  const word = /^[A-Za-z][\w-]*/.exec(said)?.[0]
  if (word === undefined) return { at, message: 'this line has no key with a colon' }
  const remedy = 'if the line goes on with the text above, indent it deeper'
  return { at: at + word.length, message: `a colon is missing behind ${word}; ${remedy}` }
}

/** A key where a value was under way: a text with a colon in it, or lines indented unlike. */
function nested(stumble: Stumble): Slip {
  const { text, at, line } = stumble
  if (at === line.start + line.indent) return misplaced(stumble)
  const colon = /:(?:\s|$)/.exec(line.text.slice(at - line.start))
  if (colon !== null) {
    const remedy = 'put it in quotes, or in { } if it is keys and values'
    return { at: at + colon.index, message: `a value with a colon in it: ${remedy}` }
  }
  const next = lineAt(text, firstSaid(text, line.start + line.text.length))
  const tab = tabIn(next)
  if (tab !== null) return tab
  const is = `is indented by ${line.indent}`
  if (lineAbove(text, line)?.indent === next.indent) {
    const message = `${is}, the lines around it by ${next.indent}`
    return { at: line.start + line.indent, message }
  }
  if (next.indent <= line.indent) return misplaced(stumble)
  const above = `the line above by ${line.indent}`
  const message = `is indented by ${next.indent}, ${above}, which has its value already`
  return { at: next.start + next.indent, message }
}

/** A line whose indentation fits none above it, or one to which it does not belong. */
function misplaced({ text, line }: Stumble): Slip {
  const at = line.start + line.indent
  const said = line.text.slice(line.indent)
  if (/^-[^\s-]/.test(said)) return { at: at + 1, message: 'a space is missing behind the -' }
  const above = indentsAbove(text, line)
  const item = above.get(line.indent)
  const is = `is indented by ${line.indent}`
  const remedy = 'indent it like what it belongs to'
  if (item === undefined) {
    const dashless = said.startsWith('- ') ? firstWithoutDash(text, line) : null
    if (dashless !== null) return dashless
    const others = [...above.keys()].join(', ')
    return { at, message: `${is}, the lines above it by ${others}; ${remedy}` }
  }
  const wanted = item ? 'an item with a - is expected' : 'a key with a colon is expected'
  return { at, message: `${is}, where ${wanted}; ${remedy}` }
}

/** The first item of a list, where its dash is missing and a later one has its own. */
function firstWithoutDash(text: string, line: Line): Slip | null {
  let first = line
  let owner = lineAbove(text, line)
  while (owner !== null && owner.indent > line.indent) {
    first = owner
    owner = lineAbove(text, owner)
  }
  if (owner === null || [owner, first].some((one) => dashesOf(one) > 0)) return null
  const message = 'a - is missing before this; the items below have one'
  return { at: first.start + first.indent, message }
}

/** The indentations that are open above a line, from the inside out; true where items have it. */
function indentsAbove(text: string, line: Line): ReadonlyMap<number, boolean> {
  const open = new Map<number, boolean>()
  let least = Number.POSITIVE_INFINITY
  for (let above = lineAbove(text, line); above !== null && least > 0; ) {
    const dashes = dashesOf(above)
    if (dashes > 0 && above.indent + dashes < least) open.set(above.indent + dashes, false)
    if (above.indent < least) open.set(above.indent, dashes > 0)
    least = Math.min(least, above.indent)
    above = lineAbove(text, above)
  }
  return open
}

/** Characters of the dashes that a line of a list begins with. */
const dashesOf = ({ text, indent }: Line) => /^(?:- +)*/.exec(text.slice(indent))![0].length

/** The nearest line above that says something. */
function lineAbove(text: string, { start }: Line): Line | null {
  for (let end = start - 1; end >= 0; ) {
    const line = lineAt(text, end)
    if (/^\s*[^\s#]/.test(line.text)) return line
    end = line.start - 1
  }
  return null
}

function missingChar(stumble: Stumble): Slip {
  const { text, at, message } = stumble
  const quote = /^Missing closing (["'])/.exec(message)?.[1]
  if (quote !== undefined)
    return { at: openingQuote(text, at, quote), message: `nothing closes this ${quote}` }
  if (/end with a [\]}]$/.test(message)) return unclosed(stumble)
  if (message.startsWith('Sequence item')) return misplaced(stumble)
  if (message.startsWith('Implicit map keys')) return notAKey(stumble)
  return { at, message: lower(message) }
}

/** The last quote before `from` that is neither escaped nor doubled. */
function openingQuote(text: string, from: number, quote: string): number {
  for (let at = text.lastIndexOf(quote, from - 1); at >= 0; ) {
    const before = text[at - 1]
    const part = quote === '"' ? before === '\\' : before === quote
    if (!part) return at
    at = text.lastIndexOf(quote, at - 2)
  }
  return from
}

/** The last bracket before `from` that nothing closes up to there. */
function unclosed({ text, at: from, message }: Stumble): Slip {
  const [opening, closing] = message.endsWith(']') ? ['[', ']'] : ['{', '}']
  let closed = 0
  for (let at = from - 1; at >= 0; at -= 1) {
    if (text[at] === closing) closed += 1
    else if (text[at] === opening && closed === 0)
      return { at, message: `nothing closes this ${opening}` }
    else if (text[at] === opening) closed -= 1
  }
  return { at: from, message: `a ${closing} is missing before this` }
}

function unexpected(stumble: Stumble): Slip {
  const { at, message, line } = stumble
  const bracket = /^Unexpected flow-(?:seq|map)-end.*"(.)"$/.exec(message)?.[1]
  if (bracket !== undefined) return { at, message: `this ${bracket} closes nothing` }
  if (message.startsWith('Block scalar header')) {
    const mended = 'must be in quotes'
    return { at, message: `a value that begins with > or | and has more in its line ${mended}` }
  }
  if (!message.endsWith('at node end')) return { at, message: lower(message) }
  if (at === line.start) return { ...misplaced(stumble), final: true }
  return { at, message: 'the value ended before this; put the whole of it in quotes' }
}

function tabIn(line: Line): Slip | null {
  const tab = /^ *\t/.exec(line.text)?.[0]
  if (tab === undefined) return null
  const message = 'a tab in the indentation; YAML takes only spaces there'
  return { at: line.start + tab.length - 1, message }
}

/** `offset`, or, where the rest of its line says nothing, the start of the next that does. */
function firstSaid(text: string, offset: number): number {
  const { start, text: line } = lineAt(text, offset)
  const blanks = /^[^\S\n]*/.exec(line.slice(offset - start))![0].length
  if (/^\s*[^\s#]/.test(line) && offset - start + blanks < line.length)
    return start === offset ? offset + blanks : offset
  for (let next = endOfLine(text, offset) + 1; next < text.length; ) {
    const { start: at, text: said, indent } = lineAt(text, next)
    if (/^\s*[^\s#]/.test(said)) return at + indent
    next = endOfLine(text, next) + 1
  }
  return offset
}

const endOfLine = (text: string, offset: number) => {
  const end = text.indexOf('\n', offset)
  return end < 0 ? text.length : end
}

function lineAt(text: string, offset: number): Line {
  const start = offset === 0 ? 0 : text.lastIndexOf('\n', offset - 1) + 1
  const line = text.slice(start, endOfLine(text, offset)).replace(/\r$/, '')
  return { start, text: line, indent: /^ */.exec(line)![0].length }
}
