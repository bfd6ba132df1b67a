/**
 * `lists look-up`: what a directory of lists knows of a value. Phones and codes are hashed before
 * they are looked for; a value whose kind is not said is tried as every kind that it can be.
 */
import { publishedTestKey, readKeyFile } from '../config/key-file.ts'
import { deriveKeys, type Keys } from '../core/event/keyed-hash.ts'
import type { ListEntry, ListKind } from '../core/schema.gen.ts'
import { keptValue } from '../lists/kept-value.ts'
import { entryId, listKinds } from '../lists/lists.ts'
import { loadLists } from '../lists/lists-directory.ts'
import { systemClock } from '../runtime/clock.ts'
import { usageError } from './exit.ts'

/** What these commands need of the world: the time, and the key at a path or the test key. */
export interface ListsWorld {
  readonly now: () => number
  readonly loadKeys: (path: string | undefined) => Keys
}

/** This machine's clock and files. */
export const machine: ListsWorld = {
  now: systemClock.now,
  loadKeys: (path) => deriveKeys(path === undefined ? publishedTestKey : readKeyFile(path)),
}

export interface LookUpOptions {
  readonly kind?: string
  readonly key?: string
  readonly json?: boolean
}

export function kindOf(text: string | undefined): ListKind | undefined {
  const kind = listKinds.find((name) => name === text)
  if (text !== undefined && kind === undefined) {
    throw usageError(`--kind ${text}: is none of ${listKinds.join(', ')}`)
  }
  return kind
}

/** What is known of one value. */
interface Known {
  readonly value: string
  readonly facts: {
    readonly hosting: boolean
    readonly vpn: boolean
    readonly tor: boolean
    readonly listedBy: number
  } | null
  readonly entries: readonly (ListEntry & { readonly holds: boolean })[]
}

export function lookUpValues(
  directory: string,
  values: readonly string[],
  options: LookUpOptions,
  world: ListsWorld,
): void {
  const keys = world.loadKeys(options.key)
  const kind = kindOf(options.kind)
  const { lists, feeds } = loadLists(directory, keys)
  const at = world.now()
  const known = values.map((value): Known => {
    const ip = kind === undefined || kind === 'ip' ? keptValue('ip', value, keys) : null
    const entries = (kind === undefined ? listKinds : [kind]).flatMap((one) => {
      const kept = keptValue(one, value, keys)
      return kept === null ? [] : lists.covering(one, kept)
    })
    const holds = ({ expiresAt }: ListEntry) => expiresAt === null || at < expiresAt
    const facts = ip === null || ip.includes('/') ? null : feeds.facts(ip)
    return { value, facts, entries: entries.map((entry) => ({ ...entry, holds: holds(entry) })) }
  })
  if (options.json === true) process.stdout.write(`${JSON.stringify({ values: known })}\n`)
  else process.stdout.write(known.map(knownText).join(''))
}

function knownText({ value, facts, entries }: Known): string {
  const names =
    facts === null ? [] : (['hosting', 'vpn', 'tor'] as const).filter((name) => facts[name])
  const listed = facts === null || facts.listedBy === 0 ? [] : [`on ${facts.listedBy} public lists`]
  const lines = entries.map((entry) => {
    const until = entry.expiresAt === null ? 'for ever' : `until ${isoTime(entry.expiresAt)}`
    return `  ${entryId(entry)}, from ${entry.source}, ${entry.holds ? until : `expired, ${until}`}`
  })
  const words = [...names, ...listed].join(', ')
  const first = words === '' ? (lines.length === 0 ? 'nothing known' : 'no address facts') : words
  return `${value}: ${first}\n${lines.map((line) => `${line}\n`).join('')}`
}

/** ISO 8601 in UTC, without reading a clock. */
const isoTime = (at: number) => new Date(at).toISOString().slice(0, 16).concat('Z')
