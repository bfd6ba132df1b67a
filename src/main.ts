#!/usr/bin/env -S node --max-semi-space-size=64 --initial-old-space-size=256
/**
 * argv → command. Every command lives in src/cli/ under its own name and registers itself.
 *
 * The flags above, which package.json and the Dockerfile repeat: a young generation in which a
 * whole batch dies, and room for an old one, or V8 would collect that again and again for fear that
 * it overflows at the next young collection; 13 times in 300,000 events, with them twice.
 */
import { Command, CommanderError } from 'commander'
import { CommandError, exitCodes } from './cli/exit.ts'
import { version } from './version.ts'

const program = new Command('couponguard')
  .description(
    'Judges coupon claims and redemptions: windows, rules in three tiers, the 5 % alert, replay.',
  )
  .version(version)
  .configureOutput({
    outputError: (text, write) => write(`couponguard: ${oneLine(text)} (see --help)\n`),
  })
  .exitOverride()

/** "error: unknown option '--jsn'\n(Did you mean --json?)\n", as commander has it, on one line. */
function oneLine(text: string): string {
  return text
    .trim()
    .replace(/^error: /, '')
    .replace(/\s*\n\s*/g, ' ')
}

/**
 * In the order of --help. A command is loaded when it is asked for: all of them together take a
 * second to load, most a third of that.
 */
const commands: Readonly<Record<string, () => Promise<(program: Command) => void>>> = {
  start: async () => (await import('./cli/start.ts')).registerStart,
  run: async () => (await import('./cli/run.ts')).registerRun,
  monitor: async () => (await import('./cli/monitor.ts')).registerMonitor,
  console: async () => (await import('./cli/console.ts')).registerConsole,
  store: async () => (await import('./cli/store.ts')).registerStore,
  import: async () => (await import('./cli/import.ts')).registerImport,
  generate: async () => (await import('./cli/generate.ts')).registerGenerate,
  replay: async () => (await import('./cli/replay.ts')).registerReplay,
  compare: async () => (await import('./cli/compare.ts')).registerCompare,
  reconcile: async () => (await import('./cli/reconcile.ts')).registerReconcile,
  evaluate: async () => (await import('./cli/evaluate.ts')).registerEvaluate,
  geojson: async () => (await import('./cli/geojson.ts')).registerGeojson,
  explain: async () => (await import('./cli/explain.ts')).registerExplain,
  check: async () => (await import('./cli/check.ts')).registerCheck,
  train: async () => (await import('./cli/train.ts')).registerTrain,
  lists: async () => (await import('./cli/lists.ts')).registerLists,
  campaigns: async () => (await import('./cli/campaigns.ts')).registerCampaigns,
  topics: async () => (await import('./cli/topics.ts')).registerTopics,
  'dead-letters': async () => (await import('./cli/dead-letters.ts')).registerDeadLetters,
  record: async () => (await import('./cli/record.ts')).registerRecord,
  domain: async () => (await import('./cli/domain.ts')).registerDomain,
  bench: async () => (await import('./cli/bench.ts')).registerBench,
}

/** As in `couponguard … | head`: what nobody reads any more is lost, and the work goes on. */
for (const said of [process.stdout, process.stderr])
  said.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })

const [asked = ''] = process.argv.slice(2)
const wanted = Object.hasOwn(commands, asked) ? [commands[asked]!] : Object.values(commands)

try {
  for (const load of wanted) {
    const register = await load()
    register(program)
  }
  await program.parseAsync()
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? exitCodes.success : exitCodes.usage
  } else if (error instanceof CommandError) {
    process.stderr.write(`couponguard: ${error.message}\n`)
    process.exitCode = error.code
  } else {
    throw error
  }
}
