/**
 * The form in which a list keeps a value: the very form that decoding gives the same field of an
 * event, or an entry would never be met. What is personal is hashed here and goes no further.
 */

import { type Keys, md5Hex } from '../core/event/keyed-hash.ts'
import {
  hashCode,
  hashPhone,
  invalidReferrer,
  isSdkFingerprint,
  keepName,
  referrerDomain,
} from '../core/event/personal.ts'
import type { ListKind } from '../core/schema.gen.ts'
import { formatCidr, parseCidr } from './address-text.ts'

const valueCharsMax = 2_048

/** Kinds whose kept value depends on the key. */
export const isHashed = (kind: ListKind) => kind === 'phone' || kind === 'code'

/** Null where the text is no value of the kind. */
export function keptValue(kind: ListKind, text: string, keys: Keys): string | null {
  if (text === '' || text.length > valueCharsMax) return null
  switch (kind) {
    case 'unknown':
      return null
    case 'user':
      return keepName(text, keys)
    case 'device':
      return isSdkFingerprint(text) ? text.toLowerCase() : md5Hex(text)
    case 'ip': {
      const cidr = parseCidr(text)
      return cidr === null ? null : formatCidr(cidr)
    }
    case 'phone':
      return /^\+?[\d\s()-]{5,24}$/.test(text) ? hashPhone(text, keys) : null
    case 'code':
      return hashCode(text, keys).codeHash
    case 'referrer': {
      const domain = referrerDomain(text.replace(/^\*\./, ''))
      return domain === invalidReferrer ? null : keepName(domain, keys)
    }
  }
}

const forms: Readonly<Record<ListKind, RegExp>> = {
  unknown: /(?!)/,
  user: /^.{1,256}$/u,
  device: /^[0-9a-f]{32}$/,
  ip: /[.:]/,
  phone: /^[0-9a-f]{32}$/,
  code: /^[0-9a-f]{32}$/,
  referrer: /^(?:[a-z0-9-]+(?:\.[a-z0-9-]+)*|p:[0-9a-f]{32})$/,
}

/** Whether a value that is said to be in kept form can be. */
export function isKeptValue(kind: ListKind, value: string): boolean {
  if (!forms[kind].test(value)) return false
  if (kind !== 'ip') return true
  const cidr = parseCidr(value)
  return cidr !== null && formatCidr(cidr) === value
}
