/**
 * The bytes of dead letters, encrypted: the one place that holds what publishers sent as they sent
 * it. AES-256-GCM with a random nonce; where the letter came from is bound in, so that bytes cannot
 * be moved to another letter unnoticed. A letter names its key by an id that does not give it away.
 */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import type { DeadLetter } from './core/schema.gen.ts'

export interface LetterKey {
  /** Eight hexadecimal digits. */
  readonly id: string
  readonly secret: Uint8Array
}

const cipher = 'aes-256-gcm'
const nonceBytes = 12
const tagBytes = 16

/** From the 32 bytes that are configured. */
export function newLetterKey(configured: Uint8Array): LetterKey {
  const derive = (what: string, length: number) =>
    Buffer.from(hkdfSync('sha256', configured, '', `couponguard dead letters: ${what}`, length))
  return { id: derive('id', 4).toString('hex'), secret: derive('key', 32) }
}

/** Letters without bytes, and all where there is no key, are given back as they are. */
export function sealLetter(letter: DeadLetter, key: LetterKey | null): DeadLetter {
  if (key === null || letter.bytes === null) return letter
  const nonce = randomBytes(nonceBytes)
  const sealing = createCipheriv(cipher, key.secret, nonce).setAAD(placeBytes(letter))
  const parts = [nonce, sealing.update(letter.bytes), sealing.final(), sealing.getAuthTag()]
  return { ...letter, bytes: Buffer.concat(parts), sealedBy: key.id }
}

/**
 * With its bytes as they came. A letter that is sealed with another key stays sealed, as does one
 * whose bytes were changed.
 */
export function unsealLetter(letter: DeadLetter, key: LetterKey | null): DeadLetter {
  const { bytes, sealedBy } = letter
  if (key === null || sealedBy !== key.id || bytes === null) return letter
  if (bytes.length < nonceBytes + tagBytes) return letter
  const [nonce, tag] = [bytes.subarray(0, nonceBytes), bytes.subarray(bytes.length - tagBytes)]
  const text = bytes.subarray(nonceBytes, bytes.length - tagBytes)
  const opening = createDecipheriv(cipher, key.secret, nonce, { authTagLength: tagBytes })
  opening.setAAD(placeBytes(letter)).setAuthTag(tag)
  try {
    const opened = Buffer.concat([opening.update(text), opening.final()])
    return { ...letter, bytes: opened, sealedBy: null }
  } catch {
    return letter
  }
}

const placeBytes = ({ source, partition, offset }: DeadLetter) =>
  Buffer.from(`${source}/${partition}/${offset}`)
