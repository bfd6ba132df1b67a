/**
 * `reconcile`: a recording held against what the payment side says. What differs is a finding and
 * no failure: the exit code is 0, whatever was found, as with `compare`.
 */
import { type Command, Option } from 'commander'
import { publishedTestKey, readKeyFile } from '../config/key-file.ts'
import { decodeKeys } from '../core/event/decode.ts'
import type { Keys } from '../core/event/keyed-hash.ts'
import { FindingsFile } from '../recording/findings-file.ts'
import { openInput } from '../recording/input-bytes.ts'
import { readMappingText } from '../recording/mapping-file.ts'
import { assertWhole, openRecording, type Recording } from '../recording/read.ts'
import { type AmountOf, type Reconciliation, reconcile } from '../recording/reconcile.ts'
import { placeText, type SettlementFiles } from '../recording/settlement-file.ts'
import { parseSettlementMapping } from '../recording/settlement-mapping.ts'
import { systemClock } from '../runtime/clock.ts'
import { CommandError, usageError } from './exit.ts'
import { refuseReadFile } from './out-file.ts'
import { reconciliationJson, reconciliationText } from './reconciliation-text.ts'
import { refuseRejects, rejectShareOf, tellRejects } from './rejects.ts'
import { spanMs, timeOf } from './span.ts'

interface ReconcileOptions {
  readonly after: string
  readonly until?: string
  readonly amount: AmountOf
  readonly mapping?: string
  readonly maxRejects: string
  readonly key?: string
  readonly out?: string
  readonly json?: boolean
}

const examples = `
Examples:
  couponguard reconcile judged.avro settlements.csv --out look-at.csv
  couponguard reconcile judged.avro paid.jsonl.gz --after 1h --until 2026-03-03T00:00:00+08:00
  couponguard reconcile judged.avro psp.csv --mapping psp.yaml --key KEY --json
Columns, or keys of JSON lines: event_id, user, time, amount (in minor units), currency, and status,
which is settled, failed or refunded. docs/reconciliation.md says what each finding means.
`

export function registerReconcile(program: Command): void {
  program
    .command('reconcile')
    .description('Hold redemptions against settlements: used but not spent, paid but not credited.')
    .argument('<R>', 'recording, judged or not')
    .argument('<SETTLEMENTS...>', 'what the payment side says: CSV or JSON lines, gzip too')
    .option('--after <SPAN>', 'how long one side may come after the other', '30m')
    .option('--until <TIME>', 'until when the settlements are complete (default: the latest one)')
    .addOption(
      new Option('--amount <WHICH>', 'what is settled of a redemption')
        .choices(['coupon', 'order'])
        .default('coupon'),
    )
    .option('--mapping <M>', 'YAML that says what a row means, where the columns are others')
    .option('--max-rejects <SHARE>', 'exit 3 above this share of rejected rows', '0.1%')
    .option('--key <FILE>', "the recording's key (default: the published test key)")
    .option('--out <FILE.csv>', 'the findings to look at, to write')
    .option('--json', 'print one JSON document')
    .addHelpText('after', examples)
    .action(runReconcile)
}

async function runReconcile(
  path: string,
  files: readonly string[],
  options: ReconcileOptions,
): Promise<void> {
  const now = systemClock.now()
  const { out, mapping: mappingPath } = options
  const maxRejects = rejectShareOf(options.maxRejects)
  const afterMs = spanMs('--after', options.after)
  const until = options.until === undefined ? null : timeOf('--until', options.until, now)
  if (until !== null && until > now)
    throw usageError(`--until ${options.until}: is still to come; nothing is complete up to then`)
  refuseReadFile('--out', out, [path, ...files, mappingPath, options.key])
  const mapping =
    mappingPath === undefined
      ? null
      : parseSettlementMapping(mappingPath, readMappingText(mappingPath))
  const keys = decodeKeys(options.key === undefined ? publishedTestKey : readKeyFile(options.key))
  const recording = await openRecording(path)
  refuseOtherKey(recording, keys)
  const inputs = await Promise.all(files.map(openInput))
  const settlements: SettlementFiles = { files: inputs, mapping, keys, now }
  const result = await withFindings(out, inputs, (take) =>
    reconcile({ recording, settlements, afterMs, until, amountOf: options.amount, take }),
  )
  report(result, { recording: path, files, out: out ?? null }, options)
  assertWhole(recording)
  end(result, maxRejects)
}

function refuseOtherKey({ path, header }: Recording, keys: Keys): void {
  if (header.keyId === keys.id) return
  throw new CommandError(
    `${path}: its users were hashed with key ${header.keyId}, the settlements would be with ${keys.id}: name the recording's key with --key`,
  )
}

type Take = Parameters<typeof reconcile>[0]['take']

/** What was found so far is removed where it fails. */
async function withFindings(
  out: string | undefined,
  inputs: SettlementFiles['files'],
  work: (take: Take) => Promise<Reconciliation>,
): Promise<Reconciliation> {
  if (out === undefined) return work(() => undefined)
  const file = await FindingsFile.create(out)
  const where = (place: number) => placeText(inputs, place)
  try {
    const result = await work((one) => file.add(one, where))
    await file.finish()
    return result
  } catch (error) {
    await file.abort()
    throw error
  }
}

interface Paths {
  readonly recording: string
  readonly files: readonly string[]
  readonly out: string | null
}

function report(result: Reconciliation, paths: Paths, { json }: ReconcileOptions): void {
  tellRejects(result.read.reasons)
  const text = json === true ? reconciliationJson(result, paths) : reconciliationText(result)
  process.stdout.write(`${text}\n`)
}

function end({ read }: Reconciliation, maxRejects: number): void {
  const { problems, rows, rejected } = read
  if (problems.length > 0) throw new CommandError(problems.join('\ncouponguard: '))
  const share = rows === 0 ? 0 : rejected / rows
  refuseRejects({ rejected, share, maxRejects, kept: 'were reconciled' })
}
