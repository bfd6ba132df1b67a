/**
 * Says what must be in the log and in the answers, from the events, the batches and what clients
 * saw. It is written apart from the engine: it imports types only, and counts with plain loops
 * where the engine keeps windows, tallies and monitors. Each problem is one line.
 */
import { createHash } from 'node:crypto'
import type { Playbook } from '../../src/core/rules/playbook.ts'
import type { Audit } from '../../src/core/schema.gen.ts'
import type { MemoryLogState } from '../../src/log/memory-log.ts'
import type { LoggedEvent } from '../../src/log/stream.ts'
import { auditAnswers } from './audit-answers.ts'
import { auditDays } from './audit-days.ts'
import { auditDecision } from './audit-decisions.ts'
import { contentOf, type Fate, fatesOf } from './fates.ts'
import type { Commit } from './faulty-log.ts'
import type { Exchange } from './workload.ts'

export interface Evidence {
  readonly rows: readonly LoggedEvent[]
  readonly kept: MemoryLogState
  readonly commits: readonly Commit[]
  readonly exchanges: readonly Exchange[]
  readonly playbook: Playbook
}

export function audit(evidence: Evidence): string[] {
  const { rows, kept, commits, playbook } = evidence
  const problems: string[] = []
  const say = (problem: string) => problems.push(problem)
  const fates = fatesOf(rows)
  if (kept.nextOffset !== rows.length)
    say(`lost: rows from ${kept.nextOffset} to ${rows.length} were never judged`)
  let next = 0
  for (const { from, to } of commits) {
    if (from !== next || to < from) say(`a commit from ${from} to ${to} follows one to ${next}`)
    next = to
  }
  auditRecords(evidence, fates, say)
  const byOffset = new Map(kept.outputs.audits.map((one) => [one.offset, one]))
  for (const one of kept.outputs.audits) auditDecision(one, playbook, say)
  auditLetters(evidence, fates, say)
  auditDays({ kept, commits, playbook }, say)
  auditAnswers({ rows, fates, byOffset, exchanges: evidence.exchanges }, say)
  return problems
}

type Say = (problem: string) => void

/** One audit record for each row that is decided, in order, and none for any other. */
function auditRecords({ rows, kept, commits }: Evidence, fates: readonly Fate[], say: Say): void {
  const counts = new Map<number, number>()
  for (const { offset } of kept.outputs.audits) counts.set(offset, (counts.get(offset) ?? 0) + 1)
  for (const [offset, fate] of fates.entries()) {
    const count = counts.get(offset) ?? 0
    if (fate.kind !== 'decided' && count > 0) say(`row ${offset} is ${fate.kind}, but was audited`)
    if (fate.kind === 'decided' && count === 0) say(`lost: row ${offset} has no audit record`)
    if (fate.kind === 'decided' && count > 1) say(`doubled: row ${offset} has ${count} records`)
  }
  for (const one of kept.outputs.audits) {
    const row = rows[one.offset]
    const fate = fates[one.offset]
    if (row === undefined || fate?.kind !== 'decided') continue
    auditRecord(one, row, fate, say)
  }
  for (const { from, to, outputs } of commits) {
    const outside = outputs.audits.filter(({ offset }) => offset < from || offset >= to)
    for (const { offset } of outside) say(`row ${offset} was audited in the batch ${from} to ${to}`)
    const acted = outputs.audits.filter(({ decision }) => decision.outcome !== 'allow')
    const told = outputs.decisions.map(({ id, outcome }) => `${id} ${outcome}`)
    if (`${told}` !== `${acted.map(({ decision: { id, outcome } }) => `${id} ${outcome}`)}`)
      say(`decisions of the batch ${from} to ${to} are not its audits that are not allow`)
  }
}

function auditRecord(
  one: Audit,
  row: LoggedEvent,
  fate: Extract<Fate, { kind: 'decided' }>,
  say: Say,
): void {
  const { event, decision, inputs, recordedAt, offset } = one
  if (contentOf(event) !== contentOf({ ...row.event, geo: null }) || recordedAt !== row.recordedAt)
    say(`row ${offset}: the audit holds another event`)
  const { user, id, occurredAt } = row.event
  const named = `${user.length}:${user}${id.length}:${id}${occurredAt}`
  const key = createHash('sha256').update(named).digest('hex').slice(0, 32)
  if (decision.eventKey !== key) say(`row ${offset}: decided under the key ${decision.eventKey}`)
  if (inputs.late !== fate.late) say(`row ${offset}: late is ${inputs.late}`)
  if (inputs.repeatsSaturated !== fate.saturated)
    say(`row ${offset}: repeatsSaturated is ${inputs.repeatsSaturated}`)
}

/**
 * Of the rows: one letter for each that conflicts or is misdated. Of messages: one for each answer
 * that refused it, and for attempts that were not answered at most one each.
 */
function auditLetters({ kept, exchanges }: Evidence, fates: readonly Fate[], say: Say): void {
  const ofRows = new Map<number, string[]>()
  const ofMessages = new Map<string, number>()
  for (const { source, offset, reason, sha256 } of kept.outputs.deadLetters) {
    if (source === 'http') ofMessages.set(sha256, (ofMessages.get(sha256) ?? 0) + 1)
    else ofRows.set(offset, [...(ofRows.get(offset) ?? []), reason])
  }
  for (const [offset, fate] of fates.entries()) {
    const wanted =
      fate.kind === 'conflicting'
        ? 'conflicting-id'
        : fate.kind === 'misdated'
          ? fate.reason
          : undefined
    const found = ofRows.get(offset) ?? []
    if (`${found}` !== `${wanted ?? ''}`)
      say(`row ${offset} is ${fate.kind}; its dead letters: ${found.join(', ') || 'none'}`)
  }
  const limits = messageLimits(exchanges)
  for (const sha256 of new Set([...limits.keys(), ...ofMessages.keys()])) {
    const { least, most } = limits.get(sha256) ?? { least: 0, most: 0 }
    const found = ofMessages.get(sha256) ?? 0
    if (found < least || found > most)
      say(`message ${sha256.slice(0, 8)}: ${found} dead letters, not ${least} to ${most}`)
  }
}

function messageLimits(exchanges: readonly Exchange[]) {
  const limits = new Map<string, { least: number; most: number }>()
  for (const { request, attempts, results } of exchanges) {
    for (const [index, { sha256, refused }] of request.messages.entries()) {
      const limit = limits.get(sha256) ?? { least: 0, most: 0 }
      if (refused !== 'never') limit.most += attempts
      if (refused === 'always' && results?.[index]?.status === 'rejected') limit.least += 1
      limits.set(sha256, limit)
    }
  }
  return limits
}
