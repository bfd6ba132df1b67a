/**
 * Numbers, money and times as people read them, in one language and in the playbook's time zone.
 * Made once for both and kept: a formatter of Intl is dear to make and cheap to use.
 */
import type { Language } from '../texts/language.ts'

export interface Format {
  readonly language: Language
  readonly number: (value: number) => string
  /** 0.0534 → 5.3 %. */
  readonly percent: (share: number) => string
  /** Minor units of the currency. */
  readonly money: (minor: number, currency: string | null) => string
  /** Day and time to the second. */
  readonly time: (ms: number) => string
  /** Time of day to the minute. */
  readonly clock: (ms: number) => string
  /** Time of day to the second. */
  readonly seconds: (ms: number) => string
  readonly day: (ms: number) => string
  /** A calendar day of the API: 20261126 → 26 Nov 2026. */
  readonly date: (day: number) => string
  /** Day of the year and time to the minute. */
  readonly moment: (ms: number) => string
  /** A length of time in its largest unit: `3 min`, `2 days`. */
  readonly span: (ms: number) => string
  /** `3 min ago`, `in 2 days`. */
  readonly ago: (ms: number, at: number) => string
  /** A number of a signal: at most three digits behind the point. */
  readonly measure: (value: number) => string
  readonly bytes: (count: number) => string
}

const tags: Readonly<Record<Language, string>> = { zh: 'zh-CN', en: 'en-GB' }
const units = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
] as const

export function makeFormat(language: Language, timeZone: string): Format {
  const tag = tags[language]
  const whole = new Intl.NumberFormat(tag, { maximumFractionDigits: 0 })
  const fine = new Intl.NumberFormat(tag, { maximumFractionDigits: 3 })
  const percent = new Intl.NumberFormat(tag, { style: 'percent', maximumFractionDigits: 1 })
  const timer = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(tag, { timeZone, hourCycle: 'h23', ...options })
  const time = timer({ dateStyle: 'medium', timeStyle: 'medium' })
  const clock = timer({ hour: '2-digit', minute: '2-digit' })
  const seconds = timer({ hour: '2-digit', minute: '2-digit', second: '2-digit' })
  const day = timer({ dateStyle: 'medium' })
  const date = timer({ dateStyle: 'medium', timeZone: 'UTC' })
  const moment = timer({ month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit' })
  const relative = new Intl.RelativeTimeFormat(tag, { numeric: 'auto', style: 'short' })
  const spans = new Map(
    units.map(([unit]) => [
      unit,
      new Intl.NumberFormat(tag, {
        style: 'unit',
        unit,
        unitDisplay: language === 'zh' ? 'long' : 'short',
        maximumFractionDigits: 0,
      }),
    ]),
  )
  const inUnit = (ms: number) =>
    units.find(([, length]) => Math.abs(ms) >= length) ?? units[units.length - 1]!
  return {
    language,
    number: (value) => whole.format(value),
    percent: (share) => percent.format(share),
    money: makeMoney(tag),
    time: (ms) => time.format(ms),
    clock: (ms) => clock.format(ms),
    seconds: (ms) => seconds.format(ms),
    day: (ms) => day.format(ms),
    date: (of) => date.format(midnightOf(of)),
    moment: (ms) => moment.format(ms),
    span: (ms) => {
      if (Math.abs(ms) < 1_000) return `${whole.format(ms)} ms`
      const [unit, length] = inUnit(ms)
      return spans.get(unit)!.format(Math.trunc(ms / length))
    },
    ago: (ms, at) => {
      const [unit, length] = inUnit(ms - at)
      return relative.format(Math.trunc((ms - at) / length), unit)
    },
    measure: (value) => fine.format(value),
    bytes: (count) =>
      count < 1_024 ? `${whole.format(count)} B` : `${fine.format(round1(count / 1_024))} KiB`,
  }
}

const round1 = (value: number) => Math.round(value * 10) / 10

/** A currency that Intl does not know is written behind the number, taken to have hundredths. */
function makeMoney(tag: string): Format['money'] {
  const made = new Map<string, { readonly format: Intl.NumberFormat; readonly minor: number }>()
  const plain = new Intl.NumberFormat(tag, { minimumFractionDigits: 2, maximumFractionDigits: 2 })
  const make = (currency: string) => {
    try {
      const format = new Intl.NumberFormat(tag, {
        style: 'currency',
        currency,
        currencyDisplay: 'narrowSymbol',
      })
      const digits = format.resolvedOptions().maximumFractionDigits ?? 2
      return { format, minor: 10 ** digits }
    } catch {
      return null
    }
  }
  return (minorUnits, currency) => {
    if (currency === null) return plain.format(minorUnits / 100)
    const known = made.get(currency) ?? make(currency)
    if (known === null) return `${plain.format(minorUnits / 100)} ${currency}`
    made.set(currency, known)
    return known.format.format(minorUnits / known.minor)
  }
}

/** 20261126 → midnight UTC of that day. */
const midnightOf = (day: number): number =>
  Date.UTC(Math.floor(day / 10_000), (Math.floor(day / 100) % 100) - 1, day % 100)
