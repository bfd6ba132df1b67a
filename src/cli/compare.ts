/** `compare`: which decisions differ between two recordings: by outcome, rule and money. */
import type { Command } from 'commander'
import type { Money } from '../core/money.ts'
import { type Comparison, compareRecordings } from '../recording/compare.ts'
import { assertWhole, openRecording } from '../recording/read.ts'

const examples = `
Example: what a changed playbook would have done
  couponguard replay day.avro --out before.avro
  couponguard replay day.avro --playbook changed.yaml --out after.avro
  couponguard compare before.avro after.avro
`

export function registerCompare(program: Command): void {
  program
    .command('compare')
    .description('Say what changed between two recordings of the same events.')
    .argument('<A>', 'recording with decisions')
    .argument('<B>', 'recording with decisions of the same events')
    .option('--json', 'print one JSON document')
    .addHelpText('after', examples)
    .action(runCompare)
}

async function runCompare(
  pathA: string,
  pathB: string,
  options: { json?: boolean },
): Promise<void> {
  const a = await openRecording(pathA)
  const b = await openRecording(pathB)
  const comparison = await compareRecordings(a, b)
  const text = options.json === true ? jsonOf(comparison) : textOf(comparison)
  process.stdout.write(`${text}\n`)
  assertWhole(a)
  assertWhole(b)
}

function jsonOf(comparison: Comparison): string {
  return JSON.stringify({ ...comparison, rules: Object.fromEntries(comparison.rules) })
}

const grouped = (count: number) => count.toLocaleString('en-US')

function moneyText(money: Money): string {
  const parts = Object.entries(money).map(
    ([currency, amount]) =>
      `${(amount / 100).toLocaleString('en-US', { minimumFractionDigits: 2 })} ${currency}`,
  )
  return parts.length === 0 ? '' : `, at stake ${parts.join(', ')}`
}

function textOf(comparison: Comparison): string {
  const { a, b, matched, same, flipped, scoreChanged, onlyInA, onlyInB } = comparison
  const side = ({ path, decisions, playbook }: Comparison['a']) =>
    `${path}: ${grouped(decisions)} decisions${playbook === null ? '' : ` by ${playbook}`}`
  const lines = [
    `A  ${side(a)}`,
    `B  ${side(b)}`,
    `${grouped(matched)} events in both: ${grouped(same)} the same, ${grouped(flipped)} flipped, ` +
      `${grouped(scoreChanged)} with another score`,
  ]
  for (const { from, to, events, atStake } of comparison.flips)
    lines.push(
      `  ${`${from} → ${to}`.padEnd(18)}${grouped(events).padStart(9)}${moneyText(atStake)}`,
    )
  if (comparison.rules.size > 0) lines.push('rules that hit only in B (+) or only in A (−):')
  const rules = [...comparison.rules].sort(
    ([, x], [, y]) => y.added + y.removed - x.added - x.removed,
  )
  for (const [rule, { added, removed, flipped: flips }] of rules)
    lines.push(
      `  ${rule.padEnd(32)} +${grouped(added)} −${grouped(removed)}, ${grouped(flips)} flipped`,
    )
  if (comparison.examples.length > 0) lines.push('such as:')
  for (const { eventKey, from, to, rulesAdded, rulesRemoved } of comparison.examples) {
    const changes = [
      ...rulesAdded.map((rule) => `+${rule}`),
      ...rulesRemoved.map((rule) => `−${rule}`),
    ]
    lines.push(`  ${eventKey} ${from} → ${to} ${changes.join(' ')}`.trimEnd())
  }
  if (onlyInA > 0)
    lines.push(`only in A: ${grouped(onlyInA)}, such as ${comparison.onlyInAExamples[0]}`)
  if (onlyInB > 0)
    lines.push(`only in B: ${grouped(onlyInB)}, such as ${comparison.onlyInBExamples[0]}`)
  return lines.join('\n')
}
