/**
 * Strings inside a condition: texts in quotes and string signals, and the tests on them. Patterns
 * are RE2 (linear in the string, whatever the pattern) and compiled once, when the playbook is
 * read.
 */
import { RE2JS } from 're2js'
import { absent, exact, type SignalRow } from '../signals/row.ts'
import { missOfLack, neverSure } from './sure-miss.ts'
import {
  absentCode,
  doubtfulCode,
  failedCode,
  hitCode,
  missCode,
  type Verdict,
  verdictOf,
} from './verdict-code.ts'

/** Longest pattern of `matches`, in characters. */
export const patternCharsMax = 200

export type StringNode =
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'string-signal'; readonly index: number }

/** The string, or the code that its state means. */
type Read = (row: SignalRow) => string | typeof absentCode | typeof doubtfulCode | typeof failedCode

function reader(node: StringNode): Read {
  if (node.kind === 'text') return () => node.value
  const { index } = node
  return (row) => {
    const state = row.states[index]
    if (state === absent) return absentCode
    return state === exact ? (row.strings[index] ?? failedCode) : doubtfulCode
  }
}

export function sameString(left: StringNode, right: StringNode): Verdict {
  const [readLeft, readRight] = [reader(left), reader(right)]
  return verdictOf(
    (row) => {
      const a = readLeft(row)
      const b = readRight(row)
      if (typeof a === 'number') return typeof b === 'number' && b > a ? b : a
      if (typeof b === 'number') return b
      return a === b ? hitCode : missCode
    },
    lackOf(left, right),
  )
}

export function stringTest(node: StringNode, test: (value: string) => boolean): Verdict {
  const read = reader(node)
  return verdictOf((row) => {
    const value = read(row)
    if (typeof value === 'number') return value
    return test(value) ? hitCode : missCode
  }, lackOf(node))
}

/** A comparison of a text signal with what is written out is settled where it is absent. */
function lackOf(...nodes: readonly StringNode[]) {
  const [signal, other] = nodes.filter((node) => node.kind === 'string-signal')
  const lack = signal === undefined || other !== undefined ? neverSure : missOfLack(signal.index)
  return { yesMiss: lack, noMiss: lack, mayFail: false }
}

export const stringMethods = ['startsWith', 'endsWith', 'contains', 'matches'] as const
export type StringMethod = (typeof stringMethods)[number]

/**
 * What `method(argument)` asks of a string; a string instead says what is wrong with the pattern.
 */
export function methodTest(
  method: StringMethod,
  argument: string,
): ((value: string) => boolean) | string {
  switch (method) {
    case 'startsWith':
      return (value) => value.startsWith(argument)
    case 'endsWith':
      return (value) => value.endsWith(argument)
    case 'contains':
      return (value) => value.includes(argument)
    case 'matches':
      return patternTest(argument)
  }
}

function patternTest(pattern: string): ((value: string) => boolean) | string {
  if (pattern.length > patternCharsMax) {
    return `a pattern has at most ${patternCharsMax} characters`
  }
  try {
    const compiled = RE2JS.compile(pattern)
    return (value) => compiled.test(value)
  } catch (error) {
    return `not a pattern of RE2: ${error instanceof Error ? error.message : 'cannot be read'}`
  }
}
