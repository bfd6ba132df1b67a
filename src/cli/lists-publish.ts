/**
 * `lists add`, `remove` and `switch`: what every worker must know at once, written to risk.lists.
 * Values are brought into kept form here: no phone and no code leaves this process.
 */
import type { Command } from 'commander'
import type { Keys } from '../core/event/keyed-hash.ts'
import type { ListEntry, ListKind, ListName } from '../core/schema.gen.ts'
import { isHashed, isKeptValue, keptValue } from '../lists/kept-value.ts'
import { entryId, listKinds, listNames } from '../lists/lists.ts'
import {
  type ListChange,
  switchEntry,
  switchKey,
  switchStates,
  writeChanges,
} from '../log/kafka/list-topic.ts'
import { CommandError, usageError } from './exit.ts'
import { kindOf, type ListsWorld } from './lists-look-up.ts'
import { addServersOptions, type ServersOptions, withServers } from './servers.ts'
import { expiryMs } from './span.ts'

interface ChangeOptions extends ServersOptions {
  readonly list: string
  readonly kind: string
  readonly kept?: boolean
  readonly key?: string
  readonly source: string
  readonly note?: string
  readonly expiresIn?: string
  readonly json?: boolean
}
interface SwitchOptions extends ServersOptions {
  readonly source: string
  readonly note?: string
}

const addExamples = `
Examples:
  npx couponguard lists add oA7xz --list block --kind user --key KEY --note 'case 4711'
  npx couponguard lists add 77.90.185.0/24 --list block --kind ip --key KEY --expires-in 30d
  Rules no longer act against somebody whom they block wrongly; a block entry still does:
    npx couponguard lists add oA7xz --list allow --kind user --key KEY
Every worker knows within two seconds. KEY is the workers' key: phones and codes are hashed with it.
`
const removeExamples = `
Example:
  npx couponguard lists remove 13800138000 --list block --kind phone --key KEY
`
const switchExamples = `
Examples:
  All decisions become review at least:
    npx couponguard lists switch review --note 'rules misfire since 10:00'
  No rule acts, all are recorded:
    npx couponguard lists switch shadow
  As it was:
    npx couponguard lists switch none
`

const textCharsMax = 1_024

export function registerListChanges(lists: Command, world: ListsWorld): void {
  addChange(lists.command('add'))
    .description('Add values to a list that all workers follow.')
    .option('--note <TEXT>', 'why')
    .option('--expires-in <SPAN>', 'it holds for this long, such as 12h or 30d (default: for ever)')
    .addHelpText('after', addExamples)
    .action((values: string[], options: ChangeOptions) => change('add', values, options, world))
  addChange(lists.command('remove'))
    .description('Take values away from a list that all workers follow.')
    .addHelpText('after', removeExamples)
    .action((values: string[], options: ChangeOptions) => change('remove', values, options, world))
  addServersOptions(lists.command('switch'))
    .description('The kill switch of all workers.')
    .argument('<STATE>', switchStates.join(', '))
    .option('--source <NAME>', 'who turns it', 'command line')
    .option('--note <TEXT>', 'why')
    .addHelpText('after', switchExamples)
    .action((state: string, options: SwitchOptions) => turnSwitch(state, options, world))
}

function addChange(command: Command): Command {
  return addServersOptions(command)
    .argument('<VALUE...>', 'address or range, user, device, phone, code or referrer')
    .requiredOption('--list <LIST>', `which list: ${listNames.join(', ')}`)
    .requiredOption('--kind <KIND>', `kind of the values: ${listKinds.join(', ')}`)
    .option('--kept', 'the values are in kept form already, as decisions and the console show them')
    .option('--key <FILE>', "the workers' key")
    .option('--source <NAME>', 'who says so', 'command line')
    .option('--json', 'print one JSON document')
}

async function change(
  deed: 'add' | 'remove',
  values: readonly string[],
  options: ChangeOptions,
  world: ListsWorld,
): Promise<void> {
  const list: ListName | undefined = listNames.find((name) => name === options.list)
  if (list === undefined)
    throw usageError(`--list ${options.list}: is none of ${listNames.join(', ')}`)
  const kind = kindOf(options.kind) ?? 'unknown'
  const at = world.now()
  const { expiresIn } = options
  const expiresAt = expiresIn === undefined ? null : at + expiryMs(expiresIn)
  const keys = keysFor(kind, options, world)
  const about = {
    list,
    kind,
    source: textOf('--source', options.source),
    note: options.note === undefined ? null : textOf('--note', options.note),
    addedAt: at,
    expiresAt,
  }
  const entries = values.map((value): ListEntry => {
    const kept = keptOf(kind, value, { keys, isKept: options.kept === true })
    const keyed = isHashed(kind) || kept.startsWith('p:')
    return { ...about, value: kept, keyId: keyed ? keys.id : null }
  })
  const changes = entries.map(
    (entry): ListChange => ({
      key: entryId(entry),
      entry: deed === 'add' ? entry : null,
      at,
    }),
  )
  await write(options, changes)
  const ids = entries.map(entryId)
  if (options.json === true)
    process.stdout.write(`${JSON.stringify({ [deed === 'add' ? 'added' : 'removed']: ids })}\n`)
  else
    for (const id of ids) process.stdout.write(`${deed === 'add' ? 'added' : 'removed'}  ${id}\n`)
}

/** A name that looks personal is hashed as well, so all but addresses and devices need the key. */
function keysFor(kind: ListKind, { key, kept }: ChangeOptions, world: ListsWorld): Keys {
  if (
    key === undefined &&
    kind !== 'ip' &&
    kind !== 'device' &&
    !(kept === true && !isHashed(kind))
  )
    throw usageError(`--kind ${kind}: is hashed with the workers' key; name it with --key`)
  return world.loadKeys(key)
}

function keptOf(
  kind: ListKind,
  value: string,
  { keys, isKept }: { readonly keys: Keys; readonly isKept: boolean },
): string {
  if (isKept) {
    if (isKeptValue(kind, value)) return value
    throw new CommandError(`${value}: is not the kept form of a ${kind}; give it without --kept`)
  }
  const kept = keptValue(kind, value, keys)
  if (kept !== null && isKeptValue(kind, kept)) return kept
  throw new CommandError(`${value}: is no value of kind ${kind}; nothing was written`)
}

function textOf(option: string, text: string): string {
  if (text.length <= textCharsMax && !/\p{Cc}/u.test(text)) return text
  throw usageError(
    `${option}: must be at most ${textCharsMax} characters, without control characters`,
  )
}

async function turnSwitch(text: string, options: SwitchOptions, world: ListsWorld): Promise<void> {
  const state = switchStates.find((one) => one === text)
  if (state === undefined) throw usageError(`${text}: is none of ${switchStates.join(', ')}`)
  const at = world.now()
  const source = textOf('--source', options.source)
  const note = options.note === undefined ? null : textOf('--note', options.note)
  await write(options, [{ key: switchKey, entry: switchEntry(state, { source, note, at }), at }])
  process.stdout.write(`switch  ${state}\n`)
}

/** Entries of files, as `lists import --publish` reads them. */
export async function publishEntries(
  options: ServersOptions,
  entries: readonly ListEntry[],
): Promise<void> {
  const changes = entries.map((entry) => ({ key: entryId(entry), entry, at: entry.addedAt }))
  await write(options, changes)
}

function write(options: ServersOptions, changes: readonly ListChange[]): Promise<void> {
  return withServers(options, ({ kafka, registry, connections: { topicPrefix } }) =>
    writeChanges({ kafka, registry, topicPrefix }, changes),
  )
}
