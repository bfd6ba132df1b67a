/** Rows of an input that could not be read: told by reason and line, and how many are too many. */
import type { RejectedReason } from '../recording/input-values.ts'
import { CommandError, exitCodes, usageError } from './exit.ts'

/** `--max-rejects`, as a share from 0 to 1. */
export function rejectShareOf(text: string): number {
  const [, number, percent] = /^(\d+(?:\.\d+)?)\s*(%?)$/.exec(text) ?? []
  const share = Number(number) / (percent === '%' ? 100 : 1)
  if (share >= 0 && share <= 1) return share
  throw usageError(`--max-rejects ${text}: is no share such as 0.001 or 0.1%`)
}

const grouped = (count: number) => count.toLocaleString('en-US')
const percent = (share: number) => `${Number((share * 100).toPrecision(3))} %`

export function tellRejects(reasons: ReadonlyMap<string, RejectedReason>): void {
  for (const [reason, { count, examples }] of reasons) {
    process.stderr.write(`couponguard: ${grouped(count)} rejected as ${reason}, such as\n`)
    for (const example of examples) process.stderr.write(`  ${example}\n`)
  }
}

export interface RejectsHeld {
  readonly rejected: number
  readonly share: number
  readonly maxRejects: number
  /** What became of the others. */
  readonly kept: string
}

/** Throws CommandError where the share is above what was allowed. */
export function refuseRejects({ rejected, share, maxRejects, kept }: RejectsHeld): void {
  if (share <= maxRejects) return
  throw new CommandError(
    `${grouped(rejected)} rejected, ${percent(share)}, more than --max-rejects ${percent(maxRejects)}; the others ${kept}`,
    exitCodes.tooManyRejects,
  )
}
