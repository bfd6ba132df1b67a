/**
 * Entries in a block that has room for so many of them: a column for each of some numbers, then the
 * rest of each entry together (entry.ts says which). A walk along a log reads few numbers of many
 * entries, so these lie next to each other.
 *
 *     │ times      room │ amounts    room │ flags  room │ …  room │ rest of 0 │ rest of 1 │ …
 */
import type { EntryNumbers, EntryShape } from '../core/signals/entry.ts'

export interface EntryBlock {
  readonly floats: Float64Array
  /** The same memory as integers. */
  readonly ints: Uint32Array
  /** Where the first column begins, in floats. */
  readonly first: number
  readonly room: number
}

/** Where the columns of words begin, in integers. */
const wordsOf = ({ floats }: EntryShape, { first, room }: EntryBlock): number =>
  (first + floats * room) * 2

/** Writes the numbers of one entry at a place. */
export function writeColumns(
  shape: EntryShape,
  block: EntryBlock,
  place: number,
  numbers: EntryNumbers,
): void {
  const { floats, ints, first, room } = block
  for (let column = 0; column < shape.floats; column += 1)
    floats[first + column * room + place] = numbers.floats[column]!
  const words = wordsOf(shape, block)
  for (let column = 0; column < shape.columns; column += 1)
    ints[words + column * room + place] = numbers.words[column]!
  const others = words + shape.columns * room + place * shape.rest
  for (let index = 0; index < shape.rest; index += 1)
    ints[others + index] = numbers.words[shape.columns + index]!
}

/** Moves some entries within their block, from one place to another. */
export function moveEntries(
  shape: EntryShape,
  block: EntryBlock,
  { from, to, count }: { from: number; to: number; count: number },
): void {
  const { floats, ints, first, room } = block
  for (let column = 0; column < shape.floats; column += 1) {
    const at = first + column * room
    floats.copyWithin(at + to, at + from, at + from + count)
  }
  const words = wordsOf(shape, block)
  for (let column = 0; column < shape.columns; column += 1) {
    const at = words + column * room
    ints.copyWithin(at + to, at + from, at + from + count)
  }
  const others = words + shape.columns * room
  const { rest } = shape
  ints.copyWithin(others + to * rest, others + from * rest, others + (from + count) * rest)
}

/** Copies entries to the front of another block. */
export function copyEntries(
  shape: EntryShape,
  from: EntryBlock,
  to: EntryBlock,
  { start, count }: { start: number; count: number },
): void {
  for (let column = 0; column < shape.floats; column += 1) {
    const at = from.first + column * from.room + start
    copy([from.floats, at], [to.floats, to.first + column * to.room], count)
  }
  const [words, wordsTo] = [wordsOf(shape, from), wordsOf(shape, to)]
  for (let column = 0; column < shape.columns; column += 1) {
    const at = words + column * from.room + start
    copy([from.ints, at], [to.ints, wordsTo + column * to.room], count)
  }
  const others = words + shape.columns * from.room + start * shape.rest
  copy([from.ints, others], [to.ints, wordsTo + shape.columns * to.room], count * shape.rest)
}

/** Most logs are short, so that a loop beats two views of the arrays. */
function copy<T extends Float64Array | Uint32Array>(
  [from, at]: readonly [T, number],
  [to, toAt]: readonly [T, number],
  count: number,
): void {
  for (let index = 0; index < count; index += 1) to[toAt + index] = from[at + index]!
}
