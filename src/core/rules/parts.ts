/**
 * A condition taken apart, to say of a miss how near it was: its alternatives (joined by `||` on
 * the outside) and the parts of each (joined by `&&`), every part compiled by itself.
 *
 *     a >= 4 && (b || c)         one alternative of two parts
 *     (a && b) || d              two alternatives, of two parts and of one
 *
 * Only what stands outside all brackets is taken apart, and no `? :`. For looking at one event, not
 * for judging.
 */
import { compileCondition } from './compile.ts'
import type { Condition } from './playbook.ts'

export interface ConditionPart {
  readonly text: string
  readonly condition: Condition
}

/** `when` MUST be the condition of a loaded rule. */
export function alternativesOf(when: string): readonly (readonly ConditionPart[])[] {
  const texts = /\?/.test(outside(when))
    ? [[when]]
    : splitOutside(when, '||').map((alternative) => splitOutside(bare(alternative), '&&'))
  const alternatives = texts.map((parts) => parts.map(compiled))
  if (alternatives.flat().every((part) => part !== null))
    return alternatives.map((parts) => parts.filter((part) => part !== null))
  const whole = compiled(when)
  if (whole === null) throw new RangeError('this condition was never loaded')
  return [[whole]]
}

function compiled(text: string): ConditionPart | null {
  const part = compileCondition(text)
  return 'condition' in part ? { text: text.trim(), condition: part.condition } : null
}

/** The text with all that stands in quotes or brackets blanked out, brackets included. */
function outside(text: string): string {
  let depth = 0
  return text.replace(/"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|[([\])]|[^"'([\])]+/g, (piece) => {
    if (piece === '(' || piece === '[') depth += 1
    const blank = depth > 0 || /^["']/.test(piece)
    if (piece === ')' || piece === ']') depth -= 1
    return blank ? ' '.repeat(piece.length) : piece
  })
}

function splitOutside(text: string, operator: '&&' | '||'): readonly string[] {
  const parts: string[] = []
  let from = 0
  for (const { index } of outside(text).matchAll(operator === '&&' ? /&&/g : /\|\|/g)) {
    parts.push(text.slice(from, index))
    from = index + operator.length
  }
  return [...parts, text.slice(from)]
}

/** Without the brackets around the whole of it. */
function bare(text: string): string {
  const inner = text.trim()
  return inner.startsWith('(') && outside(inner).trim() === '' ? bare(inner.slice(1, -1)) : inner
}
