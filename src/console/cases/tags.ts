/**
 * What a case can be found by, each as one short text with its kind before it. One index over these
 * (GIN) answers every filter by a value that few cases have; a filter by what many have walks the
 * queue's own order instead, and the planner knows which from its statistics of the texts.
 */
import type { Audit } from '../../core/schema.gen.ts'
import { keptText } from '../projection/kept-text.ts'

export const tagKinds = {
  user: 'u',
  device: 'd',
  ip: 'i',
  phone: 'p',
  code: 'c',
  referrer: 'w',
  sender: 's',
  event: 'e',
  campaign: 'C',
  merchant: 'M',
  channel: 'H',
  rule: 'R',
  first: 'F',
  tier: 'T',
  alert: 'A',
} as const
export type TagKind = keyof typeof tagKinds

export const tagOf = (kind: TagKind, value: string): string =>
  `${tagKinds[kind]}:${keptText(value)}`

export interface RuledBy {
  readonly rules: readonly string[]
  readonly tiers: readonly string[]
}

export function tagsOf({ event, decision }: Audit, { rules, tiers }: RuledBy): readonly string[] {
  const one = (kind: TagKind, value: string | null | undefined) =>
    value === null || value === undefined ? [] : [tagOf(kind, value)]
  return [
    ...one('user', event.user),
    ...one('device', event.device),
    ...one('ip', event.ip),
    ...one('phone', event.phone),
    ...one('code', event.codeHash),
    ...one('referrer', event.referrerDomain),
    ...one('sender', event.transferSender),
    ...one('event', event.id),
    ...one('campaign', event.campaign),
    ...one('merchant', event.merchant),
    ...one('channel', event.channel),
    ...one('first', rules[0]),
    ...rules.map((rule) => tagOf('rule', rule)),
    ...tiers.map((tier) => tagOf('tier', tier)),
    ...decision.alertIds.map((id) => tagOf('alert', id)),
  ]
}
