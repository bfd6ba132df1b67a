/**
 * What an evaluation needs of each event: what it truly was, what the rules made of it and what the
 * model says. About 100 bytes an event are held; users are numbered as they come, so that they can
 * be counted without being named.
 */
import { newDecisionRow } from '../core/decision/decide.ts'
import { isAllowListed } from '../core/decision/weigh.ts'
import { calendarDay, type TimeZone } from '../core/event/time-zone.ts'
import { type Model, newScoringRoom, scoreSignals } from '../core/model/model.ts'
import type { ActedOutcome } from '../core/rules/playbook.ts'
import type { Audit, Labels } from '../core/schema.gen.ts'
import { deriveSignals } from '../core/signals/derive.ts'

export interface ScoredEvent {
  readonly fraud: boolean
  /** Kind of actor; `honest` or `dishonest` where the label names none. */
  readonly kind: string
  /** Days since 1970-01-01 in the time zone of the playbook. */
  readonly day: number
  /** Number of the user, from 0. */
  readonly user: number
  /** What the rules decided, and their risk score from 0 to 1. */
  readonly outcome: ActedOutcome
  readonly score: number
  /** An allow-list entry lets it go, whatever rules or model say. */
  readonly allowListed: boolean
  /** What the model says, 0 to 1; null without a model. */
  readonly probability: number | null
  /** In minor units of the currency. */
  readonly atStake: number | null
  readonly currency: string | null
}

/** Sees what the model looked at; the values are overwritten by the next event. */
export type OnScored = (values: Float64Array, probability: number) => void

export interface EventScorer {
  score(audit: Audit, labels: Labels): ScoredEvent
  /** What the labels so far stand for. */
  targets(): readonly string[]
}

export function newEventScorer(
  zone: TimeZone,
  model: Model | null,
  onScored: OnScored = () => undefined,
): EventScorer {
  const users = new Map<string, number>()
  const targets = new Set<string>()
  const probabilityOf = model === null ? () => null : modelScorer(zone, model, onScored)
  return {
    targets: () => [...targets],
    score(audit, { fraud, kind, target }) {
      targets.add(target ?? 'fraud')
      const { event, decision } = audit
      const { outcome } = decision
      const user = users.get(event.user) ?? users.size
      users.set(event.user, user)
      return {
        fraud,
        kind: kind ?? (fraud ? 'dishonest' : 'honest'),
        day: calendarDay(zone, event.occurredAt).day,
        user,
        // No decision says unknown; were one to, doubt never becomes allow.
        outcome: outcome === 'unknown' ? 'review' : outcome,
        score: decision.score / 100,
        allowListed: isAllowListed(audit.inputs),
        probability: probabilityOf(audit),
        atStake: decision.amountAtStake,
        currency: event.currency,
      }
    },
  }
}

function modelScorer(zone: TimeZone, model: Model, onScored: OnScored) {
  const row = newDecisionRow()
  const room = newScoringRoom(model)
  return ({ event, inputs }: Audit): number => {
    deriveSignals(event, inputs, zone, row)
    const probability = scoreSignals(model, row, room)
    onScored(room.values, probability)
    return probability
  }
}
