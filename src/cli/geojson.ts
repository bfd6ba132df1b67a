/** `geojson`: where the redemptions of a recording happened, as a file that any map shows. */
import { type Command, Option } from 'commander'
import type { Outcome } from '../core/schema.gen.ts'
import { type PlacesWritten, writePlaces } from '../recording/geojson.ts'
import { assertWhole, openRecording } from '../recording/read.ts'
import { systemClock } from '../runtime/clock.ts'
import { CommandError } from './exit.ts'
import { refuseReadFile } from './out-file.ts'
import { startProgressBar } from './progress-bar.ts'
import { timeRangeOf } from './span.ts'

interface GeojsonOptions {
  readonly out: string
  readonly from?: string
  readonly to?: string
  readonly campaign?: string
  readonly outcome?: Exclude<Outcome, 'unknown'>
  readonly json?: boolean
}

const examples = `
Examples:
  couponguard geojson week.avro --out places.geojson
  couponguard geojson week.avro --out blocked.geojson --outcome block --from 2d
  couponguard geojson week.avro --out lunch.geojson --campaign spring \\
    --from 2026-03-01T11:00:00+08:00 --to 2026-03-01T14:00:00+08:00
A FeatureCollection (RFC 7946) with a Point a redemption: longitude, latitude on WGS 84. Each has event,
time, user (a pseudonym), campaign, merchant, store, channel, attempt and outcome; its id is the event
key. Times are those of the events. Places are kept 90 days: older ones are left out, always.
`

export function registerGeojson(program: Command): void {
  program
    .command('geojson')
    .description('Write where redemptions happened as GeoJSON, of the last 90 days.')
    .argument('<R>', 'recording')
    .requiredOption('--out <FILE>', 'GeoJSON to write')
    .option('--from <TIME>', 'first event time, or a span ago such as 2d (default: 90 days ago)')
    .option('--to <TIME>', 'event time to end before (default: none)')
    .option('--campaign <ID>', 'only this campaign')
    .addOption(
      new Option('--outcome <OUTCOME>', 'only what was decided so').choices([
        'allow',
        'review',
        'block',
      ]),
    )
    .option('--json', 'print one JSON document')
    .addHelpText('after', examples)
    .action(runGeojson)
}

async function runGeojson(path: string, options: GeojsonOptions): Promise<void> {
  const { out, campaign = null, outcome = null } = options
  const now = systemClock.now()
  const range = timeRangeOf(options, now)
  refuseReadFile('--out', out, [path])
  const recording = await openRecording(path)
  if (outcome !== null && recording.header.playbook === null)
    throw new CommandError(
      `${path}: holds no decisions to choose by --outcome; make some: couponguard replay ${path} --out D`,
    )
  const bar = startProgressBar('geojson', recording.header.rows)
  const asked = { ...range, campaign, outcome }
  const written = await writePlaces({ recording, asked, out, now, onRows: bar.update }).finally(
    () => bar.stop(),
  )
  const { redemptions, ...leftOut } = written
  process.stdout.write(
    options.json === true
      ? `${JSON.stringify({ out, redemptions, leftOut })}\n`
      : textOf(out, written),
  )
  assertWhole(recording)
}

const grouped = (count: number) => count.toLocaleString('en-US')

function textOf(out: string, { redemptions, ...leftOut }: PlacesWritten): string {
  const reasons: readonly (readonly [count: number, why: string])[] = [
    [leftOut.withoutPlace, 'without a place'],
    [leftOut.tooOld, 'older than 90 days'],
    [leftOut.repeats, 'published again'],
    [leftOut.notAsked, 'not asked for'],
    [leftOut.claims, 'claims'],
    [leftOut.reversals, 'reversals'],
    [leftOut.unreadable, 'that cannot be read'],
  ]
  const why = reasons
    .filter(([count]) => count > 0)
    .map(([count, reason]) => `${grouped(count)} ${reason}`)
  const rest = why.length === 0 ? '' : `; left out: ${why.join(', ')}`
  return `${out}: ${grouped(redemptions)} redemptions with their place${rest}\n`
}
