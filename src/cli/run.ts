/** `run`: a scoring worker against Kafka, until it is told to stop. */
import { type Command, Option } from 'commander'
import { assembleWorker } from '../assemble-roles.ts'
import { addJudgingOptions, type JudgingOptions } from '../config/judging.ts'
import type { LogLines } from '../runtime/log-lines.ts'
import { driftMsOf, driftMsText } from './drift-option.ts'
import { addRoleOptions, type RoleCommand, runRole } from './run-role.ts'

interface RunOptions extends JudgingOptions, RoleCommand {
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
    .option(
      '--drift-ms <N>',
      'furthest a shard may be ahead of another, by record time',
      driftMsText,
    )
  addRoleOptions(addJudgingOptions(command))
    .addHelpText('after', examples)
    .action((options: RunOptions) =>
      runRole('worker', options, (told, log) =>
        assembleWorker({
          ...options,
          ...told,
          driftMs: driftMsOf(options),
          onFilled: tellNowAndThen(log),
          onRefused: (line) => log.warn(`passed over in ${line}`),
        }),
      ),
    )
}

/** Filling takes minutes where there is much history: a line says now and then that it goes on. */
const fillLineEvery = 100_000

function tellNowAndThen(log: LogLines): (events: number) => void {
  let told = 0
  return (events) => {
    if (events < told) told = 0
    if (events < told + fillLineEvery && told > 0) return
    told = events
    log.info(`${events} events put back into the windows`)
  }
}
