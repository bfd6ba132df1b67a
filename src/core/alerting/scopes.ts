/**
 * The scopes whose day is watched: all, and one per campaign, merchant and channel that is named.
 */
import type { Event } from '../schema.gen.ts'

export function scopesOf({ campaign, merchant, channel }: Event): string[] {
  const scopes = ['all', `campaign:${campaign}`]
  if (merchant !== null) scopes.push(`merchant:${merchant}`)
  if (channel !== null) scopes.push(`channel:${channel}`)
  return scopes
}

/** Where a scope is counted when a day has too many: KIND:other. */
export function otherScope(scope: string): string {
  const colon = scope.indexOf(':')
  return colon < 0 ? scope : `${scope.slice(0, colon)}:other`
}
