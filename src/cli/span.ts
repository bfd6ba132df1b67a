/** Times and spans of time as people write them on a command line. */
import { usageError } from './exit.ts'

const unitMs: Readonly<Record<string, number>> = {
  s: 1_000,
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

const spanForm = /^(\d{1,6})([smhd])$/

export function spanMs(option: string, text: string): number {
  const [, count, unit] = spanForm.exec(text) ?? []
  if (count === undefined || unit === undefined || Number(count) === 0)
    throw usageError(`${option} ${text}: is no span such as 30s, 10m, 2h or 1d`)
  return Number(count) * unitMs[unit]!
}

/** A time with its offset, or a span ago, as milliseconds since 1970. */
export function timeOf(option: string, text: string, now: number): number {
  if (spanForm.test(text)) return now - spanMs(option, text)
  const isTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d)$/.test(text)
  const at = isTime ? Date.parse(text) : Number.NaN
  if (Number.isFinite(at)) return at
  throw usageError(`${option} ${text}: is no time such as 2026-03-01T00:00:00+08:00, nor a span`)
}

export interface TimeRange {
  readonly from: number | null
  readonly to: number | null
}

/** `--from` and `--to`: the first moment, and the one to end before; null where there is none. */
export function timeRangeOf(
  { from, to }: { readonly from?: string | undefined; readonly to?: string | undefined },
  now: number,
): TimeRange {
  const range = {
    from: from === undefined ? null : timeOf('--from', from, now),
    to: to === undefined ? null : timeOf('--to', to, now),
  }
  if (range.from !== null && range.to !== null && range.from >= range.to)
    throw usageError('--to: must be after --from')
  return range
}
