/**
 * CEL as rules may use it: parsed and type-checked by the library against the signal catalogue,
 * where every number is a double. CEL keeps whole numbers apart from doubles and has no `==`, `+`
 * or `in` across the two, which nobody who writes `device_users_1h == 8` wants to know. So the
 * library checks the text with every whole number written as a double (`8` as `8.0`), and
 * positions are carried back to what the author wrote. One function is added, `known(signal)`:
 * whether it is there at all, as in `!known(transfer_hop)` for a coupon that was not passed on.
 */
import { type ASTNode, Environment, ParseError } from '@marcbachmann/cel-js'
import { catalogue, type SignalType } from '../signals/catalogue.ts'

/** Longest condition, in characters, and the most parts, depth and list items it may have. */
export const conditionCharsMax = 2_000
const limits = { maxAstNodes: 400, maxDepth: 40, maxListElements: 200, maxCallArguments: 4 }

/** What is wrong with a condition, and where in its text. */
export interface ConditionProblem {
  readonly start: number
  readonly end: number
  readonly message: string
}

const celTypes: Readonly<Record<SignalType, string>> = {
  number: 'double',
  bool: 'bool',
  string: 'string',
}

export const celEnvironment = newCelEnvironment()

function newCelEnvironment(): Environment {
  const environment = new Environment({ unlistedVariablesAreDyn: false, limits })
  environment.registerOperator('double % double', (a: number, b: number) => a % b)
  for (const type of Object.values(celTypes)) {
    environment.registerFunction(`known(${type}): bool`, () => true)
  }
  for (const signal of catalogue) environment.registerVariable(signal.name, celTypes[signal.type])
  return environment
}

export function parseCel(text: string): ASTNode | ConditionProblem {
  if (text.length > conditionCharsMax) {
    const message = `a condition has at most ${conditionCharsMax} characters, not ${text.length}`
    return { start: conditionCharsMax, end: text.length, message }
  }
  try {
    return celEnvironment.parse(text).ast
  } catch (error) {
    return problemOf(error, text.length, (at) => at)
  }
}

/** The library's first complaint about types, or null. An unknown variable is not one of them. */
export function typeProblem(text: string, ast: ASTNode): ConditionProblem | null {
  const doubled = withDoubles(text, ast)
  const { valid, type, error } = celEnvironment.check(doubled.text)
  if (!valid) {
    if (error === undefined || error.code === 'unknown_variable') return null
    return problemOf(error, doubled.text.length, doubled.originalAt)
  }
  if (type === 'bool') return null
  const message = `a condition must come out true or false, this one is a ${plainType(type ?? '')}`
  return { start: 0, end: text.length, message }
}

interface Doubled {
  readonly text: string
  /** Place in the original of a place in `text`. */
  readonly originalAt: (at: number) => number
}

function wholeNumbers(node: ASTNode, found: ASTNode[]): void {
  if (node.op === 'value') {
    if (typeof node.args === 'bigint') found.push(node)
    return
  }
  for (const child of childrenOf(node)) wholeNumbers(child, found)
}

/** The parts of a node, in order of appearance. */
export function childrenOf(node: ASTNode): readonly ASTNode[] {
  switch (node.op) {
    case 'value':
    case 'id':
      return []
    case '.':
    case '.?':
      return [node.args[0]]
    case 'call':
      return node.args[1]
    case 'rcall':
      return [node.args[1], ...node.args[2]]
    case 'list':
      return node.args
    case 'map':
      return node.args.flat()
    case '!_':
    case '-_':
      return [node.args]
    case '?:':
      return node.args
    case '[]':
    case '[?]':
    case '||':
    case '&&':
    case '!=':
    case '==':
    case 'in':
    case '+':
    case '-':
    case '*':
    case '/':
    case '%':
    case '<':
    case '<=':
    case '>':
    case '>=':
      return node.args
  }
}

/** The text with each whole number written as a double. */
export function withDoubles(text: string, ast: ASTNode): Doubled {
  const literals: ASTNode[] = []
  wholeNumbers(ast, literals)
  const pieces: string[] = []
  const moves: { readonly from: number; readonly to: number }[] = []
  let [done, length] = [0, 0]
  for (const { start, end } of literals.toSorted((a, b) => a.start - b.start)) {
    const piece = `${text.slice(done, start)}${BigInt(text.slice(start, end))}.0`
    pieces.push(piece)
    length += piece.length
    done = end
    moves.push({ from: length, to: end })
  }
  pieces.push(text.slice(done))
  const originalAt = (at: number) => {
    const move = moves.findLast(({ from }) => from <= at)
    const next = moves.find(({ from }) => from > at)
    const place = move === undefined ? at : move.to + (at - move.from)
    return Math.min(place, next === undefined ? text.length : next.to)
  }
  return { text: pieces.join(''), originalAt }
}

function problemOf(
  error: unknown,
  length: number,
  originalAt: (at: number) => number,
): ConditionProblem {
  if (!(error instanceof Error)) throw new TypeError('CEL threw something that is not an Error')
  const range = 'range' in error ? rangeOf(error.range) : null
  const { start, end } = range ?? { start: 0, end: length }
  const summary = 'summary' in error && typeof error.summary === 'string' ? error.summary : null
  const message =
    summary ?? (error instanceof ParseError ? error.message : `cannot be read: ${error.message}`)
  return { start: originalAt(start), end: originalAt(end), message: plainMessage(message) }
}

function rangeOf(range: unknown): { start: number; end: number } | null {
  if (typeof range !== 'object' || range === null) return null
  if (!('start' in range) || typeof range.start !== 'number') return null
  const end = 'end' in range && typeof range.end === 'number' ? range.end : range.start
  return { start: range.start, end }
}

function plainMessage(message: string): string {
  const overload = /^no such overload: (.*)$/s.exec(message)
  if (overload !== null) return `these types do not go together: ${plainType(overload[1]!)}`
  return plainType(message.replace('Unexpected token: EOF', 'the condition ends too early'))
}

const plainType = (text: string) => text.replaceAll('double', 'number')
