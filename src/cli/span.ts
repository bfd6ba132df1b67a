/** Spans of time as people write them on a command line. */
import { usageError } from './exit.ts'

const unitMs: Readonly<Record<string, number>> = {
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
}

/** Milliseconds of `--expires-in`. */
export function expiryMs(text: string): number {
  const [, count, unit] = /^(\d{1,6})([mhdw])$/.exec(text) ?? []
  if (count === undefined || unit === undefined || Number(count) === 0) {
    throw usageError(`--expires-in ${text}: is no span such as 90m, 12h, 30d or 2w`)
  }
  return Number(count) * unitMs[unit]!
}
