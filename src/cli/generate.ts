/**
 * `generate`: a simulated campaign → recording with the truth as labels, and beside it the
 * campaigns file that replay needs. The same options give the same bytes.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { type Command, Option } from 'commander'
import { stringify } from 'yaml'
import { publishedTestKey, readKeyFile } from '../config/key-file.ts'
import { readPlainYaml } from '../config/plain-yaml.ts'
import { type DecodeKeys, decodeKeys } from '../core/event/decode.ts'
import { daysFor, type GenerateOptions, generateRows } from '../generate/campaign-day.ts'
import { campaignsFor } from '../generate/campaigns.ts'
import type { GeneratedRow } from '../generate/faults.ts'
import { keptBackKinds, type Mix, readMix } from '../generate/mix.ts'
import { toRecordingRow } from '../generate/recorded.ts'
import { hourMs } from '../generate/rhythm.ts'
import { fileProblem } from '../recording/file-problem.ts'
import { createRecordingWriter } from '../recording/write.ts'
import { CommandError, usageError } from './exit.ts'
import { startProgressBar } from './progress-bar.ts'

interface GenerateFlags {
  readonly seed: string
  readonly events: string
  readonly scenario: 'attack' | 'clean'
  readonly mix?: string
  readonly key?: string
  readonly start: string
  readonly out: string
  readonly campaignsOut?: string
  readonly json?: boolean
}

const zone = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Shanghai', dateStyle: 'short' })
const eventsMax = 100_000_000
const barStep = 5_000
const keptBackNames = `${keptBackKinds.slice(0, -1).join(', ')} and ${keptBackKinds.at(-1)}`

const examples = `
Examples:
  couponguard generate --seed 7 --events 1000000 --out day.avro
  couponguard generate --seed 8 --events 50000 --scenario clean --out clean.avro
  couponguard generate --seed 9 --events 50000 --mix mix.yaml --out held-back.avro
A mix file gives relative shares, such as \`device-farm: 1\`; 0 leaves a kind out. Some kinds,
${keptBackNames}, take part only where it names them.
With refund-abuser honest people have refunds, too: reversals beside claims and redemptions.
docs/generator.md says who takes part.
`

export function registerGenerate(program: Command): void {
  program
    .command('generate')
    .description('Make a recording of a simulated campaign, with the truth as labels.')
    .requiredOption('--seed <S>', 'whole number; the same seed gives the same bytes')
    .requiredOption('--events <N>', 'rows to make')
    .addOption(
      new Option('--scenario <NAME>', 'clean: nobody is dishonest')
        .choices(['attack', 'clean'])
        .default('attack'),
    )
    .option('--mix <FILE>', 'YAML or JSON with the shares of the kinds of dishonest actor')
    .option('--key <FILE>', 'key that hashes phones and codes (default: the published test key)')
    .option('--start <DATE>', 'first day, in the time zone Asia/Shanghai', '2026-03-02')
    .requiredOption('--out <R>', 'recording to write')
    .option('--campaigns-out <FILE>', 'campaigns file to write (default: R.campaigns.yaml)')
    .option('--json', 'print one JSON document')
    .addHelpText('after', examples)
    .action(runGenerate)
}

async function runGenerate(flags: GenerateFlags): Promise<void> {
  const options = optionsOf(flags)
  const campaignsOut = flags.campaignsOut ?? `${flags.out}.campaigns.yaml`
  const keys = decodeKeys(flags.key === undefined ? publishedTestKey : readKeyFile(flags.key))
  const summary = await writeRecording(flags.out, options, keys)
  writeCampaigns(campaignsOut, options)
  report(summary, { ...flags, campaignsOut })
}

function optionsOf(flags: GenerateFlags): GenerateOptions {
  const seed = wholeNumber('--seed', flags.seed, Number.MAX_SAFE_INTEGER)
  const events = wholeNumber('--events', flags.events, eventsMax)
  if (events === 0) throw usageError('--events 0: asks for nothing; name at least 1')
  const startAt = midnightOf(flags.start)
  const base = { seed, events, scenario: flags.scenario, startAt }
  return flags.mix === undefined ? base : { ...base, mix: readMixFile(flags.mix) }
}

function wholeNumber(option: string, text: string, max: number): number {
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN
  if (value <= max) return value
  throw usageError(`${option} ${text}: must be a whole number from 0 to ${max}`)
}

/** Local midnight in Asia/Shanghai, which has kept UTC+8 all year since 1992. */
function midnightOf(date: string): number {
  const [, year, month, day] = /^(20\d\d)-(\d\d)-(\d\d)$/.exec(date) ?? []
  const at = Date.UTC(Number(year), Number(month) - 1, Number(day)) - 8 * hourMs
  // A day that no month has would come out as another one.
  if (zone.format(at) === date) return at
  throw usageError(`--start ${date}: must be a date such as 2026-03-02`)
}

function readMixFile(path: string): Mix {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    throw fileProblem(path, error)
  }
  const result = readMix(readPlainYaml(text, path))
  if ('problem' in result) throw new CommandError(`${path}: ${result.problem}`)
  return result.mix
}

interface Summary {
  readonly rows: number
  readonly bytes: number
  readonly claims: number
  readonly redemptions: number
  readonly reversals: number
  readonly unreadable: number
  readonly fraud: number
  readonly days: number
  readonly byKind: Readonly<Record<string, number>>
}

async function writeRecording(
  path: string,
  options: GenerateOptions,
  keys: DecodeKeys,
): Promise<Summary> {
  const header = { playbook: null, model: null, lists: null, keyId: keys.id }
  const writer = await createRecordingWriter(path, header)
  const bar = startProgressBar('generate', options.events)
  const tally = newTally()
  try {
    let offset = 0
    for (const row of generateRows(options)) {
      count(tally, row)
      const full = writer.write(toRecordingRow(row, offset, keys))
      if (full !== undefined) await full
      offset += 1
      if (offset % barStep === 0) bar.update(offset)
    }
    const { rows, bytes } = await writer.close()
    const byKind = Object.fromEntries([...tally.byKind].sort(([a], [b]) => (a < b ? -1 : 1)))
    return { rows, bytes, ...tally.counts, days: daysFor(options.events), byKind }
  } catch (error) {
    await writer.abort()
    throw error
  } finally {
    bar.stop()
  }
}

const newTally = () => ({
  counts: { claims: 0, redemptions: 0, reversals: 0, unreadable: 0, fraud: 0 },
  byKind: new Map<string, number>(),
})

function count({ counts, byKind }: ReturnType<typeof newTally>, row: GeneratedRow): void {
  if (row.published === null) counts.unreadable += 1
  else if (row.published.kind === 'claim') counts.claims += 1
  else if (row.published.kind === 'reversal') counts.reversals += 1
  else counts.redemptions += 1
  if (row.labels.fraud) counts.fraud += 1
  byKind.set(row.labels.kind, (byKind.get(row.labels.kind) ?? 0) + 1)
}

function writeCampaigns(path: string, { startAt, events }: GenerateOptions): void {
  const campaigns = campaignsFor(startAt, events)
  const text = stringify(
    { campaigns },
    { flowCollectionPadding: false, aliasDuplicateObjects: false },
  )
  try {
    writeFileSync(path, `# The campaigns of a generated recording; times in milliseconds.\n${text}`)
  } catch (error) {
    throw fileProblem(path, error)
  }
}

function report(summary: Summary, flags: GenerateFlags & { campaignsOut: string }): void {
  const { out, campaignsOut, seed, scenario } = flags
  if (flags.json === true) {
    const document = { seed: Number(seed), scenario, ...summary, out, campaignsOut }
    process.stdout.write(`${JSON.stringify(document)}\n`)
    return
  }
  const grouped = (value: number) => value.toLocaleString('en-US')
  const share = ((summary.fraud / summary.rows) * 100).toFixed(2)
  const width = Math.max(...Object.keys(summary.byKind).map((kind) => kind.length))
  const kinds = Object.entries(summary.byKind).map(
    ([kind, rows]) => `  ${kind.padEnd(width)}  ${grouped(rows).padStart(9)}`,
  )
  const takenBack = summary.reversals === 0 ? '' : `${grouped(summary.reversals)} reversals, `
  const lines = [
    `${grouped(summary.rows)} rows over ${summary.days} days, seed ${seed}, ${scenario}: ` +
      `${grouped(summary.claims)} claims, ${grouped(summary.redemptions)} redemptions, ` +
      `${takenBack}${grouped(summary.unreadable)} unreadable`,
    `${grouped(summary.fraud)} by dishonest actors (${share} %)`,
    ...kinds,
    `${out}: ${grouped(summary.bytes)} bytes; ${campaignsOut}: its campaigns`,
  ]
  process.stdout.write(`${lines.join('\n')}\n`)
}
