/** `run`: a scoring worker against Kafka, until it is told to stop. */
import { type Command, Option } from 'commander'
import { assembleWorker } from '../assemble-roles.ts'
import { addJudgingOptions, type JudgingOptions } from '../config/judging.ts'
import { usageError } from './exit.ts'
import { runRole } from './run-role.ts'

interface RunOptions extends JudgingOptions {
  readonly group: string
  readonly store: 'memory' | 'redis'
  readonly key: string
  readonly driftMs: string
}

const examples = `
Examples:
  couponguard run --key KEY --config couponguard.yaml
  COUPONGUARD_KAFKA_BROKERS=127.0.0.1:9092 COUPONGUARD_REGISTRY_URL=http://127.0.0.1:8081 \\
    couponguard run --key KEY --store memory
All workers of an installation share one key: openssl rand -hex 32 > KEY; chmod 600 KEY
`

export function registerRun(program: Command): void {
  const command = program
    .command('run')
    .description('Judge events from Kafka: one worker of a group.')
    .requiredOption('--key <FILE>', 'key that hashes phones and codes; the same for all workers')
    .addOption(
      new Option('--store <WHERE>', 'where the windows are; memory: this worker owns every shard')
        .choices(['redis', 'memory'])
        .default('redis'),
    )
    .option('--group <NAME>', 'consumer group', 'couponguard')
    .option('--drift-ms <N>', 'furthest a shard may be ahead of another, by record time', '60000')
  addJudgingOptions(command)
    .addHelpText('after', examples)
    .action((options: RunOptions) =>
      runRole('worker', (told) =>
        assembleWorker({ ...options, ...told, onFilled, driftMs: driftMsOf(options) }),
      ),
    )
}

function driftMsOf({ driftMs }: RunOptions): number {
  const number = Number(driftMs)
  if (Number.isSafeInteger(number) && number > 0) return number
  throw usageError(`--drift-ms is "${driftMs}": give whole milliseconds above 0`)
}

/** Filling takes minutes where there is much history; a line now and then says that it goes on. */
const fillLineEvery = 100_000

function onFilled(events: number): void {
  if (events % fillLineEvery < 4_096)
    process.stderr.write(`couponguard: worker: ${events} events put back into the windows\n`)
}
