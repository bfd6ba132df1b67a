/**
 * `bench`: the canonical benchmark. Each part runs in a process of its own, so that its peak memory
 * is its own too. Figures are CPU time of that process: they compare within one run.
 */
import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Command, Option } from 'commander'
import { measureRules, type RulesCost } from '../bench/judge-stages.ts'
import { measurePath, type PathCost, writeMessages } from '../bench/path.ts'
import { inTemporaryFolder, measureRestart, type RestartCost, writeRows } from '../bench/restart.ts'
import { benchTable } from '../bench/table.ts'
import { indexCampaigns } from '../config/campaigns-file.ts'
import { publishedTestKey } from '../config/key-file.ts'
import { defaultPlaybookPath, loadPlaybook } from '../config/playbook-file.ts'
import { deriveKeys } from '../core/event/keyed-hash.ts'
import type { Audit } from '../core/schema.gen.ts'
import { noFacts } from '../facts.ts'
import { type GenerateOptions, generateRows } from '../generate/campaign-day.ts'
import { campaignsFor } from '../generate/campaigns.ts'
import { addHttpOptions, type HttpOptions, runHttpBench } from './bench-http.ts'
import {
  addKafkaOptions,
  type KafkaOptions,
  type KafkaPart,
  kafkaParts,
  runKafkaBench,
  runKafkaPart,
  whole,
} from './bench-kafka.ts'
import {
  addModelOptions,
  type ModelOptions,
  type ModelPart,
  modelParts,
  runModelBench,
  runModelPart,
} from './bench-model.ts'
import { CommandError } from './exit.ts'
import { startProgressBar } from './progress-bar.ts'

const parts = ['messages', 'path', 'log', 'restart'] as const
type Part = (typeof parts)[number]

interface BenchOptions extends KafkaOptions, ModelOptions, HttpOptions {
  readonly events: string
  readonly seed: string
  readonly playbook?: string
  readonly json?: boolean
  readonly readme?: string
  readonly part?: Part | KafkaPart | ModelPart
  readonly folder?: string
}

export interface Bench {
  readonly path: PathCost
  readonly rules: RulesCost
  readonly restart: RestartCost
}

const startAt = Date.UTC(2026, 2, 1, 16)
const sampleSize = 5_000
const eventsBeforeHttp = '170000'

const examples = `
Examples:
  couponguard bench
  couponguard bench --events 100000 --json
  couponguard bench --readme README.md
  couponguard bench --model
  couponguard bench --http --seconds 60
  couponguard bench --http --events 20000 --seconds 20 --rates 500,1000,2000
  eval "$(npm run --silent stack)"; couponguard bench --kafka
  couponguard bench --kafka --events 50000 --rates 2000 --seconds 10 --subjects memory
  couponguard bench --kafka broker-1:9092 --subjects copy --watch broker=4242
`

export function registerBench(program: Command): void {
  const command = program
    .command('bench')
    .description(
      'Measure the path from encoded event to encoded audit, the rules alone and a restart.',
    )
    .option('--events <N>', 'rows of the generated day; with --http: before the load', '1000000')
    .option('--seed <S>', 'seed of the day', '7')
    .option('--playbook <P>', 'rules to judge by (default: playbooks/default.yaml)')
    .option('--readme <FILE>', 'write the table into this file, between its bench marks')
    .option('--json', 'print one JSON document')
    .addOption(
      new Option('--part <NAME>').choices([...parts, ...kafkaParts, ...modelParts]).hideHelp(),
    )
    .addOption(new Option('--folder <DIR>').hideHelp())
  addModelOptions(command)
  addHttpOptions(command)
  addKafkaOptions(command).addHelpText('after', examples).action(runBench)
}

async function runBench(options: BenchOptions, command: Command): Promise<void> {
  const { part } = options
  if (part !== undefined) {
    if (isKafkaPart(part)) return print(await runKafkaPart(part, options))
    if (isModelPart(part)) return print(await runModelPart(part, options))
    return runPart(part, options)
  }
  if (options.model === true) return runModelBench(options)
  if (options.http === true) {
    process.stdout.write(await runHttpBench(withFewerEvents(options, command)))
    return
  }
  if (options.kafka !== undefined) {
    process.stdout.write(await runKafkaBench(options))
    return
  }
  const bench = await inTemporaryFolder(async (folder): Promise<Bench> => {
    const inFolder = { ...options, folder }
    await inProcess('messages', inFolder)
    const measured = await inProcess<Pick<Bench, 'path' | 'rules'>>('path', inFolder)
    await inProcess('log', inFolder)
    return { ...measured, restart: await inProcess<RestartCost>('restart', inFolder) }
  })
  process.stdout.write(options.json === true ? `${JSON.stringify(bench)}\n` : benchTable(bench))
  if (options.readme !== undefined) updateReadme(options.readme, benchTable(bench))
}

/** A day is enough behind a server; unless told, only the path needs a million. */
const withFewerEvents = (options: BenchOptions, command: Command): BenchOptions =>
  command.getOptionValueSource('events') === 'default'
    ? { ...options, events: eventsBeforeHttp }
    : options

function dayOf({ events, seed }: BenchOptions): GenerateOptions {
  return {
    seed: whole('seed', seed, 999_999_999),
    events: whole('events', events, 100_000_000),
    scenario: 'attack',
    startAt,
  }
}

async function runPart(part: Part, options: BenchOptions): Promise<void> {
  const day = dayOf(options)
  const keys = deriveKeys(publishedTestKey)
  const playbook = loadPlaybook(options.playbook ?? defaultPlaybookPath)
  const folder = join(options.folder ?? '.', 'log')
  const messages = join(options.folder ?? '.', 'messages')
  if (part === 'messages') await writeMessages(messages, day)
  else if (part === 'log') await writeRows(folder, generateRows(day), keys)
  else if (part === 'restart') print(await measureRestart(folder, playbook, keys))
  else {
    const campaigns = indexCampaigns(campaignsFor(startAt, day.events))
    const facts = { ...noFacts, campaign: campaigns.facts.bind(campaigns) }
    const sample: Audit[] = []
    const bar = startProgressBar('bench', day.events)
    const path = await measurePath(messages, {
      playbook,
      facts,
      keys,
      onEvents: bar.update,
      onAudits: (audits) => {
        // Spread over the day: one of each batch, up to the sample's size.
        if (sample.length < sampleSize) sample.push(...audits.slice(0, 5))
      },
    }).finally(() => bar.stop())
    print({ path, rules: measureRules(sample, playbook) })
  }
}

const isKafkaPart = (part: string): part is KafkaPart => kafkaParts.some((one) => one === part)
const isModelPart = (part: string): part is ModelPart => modelParts.some((one) => one === part)

function print(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`)
}

/** Runs one part as a command of its own and reads the document that it prints. */
async function inProcess<T>(part: Part, options: BenchOptions): Promise<T> {
  const { events, seed, playbook, folder } = options
  const flags = ['--part', part, '--events', events, '--seed', seed]
  if (playbook !== undefined) flags.push('--playbook', playbook)
  if (folder !== undefined) flags.push('--folder', folder)
  const child = spawn(
    process.execPath,
    [...process.execArgv, process.argv[1]!, 'bench', ...flags],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
  })
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve)
  })
  if (code !== 0)
    throw new CommandError(`bench: the part ${part} ended with exit code ${code}`, code ?? 1)
  return text === '' ? JSON.parse('null') : JSON.parse(text)
}

/** Replaces what stands between the two marks. */
function updateReadme(path: string, table: string): void {
  const text = readFileSync(path, 'utf8')
  const [begin, end] = ['<!-- bench -->\n', '<!-- /bench -->']
  const [from, to] = [text.indexOf(begin), text.indexOf(end)]
  if (from < 0 || to < from)
    throw new CommandError(`${path}: has no ${begin.trim()} and ${end} to write between`)
  writeFileSync(
    path,
    `${text.slice(0, from + begin.length)}\n\`\`\`text\n${table}\`\`\`\n\n${text.slice(to)}`,
  )
}
