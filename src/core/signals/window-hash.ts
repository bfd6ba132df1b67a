/**
 * The 64-bit keyed hash of the windows: HalfSipHash-2-4 (Aumasson and Bernstein), which needs only
 * 32-bit arithmetic and so a tenth of the time of an HMAC. Its key keeps an attacker from choosing
 * texts that share a log or a slot.
 *
 * What is hashed is a row of words. A text is one word with its length, then its units, four a word
 * where all are below 256 and two where not; so no two rows of texts and numbers give the same
 * words.
 *
 *     begin ─▶ addText, addNumber, addWord … ─▶ writeTo(out, at)
 *
 * The words are collected first and then mixed in one loop, whose state the processor keeps in
 * registers; written back after each word, it costs twice as much.
 */

const wordsFirst = 512

export class WindowHash {
  readonly #key: Uint32Array
  readonly #number = new Float64Array(1)
  readonly #numberWords = new Int32Array(this.#number.buffer)
  /** The row so far: the first `#count`. */
  #words = new Int32Array(wordsFirst)
  #count = 0

  /** The key: two words. */
  constructor(key: Uint32Array) {
    this.#key = key
  }

  begin(): void {
    this.#count = 0
  }

  addText(text: string): void {
    const { length } = text
    this.#makeRoom(length + 1)
    const words = this.#words
    const head = this.#count
    const whole = length & ~3
    let next = head + 1
    let units = 0
    for (let at = 0; at < whole; at += 4) {
      const a = text.charCodeAt(at)
      const b = text.charCodeAt(at + 1)
      const c = text.charCodeAt(at + 2)
      const d = text.charCodeAt(at + 3)
      units |= a | b | c | d
      words[next++] = a | (b << 8) | (c << 16) | (d << 24)
    }
    if (whole < length) {
      words[next] = 0
      for (let at = whole; at < length; at += 1) {
        units |= text.charCodeAt(at)
        words[next]! |= text.charCodeAt(at) << ((at - whole) * 8)
      }
      next += 1
    }
    const isWide = units > 0xff
    words[head] = (length << 1) | (isWide ? 1 : 0)
    this.#count = isWide ? this.#packWide(text, head + 1) : next
  }

  /** Any number, or null, which is like no number. */
  addNumber(value: number | null): void {
    this.#number[0] = value ?? Number.NaN
    this.addWord(this.#numberWords[0]!)
    this.addWord(this.#numberWords[1]!)
  }

  addWord(word: number): void {
    this.#makeRoom(1)
    this.#words[this.#count++] = word
  }

  /** Writes the low word to out[at] and the high one after it; never both 0, which means none. */
  writeTo(out: Uint32Array, at: number): void {
    // The last word holds, on top of nothing left over, the length in bytes.
    this.addWord((this.#count * 4) << 24)
    const words = this.#words
    const count = this.#count
    const low = this.#key[0]! | 0
    const high = this.#key[1]! | 0
    let v0 = low
    let v1 = high ^ 0xee
    let v2 = 0x6c796765 ^ low
    let v3 = 0x74656462 ^ high
    // Two rounds a word, and then four for each half of the hash: as for two words of nothing.
    for (let index = 0; index < count + 4; index += 1) {
      const word = index < count ? words[index]! : 0
      if (index === count) v2 ^= 0xee
      if (index === count + 2) {
        out[at] = v1 ^ v3
        v1 ^= 0xdd
      }
      v3 ^= word
      for (let round = 0; round < 2; round += 1) {
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
      v0 ^= word
    }
    out[at + 1] = v1 ^ v3
    if (out[at] === 0 && out[at + 1] === 0) out[at] = 1
  }

  /** Writes the units of a text two a word; gives the place after them. */
  #packWide(text: string, from: number): number {
    const words = this.#words
    let next = from
    for (let at = 0; at < text.length; at += 2) {
      const second = at + 1 < text.length ? text.charCodeAt(at + 1) : 0
      words[next++] = text.charCodeAt(at) | (second << 16)
    }
    return next
  }

  #makeRoom(count: number): void {
    if (this.#count + count <= this.#words.length) return
    const words = new Int32Array(2 * (this.#count + count))
    words.set(this.#words)
    this.#words = words
  }
}
