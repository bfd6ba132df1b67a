/**
 * The three ways to decide that are held against each other: the rules alone, the model alone, and
 * both as a playbook has them act, where the stronger outcome and the higher score win.
 */
import { type ActedOutcome, outcomeRank } from '../core/rules/playbook.ts'
import type { ScoredEvent } from './scored-events.ts'

export const ways = ['rules', 'model', 'both'] as const
export type Way = (typeof ways)[number]

/** Scores, 0 to 1, from which an event is reviewed or blocked; null: none is. */
export interface Thresholds {
  readonly reviewAt: number | null
  readonly blockAt: number | null
}

/** One of each per event, in their order. */
export interface Judgements {
  readonly scores: Float64Array
  readonly outcomes: readonly ActedOutcome[]
}

/** `thresholds` are the model's; the rules have decided already. */
export function judgementsOf(
  events: readonly ScoredEvent[],
  way: Way,
  thresholds: Thresholds,
): Judgements {
  const modelOutcome = ({ probability }: ScoredEvent) => outcomeAt(probability ?? 0, thresholds)
  switch (way) {
    case 'rules':
      return {
        scores: Float64Array.from(events, ({ score }) => score),
        outcomes: events.map(({ outcome }) => outcome),
      }
    case 'model':
      return {
        scores: Float64Array.from(events, ({ probability }) => probability ?? 0),
        outcomes: events.map(modelOutcome),
      }
    case 'both':
      return {
        scores: Float64Array.from(events, (event) => Math.max(event.score, besideRules(event))),
        outcomes: events.map((event) =>
          event.allowListed ? event.outcome : stronger(event.outcome, modelOutcome(event)),
        ),
      }
  }
}

/** What the model has to say where an allow-list entry may have settled it. */
export const besideRules = ({ allowListed, probability }: ScoredEvent): number =>
  allowListed ? 0 : (probability ?? 0)

export function outcomeAt(score: number, { reviewAt, blockAt }: Thresholds): ActedOutcome {
  if (blockAt !== null && score >= blockAt) return 'block'
  return reviewAt !== null && score >= reviewAt ? 'review' : 'allow'
}

const stronger = (a: ActedOutcome, b: ActedOutcome): ActedOutcome =>
  outcomeRank[a] >= outcomeRank[b] ? a : b
