/**
 * Numbers inside a condition: constants, signals and what is reckoned from them. Each knows its
 * value and how far that can be trusted; the two are read apart so that nothing is allocated. A
 * sum of lower bounds is a lower bound, and so is one times a constant that is not negative; any
 * other arithmetic with a lower bound is unknown. A division by zero, or any result that is not
 * finite, is failed.
 */
import { catalogue } from '../signals/catalogue.ts'
import {
  absent,
  atLeast,
  exact,
  type SignalRow,
  type SignalState,
  unknown,
} from '../signals/row.ts'
import { missOfComparison, missOfLack, neverSure, type SureMiss } from './sure-miss.ts'
import {
  type Answer,
  absentCode,
  type Code,
  doubtfulCode,
  failedCode,
  hitCode,
  missCode,
  type Verdict,
  verdictOf,
} from './verdict-code.ts'

/** Beside the states of a signal: the arithmetic gave no number. */
export const failedState = 4
export type NumberState = SignalState | typeof failedState

export type NumberNode =
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: 'signal'; readonly index: number }
  | {
      readonly kind: 'computed'
      readonly value: (row: SignalRow) => number
      readonly state: (row: SignalRow) => NumberState
      /** Largest value that it can reach, or null where there is no bound. */
      readonly max: number | null
    }

export type ComparisonOp = '<' | '<=' | '>' | '>=' | '==' | '!='
export type ArithmeticOp = '+' | '-' | '*' | '/' | '%'

const opposite: Readonly<Record<ComparisonOp, ComparisonOp>> = {
  '<': '>=',
  '<=': '>',
  '>': '<=',
  '>=': '<',
  '==': '!=',
  '!=': '==',
}
const mirrored: Readonly<Record<ComparisonOp, ComparisonOp>> = {
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
  '==': '==',
  '!=': '!=',
}

export function readValue(node: NumberNode): (row: SignalRow) => number {
  if (node.kind === 'computed') return node.value
  if (node.kind === 'constant') return () => node.value
  const { index } = node
  return (row) => row.numbers[index]!
}

export function readState(node: NumberNode): (row: SignalRow) => NumberState {
  if (node.kind === 'computed') return node.state
  if (node.kind === 'constant') return () => exact
  const { index } = node
  return (row) => stateAt(row, index)
}

function stateAt(row: SignalRow, index: number): SignalState {
  const state = row.states[index]!
  return state === exact || state === absent || state === atLeast ? state : unknown
}

function maxOf(node: NumberNode): number | null {
  if (node.kind === 'constant') return node.value
  return node.kind === 'signal' ? catalogue[node.index]!.max : node.max
}

function reckon(op: ArithmeticOp, a: number, b: number): number {
  switch (op) {
    case '+':
      return a + b
    case '-':
      return a - b
    case '*':
      return a * b
    case '/':
      return a / b
    case '%':
      return a % b
  }
}

const notNegative = (node: NumberNode) => node.kind === 'constant' && node.value >= 0

/** Null where constants alone already give no finite number. */
export function arithmetic(op: ArithmeticOp, a: NumberNode, b: NumberNode): NumberNode | null {
  if ((op === '/' || op === '%') && b.kind === 'constant' && b.value === 0) return null
  if (a.kind === 'constant' && b.kind === 'constant') {
    const value = reckon(op, a.value, b.value)
    return Number.isFinite(value) ? { kind: 'constant', value } : null
  }
  const [valueA, valueB, stateA, stateB] = [readValue(a), readValue(b), readState(a), readState(b)]
  const keepsBound = op === '+' || (op === '*' && (notNegative(a) || notNegative(b)))
  const value = (row: SignalRow) => reckon(op, valueA(row), valueB(row))
  const state = (row: SignalRow): NumberState => {
    const left = stateA(row)
    const right = stateB(row)
    if (left === failedState || right === failedState) return failedState
    if (left === absent || right === absent) return absent
    if (left === unknown || right === unknown) return unknown
    if ((left === atLeast || right === atLeast) && !keepsBound) return unknown
    if (!Number.isFinite(value(row))) return failedState
    return left === exact && right === exact ? exact : atLeast
  }
  return { kind: 'computed', value, state, max: maxOfBoth(op, a, b) }
}

function maxOfBoth(op: ArithmeticOp, a: NumberNode, b: NumberNode): number | null {
  const [maxA, maxB] = [maxOf(a), maxOf(b)]
  if (maxA === null || maxB === null) return null
  if (op === '+') return maxA + maxB
  return op === '*' && (notNegative(a) || notNegative(b)) ? maxA * maxB : null
}

export function negative(node: NumberNode): NumberNode {
  return arithmetic('-', { kind: 'constant', value: 0 }, node)!
}

/** `when ? a : b` over numbers. Doubt about `when` makes the value unknown. */
export function numberChoice(when: Verdict, a: NumberNode, b: NumberNode): NumberNode {
  const [valueA, valueB, stateA, stateB] = [readValue(a), readValue(b), readState(a), readState(b)]
  const state = (row: SignalRow): NumberState => {
    const code = when.yes(row)
    if (code === hitCode) return stateA(row)
    if (code === missCode) return stateB(row)
    if (code === failedCode) return failedState
    return code === absentCode && when.no(row) === absentCode ? absent : unknown
  }
  const [maxA, maxB] = [maxOf(a), maxOf(b)]
  return {
    kind: 'computed',
    value: (row) => (when.yes(row) === hitCode ? valueA(row) : valueB(row)),
    state,
    max: maxA === null || maxB === null ? null : Math.max(maxA, maxB),
  }
}

export function compare(op: ComparisonOp, a: NumberNode, b: NumberNode): Verdict {
  if (a.kind === 'constant') return compare(mirrored[op], b, a)
  return {
    yes: comparison(op, a, b),
    no: comparison(opposite[op], a, b),
    yesMiss: sureMiss(op, a, b),
    noMiss: sureMiss(opposite[op], a, b),
    mayFail: a.kind === 'computed' || b.kind === 'computed',
  }
}

function sureMiss(op: ComparisonOp, a: NumberNode, b: NumberNode): SureMiss {
  if (a.kind !== 'signal' || b.kind !== 'constant') return neverSure
  if (op === '==' || op === '!=') return missOfLack(a.index)
  return missOfComparison(op, a.index, b.value)
}

function comparison(op: ComparisonOp, a: NumberNode, b: NumberNode): Answer {
  if (a.kind === 'signal' && b.kind === 'constant') return signalAgainst(op, a.index, b.value)
  const [valueA, valueB, stateA, stateB] = [readValue(a), readValue(b), readState(a), readState(b)]
  return (row) => {
    const left = stateA(row)
    const right = stateB(row)
    if (left === failedState || right === failedState) return failedCode
    if (left === absent || right === absent) return absentCode
    if (left === exact && right === exact) return known(op, valueA(row), valueB(row))
    if (left === atLeast && right === exact) return bounded(op, valueA(row), valueB(row))
    if (left === exact && right === atLeast) return bounded(mirrored[op], valueB(row), valueA(row))
    return doubtfulCode
  }
}

/** The common case, and so one closure for each operator. NaN in an exact signal is a failure. */
function signalAgainst(op: ComparisonOp, index: number, k: number): Answer {
  switch (op) {
    case '>=':
      return (row) => {
        if (row.states[index] !== exact) return uncertain(op, row, index, k)
        const v = row.numbers[index]!
        return v >= k ? hitCode : v < k ? missCode : failedCode
      }
    case '>':
      return (row) => {
        if (row.states[index] !== exact) return uncertain(op, row, index, k)
        const v = row.numbers[index]!
        return v > k ? hitCode : v <= k ? missCode : failedCode
      }
    case '<':
      return (row) => {
        if (row.states[index] !== exact) return uncertain(op, row, index, k)
        const v = row.numbers[index]!
        return v < k ? hitCode : v >= k ? missCode : failedCode
      }
    case '<=':
      return (row) => {
        if (row.states[index] !== exact) return uncertain(op, row, index, k)
        const v = row.numbers[index]!
        return v <= k ? hitCode : v > k ? missCode : failedCode
      }
    case '==':
    case '!=':
      return (row) => {
        if (row.states[index] !== exact) return uncertain(op, row, index, k)
        return known(op, row.numbers[index]!, k)
      }
  }
}

function uncertain(op: ComparisonOp, row: SignalRow, index: number, k: number): Code {
  const state = row.states[index]
  if (state === absent) return absentCode
  return state === atLeast ? bounded(op, row.numbers[index]!, k) : doubtfulCode
}

function known(op: ComparisonOp, v: number, k: number): Code {
  if (Number.isNaN(v) || Number.isNaN(k)) return failedCode
  return holds(op, v, k) ? hitCode : missCode
}

function holds(op: ComparisonOp, v: number, k: number): boolean {
  switch (op) {
    case '>=':
      return v >= k
    case '>':
      return v > k
    case '<':
      return v < k
    case '<=':
      return v <= k
    case '==':
      return v === k
    case '!=':
      return v !== k
  }
}

/** The true value is `v` or more: what that decides against `k`. */
function bounded(op: ComparisonOp, v: number, k: number): Code {
  if (op === '>=' || op === '>') return holds(op, v, k) ? hitCode : doubtfulCode
  if (op === '<' || op === '<=') return holds(op, v, k) ? doubtfulCode : missCode
  if (v > k) return op === '==' ? missCode : hitCode
  return doubtfulCode
}

/** `a in [1, 2]`. */
export function oneOf(a: NumberNode, list: readonly number[]): Verdict {
  const lack = a.kind === 'signal' ? missOfLack(a.index) : neverSure
  return verdictOf(memberOf(a, list), {
    yesMiss: lack,
    noMiss: lack,
    mayFail: a.kind === 'computed',
  })
}

function memberOf(a: NumberNode, list: readonly number[]): Answer {
  const [value, state] = [readValue(a), readState(a)]
  const largest = Math.max(...list)
  return (row) => {
    const trust = state(row)
    if (trust === exact) return list.includes(value(row)) ? hitCode : missCode
    if (trust === absent) return absentCode
    if (trust === failedState) return failedCode
    return trust === atLeast && value(row) > largest ? missCode : doubtfulCode
  }
}

/** Why a comparison can never come out both ways, or null where it can. */
export function unreachable(op: ComparisonOp, a: NumberNode, b: NumberNode): string | null {
  if (a.kind === 'constant') return b.kind === 'constant' ? null : unreachable(mirrored[op], b, a)
  if (b.kind !== 'constant') return null
  const max = maxOf(a)
  if (max === null) return null
  const over = op === '>' || op === '<=' ? b.value >= max : b.value > max
  if (!over) return null
  const never = op === '>' || op === '>=' || op === '=='
  const what = a.kind === 'signal' ? catalogue[a.index]!.name : 'the left side'
  return `${what} cannot be above ${max}: this is ${never ? 'never' : 'always'} true`
}
