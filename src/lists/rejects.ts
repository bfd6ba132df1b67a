/** Lines of a file that could not be read: how many, and the first few by place and reason. */

export const examplesMax = 5
/** Share of lines that may be rejected before a command says so by its exit code. */
export const rejectShareMax = 0.001

export interface Rejects {
  /** Lines that were read, rejected ones included; blank lines and comments are none. */
  lines: number
  /** How many of them were rejected. */
  count: number
  /** The first few, as `file:line: why`. */
  readonly examples: string[]
  add(line: number, why: string): void
}

export function newRejects(path: string): Rejects {
  return {
    lines: 0,
    count: 0,
    examples: [],
    add(line, why) {
      this.count += 1
      if (this.examples.length < examplesMax) this.examples.push(`${path}:${line}: ${why}`)
    },
  }
}
