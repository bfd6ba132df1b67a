/**
 * Blocks of floats out of pages of one mebibyte, with a free list per size and a bound on the
 * whole. A block never crosses a page, so it is one stretch of one typed array.
 */

const pageBits = 17
const pageFloats = 1 << pageBits
/** Addresses are 31-bit numbers of floats. */
const pagesMost = 2 ** (31 - pageBits)

export class Slab {
  readonly #pagesMax: number
  readonly #floats: Float64Array[] = []
  readonly #ints: Uint32Array[] = []
  /** Freed blocks by their size in floats. */
  readonly #free = new Map<number, number[]>()
  #next = 0

  constructor(bytesMax: number) {
    this.#pagesMax = Math.min(pagesMost, Math.max(1, Math.floor(bytesMax / (pageFloats * 8))))
  }

  get bytes(): number {
    return this.#floats.length * pageFloats * 8
  }

  floatsAt(block: number): Float64Array {
    return this.#floats[block >>> pageBits]!
  }

  intsAt(block: number): Uint32Array {
    return this.#ints[block >>> pageBits]!
  }

  /** Where a block begins within its page, in floats. */
  offsetOf(block: number): number {
    return block & (pageFloats - 1)
  }

  /** A block of this many floats, or -1 where the bound is reached. */
  allocate(size: number): number {
    const freed = this.#free.get(size)?.pop()
    if (freed !== undefined) return freed
    const left = this.#floats.length * pageFloats - this.#next
    if (left < size && !this.#addPage()) return this.#split(size)
    const block = this.#next
    this.#next += size
    return block
  }

  release(block: number, size: number): void {
    const freed = this.#free.get(size)
    if (freed === undefined) this.#free.set(size, [block])
    else freed.push(block)
  }

  /** Copies a block of this many floats into another slab; gives it there, -1 for no room. */
  copy(block: number, size: number, to: Slab): number {
    const copied = to.allocate(size)
    if (copied < 0) return -1
    const at = this.offsetOf(block)
    to.floatsAt(copied).set(this.floatsAt(block).subarray(at, at + size), to.offsetOf(copied))
    return copied
  }

  #addPage(): boolean {
    if (this.#floats.length === this.#pagesMax) return false
    const page = new Float64Array(pageFloats)
    this.#floats.push(page)
    this.#ints.push(new Uint32Array(page.buffer))
    this.#next = (this.#floats.length - 1) * pageFloats
    return true
  }

  /** Cuts a freed block of a larger size, the smallest that fits. */
  #split(size: number): number {
    let best = 0
    for (const [other, blocks] of this.#free) {
      if (other > size && blocks.length > 0 && (best === 0 || other < best)) best = other
    }
    const block = best === 0 ? undefined : this.#free.get(best)!.pop()
    if (block === undefined) return -1
    this.release(block + size, best - size)
    return block
  }
}
