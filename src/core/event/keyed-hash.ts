/**
 * Every hash that couponguard makes. HMAC-SHA256, SHA-256 and MD5 come from one library; the 64-bit
 * keyed hash of the windows is HalfSipHash-2-4 (Aumasson and Bernstein), which needs only 32-bit
 * arithmetic: about 60 ns for a short text, where an HMAC costs 3 µs. Its key keeps an attacker
 * from choosing texts that share a log or a slot.
 */
import { hmac } from '@noble/hashes/hmac.js'
import { md5 } from '@noble/hashes/legacy.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'

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
    phone: hashWith(derive('phone')),
    code: hashWith(derive('code')),
    pseudonym: hashWith(derive('pseudonym')),
    window: Uint32Array.from([littleEndian(window, 0), littleEndian(window, 4)]),
  }
}

/** HMAC-SHA256 cut to 128 bits, in hexadecimal; the key's two blocks are digested only once. */
function hashWith(key: Uint8Array): (text: string) => string {
  const keyed = hmac.create(sha256, key)
  const working = keyed.clone()
  return (text) => {
    keyed._cloneInto(working)
    working.update(utf8Bytes(text)).digestInto(digest)
    return hex128(digest)
  }
}

// Scratch memory: these functions are called several times an event and never wait.
const digest = new Uint8Array(32)
const encoder = new TextEncoder()
const encoded = new Uint8Array(8_192)
const blank = sha256.create()
const working = sha256.create()

/** UTF-8 of a text, valid until the next call. */
function utf8Bytes(text: string): Uint8Array {
  const { read, written } = encoder.encodeInto(text, encoded)
  return read === text.length ? encoded.subarray(0, written) : utf8ToBytes(text)
}

const hexByte = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

function hex128(bytes: Uint8Array): string {
  let text = ''
  for (let index = 0; index < 16; index += 1) text += hexByte[bytes[index]!]!
  return text
}

export function md5Hex(text: string): string {
  return bytesToHex(md5(utf8ToBytes(text)))
}

export function sha256Hex(bytes: Uint8Array): string {
  return bytesToHex(sha256(bytes))
}

/** Names an event everywhere: the lengths keep (ab, c) and (a, bc) apart. */
export function eventKeyOf(user: string, id: string, occurredAt: number): string {
  blank._cloneInto(working)
  working
    .update(utf8Bytes(`${user.length}:${user}${id.length}:${id}${occurredAt}`))
    .digestInto(digest)
  return hex128(digest)
}

function littleEndian(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0
  )
}

/**
 * HalfSipHash-2-4 with 64 bits of output over the UTF-16 code units of a text, low byte first.
 * Writes the low word to out[at] and the high word to out[at + 1]; never both 0, which means none.
 */
export function hashText(key: Uint32Array, text: string, out: Uint32Array, at: number): void {
  let v0 = key[0]! | 0
  let v1 = (key[1]! | 0) ^ 0xee
  let v2 = 0x6c796765 ^ v0
  let v3 = 0x74656462 ^ (key[1]! | 0)
  const { length } = text
  const words = length >> 1
  // A word is two code units; the last holds what is left and, on top, the length in bytes. Each
  // takes two rounds; then each half of the output takes four.
  for (let step = 0; step < words + 3; step += 1) {
    let word = 0
    if (step < words) word = text.charCodeAt(step * 2) | (text.charCodeAt(step * 2 + 1) << 16)
    else if (step === words) word = (length << 25) | (length & 1 ? text.charCodeAt(length - 1) : 0)
    if (step <= words) v3 ^= word
    else if (step === words + 1) v2 ^= 0xee
    else v1 ^= 0xdd
    for (let round = step <= words ? 2 : 4; round > 0; round -= 1) {
      v0 = (v0 + v1) | 0
      v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0
      v0 = (v0 << 16) | (v0 >>> 16)
      v2 = (v2 + v3) | 0
      v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2
      v0 = (v0 + v3) | 0
      v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0
      v2 = (v2 + v1) | 0
      v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2
      v2 = (v2 << 16) | (v2 >>> 16)
    }
    if (step <= words) v0 ^= word
    else out[at + step - words - 1] = v1 ^ v3
  }
  if (out[at] === 0 && out[at + 1] === 0) out[at] = 1
}
