/**
 * Raised share alerts as a worker knows them: it follows the transitions that the monitor
 * publishes, in their order. What is in force when an event is judged is part of its inputs.
 */
import type { Alert } from '../schema.gen.ts'
import { otherScope } from './scopes.ts'
import type { AlertsInForce } from './share-monitor.ts'

export interface FollowedAlerts extends AlertsInForce {
  /** Takes one transition; a repeat changes nothing. */
  follow(alert: Alert): void
}

const nothing: readonly string[] = []

export function newFollowedAlerts(): FollowedAlerts {
  const raised = new Map<string, string>()
  const keyOf = (scope: string, day: number) => `${day} ${scope}`
  return {
    follow({ condition, transition, scope, day, raisedId }) {
      if (condition !== 'abnormal_share') return
      const key = keyOf(scope, day)
      if (transition === 'raised') raised.set(key, raisedId)
      else if (raised.get(key) === raisedId) raised.delete(key)
    },
    anyRaised: () => raised.size > 0,
    inForce(scopes, day) {
      if (raised.size === 0) return nothing
      // Which scopes the monitor counts by name is not published: `other` holds for all of a kind.
      return scopes.flatMap(
        (scope) => raised.get(keyOf(scope, day)) ?? raised.get(keyOf(otherScope(scope), day)) ?? [],
      )
    },
  }
}
