/**
 * `replay`: a recording judged again, as a regression test or to see what a change would have done.
 */
import { existsSync } from 'node:fs'
import type { Command } from 'commander'
import { addJudgingOptions, type JudgingOptions, loadJudging } from '../config/judging.ts'
import { publishedTestKey, readKeyFile } from '../config/key-file.ts'
import { deriveKeys } from '../core/event/keyed-hash.ts'
import { type AgainstLive, LiveComparison } from '../recording/live/against-live.ts'
import { openRecording } from '../recording/read.ts'
import { type Rejudged, rejudge, reobserve } from '../recording/replay.ts'
import type { Summary } from '../recording/summary.ts'
import { createRecordingWriter } from '../recording/write.ts'
import { alertLine } from './alert-line.ts'
import { driftMsOf, driftMsText } from './drift-option.ts'
import { CommandError } from './exit.ts'
import { againstLiveText, unexplainedLine } from './live-text.ts'
import { startProgressBar } from './progress-bar.ts'
import { summaryText } from './summary-text.ts'

interface ReplayOptions extends JudgingOptions {
  readonly rejudge?: boolean
  readonly key?: string
  readonly out?: string
  readonly json?: boolean
  readonly driftMs: string
}

const examples = `
Examples:
  couponguard replay clicks.avro --json
  couponguard replay week.avro --playbook playbooks/stricter.yaml --out stricter.avro
  couponguard replay stricter.avro --rejudge --playbook playbooks/stricter.yaml
Without --rejudge the events go through fresh windows; with it the recorded inputs are judged again,
which under the same playbook gives the same bytes, or exit code 1.
Where the recording has live decisions by the same playbook, as record makes it, each re-observed one
is held against it. Differences are reported by cause: shard-order, list, campaign, switch, alert,
late, cap, day-total. What cannot be proven to come from one of them is unexplained: exit code 1.
A campaigns file beside the recording, R.campaigns.yaml, is used where --campaigns names none.
`

export function registerReplay(program: Command): void {
  const command = program
    .command('replay')
    .description('Judge a recording again: decisions, summary, alerts.')
    .argument('<R>', 'recording')
    .option('--rejudge', 'judge the recorded inputs instead of observing anew')
    .option('--out <D>', 'recording with inputs and decisions to write')
    .option('--key <FILE>', 'key of the recording and the lists (default: the published test key)')
    .option(
      '--drift-ms <N>',
      'record time that shards may be apart, as the workers had it',
      driftMsText,
    )
  addJudgingOptions(command)
    .option('--json', 'print one JSON document')
    .addHelpText('after', examples)
    .action(runReplay)
}

async function runReplay(path: string, options: ReplayOptions): Promise<void> {
  const driftMs = driftMsOf(options)
  const keys = deriveKeys(options.key === undefined ? publishedTestKey : readKeyFile(options.key))
  const recording = await openRecording(path)
  const judging = loadJudging({ ...besideOf(path), ...options }, keys)
  const { playbook, facts, listsHash } = judging
  const { keyId, rows } = recording.header
  if (options.lists !== undefined && keyId !== keys.id) {
    throw new CommandError(
      `${path}: its phones and codes were hashed with key ${keyId}, the lists with ${keys.id}: no entry of theirs could match`,
    )
  }
  const header = { playbook, model: judging.modelHash, lists: listsHash, keyId }
  const out = options.out === undefined ? null : await createRecordingWriter(options.out, header)
  const bar = startProgressBar('replay', rows)
  const started = performance.now()
  // With other lists it is a question of what would have been, and live decisions are no answer.
  const isWhatIf = recording.header.lists !== null && recording.header.lists !== listsHash
  const against = isWhatIf ? null : new LiveComparison({ recording, playbook, keys, driftMs })
  const parts = {
    recording,
    playbook,
    facts,
    keys,
    out,
    against,
    onRows: bar.update,
    onAlert: (alert: Parameters<typeof alertLine>[0]) =>
      process.stderr.write(`${alertLine(alert, playbook.timeZone)}\n`),
  }
  const depth = options.rejudge === true ? rejudge(parts) : reobserve(parts)
  const result = await depth
    .catch(async (error: unknown) => {
      await out?.abort()
      throw error
    })
    .finally(() => bar.stop())
  const seconds = (performance.now() - started) / 1000
  await out?.close()
  const problem = recording.problem()
  const live = 'differences' in result || against === null ? null : await against.result()
  report(result, { recording: path, seconds, live }, options.json === true)
  if (problem !== null) throw new CommandError(problem)
  if (live !== null && live.unexplained > 0) throw new CommandError(unexplainedLine(path, live))
  if ('differences' in result && result.judged === 0) {
    throw new CommandError(
      `${path}: holds no decisions to judge again; make some: couponguard replay ${path} --out D`,
    )
  }
  if ('differences' in result && result.differences > 0)
    throw new CommandError(differenceLine(path, result))
}

/** `generate` puts the campaigns file beside its recording; it is taken where none is named. */
function besideOf(path: string): { campaigns?: string } {
  const campaigns = `${path}.campaigns.yaml`
  return existsSync(campaigns) ? { campaigns } : {}
}

function differenceLine(path: string, { differences, judged, different }: Rejudged): string {
  const first = different[0]
  const which =
    first === undefined ? '' : `, the first ${first.eventKey} (${first.was} → ${first.is})`
  return `${path}: ${differences} of ${judged} decisions are not the recorded ones${which}: another playbook, or the recording was changed`
}

function report(
  result: Summary | Rejudged,
  run: { recording: string; seconds: number; live: AgainstLive | null },
  json: boolean,
): void {
  const isRejudged = 'differences' in result
  const { detection, ...summary } = isRejudged ? result.summary : result
  const eventsPerSecond = Math.round(summary.events / run.seconds)
  const rejudged = isRejudged
    ? { judged: result.judged, differences: result.differences, different: result.different }
    : {}
  const document = {
    recording: run.recording,
    ...summary,
    eventsPerSecond,
    ...rejudged,
    ...(run.live === null ? {} : { live: run.live }),
    ...(detection === null ? {} : { detection }),
  }
  if (json) {
    process.stdout.write(`${JSON.stringify(document)}\n`)
    return
  }
  process.stdout.write(summaryText({ ...summary, detection }, eventsPerSecond))
  if (run.live !== null) process.stdout.write(againstLiveText(run.live))
  if (isRejudged)
    process.stdout.write(
      `re-judged    ${result.judged} decisions, ${result.differences} differences\n`,
    )
}
