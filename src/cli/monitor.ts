/** `monitor`: folds tallies from Kafka into alerts, until it is told to stop. */
import type { Command } from 'commander'
import { assembleMonitor } from '../assemble-roles.ts'
import { addJudgingOptions, type JudgingOptions } from '../config/judging.ts'
import { alertLine } from './alert-line.ts'
import { addRoleOptions, type RoleCommand, runRole } from './run-role.ts'

interface MonitorCommand extends JudgingOptions, RoleCommand {
  readonly group: string
}

const examples = `
Examples:
  couponguard monitor --config couponguard.yaml
A second monitor stands by and takes over when the first one ends.
`

export function registerMonitor(program: Command): void {
  const command = program
    .command('monitor')
    .description('Watch the share of abnormal redemptions and publish alerts to Kafka.')
    .option('--group <NAME>', 'consumer group', 'couponguard-monitor')
  addRoleOptions(addJudgingOptions(command))
    .addHelpText('after', examples)
    .action((options: MonitorCommand) =>
      runRole('monitor', options, (told) =>
        assembleMonitor({
          ...options,
          ...told,
          onAlert: (alert, { timeZone }) => process.stderr.write(`${alertLine(alert, timeZone)}\n`),
        }),
      ),
    )
}
