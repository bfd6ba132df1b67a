/** What an entry of the audit log says of an operation, as a line for people; pure. */
import type { Dictionary } from '../texts/dictionary.ts'
import { wordFor } from '../texts/words.ts'
import type { Format } from '../time/format.ts'

/** How many rows were asked for tells nobody anything. */
const untold = new Set(['limit', 'after', 'before'])
const refusal = 'refused: '

/** `{"kind":"ip","limit":50}` → `kind Address`; what is no object of JSON stays as it is. */
export function detailText(detail: string, texts: Dictionary, format: Format): string {
  const { audit } = texts.registers
  if (detail.startsWith(refusal)) {
    const why = detail.slice(refusal.length)
    return audit.refused(wordFor(texts.shell.state.refused, why))
  }
  const fields = fieldsOf(detail)
  if (fields === null) return detail
  return fields
    .filter(([name, value]) => !untold.has(name) && value !== null && value !== '')
    .map(
      ([name, value]) => `${wordFor(audit.fields, name)} ${said(name, value, { texts, format })}`,
    )
    .join(' · ')
}

interface Words {
  readonly texts: Dictionary
  readonly format: Format
}

function said(name: string, value: unknown, { texts, format }: Words): string {
  if (typeof value === 'object') return JSON.stringify(value)
  if (typeof value === 'number' && /At$|^from$|^to$/.test(name)) return format.time(value)
  const table = tableOf(name, texts)
  return table === null ? String(value) : wordFor(table, String(value))
}

/** The words of a field whose values are the contract's. */
function tableOf(
  name: string,
  { words, registers }: Dictionary,
): Readonly<Record<string, string>> | null {
  const tables: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    ...{ action: registers.audit.deeds, kind: words.entity, list: words.list },
    ...{ outcome: words.outcome, reason: words.rejection, role: words.role, state: words.state },
    ...{ tier: words.tier, verdict: words.verdict, channel: words.channel },
  }
  return Object.hasOwn(tables, name) ? tables[name]! : null
}

function fieldsOf(detail: string): readonly (readonly [string, unknown])[] | null {
  try {
    const parsed: unknown = JSON.parse(detail)
    const isObject = typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
    return isObject ? Object.entries(parsed) : null
  } catch {
    return null
  }
}
