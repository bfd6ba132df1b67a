/**
 * Undoes what `class … extends String`, as the Redis client declares one, does to the process: V8
 * then keeps `String.prototype` as a dictionary, whose methods no compiled code may take for
 * granted, and every `charCodeAt` and `length` costs four times as much (Node 20 to 24). It took
 * 17 % of the whole path, also where Redis was only loaded. A property that is looked up through
 * an object that has it from there makes it fast again; nothing else is changed.
 */

/** V8 begins to look closer at a place in the code after some calls. */
const lookUps = 1_000

/** To be called after the import of a library that declares such a class. */
export function keepTextsFast(): void {
  const box: unknown = Object('text')
  for (let count = 0; count < lookUps; count += 1) lookUp(box)
}

const lookUp = (box: unknown) => (box instanceof String ? box.charCodeAt : null)
