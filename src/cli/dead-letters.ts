/**
 * `dead-letters list`, `show` and `redrive`: what could not be read, by reason and by the place it
 * came from, and sending it again once its cause is mended.
 */
import type { Command } from 'commander'
import { type RejectionReason, rejectionReasons } from '../core/event/rejection.ts'
import type { DeadLetter } from '../core/schema.gen.ts'
import { obstacleOf } from '../dead-letter.ts'
import {
  type LetterFilter,
  placeOf,
  readLetters,
  redrive,
  redrivenTimes,
} from '../log/kafka/dead-letter-topic.ts'
import { newRecordReader } from '../log/kafka/record-reader.ts'
import { systemClock } from '../runtime/clock.ts'
import { CommandError, usageError } from './exit.ts'
import { hexDump, visibleText } from './hex-dump.ts'
import { addServersOptions, type Servers, type ServersOptions, withServers } from './servers.ts'

interface FilterOptions extends ServersOptions {
  readonly reason?: string
  readonly topic?: string
  readonly partition?: string
  readonly offset?: string
  readonly json?: boolean
}
interface ListOptions extends FilterOptions {
  readonly limit: string
}
interface RedriveOptions extends FilterOptions {
  readonly all?: boolean
  readonly dryRun?: boolean
}

const listExamples = `
Examples:
  npx couponguard dead-letters list
  npx couponguard dead-letters list --reason unknown-schema --topic coupon.claims --json
`
const showExamples = `
Example:
  npx couponguard dead-letters show --topic coupon.claims --partition 3 --offset 1234
`
const redriveExamples = `
Examples:
  A schema was registered late: what it would send, then send it:
    npx couponguard dead-letters redrive --reason unknown-schema --dry-run
    npx couponguard dead-letters redrive --reason unknown-schema
Where bytes are encrypted (deadLetters.keyFile, COUPONGUARD_DEAD_LETTERS_KEY_FILE), the same key reads them.
An event is decided once however often it is sent: its id is known. Each message says in its header
couponguard-redriven how often it was sent again.
`

const showBytesMax = 4_096
/** Letters that are held at one time; a broken publisher makes millions. */
const heldMax = 100_000
const heldBytesMax = 256 * 1_048_576

export function registerDeadLetters(program: Command): void {
  const command = program
    .command('dead-letters')
    .description('What could not be read: list it, look at it, send it again.')
  addFilter(command.command('list'))
    .description('Count letters by reason, and list them.')
    .option('--limit <N>', 'letters to list, the newest of each partition', '100')
    .addHelpText('after', listExamples)
    .action(listLetters)
  addFilter(command.command('show'))
    .description('One letter with its bytes, in hexadecimal and as text.')
    .addHelpText('after', showExamples)
    .action(showLetter)
  addFilter(command.command('redrive'))
    .description('Send letters again to where they came from.')
    .option('--all', 'every letter there is')
    .option('--dry-run', 'say what would be sent, and send nothing')
    .addHelpText('after', redriveExamples)
    .action(redriveLetters)
}

function addFilter(command: Command): Command {
  return addServersOptions(command)
    .option('--reason <REASON>', `letters of this reason: ${rejectionReasons.join(', ')}`)
    .option('--topic <TOPIC>', 'letters from this topic, named without prefix')
    .option('--partition <P>', 'letters from this partition')
    .option('--offset <O>', 'letters from this offset')
    .option('--json', 'print one JSON document')
}

function filterOf({ reason, topic, partition, offset }: FilterOptions): LetterFilter {
  const known: RejectionReason | undefined = rejectionReasons.find((one) => one === reason)
  if (reason !== undefined && known === undefined)
    throw usageError(`--reason ${reason}: is none of ${rejectionReasons.join(', ')}`)
  return {
    reason: known ?? null,
    topic: topic ?? null,
    partition: partition === undefined ? null : wholeNumber('--partition', partition),
    offset: offset === undefined ? null : wholeNumber('--offset', offset),
  }
}

async function listLetters(options: ListOptions): Promise<void> {
  const filter = filterOf(options)
  const limit = wholeNumber('--limit', options.limit)
  const { counts, newest } = await withServers(options, async (servers) => {
    const found = new Map<string, number>()
    let rows: Row[] = []
    await readLetters(sourceOf(servers), filter, (letter) => {
      found.set(letter.reason, (found.get(letter.reason) ?? 0) + 1)
      rows.push(rowOf(letter))
      if (rows.length > 2 * limit + heldMax) rows = newestOf(rows, limit)
    })
    return { counts: found, newest: newestOf(rows, limit) }
  })
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0)
  if (options.json === true) {
    print(JSON.stringify({ total, reasons: Object.fromEntries(counts), letters: newest }))
    return
  }
  if (total === 0) return print('no dead letters')
  for (const [reason, count] of [...counts].sort((a, b) => b[1] - a[1]))
    print(`${String(count).padStart(9)}  ${reason}`)
  print('')
  for (const letter of newest) print(lineOf(letter))
  if (newest.length < total) print(`… and ${total - newest.length} older; see --limit`)
}

/** A letter without its bytes. */
type Row = ReturnType<typeof rowOf>

function rowOf(letter: DeadLetter) {
  const { reason, detail, source, partition, offset, recordedAt, sha256, bytes } = letter
  const size = bytes === null ? null : bytes.length
  const redriven = redrivenTimes(letter)
  return { reason, detail, source, partition, offset, recordedAt, sha256, bytes: size, redriven }
}

const newestOf = (rows: readonly Row[], limit: number): Row[] =>
  [...rows].sort((a, b) => b.recordedAt - a.recordedAt).slice(0, limit)

function lineOf(row: Row): string {
  const { redriven, reason, detail } = row
  const again =
    redriven === 0 ? '' : ` (sent again ${redriven === 1 ? 'once' : `${redriven} times`})`
  const at = new Date(row.recordedAt).toISOString()
  return `${at}  ${placeOf(row).padEnd(26)}  ${reason}: ${plain(detail)}${again}`
}

async function showLetter(options: FilterOptions): Promise<void> {
  const filter = filterOf(options)
  const found = await withServers(options, (servers) => collect(servers, filter))
  const [letter] = found
  if (letter === undefined) throw new CommandError(noneMeant)
  if (found.length > 1)
    throw new CommandError(
      `${found.length} letters are meant; choose one by --topic, --partition and --offset, such as ${placeOf(letter)}`,
    )
  print(options.json === true ? jsonOf(letter) : textOf(letter))
}

const noneMeant = 'no such dead letter; see: couponguard dead-letters list'

function jsonOf(letter: DeadLetter): string {
  const base64 = (bytes: Uint8Array | null) =>
    bytes === null ? null : Buffer.from(bytes).toString('base64')
  const headers = Object.entries(letter.headers).map(([name, value]) => [name, base64(value)])
  const { bytes, key } = letter
  return JSON.stringify({
    ...rowOf(letter),
    headers: Object.fromEntries(headers),
    key: base64(key),
    bytesBase64: base64(bytes),
  })
}

function textOf(letter: DeadLetter): string {
  const { reason, detail, recordedAt, sha256, key, headers, bytes } = letter
  const obstacle = obstacleOf(letter)
  const lines = [
    `reason      ${reason}: ${plain(detail)}`,
    `from        ${placeOf(letter)}`,
    `recorded    ${new Date(recordedAt).toISOString()}`,
    `SHA-256     ${sha256}`,
    `key         ${key === null ? 'none' : visibleText(key)}`,
    ...Object.entries(headers).map(
      ([name, value]) => `header      ${plain(name)}: ${visibleText(value)}`,
    ),
    `send again  ${obstacle === null ? 'can be' : `cannot be: ${obstacle}`}`,
  ]
  if (bytes === null) return lines.join('\n')
  const shown = bytes.subarray(0, showBytesMax)
  const more = bytes.length - shown.length
  const rest = more === 0 ? '' : `, the first ${shown.length} shown; --json has them all`
  lines.push(`bytes       ${bytes.length}${rest}`, hexDump(shown), 'as text', visibleText(shown))
  return lines.join('\n')
}

async function redriveLetters(options: RedriveOptions): Promise<void> {
  const filter = filterOf(options)
  if (options.all !== true && Object.values(filter).every((value) => value === null))
    throw usageError('say which: --reason, --topic, --partition, --offset, or --all')
  const dryRun = options.dryRun === true
  const { sent, kept } = await withServers(options, async (servers) => {
    const found = await collect(servers, filter)
    const [able, unable] = [found.filter(isAble), found.filter((letter) => !isAble(letter))]
    if (!dryRun && able.length > 0)
      await redrive(servers.kafka, able, servers.connections.topicPrefix)
    return { sent: able, kept: unable }
  })
  if (sent.length + kept.length === 0) throw new CommandError(noneMeant)
  if (options.json === true) {
    const unable = kept.map((letter) => ({ ...rowOf(letter), why: obstacleOf(letter) }))
    print(JSON.stringify({ dryRun, sent: sent.map(rowOf), kept: unable }))
  } else {
    for (const letter of kept) print(`${placeOf(letter)}  cannot be sent: ${obstacleOf(letter)}`)
    if (dryRun) for (const letter of sent) print(lineOf(rowOf(letter)))
    const letters = sent.length === 1 ? '1 letter' : `${sent.length} letters`
    print(dryRun ? `${letters} would be sent again` : `${letters} sent again`)
  }
  if (sent.length === 0) throw new CommandError('none of these letters can be sent again')
}

const isAble = (letter: DeadLetter) => obstacleOf(letter) === null

async function collect(servers: Servers, filter: LetterFilter): Promise<readonly DeadLetter[]> {
  const letters: DeadLetter[] = []
  let bytes = 0
  await readLetters(sourceOf(servers), filter, (letter) => {
    bytes += letter.bytes?.length ?? 0
    if (letters.length >= heldMax || bytes > heldBytesMax)
      throw new CommandError(
        `more than ${letters.length} letters are meant, too many at a time; choose fewer`,
      )
    letters.push(letter)
  })
  return letters
}

function sourceOf({ kafka, admin, registry, connections: { topicPrefix, letterKey } }: Servers) {
  const groupId = `${topicPrefix}couponguard-read-${process.pid}-${systemClock.now()}`
  return { kafka, admin, reader: newRecordReader(registry), groupId, topicPrefix, letterKey }
}

/** What a publisher chose must not steer the terminal. */
const plain = (text: string) => visibleText(Buffer.from(text))

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

function wholeNumber(option: string, text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text)
  throw usageError(`${option} ${text}: must be a whole number`)
}
