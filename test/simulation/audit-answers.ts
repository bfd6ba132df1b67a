/**
 * What clients were told, against what was committed: a decision is the committed one, whoever asks
 * and however often; another event under a used id is a conflict; what cannot be read is refused.
 */
import { isDeepStrictEqual } from 'node:util'
import type { Audit } from '../../src/core/schema.gen.ts'
import type { SubmitResult } from '../../src/http/submit-result.ts'
import type { LoggedEvent } from '../../src/log/stream.ts'
import { contentOf, type Fate } from './fates.ts'
import type { Exchange, Message } from './workload.ts'

export interface AnswerEvidence {
  readonly rows: readonly LoggedEvent[]
  readonly fates: readonly Fate[]
  readonly byOffset: ReadonlyMap<number, Audit>
  readonly exchanges: readonly Exchange[]
}

type Say = (problem: string) => void

export function auditAnswers(evidence: AnswerEvidence, say: Say): void {
  const offsets = new Map<string, number[]>()
  for (const { event, offset } of evidence.rows) {
    const content = contentOf(event)
    offsets.set(content, [...(offsets.get(content) ?? []), offset])
  }
  const told = new Map<Audit, number>()
  for (const { request, results } of evidence.exchanges) {
    if (results === null) continue
    if (results.length !== request.messages.length) say('answers are missing')
    for (const [index, result] of results.entries()) {
      const message = request.messages[index]!
      const mine = message.event === null ? [] : (offsets.get(contentOf(message.event)) ?? [])
      const found = auditAnswer({ message, result, mine }, evidence, say)
      if (result.status !== 'decided' || result.repeated) continue
      // Two records can be the same decision, where the user's first ids were forgotten.
      const next = found.find((one) => !told.has(one)) ?? found[0]
      if (next !== undefined) told.set(next, (told.get(next) ?? 0) + 1)
    }
  }
  for (const [{ offset }, times] of told)
    if (times > 1) say(`row ${offset} was answered ${times} times as if it were new`)
}

interface Answered {
  readonly message: Message
  readonly result: SubmitResult
  /** Rows of the log with this very content. */
  readonly mine: readonly number[]
}

function auditAnswer(
  { message, result, mine }: Answered,
  { fates, byOffset }: AnswerEvidence,
  say: Say,
): readonly Audit[] {
  const name = message.event === null ? message.sha256.slice(0, 8) : message.event.id
  switch (result.status) {
    case 'decided': {
      const found = mine
        .map((offset) => byOffset.get(firstOf(offset, fates)))
        .filter((one) => one !== undefined)
        .filter((one) => isDeepStrictEqual(one.decision, result.decision))
      if (found.length === 0) say(`${name}: was told a decision that was not committed`)
      if (message.refused === 'always') say(`${name}: was decided, but cannot be read`)
      return found
    }
    case 'conflict':
      if (!mine.some((offset) => fates[offset]?.kind === 'conflicting'))
        say(`${name}: was told of a conflict that there is not`)
      return []
    case 'rejected':
      if (message.refused === 'never') say(`${name}: was refused: ${result.detail}`)
      return []
    case 'unavailable':
      say(`${name}: was told ${result.detail}`)
      return []
  }
}

/** The row that a repeat repeats. */
function firstOf(offset: number, fates: readonly Fate[]): number {
  const fate = fates[offset]
  return fate?.kind === 'duplicate' ? fate.of : offset
}
