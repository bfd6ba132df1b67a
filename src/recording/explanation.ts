/**
 * One decision in words. Everything that counts comes from the recording (event, inputs, results);
 * the playbook lends the text of its rules, with the recorded values put in.
 */
import { CommandError } from '../cli/exit.ts'
import type { Playbook, Rule } from '../core/rules/playbook.ts'
import type { Decision, Event, Inputs, RuleResult, SignalValue } from '../core/schema.gen.ts'
import type { FoundEvent } from './find-event.ts'

export interface ExplainedRule extends RuleResult {
  /** From the playbook; null where it has no such rule. */
  readonly tier: string | null
  readonly weight: number | null
  readonly when: string | null
  /** The condition with the value after each signal. */
  readonly withValues: string | null
}

export interface Explanation {
  readonly eventKey: string
  readonly event: Event
  readonly decision: Decision
  readonly inputs: Inputs | null
  readonly labels: FoundEvent['row']['labels']
  readonly rules: readonly ExplainedRule[]
  /** Whether the playbook at hand is the one that decided. */
  readonly samePlaybook: boolean
}

export function explain(
  { row, eventKey }: FoundEvent,
  path: string,
  playbook: Playbook,
): Explanation {
  const { event, decision, inputs, labels } = row
  if (decision === null || event === null)
    throw new CommandError(
      `${path}: event ${eventKey} has no decision; ` +
        `judge it first: couponguard replay ${path} --out D`,
    )
  const rulesById = new Map(playbook.rules.map((rule) => [rule.id, rule]))
  const rules = decision.results.map((result) => explainedRule(result, rulesById.get(result.rule)))
  const samePlaybook = decision.playbookHash === playbook.hash
  return { eventKey, event, decision, inputs, labels, rules, samePlaybook }
}

function explainedRule(result: RuleResult, rule: Rule | undefined): ExplainedRule {
  if (rule === undefined)
    return { ...result, tier: null, weight: null, when: null, withValues: null }
  const { tier, weight, when } = rule
  return { ...result, tier, weight, when, withValues: withValues(when, result.values) }
}

/** `ip_users_1h >= 20` becomes `ip_users_1h (31) >= 20`. */
export function withValues(when: string, values: readonly SignalValue[]): string {
  const byName = new Map(values.map((value) => [value.signal, value]))
  const text = when.replace(/"[^"]*"|'[^']*'|[A-Za-z_][A-Za-z0-9_]*/g, (word) => {
    const value = byName.get(word)
    return value === undefined ? word : `${word} (${valueText(value)})`
  })
  return text.replace(/\s+/g, ' ').trim()
}

export function valueText({ value, saturated }: SignalValue): string {
  if (value === null) return saturated ? 'cannot be told' : 'absent'
  const text = typeof value === 'number' ? String(Number(value.toPrecision(6))) : `"${value}"`
  return saturated ? `${text} or more` : text
}

const labelChars = 12
const row = (label: string, text: string) => `${label.padEnd(labelChars)}${text}`

/** The page that `explain` prints. */
export function explanationText(explanation: Explanation, playbook: Playbook): string {
  const { eventKey, event, decision, inputs, labels, rules, samePlaybook } = explanation
  const timeOf = timeFormat(playbook.timeZone.name)
  const by = `${decision.playbook} ${decision.playbookVersion}`
  const lines = [
    row('event', `${eventKey} (id ${event.id})`),
    row(
      'what',
      `${event.kind} by ${event.user} at ${timeOf(event.occurredAt)}, campaign ${event.campaign}`,
    ),
    ...factsOf(event).map(([name, text]) => row('', `${name} ${text}`)),
    row('decision', `${decision.outcome}, score ${decision.score}, by playbook ${by}`),
    ...decision.reasons.map(({ code, en, zh }) => row('', `${code}: ${en} ${zh}`)),
    ...decision.advice.map((advice) => row('advice', advice)),
    ...decision.alertIds.map((id) => row('escalated', `by alert ${id}`)),
    ...supersededBy(decision),
    ...rules.flatMap(ruleLines),
  ]
  if (rules.length === 0) lines.push(row('rules', 'none hit, none was in doubt'))
  if (!samePlaybook && rules.length > 0)
    lines.push(
      row('', `texts are from ${playbook.name} ${playbook.version}, another playbook than decided`),
    )
  lines.push(...(inputs === null ? [row('inputs', 'not recorded')] : inputLines(inputs)))
  if (labels !== null)
    lines.push(
      row(
        'truth',
        `${labels.fraud ? 'fraud' : 'honest'}${labels.kind === null ? '' : ` (${labels.kind})`}`,
      ),
    )
  return lines.join('\n')
}

function supersededBy({ supersedes, cause, decidedBy }: Decision): string[] {
  if (supersedes === null) return []
  return [
    row(
      'supersedes',
      `${supersedes}, cause ${cause ?? 'unknown'}, decided by ${decidedBy ?? 'unknown'}`,
    ),
  ]
}

/** In the zone of the playbook, as 2017-11-07 17:30:38. */
function timeFormat(zone: string): (at: number) => string {
  const format = new Intl.DateTimeFormat('sv-SE', {
    timeZone: zone,
    dateStyle: 'short',
    timeStyle: 'medium',
  })
  return (at) => `${format.format(at)} (${zone})`
}

/** What the event says beyond who, when and which campaign. */
function factsOf(event: Event): [string, string][] {
  const { id, kind, occurredAt, user, campaign, resolutionMs, stacked, geo, ...facts } = event
  const known: [string, string][] = []
  for (const [name, value] of Object.entries(facts)) {
    if (value === null || value === 'unknown' || value === 'none') continue
    known.push([name, String(value)])
  }
  if (resolutionMs > 0) known.push(['resolutionMs', String(resolutionMs)])
  if (stacked.length > 0)
    known.push(['stacked', stacked.map(({ source, amount }) => `${source} ${amount}`).join(', ')])
  if (geo !== null) known.push(['geo', `${geo.lat}, ${geo.lon}`])
  return known
}

function ruleLines(rule: ExplainedRule): string[] {
  const { tier, weight, mode, result, outcome, values, when, withValues: text } = rule
  const about = [tier, `asks for ${outcome}`, weight === null ? null : `weight ${weight}`]
  if (mode === 'shadow') about.push('shadow: not acted on')
  const head = `${rule.rule}: ${result} (${about.filter((part) => part !== null).join(', ')})`
  const shown = values.map((value) => `${value.signal} (${valueText(value)})`).join(', ')
  return when === null
    ? [row('rule', head), row('', `${shown}; the playbook at hand has no such rule`)]
    : [row('rule', head), row('', text ?? shown)]
}

function inputLines(inputs: Inputs): string[] {
  const lines: string[] = []
  for (const [log, readings] of Object.entries(inputs.readings)) {
    if (readings === null) continue
    const known = Object.entries(readings).filter(([, value]) => value !== null && value !== 0)
    if (known.length === 0) continue
    const shown = known.map(
      ([name, value]) =>
        `${name} ${typeof value === 'number' ? Number(value.toPrecision(6)) : value}`,
    )
    lines.push(row(lines.length === 0 ? 'readings' : '', `${log}: ${shown.join(', ')}`))
  }
  for (const { entry, list, source } of inputs.lists)
    lines.push(row('list', `${list}: ${entry} (from ${source})`))
  if (inputs.address !== null) {
    const { hosting, vpn, tor, listedBy } = inputs.address
    lines.push(
      row('address', `hosting ${hosting}, vpn ${vpn}, tor ${tor}, on ${listedBy} public lists`),
    )
  }
  if (inputs.campaign !== null) {
    const facts = Object.entries(inputs.campaign).filter(([, value]) => value !== null)
    lines.push(row('campaign', facts.map(([name, value]) => `${name} ${value}`).join(', ')))
  }
  if (inputs.switch !== 'none') lines.push(row('switch', inputs.switch))
  for (const id of inputs.alerts) lines.push(row('alert', `in force: ${id}`))
  if (inputs.late) lines.push(row('late', 'the event came too late for its windows'))
  if (inputs.repeatsSaturated)
    lines.push(row('repeats', 'more events of the user than are remembered'))
  return lines
}
