/**
 * What the audit log says of a call: to whom or what it was done, and with which words. Secrets
 * never, and a phone or a code only in its kept form. Looking up a person by a filter of the queue
 * counts as looking up, whatever the table says of the queue itself.
 */
import type { AuditEntry } from '../access/visitor.ts'
import type { OperationName } from '../api/operations.ts'

export interface Asked {
  readonly name: OperationName
  readonly params: Readonly<Record<string, string>>
  readonly query: unknown
  readonly body: unknown
}

/** What a person wrote → kept form of a list's value; null where it is none of that kind. */
export type Keep = (kind: 'phone' | 'code', value: string) => string | null

export interface AuditWords {
  readonly subject: string | null
  readonly detail: string | null
}

/** Look-ups by a filter of the queue that are not those of a moment ago. */
export interface LookUps {
  isNew(entry: Omit<AuditEntry, 'detail'>): boolean
}

const againMs = 600_000
const rememberedMax = 10_000

/**
 * A page that shows the queue asks again whenever anything changes: the same person looking at the
 * same somebody from the same address is written once in ten minutes.
 */
export function newLookUps(): LookUps {
  const last = new Map<string, number>()
  return {
    isNew({ at, person, action, subject, address }) {
      const what = JSON.stringify([person, action, subject, address])
      if ((last.get(what) ?? Number.NEGATIVE_INFINITY) > at - againMs) return false
      if (last.size >= rememberedMax) last.clear()
      last.set(what, at)
      return true
    },
  }
}

type Fields = Readonly<Record<string, unknown>>

const secrets = new Set(['password', 'current', 'next', 'code'])
const personal = ['user', 'device', 'ip', 'search'] as const
const keysShown = 3

const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {}
const textOf = (value: unknown): string | null =>
  typeof value === 'string' && value !== '' ? value : null

/** Whether a filter of the queue names somebody. */
export const namesSomebody = (query: unknown): boolean =>
  personal.some((key) => textOf(fieldsOf(query)[key]) !== null)

export function auditWords({ name, params, query, body }: Asked, keep: Keep): AuditWords {
  const asked = kept(fieldsOf(query), keep)
  const sent = kept(fieldsOf(body), keep)
  const subject = paramOf(params) ?? entityOf(asked) ?? entityOf(sent) ?? namedIn(name, asked, sent)
  const detail = { ...asked, ...sent }
  const words = Object.keys(detail).length === 0 ? null : JSON.stringify(shortened(detail))
  return { subject, detail: words }
}

const paramOf = (params: Readonly<Record<string, string>>): string | null =>
  params.key ?? params.id ?? params.name ?? null

function entityOf({ kind, value }: Fields): string | null {
  return typeof kind === 'string' && typeof value === 'string' ? `${kind}/${value}` : null
}

function namedIn(name: OperationName, asked: Fields, sent: Fields): string | null {
  for (const key of personal) {
    const value = textOf(asked[key])
    if (value !== null) return key === 'search' ? value : `${key}/${value}`
  }
  if (name === 'listAudit') return textOf(asked.subject) ?? textOf(asked.person)
  if (name === 'listPenalties') return textOf(asked.subject)
  if (Array.isArray(sent.keys)) return `${sent.keys.length} cases`
  return textOf(sent.name) ?? textOf(sent.id) ?? textOf(sent.reason)
}

/** Without secrets, and phones and codes as they are kept. */
function kept(fields: Fields, keep: Keep): Fields {
  const { kind, value, search } = fields
  const out = Object.fromEntries(Object.entries(fields).filter(([key]) => !secrets.has(key)))
  if ((kind === 'phone' || kind === 'code') && typeof value === 'string')
    out.value = keep(kind, value) ?? '(not of that kind)'
  if (typeof search === 'string') out.search = keep('phone', search) ?? search
  return out
}

function shortened(fields: Fields): Fields {
  const { keys } = fields
  if (!Array.isArray(keys) || keys.length <= keysShown) return fields
  return { ...fields, keys: [...keys.slice(0, keysShown), `and ${keys.length - keysShown} more`] }
}
