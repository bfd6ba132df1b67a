/**
 * `lists import` and `lists look-up`: from feeds and files of bad values to the directory that the
 * commands that judge take as --lists, and what that directory knows of a value.
 */
import { existsSync } from 'node:fs'
import { basename } from 'node:path'
import type { Command } from 'commander'
import type { Keys } from '../core/event/keyed-hash.ts'
import type { ListEntry, ListName } from '../core/schema.gen.ts'
import { type EntryRequest, readEntries } from '../lists/entry-lines.ts'
import {
  type Feed,
  type FeedKind,
  feedKindOf,
  feedKinds,
  isFeedKind,
  readFeed,
  sourceOf,
} from '../lists/feeds.ts'
import { listKinds, listNames } from '../lists/lists.ts'
import { addEntries, loadLists, writeFeed } from '../lists/lists-directory.ts'
import { type Rejects, rejectShareMax } from '../lists/rejects.ts'
import { CommandError, exitCodes, usageError } from './exit.ts'
import {
  kindOf,
  type ListsWorld,
  type LookUpOptions,
  lookUpValues,
  machine,
} from './lists-look-up.ts'
import { publishEntries, registerListChanges } from './lists-publish.ts'
import { expiryMs } from './span.ts'

interface ImportOptions {
  readonly out?: string
  readonly publish?: boolean
  readonly config?: string
  readonly as?: string
  readonly list?: string
  readonly kind?: string
  readonly source?: string
  readonly expiresIn?: string
  readonly minCount: string
  readonly maxRejects?: string
  readonly key?: string
  readonly json?: boolean
}

const importExamples = `
Examples:
  Address feeds; the kind is told by the file's name, or by --as:
    npx couponguard lists import datacenter_ipv4.txt.gz ipsum.txt.gz --out lists
  Addresses on at least five public lists are blocked for 30 days:
    npx couponguard lists import ipsum.txt.gz --list block --kind ip --min-count 5 \\
      --expires-in 30d --out lists
  Phones are hashed while they are read:
    npx couponguard lists import phones.txt --list block --kind phone --key data/key --out lists
  To every worker, within two seconds; KEY is the workers' key:
    npx couponguard lists import bad.txt --list block --kind user --key KEY --publish
`

const lookUpExamples = `
Examples:
  npx couponguard lists look-up lists 77.90.185.20 2001:ac8::1
  npx couponguard lists look-up lists 13800138000 --kind phone --key data/key --json
`

export function registerLists(program: Command, world: ListsWorld = machine): void {
  const lists = program
    .command('lists')
    .description('Block, allow and watch lists and address feeds, kept in a directory.')
  lists
    .command('import')
    .description('Add files of addresses or bad values to the directory.')
    .argument('<FILE...>', 'text, one value a line, or JSON lines of list entries; gzip too')
    .option('--out <LISTS>', 'directory to add to; made if it is missing')
    .option('--publish', 'write the entries to risk.lists in Kafka instead of a directory')
    .option('--as <FEED>', `the files are address feeds of this kind: ${feedKinds.join(', ')}`)
    .option('--list <LIST>', `the files are entries of this list: ${listNames.join(', ')}`)
    .option('--kind <KIND>', `kind of the entries: ${listKinds.join(', ')}`)
    .option('--source <NAME>', "who says so (default: the file's name)")
    .option(
      '--expires-in <SPAN>',
      'entries hold for this long, such as 12h or 30d (default: for ever)',
    )
    .option('--min-count <N>', 'pass over addresses that fewer lists name', '1')
    .option('--max-rejects <SHARE>', 'exit 3 above this share of bad lines (default: 0.1%)')
    .option('--key <FILE>', 'key for phones and codes (default: the published test key)')
    .option('--config <FILE>', 'with --publish: YAML with kafka, registry and topicPrefix')
    .option('--json', 'print one JSON document')
    .addHelpText('after', importExamples)
    .action((files: string[], options: ImportOptions) => importFiles(files, options, world))
  lists
    .command('look-up')
    .description('What the directory knows of values.')
    .argument('<LISTS>', 'directory written by lists import')
    .argument('<VALUE...>', 'address, user, device, phone, code or referrer, as an event names it')
    .option(
      '--kind <KIND>',
      `kind of the values: ${listKinds.join(', ')} (default: whatever they can be)`,
    )
    .option('--key <FILE>', 'key of phones and codes (default: the published test key)')
    .option('--json', 'print one JSON document')
    .addHelpText('after', lookUpExamples)
    .action((directory: string, values: string[], options: LookUpOptions) =>
      lookUpValues(directory, values, options, world),
    )
  registerListChanges(lists, world)
}

/** What became of one file. */
interface Imported {
  readonly file: string
  /** The kind of feed, or list/kind of the entries. */
  readonly as: string
  readonly source: string
  readonly taken: number
  readonly rejects: Rejects
}

async function importFiles(
  files: readonly string[],
  options: ImportOptions,
  world: ListsWorld,
): Promise<void> {
  const maxRejects = shareOf(options.maxRejects)
  const missing = files.find((file) => !existsSync(file))
  if (missing !== undefined)
    throw new CommandError(`${missing}: there is no such file; check the path`)
  const keys = world.loadKeys(options.key)
  if (options.list !== undefined && options.as !== undefined) {
    throw usageError('--as makes address feeds, --list makes list entries: give one of them')
  }
  if (options.publish === true) {
    const { imported, entries } = await publishFiles(files, options, world.now(), keys)
    await publishEntries(options, entries)
    report(imported, { out: 'risk.lists', hash: null }, options.json === true)
    return refuseTooMany(imported, maxRejects)
  }
  const { out } = options
  if (out === undefined) throw usageError('say where to: --out LISTS, or --publish')
  const imported =
    options.list === undefined
      ? await importFeeds(files, { ...options, out })
      : await importEntries(files, entryRequest(options, world.now()), out, keys)
  const { hash } = loadLists(out, keys)
  report(imported, { out, hash }, options.json === true)
  refuseTooMany(imported, maxRejects)
}

async function publishFiles(
  files: readonly string[],
  options: ImportOptions,
  now: number,
  keys: Keys,
) {
  if (options.out !== undefined) throw usageError('--out and --publish: give one of them')
  if (options.list === undefined)
    throw usageError('--publish: is for list entries; name the list with --list')
  if (options.key === undefined)
    throw usageError("--publish: name the workers' key with --key, or no entry would be met")
  return readFiles(files, entryRequest(options, now), keys)
}

/** Nothing is written before every file has been read. */
async function importFeeds(
  files: readonly string[],
  options: ImportOptions & { readonly out: string },
): Promise<readonly Imported[]> {
  if (options.kind !== undefined || options.expiresIn !== undefined) {
    throw usageError('--kind and --expires-in belong to list entries: name the list with --list')
  }
  const countMin = wholeNumber('--min-count', options.minCount)
  const feeds = files.map((path): Feed => {
    const feed = readFeed({ path, kind: feedKind(path, options.as) }, countMin)
    refuseEmpty(path, feed.ranges.length, feed.rejects)
    return {
      ...feed,
      source:
        options.source === undefined ? feed.source : sourceOfMany(files, path, options.source),
    }
  })
  for (const feed of feeds) await writeFeed(options.out, feed)
  return feeds.map(({ kind, source, ranges, rejects }, at) => ({
    file: files[at]!,
    as: kind,
    source,
    taken: ranges.length,
    rejects,
  }))
}

/** Two files under one source would replace each other, so each also keeps its own name. */
const sourceOfMany = (files: readonly string[], path: string, source: string) =>
  files.length === 1 ? source : `${source}.${sourceOf(path)}`

function feedKind(path: string, as: string | undefined): FeedKind {
  if (as === undefined) {
    const kind = feedKindOf(path)
    if (kind !== null) return kind
    throw usageError(`${path}: its name does not tell what it is; say --as or --list`)
  }
  if (isFeedKind(as)) return as
  throw usageError(`--as ${as}: is none of ${feedKinds.join(', ')}`)
}

async function importEntries(
  files: readonly string[],
  request: EntryRequest,
  out: string,
  keys: Keys,
): Promise<readonly Imported[]> {
  const { imported, entries } = readFiles(files, request, keys)
  await addEntries(out, entries, keys)
  return imported
}

function readFiles(
  files: readonly string[],
  request: EntryRequest,
  keys: Keys,
): { readonly imported: readonly Imported[]; readonly entries: readonly ListEntry[] } {
  const all: ListEntry[] = []
  const imported = files.map((file): Imported => {
    const source = request.source === '' ? sourceOf(file) : request.source
    const { entries, rejects } = readEntries(file, { ...request, source }, keys)
    refuseEmpty(file, entries.length, rejects)
    for (const entry of entries) all.push(entry)
    return { file, as: `${request.list}/${request.kind}`, source, taken: entries.length, rejects }
  })
  return { imported, entries: all }
}

function entryRequest(options: ImportOptions, now: number): EntryRequest {
  const list: ListName | undefined = listNames.find((name) => name === options.list)
  if (list === undefined)
    throw usageError(`--list ${options.list}: is none of ${listNames.join(', ')}`)
  return {
    list,
    kind: kindOf(options.kind) ?? 'unknown',
    source: options.source ?? '',
    addedAt: now,
    expiresAt: options.expiresIn === undefined ? null : now + expiryMs(options.expiresIn),
    countMin: wholeNumber('--min-count', options.minCount),
  }
}

function wholeNumber(option: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw usageError(`${option} ${text}: is no whole number`)
}

function shareOf(text: string | undefined): number {
  if (text === undefined) return rejectShareMax
  const [, number, percent] = /^(\d+(?:\.\d+)?)\s*(%?)$/.exec(text) ?? []
  const share = Number(number) / (percent === '%' ? 100 : 1)
  if (share >= 0 && share <= 1) return share
  throw usageError(`--max-rejects ${text}: is no share such as 0.001 or 0.1%`)
}

function refuseEmpty(path: string, taken: number, rejects: Rejects): void {
  if (taken > 0) return
  const first = rejects.examples[0]
  const why =
    first === undefined ? 'holds no values' : `holds no value that could be read (${first})`
  throw new CommandError(`${path}: ${why}; nothing was changed`)
}

const grouped = (count: number) => count.toLocaleString('en-US')
const rejectShare = (files: readonly Imported[]) => {
  const lines = files.reduce((sum, { rejects }) => sum + rejects.lines, 0)
  const count = files.reduce((sum, { rejects }) => sum + rejects.count, 0)
  return { lines, count, share: lines === 0 ? 0 : count / lines }
}

interface Target {
  readonly out: string
  /** Null in Kafka, where others write as well. */
  readonly hash: string | null
}

function report(files: readonly Imported[], { out, hash }: Target, json: boolean): void {
  for (const { rejects } of files) {
    for (const example of rejects.examples) process.stderr.write(`couponguard: ${example}\n`)
  }
  if (json) {
    const rows = files.map(({ file, as, source, taken, rejects }) => ({
      file: basename(file),
      as,
      source,
      taken,
      rejected: rejects.count,
    }))
    process.stdout.write(
      `${JSON.stringify({ out, hash, files: rows, rejects: rejectShare(files) })}\n`,
    )
    return
  }
  for (const { as, source, taken, rejects } of files) {
    const bad = rejects.count === 0 ? '' : `, ${grouped(rejects.count)} bad lines`
    process.stdout.write(
      `${as.padEnd(16)} ${source.padEnd(24)} ${grouped(taken).padStart(9)}${bad}\n`,
    )
  }
  process.stdout.write(hash === null ? `${out}: written\n` : `${out}: ${hash}\n`)
}

function refuseTooMany(files: readonly Imported[], max: number): void {
  const { lines, count, share } = rejectShare(files)
  if (share <= max) return
  const percent = (value: number) => `${Number((value * 100).toPrecision(3))} %`
  throw new CommandError(
    `${grouped(count)} of ${grouped(lines)} lines could not be read, ${percent(share)}, more than ` +
      `--max-rejects ${percent(max)}; the rest was imported`,
    exitCodes.tooManyRejects,
  )
}
