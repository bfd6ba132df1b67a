/**
 * Reason texts with the values filled in: `{ip_users_1h}` stands for that signal's value, and
 * `{user_amount_day/100}` for it divided (or, with `*`, multiplied) by a whole number, so that
 * money can be told in yuan, ages in hours and shares in percent. An absent value is "–", a lower
 * bound "≥ 12". Yes-or-no signals have no place in a text: a rule that hits knows what they were.
 */
import { catalogue, signalIndex } from '../signals/catalogue.ts'
import { absent, atLeast, exact, type SignalRow } from '../signals/row.ts'
import { didYouMean } from './nearest-name.ts'

const placeholder = /\{([^{}]*)\}/g
const content = /^([a-z0-9_]+)(?:([*/])([1-9][0-9]{0,6}))?$/

/** Place in the text and what is wrong there. */
export interface TemplateProblem {
  readonly at: number
  readonly message: string
}

export function templateProblems(template: string): TemplateProblem[] {
  const problems: TemplateProblem[] = []
  for (const { index, 1: inside } of template.matchAll(placeholder)) {
    const message = placeholderProblem(inside ?? '')
    if (message !== null) problems.push({ at: index + 1, message })
  }
  const stray = template.replace(placeholder, (whole) => ' '.repeat(whole.length)).search(/[{}]/)
  if (stray >= 0) problems.push({ at: stray, message: 'a brace without its partner' })
  return problems
}

function placeholderProblem(inside: string): string | null {
  const parts = content.exec(inside)
  if (parts === null) return 'a placeholder is {signal}, {signal/100} or {signal*100}'
  const name = parts[1]!
  const index = signalIndex.get(name)
  if (index === undefined) return `unknown signal ${name}${didYouMean(name, signalIndex.keys())}`
  const { type } = catalogue[index]!
  if (type === 'bool') return `${name} is true or false and cannot stand in a text`
  return type === 'string' && parts[2] !== undefined ? `${name} is not a number` : null
}

/** A piece of a text: words as they are, or a signal's value times a factor. */
type Piece = string | { readonly index: number; readonly factor: number }
type Pieces = readonly Piece[]

interface Texts {
  readonly code: string
  readonly zh: string
  readonly en: string
}

/** Taken apart once for the reason of a rule, and gone with it. */
const takenApart = new WeakMap<Texts, { readonly zh: Pieces; readonly en: Pieces }>()

/** A rule's reason with the values of a row filled in. */
export function renderReason(reason: Texts, row: SignalRow): Texts {
  let pieces = takenApart.get(reason)
  if (pieces === undefined) {
    pieces = { zh: piecesOf(reason.zh), en: piecesOf(reason.en) }
    takenApart.set(reason, pieces)
  }
  return { code: reason.code, zh: joined(pieces.zh, row), en: joined(pieces.en, row) }
}

function piecesOf(template: string): Pieces {
  // Splitting leaves what stood between braces at the odd places.
  return template.split(placeholder).map((text, at) => (at % 2 === 0 ? text : pieceOf(text)))
}

function pieceOf(inside: string): Piece {
  const parts = content.exec(inside)
  const index = parts === null ? undefined : signalIndex.get(parts[1]!)
  if (parts === null || index === undefined) return `{${inside}}`
  const factor = Number(parts[3] ?? 1)
  return { index, factor: parts[2] === '/' ? 1 / factor : factor }
}

function joined(pieces: Pieces, row: SignalRow): string {
  let text = ''
  for (const piece of pieces)
    text += typeof piece === 'string' ? piece : renderSignal(row, piece.index, piece.factor)
  return text
}

function renderSignal(row: SignalRow, index: number, factor: number): string {
  const state = row.states[index]
  if (state === absent || (state !== exact && state !== atLeast)) return '–'
  if (catalogue[index]!.type === 'string') return row.strings[index] ?? '–'
  const value = row.numbers[index]! * factor
  if (!Number.isFinite(value)) return '–'
  return state === atLeast ? `≥ ${shortNumber(value)}` : shortNumber(value)
}

/** Two decimals, or two digits where that would show nothing. */
function shortNumber(value: number): string {
  const rounded = Math.round(value * 100) / 100
  if (rounded === 0 && value !== 0) return String(Number(value.toPrecision(2)))
  return String(rounded)
}
