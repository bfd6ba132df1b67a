/**
 * A later word on an event that was decided: a reviewer's, or an appeal's. It says all that the
 * first one said of rules, models and money, with its own outcome and who it is from; what the user
 * was to be told or to do falls away where nothing is held against the event any more.
 */
import type { ActedOutcome } from '../rules/playbook.ts'
import type { Decision } from '../schema.gen.ts'

export interface LaterWord {
  readonly outcome: ActedOutcome
  /** 1 for the first later word. */
  readonly number: number
  /** Such as `review`. */
  readonly cause: string
  readonly decidedBy: string
  /** When it was said, in milliseconds. */
  readonly at: number
}

const superseded = /^(.*)\+([1-9][0-9]{0,8})$/s

/** The number of a later word; 0 for the engine's own. */
export function wordNumber(id: string): number {
  const number = superseded.exec(id)?.[2]
  return number === undefined ? 0 : Number(number)
}

/** `<eventKey>@<playbookVersion>+n`; MUST be given the engine's own id. */
export const wordId = (engineId: string, number: number): string =>
  number === 0 ? engineId : `${engineId}+${number}`

/** `decision` is the engine's own. */
export function supersede(decision: Decision, word: LaterWord): Decision {
  const { outcome, number, cause, decidedBy, at } = word
  if (decision.supersedes !== null) throw new RangeError('not the engine’s own decision')
  const isFreed = outcome === 'allow'
  return {
    ...decision,
    id: wordId(decision.id, number),
    recordedAt: at,
    outcome,
    reasons: isFreed ? [] : decision.reasons,
    advice: isFreed ? [] : decision.advice,
    supersedes: wordId(decision.id, number - 1),
    cause,
    decidedBy,
  }
}
