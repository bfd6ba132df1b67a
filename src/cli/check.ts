/**
 * `check`: reads a playbook, which validates it and runs the examples of its rules, and says what
 * is in it. With problems, all of them on stderr and exit code 1. `--signals` lists what rules may
 * name.
 */
import { type Command, Option } from 'commander'
import {
  defaultPlaybookPath,
  formatProblems,
  type ParsedPlaybook,
  parsePlaybook,
  readPlaybookText,
} from '../config/playbook-file.ts'
import { type Playbook, tiers } from '../core/rules/playbook.ts'
import { catalogue } from '../core/signals/catalogue.ts'
import { CommandError } from './exit.ts'

interface CheckOptions {
  readonly json?: boolean
  readonly signals?: boolean
}

export function registerCheck(program: Command): void {
  program
    .command('check')
    .description('Validate a playbook and run the examples of its rules.')
    .argument('[playbook]', 'YAML file; the playbook that comes with couponguard if not named')
    .addOption(new Option('--json', 'print one JSON document'))
    .addOption(new Option('--signals', 'list the signals that rules may name, and do nothing else'))
    .addHelpText(
      'after',
      `
Example:
  $ npx couponguard check playbooks/default.yaml
  $ npx couponguard check --signals`,
    )
    .action((file: string | undefined, options: CheckOptions) => {
      if (options.signals === true) printSignals(options.json === true)
      else check(file ?? defaultPlaybookPath, options.json === true)
    })
}

function check(file: string, json: boolean): void {
  const parsed = parsePlaybook(readPlaybookText(file), file)
  if ('problems' in parsed) {
    if (json) print(JSON.stringify({ file, ok: false, problems: parsed.problems }, null, 2))
    throw new CommandError(formatProblems(parsed.problems, file))
  }
  const summary = summaryOf(file, parsed)
  print(json ? JSON.stringify(summary, null, 2) : summaryText(summary))
}

function summaryOf(file: string, { playbook, serves }: ParsedPlaybook) {
  const { name, version, hash, timeZone, rules, models } = playbook
  const examples = rules.flatMap((rule) => rule.examples)
  const ofTier = (tier: string) => rules.filter((rule) => rule.tier === tier).length
  return {
    file,
    ok: true,
    name,
    version,
    hash,
    timeZone: timeZone.name,
    rules: rules.length,
    rulesByTier: Object.fromEntries(tiers.map((tier) => [tier, ofTier(tier)])),
    notLive: rules.filter((rule) => rule.mode !== 'live').map((rule) => rule.id),
    examples: examples.length,
    models: models.map(({ name: model, mode, checksum }) => ({ model, mode, checksum })),
    serves: served(playbook, [...serves.alerting, ...serves.reports]),
  }
}

/** Rows of the domain table, in their order. */
function served(playbook: Playbook, others: readonly string[]): string[] {
  const rows = new Set([...playbook.rules.flatMap((rule) => rule.serves), ...others])
  return [...rows].sort((a, b) => Number(a.slice(1)) - Number(b.slice(1)))
}

function summaryText(summary: ReturnType<typeof summaryOf>): string {
  const byTier = Object.entries(summary.rulesByTier).map(([tier, count]) => `${tier} ${count}`)
  const lines = [
    `${summary.file} is good`,
    `  playbook  ${summary.name} ${summary.version}, SHA-256 ${summary.hash.slice(0, 16)}…`,
    `  rules     ${summary.rules}: ${byTier.join(', ')}`,
    `  examples  ${summary.examples} run, all as expected`,
    `  serves    ${summary.serves.join(' ')}`,
    `  days in   ${summary.timeZone}`,
  ]
  const models = summary.models.map(({ model, mode }) => `${model} (${mode})`)
  if (models.length > 0) lines.push(`  models    ${models.join(', ')}`)
  if (summary.notLive.length > 0) lines.push(`  not live  ${summary.notLive.join(', ')}`)
  return lines.join('\n')
}

function printSignals(json: boolean): void {
  if (json) {
    const listed = catalogue.map(({ name, type, max, doc }) => ({ name, type, max, doc }))
    print(JSON.stringify(listed, null, 2))
    return
  }
  const width = Math.max(...catalogue.map(({ name }) => name.length))
  const lines = catalogue.map(({ name, type, max, doc }) => {
    const bound = max === null ? '' : ` At most ${max}.`
    return `${name.padEnd(width)}  ${type.padEnd(6)}  ${doc}${bound}`
  })
  print(lines.join('\n'))
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}
