/** The text format of Prometheus, read as strictly as its specification allows. */

export interface Series {
  readonly name: string
  /** As written between the braces; empty where there are none. */
  readonly labels: string
  readonly value: number
}

const sample =
  /^(?<name>[a-zA-Z_:][\w:]*)(?:\{(?<labels>(?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\[\\n"])*",?)*)\})? (?<value>[-+]?(?:\d[\d.]*(?:e[-+]?\d+)?|Inf|NaN))$/
const comment = /^# (?:HELP|TYPE) [a-zA-Z_:][\w:]* .+$/

/** Throws at the first line that is none. */
export function readPrometheus(text: string): readonly Series[] {
  if (!text.endsWith('\n')) throw new Error('no line end at the end')
  return text
    .split('\n')
    .filter((line) => line !== '' && !comment.test(line))
    .map((line) => {
      const { name, labels, value } = sample.exec(line)?.groups ?? {}
      if (name === undefined || value === undefined) throw new Error(`no sample: ${line}`)
      return { name, labels: labels ?? '', value: Number(value.replace('Inf', 'Infinity')) }
    })
}

/** `name{labels}` → value, of our own only. */
export function ownSeries(text: string): Readonly<Record<string, number>> {
  const own = readPrometheus(text).filter(({ name }) => name.startsWith('couponguard_'))
  return Object.fromEntries(
    own.map(({ name, labels, value }) => [
      labels === '' ? name.slice(12) : `${name.slice(12)}{${labels}}`,
      value,
    ]),
  )
}
