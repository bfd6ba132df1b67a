/** `import`: CSV or JSON lines, gzip too, through a mapping into a recording. */
import type { Command } from 'commander'
import { publishedTestKey, readKeyFile } from '../config/key-file.ts'
import { decodeKeys } from '../core/event/decode.ts'
import { type ImportSummary, importFiles, openInputs } from '../recording/import.ts'
import { readMapping } from '../recording/mapping-file.ts'
import { systemClock } from '../runtime/clock.ts'
import { CommandError } from './exit.ts'
import { refuseReadFile } from './out-file.ts'
import { startProgressBar } from './progress-bar.ts'
import { refuseRejects, rejectShareOf, tellRejects } from './rejects.ts'

interface ImportOptions {
  readonly mapping: string
  readonly out: string
  readonly maxRejects: string
  readonly key?: string
  readonly json?: boolean
}

const examples = `
Examples:
  couponguard import --mapping mappings/ad_clicks.yaml clicks.csv.gz --out clicks.avro
  couponguard import --mapping ours.yaml monday.jsonl tuesday.jsonl --out days.avro --json
docs/import.md says how a mapping is written.
`

export function registerImport(program: Command): void {
  program
    .command('import')
    .description('Make a recording of CSV or JSON lines.')
    .argument('<FILE...>', 'CSV with a header line, or JSON lines; gzip too')
    .requiredOption('--mapping <M>', 'YAML that says what a row means, such as those in mappings/')
    .requiredOption('--out <R>', 'recording to write')
    .option('--max-rejects <SHARE>', 'exit 3 above this share of rejected rows', '0.1%')
    .option('--key <FILE>', 'key that hashes phones and codes (default: the published test key)')
    .option('--json', 'print one JSON document')
    .addHelpText('after', examples)
    .action(runImport)
}

async function runImport(files: string[], options: ImportOptions): Promise<void> {
  const maxRejects = rejectShareOf(options.maxRejects)
  refuseReadFile('--out', options.out, [...files, options.mapping, options.key])
  const mapping = readMapping(options.mapping)
  const keys = decodeKeys(options.key === undefined ? publishedTestKey : readKeyFile(options.key))
  const inputs = await openInputs(files)
  const total = inputs.reduce((sum, { bytes }) => sum + bytes, 0)
  const bar = startProgressBar('import', total)
  const request = {
    files,
    mapping,
    out: options.out,
    keys,
    now: systemClock.now(),
    onBytes: bar.update,
  }
  const summary = await importFiles(request, inputs).finally(() => bar.stop())
  report(summary, files, options)
  end(summary, maxRejects, options.out)
}

const grouped = (count: number) => count.toLocaleString('en-US')

const eventsIn = ({ claims, redemptions, reversals }: ImportSummary) =>
  claims + redemptions + reversals

function rejectedShare(summary: ImportSummary): number {
  const all = eventsIn(summary) + summary.rejected
  return all === 0 ? 0 : summary.rejected / all
}

function report(summary: ImportSummary, files: readonly string[], options: ImportOptions): void {
  const { rows, claims, redemptions, reversals, labelled, skipped, rejected } = summary
  const { reasons, problems } = summary
  tellRejects(reasons)
  const events = eventsIn(summary)
  if (options.json === true) {
    const kinds = { claims, redemptions, reversals }
    const counts = { rows, events, ...kinds, labelled, skipped, rejected }
    const document = {
      ...counts,
      rejectedShare: rejectedShare(summary),
      reasons: Object.fromEntries(reasons),
      problems,
      files,
      out: options.out,
      bytes: summary.bytes,
    }
    process.stdout.write(`${JSON.stringify(document)}\n`)
    return
  }
  const taken = reversals === 0 ? '' : `, ${grouped(reversals)} reversals`
  const kinds = `${grouped(claims)} claims, ${grouped(redemptions)} redemptions${taken}`
  const made = `${grouped(events)} events (${kinds})`
  process.stdout.write(
    `${grouped(rows)} rows: ${made}, ${grouped(skipped)} skipped, ${grouped(rejected)} rejected\n` +
      `${options.out}: ${grouped(summary.bytes)} bytes\n`,
  )
}

function end(summary: ImportSummary, maxRejects: number, out: string): void {
  if (summary.problems.length > 0) throw new CommandError(summary.problems.join('\ncouponguard: '))
  const { rejected } = summary
  refuseRejects({ rejected, share: rejectedShare(summary), maxRejects, kept: `are in ${out}` })
}
