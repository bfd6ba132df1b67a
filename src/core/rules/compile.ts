/**
 * A condition in CEL, compiled to closures over a SignalRow: nothing is interpreted, allocated or
 * thrown when it is evaluated, and no code is made from text. The library parses and type-checks
 * (cel.ts); what is not listed in docs/playbooks.md is refused here with its place in the text.
 * All problems of a condition are reported at once, save that a text that does not parse has one.
 *
 * Costs about 10 ns for each comparison that is reached.
 */
import type { ASTNode } from '@marcbachmann/cel-js'
import { catalogue, signalIndex } from '../signals/catalogue.ts'
import { absent, atLeast, exact } from '../signals/row.ts'
import { type ConditionProblem, parseCel, typeProblem } from './cel.ts'
import { didYouMean } from './nearest-name.ts'
import {
  type ArithmeticOp,
  arithmetic,
  type ComparisonOp,
  compare,
  type NumberNode,
  negative,
  numberChoice,
  oneOf,
  unreachable,
} from './number-node.ts'
import type { Condition } from './playbook.ts'
import {
  methodTest,
  type StringNode,
  sameString,
  stringMethods,
  stringTest,
} from './string-node.ts'
import { missOfFlag, type SureMiss } from './sure-miss.ts'
import {
  type Answer,
  absentCode,
  allOf,
  always,
  anyOf,
  choice,
  doubtfulCode,
  failedCode,
  hitCode,
  inverted,
  missCode,
  same,
  type Verdict,
  verdictNames,
  verdictOf,
} from './verdict-code.ts'

export interface CompiledCondition {
  readonly condition: Condition
  readonly sureMiss: SureMiss
  /** Places in the catalogue of the signals that it reads, in order of appearance. */
  readonly signals: readonly number[]
}

type BoolNode = {
  readonly kind: 'bool'
  readonly verdict: Verdict
  /** A signal or a literal: cheap enough to be compared with `==`. */
  readonly plain: boolean
}
type Compiled = NumberNode | BoolNode | StringNode
/** Null where a problem has been reported. */
type Part = Compiled | null

interface Scope {
  readonly problems: ConditionProblem[]
  readonly signals: Set<number>
  /** Inside the condition of a `?:`. */
  choosing: boolean
}

type Node<Op extends ASTNode['op']> = Extract<ASTNode, { readonly op: Op }>

export function compileCondition(text: string): CompiledCondition | readonly ConditionProblem[] {
  const ast = parseCel(text)
  if (!('op' in ast)) return [ast]
  const scope: Scope = { problems: [], signals: new Set(), choosing: false }
  const part = compile(ast, scope)
  const { problems } = scope
  const ofTypes = typeProblem(text, ast)
  if (ofTypes !== null && !problems.some((known) => overlap(known, ofTypes))) problems.push(ofTypes)
  if (problems.length > 0) return problems.sort((a, b) => a.start - b.start)
  const whole = { start: 0, end: text.length }
  if (part?.kind !== 'bool') return [{ ...whole, message: 'must come out true or false' }]
  if (scope.signals.size === 0) return [{ ...whole, message: 'a condition must name a signal' }]
  const { yes, yesMiss } = part.verdict
  return { condition: conditionOf(yes), sureMiss: yesMiss, signals: [...scope.signals] }
}

/** What a defect would throw becomes `failed`: a rule can neither stop a decision nor pass it. */
function conditionOf(answer: Answer): Condition {
  return (row) => {
    try {
      return verdictNames[answer(row)]!
    } catch {
      return 'failed'
    }
  }
}

/** Our own word on a place is the more exact one. */
const overlap = (a: ConditionProblem, b: ConditionProblem) => a.start < b.end && b.start < a.end

function report(scope: Scope, node: ASTNode, message: string): null {
  const { start, end } = node
  scope.problems.push({ start, end, message })
  return null
}

const bool = (verdict: Verdict, plain = false): BoolNode => ({ kind: 'bool', verdict, plain })

function compile(node: ASTNode, scope: Scope): Part {
  switch (node.op) {
    case 'value':
      return compileLiteral(node, scope)
    case 'id':
      return compileSignal(node, scope)
    case '&&':
    case '||':
      return compileLogic(node, scope)
    case '!_': {
      const part = boolPart(node.args, scope)
      return part === null ? null : bool(inverted(part.verdict))
    }
    case '?:':
      return compileChoice(node, scope)
    case '<':
    case '<=':
    case '>':
    case '>=':
    case '==':
    case '!=':
      return compileComparison(node, scope)
    case '+':
    case '-':
    case '*':
    case '/':
    case '%':
      return compileArithmetic(node, scope)
    case '-_': {
      const part = numberPart(node.args, scope)
      return part === null ? null : negative(part)
    }
    case 'in':
      return compileIn(node, scope)
    case 'rcall':
      return compileMethod(node, scope)
    case 'call':
      return compileCall(node, scope)
    case 'list':
      return report(scope, node, 'a list may only stand on the right of `in`')
    case 'map':
    case '.':
    case '.?':
    case '[]':
    case '[?]':
      return report(scope, node, 'fields, indexes and maps are not available in conditions')
  }
}

function compileLiteral(node: Node<'value'>, scope: Scope): Part {
  const value = node.args
  if (typeof value === 'boolean') return bool(always(value), true)
  if (typeof value === 'string') return { kind: 'text', value }
  if (typeof value === 'number') return { kind: 'constant', value }
  if (typeof value !== 'bigint') {
    return report(scope, node, 'only numbers, strings, true and false may be written out')
  }
  if (Number.isSafeInteger(Number(value))) return { kind: 'constant', value: Number(value) }
  return report(scope, node, 'this number is too large to be exact')
}

function compileSignal(node: Node<'id'>, scope: Scope): Part {
  const name = node.args
  const index = signalIndex.get(name)
  if (index === undefined) {
    return report(scope, node, `unknown signal ${name}${didYouMean(name, signalIndex.keys())}`)
  }
  scope.signals.add(index)
  const { type } = catalogue[index]!
  if (type === 'number') return { kind: 'signal', index }
  return type === 'string' ? { kind: 'string-signal', index } : bool(flag(index), true)
}

function flag(index: number): Verdict {
  const answer: Answer = (row) => {
    const state = row.states[index]
    if (state !== exact) return state === absent ? absentCode : doubtfulCode
    const value = row.numbers[index]
    return value === 1 ? hitCode : value === 0 ? missCode : failedCode
  }
  return verdictOf(answer, {
    yesMiss: missOfFlag(index, true),
    noMiss: missOfFlag(index, false),
    mayFail: false,
  })
}

/** `a && b && c` as one list, so that a chain costs one loop. */
function compileLogic(node: Node<'&&'> | Node<'||'>, scope: Scope): Part {
  const chain: ASTNode[] = []
  flatten(node, node.op, chain)
  const parts = chain.map((each) => boolPart(each, scope))
  const verdicts = parts.flatMap((part) => (part === null ? [] : [part.verdict]))
  if (verdicts.length < parts.length) return null
  return bool(node.op === '&&' ? allOf(verdicts) : anyOf(verdicts))
}

function flatten(node: ASTNode, op: '&&' | '||', into: ASTNode[]): void {
  if (node.op !== op) {
    into.push(node)
    return
  }
  if (node.op === '&&' || node.op === '||') {
    for (const part of node.args) flatten(part, op, into)
  }
}

function compileChoice(node: Node<'?:'>, scope: Scope): Part {
  if (scope.choosing) {
    return report(scope, node, '?: inside the condition of another ?: is too costly; use && and ||')
  }
  const [whenNode, thenNode, otherwiseNode] = node.args
  scope.choosing = true
  const when = boolPart(whenNode, scope)
  scope.choosing = false
  const [a, b] = [compile(thenNode, scope), compile(otherwiseNode, scope)]
  if (when === null || a === null || b === null) return null
  if (a.kind === 'bool' && b.kind === 'bool') {
    return bool(choice(when.verdict, a.verdict, b.verdict))
  }
  if (isNumber(a) && isNumber(b)) return numberChoice(when.verdict, a, b)
  return report(scope, node, '?: chooses between two conditions or two numbers')
}

function compileComparison(node: Node<ComparisonOp>, scope: Scope): Part {
  const { op } = node
  const [left, right] = [compile(node.args[0], scope), compile(node.args[1], scope)]
  if (left === null || right === null) return null
  if (isConstant(left) && isConstant(right)) {
    return report(scope, node, 'this compares two constants')
  }
  if (isNumber(left) && isNumber(right)) {
    const message = unreachable(op, left, right)
    const culprit = isConstant(left) ? node.args[0] : node.args[1]
    return message === null ? bool(compare(op, left, right)) : report(scope, culprit, message)
  }
  if (op !== '==' && op !== '!=') {
    return report(scope, node, `only numbers can be compared with ${op}`)
  }
  const verdict = equality(left, right)
  if (verdict === null) {
    const message = 'true and false can be compared with ==, != only between signals and literals'
    const bothBool = left.kind === 'bool' && right.kind === 'bool'
    return report(scope, node, bothBool ? message : mismatch(left, right))
  }
  return bool(op === '==' ? verdict : inverted(verdict))
}

/** `known(signal)`: absent is an answer here, not a lack of one. */
function compileCall(node: Node<'call'>, scope: Scope): Part {
  const [name, args] = node.args
  if (name !== 'known') {
    return report(scope, node, `function ${name}() is not available; there is known(signal)`)
  }
  const argument = args[0]
  if (argument?.op !== 'id' || args.length !== 1) {
    return report(scope, node, 'known() takes the name of one signal')
  }
  if (compileSignal(argument, scope) === null) return null
  const index = signalIndex.get(argument.args)!
  const answer: Answer = (row) => {
    const state = row.states[index]
    if (state === absent) return missCode
    return state === exact || state === atLeast ? hitCode : doubtfulCode
  }
  return bool(verdictOf(answer), true)
}

const mismatch = (left: Compiled, right: Compiled) =>
  `${kindName(left)} cannot be compared with ${kindName(right)}`

function kindName(part: Compiled): string {
  if (part.kind === 'bool') return 'a yes-or-no value'
  return isNumber(part) ? 'a number' : 'a string'
}

function equality(left: Compiled, right: Compiled): Verdict | null {
  if (left.kind === 'bool' && right.kind === 'bool') {
    return left.plain && right.plain ? same(left.verdict, right.verdict) : null
  }
  return isString(left) && isString(right) ? sameString(left, right) : null
}

function compileArithmetic(node: Node<ArithmeticOp>, scope: Scope): Part {
  const [left, right] = [numberPart(node.args[0], scope), numberPart(node.args[1], scope)]
  if (left === null || right === null) return null
  return arithmetic(node.op, left, right) ?? report(scope, node, 'this is not a finite number')
}

function compileIn(node: Node<'in'>, scope: Scope): Part {
  const left = compile(node.args[0], scope)
  const list = node.args[1]
  if (list.op !== 'list') return report(scope, list, '`in` needs a list written out, as in ["a"]')
  if (list.args.length === 0) return report(scope, list, 'nothing is in an empty list')
  const items = list.args.map((item) => compile(item, scope))
  if (left === null || items.includes(null)) return null
  const numbers = items.flatMap((item) => (item?.kind === 'constant' ? [item.value] : []))
  const texts = items.flatMap((item) => (item?.kind === 'text' ? [item.value] : []))
  if (isNumber(left) && left.kind !== 'constant' && numbers.length === items.length) {
    const dead = numbers.findIndex(
      (value) => unreachable('==', left, { kind: 'constant', value }) !== null,
    )
    if (dead < 0) return bool(oneOf(left, numbers))
    const constant: NumberNode = { kind: 'constant', value: numbers[dead]! }
    return report(scope, list.args[dead]!, unreachable('==', left, constant)!)
  }
  if (left.kind === 'string-signal' && texts.length === items.length) {
    const known = new Set(texts)
    return bool(stringTest(left, (value) => known.has(value)))
  }
  return report(scope, node, '`in` needs a signal and a list of constants of its type')
}

function compileMethod(node: Node<'rcall'>, scope: Scope): Part {
  const [name, receiver, args] = node.args
  const method = stringMethods.find((each) => each === name)
  if (method === undefined) {
    return report(scope, node, `.${name}() is not available; there are ${stringMethods.join(', ')}`)
  }
  const subject = compile(receiver, scope)
  const parts = args.map((arg) => compile(arg, scope))
  const argument = parts[0]
  if (subject === null || argument === null) return null
  if (subject.kind !== 'string-signal' || argument?.kind !== 'text' || parts.length !== 1) {
    return report(scope, node, `.${name}() goes on a string signal and takes a text in quotes`)
  }
  const test = methodTest(method, argument.value)
  if (typeof test === 'string') return report(scope, args[0]!, test)
  return bool(stringTest(subject, test))
}

const isNumber = (part: Compiled): part is NumberNode =>
  part.kind === 'constant' || part.kind === 'signal' || part.kind === 'computed'
const isString = (part: Compiled): part is StringNode =>
  part.kind === 'text' || part.kind === 'string-signal'
const isConstant = (part: Compiled) => part.kind === 'constant' || part.kind === 'text'

function boolPart(node: ASTNode, scope: Scope): BoolNode | null {
  const part = compile(node, scope)
  if (part === null || part.kind === 'bool') return part
  return report(scope, node, 'this must be true or false')
}

function numberPart(node: ASTNode, scope: Scope): NumberNode | null {
  const part = compile(node, scope)
  if (part === null || isNumber(part)) return part
  return report(scope, node, 'this must be a number')
}
