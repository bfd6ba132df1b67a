/**
 * Places in a text file as a person wants them: line, column, the line itself and a caret under the
 * spot. The caret stands right also after tabs and after Chinese text, whose characters are two
 * columns wide on a terminal. Knows too where a character of a YAML scalar's value stands in the
 * file, so that a mistake inside a condition is shown inside the condition.
 */
import type { LineCounter, Scalar } from 'yaml'

export interface SourceProblem {
  readonly path: string
  /** Both from 1; columns count characters. */
  readonly line: number
  readonly column: number
  readonly message: string
  /** The line, cut to what fits, and under it the caret. */
  readonly excerpt: string
}

/** Widest piece of a line that is shown. */
const excerptCharsMax = 120

export function formatProblem(problem: SourceProblem): string {
  const { path, line, column, message, excerpt } = problem
  return `${path}:${line}:${column}: ${message}\n${excerpt}`
}

/** Without the line itself, which may hold a password. */
export const formatPlace = ({ path, line, column, message }: SourceProblem) =>
  `${path}:${line}:${column}: ${message}`

export interface SourceText {
  readonly path: string
  readonly text: string
  readonly lines: LineCounter
}

export function problemAt(source: SourceText, offset: number, message: string): SourceProblem {
  const { path, text, lines } = source
  const at = Math.min(Math.max(offset, 0), text.length)
  const lineStart = text.lastIndexOf('\n', at - 1) + 1
  const newline = text.indexOf('\n', at)
  const line = text.slice(lineStart, newline < 0 ? text.length : newline).replace(/\r$/, '')
  const cut = Math.max(0, at - lineStart - Math.floor(excerptCharsMax * 0.75))
  const shown = line.slice(cut, cut + excerptCharsMax)
  const before = line.slice(cut, at - lineStart)
  const pad = Array.from(before, (char) => (char === '\t' ? '\t' : isWide(char) ? '\u3000' : ' '))
  return {
    path,
    line: Math.max(1, lines.linePos(at).line),
    column: Array.from(text.slice(lineStart, at)).length + 1,
    message: printable(message),
    excerpt: `    ${printable(shown)}\n    ${pad.join('')}^`,
  }
}

/** What could steer a terminal becomes a mark. */
const printable = (text: string) => text.replace(/[^\P{Cc}\t]/gu, '\ufffd')

/** East Asian scripts and pictures: two columns on a terminal. */
const wide =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6]/
const isWide = (char: string) => wide.test(char) || /\p{Extended_Pictographic}/u.test(char)

/**
 * Place in the file of the character at `at` of a scalar's value. Folding and indentation only ever
 * change white space, so the n-th character that is none is the same in value and file.
 */
export function placeInScalar(text: string, scalar: Scalar, at: number): number {
  const [start, end] = scalar.range ?? [0, 0]
  if (typeof scalar.value !== 'string') return start
  let wanted = scalar.value.slice(0, at).replace(/\s+/g, '').length
  const pastEnd = at >= scalar.value.trimEnd().length
  if (pastEnd) wanted = scalar.value.replace(/\s+/g, '').length - 1
  let last = start
  for (const place of significantPlaces(text, scalar.type, start, end)) {
    last = place
    if (wanted === 0) return pastEnd ? place + 1 : place
    wanted -= 1
  }
  return last
}

/** Places of the characters that are not white space in the value, in order. */
function* significantPlaces(
  text: string,
  type: Scalar.Type | undefined,
  start: number,
  end: number,
): Generator<number> {
  const block = type === 'BLOCK_LITERAL' || type === 'BLOCK_FOLDED'
  const quoted = type === 'QUOTE_DOUBLE' || type === 'QUOTE_SINGLE'
  let at = block ? text.indexOf('\n', start) + 1 : quoted ? start + 1 : start
  const stop = quoted ? end - 1 : end
  while (at < stop) {
    const char = text[at]!
    const step = stepLength(text, at, type)
    const blank = /\s/.test(char) || (step > 1 && char === '\\' && /[ntr_ \n]/.test(text[at + 1]!))
    if (!blank) yield at
    at += step
  }
}

/** How much of the file one character of the value takes. */
function stepLength(text: string, at: number, type: Scalar.Type | undefined): number {
  if (type === 'QUOTE_SINGLE' && text.startsWith("''", at)) return 2
  if (type !== 'QUOTE_DOUBLE' || text[at] !== '\\') return 1
  const digits = { x: 2, u: 4, U: 8 }[text[at + 1] ?? ''] ?? 0
  return 2 + digits
}
