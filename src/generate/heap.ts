/**
 * A binary heap: the smallest key first, equal keys in the order in which they came, so that a run
 * is the same on every machine. Used for deeds that wait for their time and for rows that wait for
 * theirs. Push and pop cost the logarithm of the size.
 */

export interface Heap<T> {
  readonly size: number
  push(key: number, item: T): void
  /** Smallest key, or Infinity when empty. */
  nextKey(): number
  pop(): T
}

interface Entry<T> {
  readonly key: number
  readonly turn: number
  readonly item: T
}

const before = (a: Entry<unknown>, b: Entry<unknown>): boolean =>
  a.key < b.key || (a.key === b.key && a.turn < b.turn)

export function newHeap<T>(): Heap<T> {
  const entries: Entry<T>[] = []
  let turn = 0
  return {
    get size() {
      return entries.length
    },
    push: (key, item) => {
      turn += 1
      siftUp(entries, { key, turn, item })
    },
    nextKey: () => entries[0]?.key ?? Number.POSITIVE_INFINITY,
    pop: () => {
      const first = entries[0]
      const last = entries.pop()
      if (first === undefined || last === undefined) throw new Error('the heap is empty')
      if (entries.length > 0) siftDown(entries, last)
      return first.item
    },
  }
}

function siftUp<T>(entries: Entry<T>[], entry: Entry<T>): void {
  let place = entries.length
  entries.push(entry)
  while (place > 0) {
    const parent = (place - 1) >> 1
    const above = entries[parent]!
    if (!before(entry, above)) break
    entries[place] = above
    place = parent
  }
  entries[place] = entry
}

function siftDown<T>(entries: Entry<T>[], entry: Entry<T>): void {
  const size = entries.length
  let place = 0
  for (;;) {
    let child = 2 * place + 1
    if (child >= size) break
    if (child + 1 < size && before(entries[child + 1]!, entries[child]!)) child += 1
    if (!before(entries[child]!, entry)) break
    entries[place] = entries[child]!
    place = child
  }
  entries[place] = entry
}
