/**
 * Secrets that we make: 256 random bits each, so that their plain SHA-256 is enough to keep. The
 * CSRF token of a session is made from the session's own, and is not kept at all.
 */
import { createHash, createHmac, randomBytes } from 'node:crypto'

export const newSecret = (): string => randomBytes(32).toString('base64url')

export const sha256 = (text: string): Uint8Array =>
  new Uint8Array(createHash('sha256').update(text).digest())

export const csrfOf = (session: string): string =>
  createHmac('sha256', session).update('couponguard csrf').digest('base64url')

/** Easily read out and typed: four groups of five, 100 bits. */
export function newSetupCode(): string {
  const letters = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789'
  const picked = [...randomBytes(20)].map((byte) => letters[byte % letters.length]!)
  return [0, 5, 10, 15].map((at) => picked.slice(at, at + 5).join('')).join('-')
}

export const plainCode = (code: string): string => code.replaceAll(/[\s-]/g, '').toUpperCase()

/** Names that look alike are the same name. */
export const foldedName = (name: string): string =>
  name.normalize('NFKC').toLowerCase().replaceAll(/\s+/g, ' ').trim()
