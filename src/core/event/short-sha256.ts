/**
 * SHA-256 and HMAC-SHA256 of short ASCII texts, cut to 128 bits. An event needs three to five such
 * hashes. The library takes twice the time for the same: around a block it copies states, views and
 * arrays, and it moves all eight words of the state in each round, where four rounds written out
 * need only change places once. What is long or not ASCII goes the library's way. A test holds both
 * equal.
 */
import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'

/** What SHA-256 has come to after some blocks: eight words. */
type State = Int32Array

const blockBytes = 64
const blockWords = 16
const digestBytes = 32
const stateWords = 8
const shortUnitsMax = 2_048
/** Bytes with the end mark and the length, in whole blocks. */
const paddedBytes = (length: number) => Math.ceil((length + 9) / blockBytes) * blockBytes

const primes = Array.from({ length: 312 }, (_, number) => number).filter((number) => {
  for (let by = 2; by * by <= number; by += 1) if (number % by === 0) return false
  return number > 1
})
/** The first 32 bits of a fraction. */
const fraction = (value: number) => Math.floor((value % 1) * 2 ** 32)
/** The constants of SHA-256: roots of the first primes, square for the state, cube for rounds. */
const initial: State = Int32Array.from(primes.slice(0, 8), (prime) => fraction(Math.sqrt(prime)))
const roundKeys = Int32Array.from(primes, (prime) => fraction(Math.cbrt(prime)))

class ShortSha256 {
  readonly #message = new Int32Array(paddedBytes(shortUnitsMax) / 4)
  readonly #schedule = new Int32Array(64)
  readonly #state: State = new Int32Array(8)

  /** The state after one block, the first. */
  afterBlock(block: Uint8Array): State {
    const view = new DataView(block.buffer, block.byteOffset, block.byteLength)
    for (let word = 0; word < blockWords; word += 1) this.#message[word] = view.getInt32(word * 4)
    this.#state.set(initial)
    this.#mix(0)
    return this.#state.slice()
  }

  /** Hashes what came before, `before` bytes of it, and a text; false where it is not ASCII. */
  text(start: State, before: number, text: string): boolean {
    if (!this.#pack(text)) return false
    this.#finish(start, before, text.length)
    return true
  }

  /** Hashes what came before and the hash that was last made. */
  again(start: State, before: number): void {
    for (let word = 0; word < stateWords; word += 1) this.#message[word] = this.#state[word]!
    this.#message[digestBytes / 4] = 0x80 << 24
    this.#finish(start, before, digestBytes)
  }

  /** The first half of the hash that was last made, in hexadecimal. */
  hex128(): string {
    const state = this.#state
    return hexOf(state[0]!, state[1]!, state[2]!, state[3]!)
  }

  /** Bytes of a text and the mark of its end, four a word; false where it is not ASCII. */
  #pack(text: string): boolean {
    const message = this.#message
    const { length } = text
    const whole = length & ~3
    let units = 0
    for (let at = 0; at < whole; at += 4) {
      const a = text.charCodeAt(at)
      const b = text.charCodeAt(at + 1)
      const c = text.charCodeAt(at + 2)
      const d = text.charCodeAt(at + 3)
      units |= a | b | c | d
      message[at >> 2] = (a << 24) | (b << 16) | (c << 8) | d
    }
    let last = 0x80 << (24 - (length - whole) * 8)
    for (let at = whole; at < length; at += 1) {
      units |= text.charCodeAt(at)
      last |= text.charCodeAt(at) << (24 - (at - whole) * 8)
    }
    message[whole >> 2] = last
    return units < 0x80
  }

  #finish(start: State, before: number, length: number): void {
    const end = paddedBytes(length) / 4
    // Loops: the platform takes longer to begin with a few words than these take.
    for (let word = (length >> 2) + 1; word < end; word += 1) this.#message[word] = 0
    this.#message[end - 1] = (before + length) * 8
    for (let word = 0; word < stateWords; word += 1) this.#state[word] = start[word]!
    for (let block = 0; block < end; block += blockWords) this.#mix(block)
  }

  /** Mixes a block of the message into the state (FIPS 180-4, section 6.2.2). */
  #mix(block: number): void {
    const state = this.#state
    const w = this.#schedule
    for (let t = 0; t < blockWords; t += 1) w[t] = this.#message[block + t]!
    for (let t = blockWords; t < 64; t += 1) {
      const x = w[t - 15]!
      const y = w[t - 2]!
      const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3)
      const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10)
      w[t] = (w[t - 16]! + s0 + w[t - 7]! + s1) | 0
    }
    let a = state[0]!
    let b = state[1]!
    let c = state[2]!
    let d = state[3]!
    let e = state[4]!
    let f = state[5]!
    let g = state[6]!
    let h = state[7]!
    let swap = 0
    const k = roundKeys
    for (let t = 0; t < 64; t += 4) {
      h = (h + sum1(e) + (g ^ (e & (f ^ g))) + k[t]! + w[t]!) | 0
      d = (d + h) | 0
      h = (h + sum0(a) + ((a & b) | (c & (a | b)))) | 0
      g = (g + sum1(d) + (f ^ (d & (e ^ f))) + k[t + 1]! + w[t + 1]!) | 0
      c = (c + g) | 0
      g = (g + sum0(h) + ((h & a) | (b & (h | a)))) | 0
      f = (f + sum1(c) + (e ^ (c & (d ^ e))) + k[t + 2]! + w[t + 2]!) | 0
      b = (b + f) | 0
      f = (f + sum0(g) + ((g & h) | (a & (g | h)))) | 0
      e = (e + sum1(b) + (d ^ (b & (c ^ d))) + k[t + 3]! + w[t + 3]!) | 0
      a = (a + e) | 0
      e = (e + sum0(f) + ((f & g) | (h & (f | g)))) | 0
      // After four rounds the halves of the state have changed places.
      swap = a
      a = e
      e = swap
      swap = b
      b = f
      f = swap
      swap = c
      c = g
      g = swap
      swap = d
      d = h
      h = swap
    }
    state[0]! += a
    state[1]! += b
    state[2]! += c
    state[3]! += d
    state[4]! += e
    state[5]! += f
    state[6]! += g
    state[7]! += h
  }
}

const sum0 = (x: number) =>
  ((x >>> 2) | (x << 30)) ^ ((x >>> 13) | (x << 19)) ^ ((x >>> 22) | (x << 10))
const sum1 = (x: number) =>
  ((x >>> 6) | (x << 26)) ^ ((x >>> 11) | (x << 21)) ^ ((x >>> 25) | (x << 7))

const hasher = new ShortSha256()
const halfHex = (digest: Uint8Array) => bytesToHex(digest.subarray(0, digestBytes / 2))

/** The first 128 bits of SHA-256 over a text's UTF-8, in hexadecimal. */
export function sha256Text(text: string): string {
  const isShort = text.length <= shortUnitsMax && hasher.text(initial, 0, text)
  return isShort ? hasher.hex128() : halfHex(sha256(utf8ToBytes(text)))
}

/** The same of HMAC-SHA256 under a key of at most 64 bytes, whose two blocks are hashed once. */
export function hmacTextWith(key: Uint8Array): (text: string) => string {
  if (key.length > blockBytes) throw new RangeError(`a key has at most ${blockBytes} bytes`)
  const padded = (pad: number) =>
    Uint8Array.from({ length: blockBytes }, (_, index) => (key[index] ?? 0) ^ pad)
  const [inner, outer] = [hasher.afterBlock(padded(0x36)), hasher.afterBlock(padded(0x5c))]
  return (text) => {
    if (text.length > shortUnitsMax || !hasher.text(inner, blockBytes, text))
      return halfHex(hmac(sha256, key, utf8ToBytes(text)))
    hasher.again(outer, blockBytes)
    return hasher.hex128()
  }
}

const digits = Uint8Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0))
const digit = (word: number, shift: number) => digits[(word >>> shift) & 15]!

/** Four words in hexadecimal, in one piece: a text joined of parts is put together later anyway. */
function hexOf(a: number, b: number, c: number, d: number): string {
  // biome-ignore format: half a word a line
  return String.fromCharCode(
    digit(a, 28), digit(a, 24), digit(a, 20), digit(a, 16),
    digit(a, 12), digit(a, 8), digit(a, 4), digit(a, 0),
    digit(b, 28), digit(b, 24), digit(b, 20), digit(b, 16),
    digit(b, 12), digit(b, 8), digit(b, 4), digit(b, 0),
    digit(c, 28), digit(c, 24), digit(c, 20), digit(c, 16),
    digit(c, 12), digit(c, 8), digit(c, 4), digit(c, 0),
    digit(d, 28), digit(d, 24), digit(d, 20), digit(d, 16),
    digit(d, 12), digit(d, 8), digit(d, 4), digit(d, 0),
  )
}
