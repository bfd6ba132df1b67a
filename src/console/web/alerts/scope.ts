/** The name of an alert's scope in words. */
import type { Dictionary } from '../texts/dictionary.ts'
import { wordFor } from '../texts/words.ts'

/** `all`, `campaign/…`, `merchant/…`, `channel/…`; anything else is shown as it came. */
export function scopeText({ alerts, words }: Dictionary, scope: string): string {
  const at = scope.search(/[/:]/)
  const name = scope.slice(at + 1)
  if (scope === 'all') return alerts.scope.all
  if (scope.startsWith('campaign')) return alerts.scope.campaign(name)
  if (scope.startsWith('merchant')) return alerts.scope.merchant(name)
  if (scope.startsWith('channel')) return alerts.scope.channel(wordFor(words.channel, name))
  return scope
}
