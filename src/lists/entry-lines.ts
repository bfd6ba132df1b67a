/**
 * List entries from a file, in either of two forms:
 *
 * - text: one raw value a line, what follows a tab is ignored (an ipsum file's count is looked at
 *   for `countMin`), `#` begins a comment; phones and codes are hashed here;
 * - JSON lines of ListEntry, values in kept form, as `lists import` itself writes them. Such a file
 *   names the key of its hashes, and one that was hashed with another key is refused.
 */
import { z } from 'zod'
import { CommandError } from '../cli/exit.ts'
import type { Keys } from '../core/event/keyed-hash.ts'
import { keepName } from '../core/event/personal.ts'
import type { ListEntry, ListKind, ListName } from '../core/schema.gen.ts'
import { isHashed, isKeptValue, keptValue } from './kept-value.ts'
import { listKinds, listNames } from './lists.ts'
import { newRejects, type Rejects } from './rejects.ts'
import { readLines } from './text-lines.ts'

export interface EntryRequest {
  /** What text lines are to become; JSON lines say it themselves. */
  readonly list: ListName
  readonly kind: ListKind
  readonly source: string
  readonly addedAt: number
  readonly expiresAt: number | null
  /** Text lines that name a smaller count behind the value are passed over. */
  readonly countMin: number
}

export interface EntriesRead {
  readonly entries: readonly ListEntry[]
  readonly rejects: Rejects
}

export const listsFormat = 'couponguard-lists 1'

const time = z.number().int().min(0).max(8.64e15)
const entrySchema = z.object({
  list: z.enum(listNames),
  kind: z.enum(listKinds),
  value: z.string().min(1).max(512),
  source: z.string().min(1).max(128),
  note: z.string().max(1_024).nullable().default(null),
  addedAt: time,
  expiresAt: time.nullable().default(null),
  keyId: z.string().max(64).nullable().default(null),
})
const headerSchema = z.object({ format: z.string(), keyId: z.string().nullable() })

export function readEntries(path: string, request: EntryRequest, keys: Keys): EntriesRead {
  const entries: ListEntry[] = []
  const rejects = newRejects(path)
  for (const { number, text } of readLines(path)) {
    if (text === '' || text?.startsWith('#')) continue
    if (text?.startsWith('{"format"')) {
      checkHeader(path, text, keys.id)
      continue
    }
    rejects.lines += 1
    const read = text === null ? 'is too long or no UTF-8' : readEntry(text, request, keys)
    if (typeof read === 'string') rejects.add(number, read)
    else if (
      read !== null &&
      (isHashed(read.kind) || read.keyId !== null) &&
      read.keyId !== keys.id
    ) {
      throw wrongKey(`${path}:${number}`, read.keyId, keys.id)
    } else if (read !== null) entries.push(read)
  }
  return { entries, rejects }
}

/** The entry, why there is none, or null for a line that is passed over. */
function readEntry(line: string, request: EntryRequest, keys: Keys): ListEntry | string | null {
  if (line.startsWith('{')) return entryFromJson(line, keys)
  const { list, kind, source, addedAt, expiresAt, countMin } = request
  if (kind === 'unknown') return 'is no JSON of a list entry; say --kind for plain values'
  const [raw = '', count] = kind === 'ip' ? line.split(/[\s,;]+/, 2) : line.split('\t', 2)
  if (count !== undefined && /^\d+$/.test(count) && Number(count) < countMin) return null
  const value = keptValue(kind, raw.trim(), keys)
  if (value === null) return `is no value of kind ${kind}`
  const keyId = isHashed(kind) || value.startsWith('p:') ? keys.id : null
  return { list, kind, value, source, note: null, addedAt, expiresAt, keyId }
}

function entryFromJson(line: string, keys: Keys): ListEntry | string {
  const parsed = entrySchema.safeParse(jsonOf(line))
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    return `is no list entry: ${issue!.path.join('.') || 'the line'} is missing or wrong`
  }
  const entry = parsed.data
  if (!isKeptValue(entry.kind, entry.value)) return `value is not the kept form of a ${entry.kind}`
  return { ...entry, note: entry.note === null ? null : keepName(entry.note, keys) }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function checkHeader(path: string, line: string, keyId: string): void {
  const header = headerSchema.safeParse(jsonOf(line))
  if (!header.success || header.data.format !== listsFormat) {
    throw new CommandError(`${path}:1: is not of the format ${listsFormat}; import it anew`)
  }
  if (header.data.keyId !== null && header.data.keyId !== keyId) {
    throw wrongKey(path, header.data.keyId, keyId)
  }
}

export function wrongKey(place: string, theirs: string | null, ours: string): CommandError {
  return new CommandError(
    `${place}: its values are hashed with key ${theirs ?? '(none named)'}, this run uses ${ours}; ` +
      'import them again from their source, or name their key with --key',
  )
}
