/**
 * SHA-256 and HMAC-SHA256 of short texts, cut to 128 bits: the library's rounds over blocks that
 * are padded here. An event needs three to five such hashes, and what the library's general way
 * does around a block (copies of states, views, arrays) costs more than the block itself. A test
 * holds both equal.
 */
import { hmac } from '@noble/hashes/hmac.js'
import { _SHA256, sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'

/** What SHA-256 has come to after some blocks: eight words. */
type State = Int32Array

const blockBytes = 64
const digestBytes = 32
/** Longer texts go the library's way: a code that is normalised can become that long. */
const shortUnitsMax = 2_048
/** UTF-8 takes three bytes a unit at most; padding, up to two blocks. */
const roomBytes = 3 * shortUnitsMax + 2 * blockBytes

class Rounds extends _SHA256 {
  readonly #bytes = new Uint8Array(roomBytes)
  readonly #view = new DataView(this.#bytes.buffer)
  readonly #encoder = new TextEncoder()
  /** The state before the first block. */
  readonly initial: State = Int32Array.from(this.get())

  /** The state after one block, the first. */
  afterBlock(block: Uint8Array): State {
    this.#bytes.set(block)
    this.#resume(this.initial)
    this.process(this.#view, 0)
    return Int32Array.from(this.get())
  }

  /** Hashes what came before, `before` bytes of it, and a short text. */
  text(state: State, before: number, text: string): void {
    this.#finish(state, before, this.#write(text))
  }

  /** Hashes what came before and the hash that was last made. */
  again(state: State, before: number): void {
    this.#view.setInt32(0, this.A)
    this.#view.setInt32(4, this.B)
    this.#view.setInt32(8, this.C)
    this.#view.setInt32(12, this.D)
    this.#view.setInt32(16, this.E)
    this.#view.setInt32(20, this.F)
    this.#view.setInt32(24, this.G)
    this.#view.setInt32(28, this.H)
    this.#finish(state, before, digestBytes)
  }

  /** The first half of the hash that was last made, in hexadecimal. */
  hex128(): string {
    return hexOf(this.A, this.B, this.C, this.D)
  }

  /** UTF-8 of a text at the start of the room; gives its length. */
  #write(text: string): number {
    const bytes = this.#bytes
    const { length } = text
    for (let at = 0; at < length; at += 1) {
      const unit = text.charCodeAt(at)
      if (unit >= 0x80) return this.#encoder.encodeInto(text, bytes).written
      bytes[at] = unit
    }
    return length
  }

  #finish(state: State, before: number, length: number): void {
    const end = Math.ceil((length + 9) / blockBytes) * blockBytes
    this.#bytes[length] = 0x80
    this.#bytes.fill(0, length + 1, end)
    this.#view.setUint32(end - 4, (before + length) * 8)
    this.#resume(state)
    for (let block = 0; block < end; block += blockBytes) this.process(this.#view, block)
  }

  #resume(state: State): void {
    this.set(state[0]!, state[1]!, state[2]!, state[3]!, state[4]!, state[5]!, state[6]!, state[7]!)
  }
}

const rounds = new Rounds()
const halfHex = (digest: Uint8Array) => bytesToHex(digest.subarray(0, digestBytes / 2))

/** The first 128 bits of SHA-256 over a text's UTF-8, in hexadecimal. */
export function sha256Text(text: string): string {
  if (text.length > shortUnitsMax) return halfHex(sha256(utf8ToBytes(text)))
  rounds.text(rounds.initial, 0, text)
  return rounds.hex128()
}

/** The same of HMAC-SHA256 under a key of at most 64 bytes, whose two blocks are hashed once. */
export function hmacTextWith(key: Uint8Array): (text: string) => string {
  if (key.length > blockBytes) throw new RangeError(`a key has at most ${blockBytes} bytes`)
  const padded = (pad: number) =>
    Uint8Array.from({ length: blockBytes }, (_, index) => (key[index] ?? 0) ^ pad)
  const [inner, outer] = [rounds.afterBlock(padded(0x36)), rounds.afterBlock(padded(0x5c))]
  return (text) => {
    if (text.length > shortUnitsMax) return halfHex(hmac(sha256, key, utf8ToBytes(text)))
    rounds.text(inner, blockBytes, text)
    rounds.again(outer, blockBytes)
    return rounds.hex128()
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
