/**
 * What changed between two recordings of the same events: which decisions flipped, by outcome, rule
 * and money at stake. The first recording is held as one small object per decision (200 bytes or
 * so); the second streams by.
 */
import { CommandError } from '../cli/exit.ts'
import { currencyUnit, type Money } from '../core/money.ts'
import type { Decision, Outcome } from '../core/schema.gen.ts'
import type { Recording } from './read.ts'

export interface Flip {
  readonly eventKey: string
  readonly from: Outcome
  readonly to: Outcome
  readonly scoreFrom: number
  readonly scoreTo: number
  readonly rulesAdded: readonly string[]
  readonly rulesRemoved: readonly string[]
  readonly amountAtStake: number | null
  readonly currency: string | null
}

export interface FlipTotal {
  readonly from: Outcome
  readonly to: Outcome
  events: number
  readonly atStake: Money
}

export interface RuleChange {
  /** Decisions in which the rule hits only in the second, and only in the first. */
  added: number
  removed: number
  /** Of them, those whose outcome flipped. */
  flipped: number
}

export interface Comparison {
  readonly a: { readonly path: string; decisions: number; readonly playbook: string | null }
  readonly b: { readonly path: string; decisions: number; readonly playbook: string | null }
  /** Events decided in both. */
  matched: number
  /** Same outcome, score and hits. */
  same: number
  scoreChanged: number
  flipped: number
  readonly flips: FlipTotal[]
  readonly rules: Map<string, RuleChange>
  onlyInA: number
  onlyInB: number
  readonly examples: Flip[]
  readonly onlyInAExamples: string[]
  readonly onlyInBExamples: string[]
}

const examplesMax = 10

/** What is kept of a decision of the first recording. */
interface Kept {
  readonly outcome: Outcome
  readonly score: number
  /** Ids of the rules that hit, and model:NAME of a live model, sorted; one array per set. */
  readonly hits: readonly string[]
}

export async function compareRecordings(a: Recording, b: Recording): Promise<Comparison> {
  const kept = await keepDecisions(a)
  const comparison = emptyComparison(a, b, kept.size)
  const hitsOf = hitSets()
  const seen = new Set<string>()
  for await (const batch of b.rows()) {
    for (const { decision, event } of batch) {
      if (decision === null || seen.has(decision.eventKey)) continue
      seen.add(decision.eventKey)
      comparison.b.decisions += 1
      const before = kept.get(decision.eventKey)
      if (before === undefined) {
        comparison.onlyInB += 1
        keepExample(comparison.onlyInBExamples, decision.eventKey)
      } else {
        kept.delete(decision.eventKey)
        addPair(comparison, before, decision, {
          hits: hitsOf(decision),
          currency: event?.currency ?? null,
        })
      }
    }
  }
  comparison.onlyInA = kept.size
  for (const key of kept.keys()) {
    if (comparison.onlyInAExamples.length === examplesMax) break
    comparison.onlyInAExamples.push(key)
  }
  refuseUndecided(a, comparison.a.decisions)
  refuseUndecided(b, comparison.b.decisions)
  comparison.flips.sort((x, y) => y.events - x.events)
  return comparison
}

async function keepDecisions(recording: Recording): Promise<Map<string, Kept>> {
  const kept = new Map<string, Kept>()
  const hitsOf = hitSets()
  for await (const batch of recording.rows()) {
    for (const { decision } of batch) {
      if (decision === null || kept.has(decision.eventKey)) continue
      const { eventKey, outcome, score } = decision
      kept.set(eventKey, { outcome, score, hits: hitsOf(decision) })
    }
  }
  return kept
}

/** Equal sets of hits share one array: there are few, and millions of decisions. */
function hitSets(): (decision: Decision) => readonly string[] {
  const sets = new Map<string, readonly string[]>()
  return ({ results, models }) => {
    const ofRules = results.filter(({ result }) => result === 'hit').map(({ rule }) => rule)
    const acting = models.filter(({ mode, outcome }) => mode === 'live' && outcome !== 'allow')
    const hits = [...ofRules, ...acting.map(({ model }) => `model:${model}`)].sort()
    const name = hits.join(' ')
    const known = sets.get(name)
    if (known !== undefined) return known
    sets.set(name, hits)
    return hits
  }
}

function addPair(
  comparison: Comparison,
  before: Kept,
  after: Decision,
  { hits, currency }: { readonly hits: readonly string[]; readonly currency: string | null },
): void {
  comparison.matched += 1
  const rulesAdded = hits.filter((rule) => !before.hits.includes(rule))
  const rulesRemoved = before.hits.filter((rule) => !hits.includes(rule))
  const flipped = before.outcome !== after.outcome
  if (before.score !== after.score) comparison.scoreChanged += 1
  else if (!flipped && rulesAdded.length + rulesRemoved.length === 0) comparison.same += 1
  for (const rule of rulesAdded) changeOf(comparison, rule, flipped).added += 1
  for (const rule of rulesRemoved) changeOf(comparison, rule, flipped).removed += 1
  if (!flipped) return
  comparison.flipped += 1
  const { eventKey, outcome: to, score: scoreTo, amountAtStake } = after
  const total = totalOf(comparison.flips, before.outcome, to)
  total.events += 1
  if (amountAtStake !== null) {
    const unit = currencyUnit(currency)
    total.atStake[unit] = (total.atStake[unit] ?? 0) + amountAtStake
  }
  if (comparison.examples.length === examplesMax) return
  const { outcome: from, score: scoreFrom } = before
  const rules = { rulesAdded, rulesRemoved }
  comparison.examples.push({
    eventKey,
    from,
    to,
    scoreFrom,
    scoreTo,
    ...rules,
    amountAtStake,
    currency,
  })
}

function changeOf({ rules }: Comparison, rule: string, flipped: boolean): RuleChange {
  const known = rules.get(rule) ?? { added: 0, removed: 0, flipped: 0 }
  if (flipped) known.flipped += 1
  rules.set(rule, known)
  return known
}

function totalOf(flips: FlipTotal[], from: Outcome, to: Outcome): FlipTotal {
  const known = flips.find((flip) => flip.from === from && flip.to === to)
  if (known !== undefined) return known
  const made: FlipTotal = { from, to, events: 0, atStake: {} }
  flips.push(made)
  return made
}

function keepExample(examples: string[], eventKey: string): void {
  if (examples.length < examplesMax) examples.push(eventKey)
}

function refuseUndecided({ path }: Recording, decisions: number): void {
  if (decisions > 0) return
  throw new CommandError(
    `${path}: holds no decisions; judge it first: couponguard replay ${path} --out D`,
  )
}

function emptyComparison(a: Recording, b: Recording, decisionsInA: number): Comparison {
  const named = ({ path, header: { playbook } }: Recording, decisions: number) => ({
    path,
    decisions,
    playbook: playbook === null ? null : `${playbook.name} ${playbook.version}`,
  })
  return {
    a: named(a, decisionsInA),
    b: named(b, 0),
    matched: 0,
    same: 0,
    scoreChanged: 0,
    flipped: 0,
    flips: [],
    rules: new Map(),
    onlyInA: 0,
    onlyInB: 0,
    examples: [],
    onlyInAExamples: [],
    onlyInBExamples: [],
  }
}
