/**
 * The keys of an installation, and every hash that leaves the process: HMAC-SHA256, SHA-256 and
 * MD5, from one library. The windows have a hash of their own: see signals/window-hash.ts.
 */
import { hmac } from '@noble/hashes/hmac.js'
import { md5 } from '@noble/hashes/legacy.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import { hmacTextWith, sha256Text } from './short-sha256.ts'

/** Everything derived from the one secret of an installation. */
export interface Keys {
  /** First 8 hexadecimal digits of a hash of the key: recordings and lists name it. */
  readonly id: string
  readonly phone: (text: string) => string
  readonly code: (text: string) => string
  readonly pseudonym: (text: string) => string
  /** Two words for the windows' keyed hash. */
  readonly window: Uint32Array
}

/** Derives the keys of an installation from its secret of at least 16 bytes. */
export function deriveKeys(secret: Uint8Array): Keys {
  if (secret.length < 16) throw new RangeError('a key has at least 16 bytes')
  const derive = (purpose: string) => hmac(sha256, secret, utf8ToBytes(`couponguard ${purpose}`))
  const window = derive('window')
  return {
    id: bytesToHex(derive('id').subarray(0, 4)),
    phone: hmacTextWith(derive('phone')),
    code: hmacTextWith(derive('code')),
    pseudonym: hmacTextWith(derive('pseudonym')),
    window: Uint32Array.from([littleEndian(window, 0), littleEndian(window, 4)]),
  }
}

export function md5Hex(text: string): string {
  return bytesToHex(md5(utf8ToBytes(text)))
}

export function sha256Hex(bytes: Uint8Array): string {
  return bytesToHex(sha256(bytes))
}

/** Names an event everywhere: the lengths keep (ab, c) and (a, bc) apart. */
export function eventKeyOf(user: string, id: string, occurredAt: number): string {
  return sha256Text(`${user.length}:${user}${id.length}:${id}${occurredAt}`)
}

function littleEndian(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0
  )
}
