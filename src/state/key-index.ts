/**
 * From the 64-bit key of an entity to a number that says where its log is: an open-addressed table
 * in one typed array, at most half full. Keys are keyed hashes, so their low bits spread by
 * themselves and nobody outside can choose who collides. A look-up is one look at memory.
 */

/** Three words a slot: the number + 1, or 0 where the slot is free; the key, low word first. */
const slotWords = 3
const slotsFirst = 1024

export class KeyIndex {
  #words = new Int32Array(slotsFirst * slotWords)
  #size = 0

  get size(): number {
    return this.#size
  }

  /** The number of a key, or -1. */
  get(low: number, high: number): number {
    return this.#words[this.#slotOf(low, high)]! - 1
  }

  /** Sets the number of a key, from 0 to 2^31 − 2. */
  set(low: number, high: number, number: number): void {
    const at = this.#slotOf(low, high)
    const isNew = this.#words[at] === 0
    this.#words[at] = number + 1
    this.#words[at + 1] = low
    this.#words[at + 2] = high
    if (!isNew) return
    this.#size += 1
    if (this.#size * 2 * slotWords > this.#words.length) this.#rebuild(this.#words.length * 2)
  }

  /** Forgets all keys, and keeps its room. */
  clear(): void {
    this.#words.fill(0)
    this.#size = 0
  }

  /** Gives every key the number that `place` makes of its number, or drops it where that is -1. */
  replaceAll(place: (number: number) => number): void {
    this.#rebuild(this.#words.length, place)
  }

  /** About so many of the numbers, spread over the whole; all where there are fewer. */
  sample(count: number): number[] {
    const step = Math.max(1, Math.floor(this.#words.length / slotWords / count / 2)) * slotWords
    const numbers: number[] = []
    for (let at = 0; at < this.#words.length; at += step)
      if (this.#words[at] !== 0) numbers.push(this.#words[at]! - 1)
    return numbers
  }

  /** Where the slot of a key begins, or a free one where it has none. */
  #slotOf(low: number, high: number): number {
    const words = this.#words
    const mask = words.length / slotWords - 1
    for (let slot = low & mask; ; slot = (slot + 1) & mask) {
      const at = slot * slotWords
      if (words[at] === 0) return at
      if (words[at + 1] === (low | 0) && words[at + 2] === (high | 0)) return at
    }
  }

  #rebuild(length: number, place: (number: number) => number = (number) => number): void {
    const from = this.#words
    this.#words = new Int32Array(length)
    this.#size = 0
    for (let at = 0; at < from.length; at += slotWords) {
      if (from[at] === 0) continue
      const number = place(from[at]! - 1)
      if (number >= 0) this.set(from[at + 1]!, from[at + 2]!, number)
    }
  }
}
