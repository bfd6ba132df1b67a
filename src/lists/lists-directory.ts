/**
 * Feeds and lists as a directory that `lists import` writes and the commands that judge read:
 *
 *     LISTS/feeds/<kind>.<source>.txt   one feed: a header line of JSON, then a range a line
 *     LISTS/lists.jsonl                 entries: a header line with the id of their key, then JSON
 *
 * A feed that comes again under the same source replaces what it said before, so what it dropped is
 * gone. Files are replaced by rename: a reader sees the old or the new, and a torn one is refused.
 */
import { createHash } from 'node:crypto'
import { existsSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { CommandError } from '../cli/exit.ts'
import type { Keys } from '../core/event/keyed-hash.ts'
import type { ListEntry } from '../core/schema.gen.ts'
import { removeIfAny, replaceFile } from '../runtime/durable-file.ts'
import { errnoOf } from '../runtime/edge-error.ts'
import { makeFolder } from '../runtime/make-folder.ts'
import { formatCidr } from './address-text.ts'
import { listsFormat, readEntries } from './entry-lines.ts'
import { type AddressFeeds, buildFeeds, type Feed, feedKinds, readFeed } from './feeds.ts'
import { entryId, indexLists, type Lists } from './lists.ts'
import { readLines } from './text-lines.ts'

export interface LoadedLists {
  readonly lists: Lists
  readonly feeds: AddressFeeds
  /** SHA-256 over feeds and entries, in hexadecimal: names them in recordings. */
  readonly hash: string
}

const feedFormat = 'couponguard-feed 1'
const feedHeader = z.object({
  format: z.literal(feedFormat),
  kind: z.enum(feedKinds),
  source: z.string(),
  ranges: z.number().int().min(0),
})
const entriesFile = (directory: string) => join(directory, 'lists.jsonl')
const feedsFolder = (directory: string) => join(directory, 'feeds')

/** Throws where the directory is missing, damaged, or its hashes were made with another key. */
export function loadLists(directory: string, keys: Keys): LoadedLists {
  if (!existsSync(directory)) {
    throw new CommandError(
      `${directory}: there is no such directory; make it with couponguard lists import`,
    )
  }
  const stored = readFeeds(directory)
  const entries = readStoredEntries(directory, keys)
  if (stored.length === 0 && !existsSync(entriesFile(directory))) {
    throw new CommandError(
      `${directory}: holds neither feeds nor lists; is it the --out of lists import?`,
    )
  }
  const feeds = buildFeeds(stored)
  return { lists: indexLists(entries), feeds, hash: hashOf(feeds, entries) }
}

function hashOf(feeds: AddressFeeds, entries: readonly ListEntry[]): string {
  const hash = createHash('sha256').update(`${feeds.hash ?? 'no feed'}\n`)
  for (const entry of sorted(entries)) {
    hash.update(`${JSON.stringify([entryId(entry), entry.source, entry.expiresAt])}\n`)
  }
  return hash.digest('hex')
}

function sorted(entries: readonly ListEntry[]): readonly ListEntry[] {
  const order = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)
  return [...entries].sort((a, b) => order(entryId(a), entryId(b)))
}

export function readFeeds(directory: string): readonly Feed[] {
  const folder = feedsFolder(directory)
  if (!existsSync(folder)) return []
  const files = readdirSync(folder).filter((file) => file.endsWith('.txt'))
  return files.sort().map((file) => readStoredFeed(join(folder, file)))
}

function readStoredFeed(path: string): Feed {
  const first = readLines(path).next().value?.text ?? ''
  const header = feedHeader.safeParse(jsonOf(first.replace(/^# /, '')))
  if (!header.success) {
    throw new CommandError(`${path}:1: is not of the format ${feedFormat}; import the feed again`)
  }
  const { kind, source, ranges } = header.data
  const feed = readFeed({ path, kind })
  if (feed.rejects.count > 0)
    throw new CommandError(`${feed.rejects.examples[0]}; import the feed again`)
  if (feed.ranges.length !== ranges) {
    throw new CommandError(
      `${path}: holds ${feed.ranges.length} ranges where its header says ${ranges}; import the feed again`,
    )
  }
  return { ...feed, source }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** Replaces the feed of the same kind and source. */
export async function writeFeed(directory: string, { kind, source, ranges }: Feed): Promise<void> {
  const header = JSON.stringify({ format: feedFormat, kind, source, ranges: ranges.length })
  const lines = ranges.map((range) =>
    kind === 'bad' ? `${formatCidr(range)}\t${range.count}` : formatCidr(range),
  )
  const name = `${kind}.${source.replace(/[^A-Za-z0-9._-]+/g, '-')}.txt`
  await store(directory, join('feeds', name), `# ${header}\n${lines.join('\n')}\n`)
}

/** The entries of the directory; none where it has no file of them yet. */
export function readStoredEntries(directory: string, keys: Keys): readonly ListEntry[] {
  const path = entriesFile(directory)
  if (!existsSync(path)) return []
  const inFile = { source: '', addedAt: 0, expiresAt: null, countMin: 0 } as const
  const { entries, rejects } = readEntries(
    path,
    { list: 'unknown', kind: 'unknown', ...inFile },
    keys,
  )
  if (rejects.count > 0) throw new CommandError(`${rejects.examples[0]}; import the list again`)
  return entries
}

/**
 * Adds entries; one with the id of an entry that is there replaces it. Gives all there are then.
 */
export function addEntries(
  directory: string,
  added: readonly ListEntry[],
  keys: Keys,
): Promise<readonly ListEntry[]> {
  const byId = new Map(readStoredEntries(directory, keys).map((entry) => [entryId(entry), entry]))
  for (const entry of added) byId.set(entryId(entry), entry)
  return writeEntries(directory, [...byId.values()], keys)
}

/** Replaces the entries of the directory by these; gives them in the order of the file. */
export async function writeEntries(
  directory: string,
  entries: readonly ListEntry[],
  keys: Keys,
): Promise<readonly ListEntry[]> {
  const all = sorted(entries)
  // Where nothing is hashed the list serves every installation.
  const hashed = all.some(({ keyId }) => keyId !== null)
  const header = JSON.stringify({ format: listsFormat, keyId: hashed ? keys.id : null })
  const lines = all.map((entry) => `${JSON.stringify(entry)}\n`)
  await store(directory, 'lists.jsonl', `${header}\n${lines.join('')}`)
  return all
}

const fullCodes = ['ENOSPC', 'EDQUOT', 'EFBIG']

async function store(directory: string, name: string, text: string): Promise<void> {
  const path = join(directory, name)
  const folder = dirname(path)
  try {
    for (const each of [directory, folder]) await makeFolder(each)
    await replaceFile(folder, path, text)
  } catch (error) {
    // What cannot be cleaned away must not hide what went wrong.
    await removeIfAny(`${path}.tmp`).catch(() => undefined)
    const code = errnoOf(error)
    if (code === null) throw error
    const why = fullCodes.includes(code)
      ? 'the disk is full; free some space'
      : `failed with ${code}`
    throw new CommandError(`${path}: ${why}; what was there before is unchanged`)
  }
}
