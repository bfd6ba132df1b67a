/**
 * What a condition and each of its parts answers, as a small number, and the logic over it.
 *
 * A part is compiled to a pair: whether it holds, and whether its opposite holds. So a negation is
 * never evaluated, only pushed down to the comparisons. That keeps doubt honest: in `!(a < 5 &&
 * b)` with `a` in doubt and `b` absent, a doubtful `a` alone can still make the whole true, and an
 * answer `absent` for the bracket would have hidden it.
 *
 * With negations gone, the answers rank simply: `doubtful` means that it may be a hit, `absent`
 * that it cannot be one for want of a signal. Nothing here allocates.
 */
import type { SignalRow } from '../signals/row.ts'
import type { RuleVerdictName } from './playbook.ts'
import { missOfAll, missOfAny, neverSure, type SureMiss } from './sure-miss.ts'

export const missCode = 0
export const hitCode = 1
export const doubtfulCode = 2
export const absentCode = 3
export const failedCode = 4

export type Code =
  | typeof missCode
  | typeof hitCode
  | typeof doubtfulCode
  | typeof absentCode
  | typeof failedCode

/** The name of each code, at its place. */
export const verdictNames: readonly RuleVerdictName[] = [
  'miss',
  'hit',
  'doubtful',
  'absent',
  'failed',
]

export type Answer = (row: SignalRow) => Code

/**
 * A compiled yes-or-no part: `yes` answers it, `no` answers its opposite. Beside each stands how to
 * see that it is a miss.
 */
export interface Verdict {
  readonly yes: Answer
  readonly no: Answer
  readonly yesMiss: SureMiss
  readonly noMiss: SureMiss
  /** Whether it reckons: only arithmetic can fail, unless there is a defect. */
  readonly mayFail: boolean
}

export const inverted = ({ yes, no, yesMiss, noMiss, mayFail }: Verdict): Verdict => ({
  yes: no,
  no: yes,
  yesMiss: noMiss,
  noMiss: yesMiss,
  mayFail,
})

/** The pair of an answer that says hit or miss of a single fact. */
export function verdictOf(
  yes: Answer,
  { yesMiss, noMiss, mayFail }: Pick<Verdict, 'yesMiss' | 'noMiss' | 'mayFail'> = notSure,
): Verdict {
  const no: Answer = (row) => {
    const code = yes(row)
    return code === hitCode ? missCode : code === missCode ? hitCode : code
  }
  return { yes, no, yesMiss, noMiss, mayFail }
}

const notSure = { yesMiss: neverSure, noMiss: neverSure, mayFail: false }

export const always = (known: boolean): Verdict => ({
  yes: known ? () => hitCode : () => missCode,
  no: known ? () => missCode : () => hitCode,
  ...notSure,
})

export const allOf = (parts: readonly Verdict[]): Verdict => ({
  yes: conjunction(parts.map((part) => part.yes)),
  no: disjunction(parts.map((part) => part.no)),
  yesMiss: missOfAll(parts.map(yesPart)),
  noMiss: missOfAny(parts.map(noPart)),
  mayFail: parts.some(mayFail),
})

export const anyOf = (parts: readonly Verdict[]): Verdict => ({
  yes: disjunction(parts.map((part) => part.yes)),
  no: conjunction(parts.map((part) => part.no)),
  yesMiss: missOfAny(parts.map(yesPart)),
  noMiss: missOfAll(parts.map(noPart)),
  mayFail: parts.some(mayFail),
})

const yesPart = ({ yesMiss, mayFail }: Verdict) => ({ miss: yesMiss, mayFail })
const noPart = ({ noMiss, mayFail }: Verdict) => ({ miss: noMiss, mayFail })
const mayFail = (part: Verdict) => part.mayFail

/** `when ? then : otherwise`. */
export const choice = (when: Verdict, then: Verdict, otherwise: Verdict): Verdict => ({
  yes: chosen(when, then.yes, otherwise.yes),
  no: chosen(when, then.no, otherwise.no),
  ...notSure,
  mayFail: [when, then, otherwise].some(mayFail),
})

/** `a == b`; each is evaluated twice where it is not known, so both must be plain facts. */
export const same = (a: Verdict, b: Verdict): Verdict => choice(a, b, inverted(b))

/** miss, else failed, absent, doubtful, in that order; else hit. */
function conjunction(parts: readonly Answer[]): Answer {
  const [first, second] = parts
  if (first === undefined) return () => hitCode
  if (second === undefined) return first
  if (parts.length > 2) return conjunctionOfMany(parts)
  return (row) => {
    const a = first(row)
    if (a === missCode) return missCode
    const b = second(row)
    if (b === missCode) return missCode
    if (a > b) return a
    return b
  }
}

function conjunctionOfMany(parts: readonly Answer[]): Answer {
  return (row) => {
    let worst: Code = hitCode
    for (let at = 0; at < parts.length; at++) {
      const code = parts[at]!(row)
      if (code === missCode) return missCode
      if (code > worst) worst = code
    }
    return worst
  }
}

/** hit, else failed, doubtful, absent, in that order; else miss. */
function disjunction(parts: readonly Answer[]): Answer {
  if (parts.length === 1) return parts[0]!
  return (row) => {
    let best: Code = missCode
    for (let at = 0; at < parts.length; at++) {
      const code = parts[at]!(row)
      if (code === hitCode) return hitCode
      if (code !== missCode && best !== failedCode) best = nearerToHit(best, code)
    }
    return best
  }
}

function nearerToHit(best: Code, code: Code): Code {
  if (best === missCode || code === failedCode) return code
  return code < best ? code : best
}

/**
 * As `(when && then) || (!when && otherwise)`, with each evaluated at most once where `when` is
 * known.
 */
function chosen(when: Verdict, then: Answer, otherwise: Answer): Answer {
  const unsure = disjunction([conjunction([when.yes, then]), conjunction([when.no, otherwise])])
  return (row) => {
    const code = when.yes(row)
    if (code === hitCode) return then(row)
    if (code === missCode) return otherwise(row)
    return unsure(row)
  }
}
