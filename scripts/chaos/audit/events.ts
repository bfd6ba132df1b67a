/** Each message of the inputs against its audit record, its decision and its dead letter. */
import { createHash } from 'node:crypto'
import {
  type AuditRow,
  type DecisionRow,
  type EventFacts,
  type Evidence,
  type InputRow,
  type LetterRow,
  nameOf,
  type Place,
  type Say,
} from './evidence.ts'
import { fatesOf, type Repeats } from './fates.ts'

export function auditEvents(evidence: Evidence, say: Say): void {
  const { inputs, audits, letters } = evidence
  const fates = fatesOf(inputs)
  const found: Found = { audits: byPlace(audits), letters: byPlace(letters) }
  auditCaps(evidence, say)
  for (const row of fates.unreadable)
    say('unreadable input', `${nameOf(row)} is not planted, and the auditor cannot read it`)
  for (const { row, reason } of fates.dead) auditDead(row, reason, found, say)
  for (const repeats of fates.repeats) auditRepeats(repeats, found, say)
  auditStrangers(inputs, found, say)
  auditDecisions(evidence, say)
}

/** Records by the place of their message. */
interface Found {
  readonly audits: ReadonlyMap<string, readonly AuditRow[]>
  readonly letters: ReadonlyMap<string, readonly LetterRow[]>
}

function byPlace<T extends Place>(rows: readonly T[]): ReadonlyMap<string, readonly T[]> {
  const places = new Map<string, T[]>()
  for (const row of rows) {
    const at = places.get(nameOf(row))
    if (at === undefined) places.set(nameOf(row), [row])
    else at.push(row)
  }
  return places
}

function auditDead(row: InputRow, reason: string, found: Found, say: Say): void {
  const place = nameOf(row)
  const letters = found.letters.get(place) ?? []
  if (letters.length === 0) say('lost dead letter', `${place} (${reason}) has none`)
  if (letters.length > 1) say('doubled dead letter', `${place} has ${letters.length}`)
  for (const letter of letters)
    if (letter.reason !== reason)
      say('wrong dead letter', `${place} is dead by ${letter.reason}, not by ${reason}`)
  if (found.audits.has(place)) say('needless audit', `${place} (${reason}) was decided`)
}

function auditRepeats({ heads, rows }: Repeats, found: Found, say: Say): void {
  const decided = rows.filter((row) => found.audits.has(nameOf(row)))
  const head = decided.find((row) => heads.includes(row))
  if (head === undefined) {
    say('lost audit', `${nameOf(heads[0]!)} has no audit record`)
    return
  }
  for (const row of decided) {
    const audits = found.audits.get(nameOf(row))!
    if (audits.length > 1) say('doubled audit', `${nameOf(row)} has ${audits.length} records`)
    if (row !== head) say('doubled audit', `${nameOf(row)} repeats ${nameOf(head)}, decided too`)
    for (const audit of audits) auditRecord(row, audit, say)
  }
  for (const row of rows) {
    const letters = found.letters.get(nameOf(row)) ?? []
    const conflicts = row !== head && row.event!.content !== head.event!.content
    const wanted = conflicts ? 1 : 0
    if (letters.length < wanted)
      say('lost dead letter', `${nameOf(row)} conflicts with ${nameOf(head)} and has none`)
    if (letters.length > wanted) {
      const name = conflicts ? 'doubled dead letter' : 'needless dead letter'
      say(name, `${nameOf(row)} has ${letters.length} (${letters[0]!.reason})`)
    }
    for (const { reason } of letters)
      if (reason !== 'conflicting-id') say('wrong dead letter', `${nameOf(row)}: ${reason}`)
  }
}

/** Ids of a user that are remembered. */
const repeatsMax = 1_024

/** Only whose ids do not all fit may be doubted. */
function auditCaps({ inputs, audits }: Evidence, say: Say): void {
  const counts = new Map<string, number>()
  for (const { event } of inputs)
    if (event !== null) counts.set(event.user, (counts.get(event.user) ?? 0) + 1)
  for (const audit of audits)
    if (audit.repeatsSaturated && (counts.get(audit.event.user) ?? 0) <= repeatsMax)
      say('wrong audit', `${nameOf(audit)}: its user has not so many events as to be forgotten`)
}

function auditRecord(row: InputRow, audit: AuditRow, say: Say): void {
  const wrong = (what: string) => say('wrong audit', `${nameOf(row)}: ${what}`)
  const event = row.event!
  const differing = facts.filter((fact) => event[fact] !== audit.event[fact])
  if (differing.length > 0) wrong(`another event: ${differing.join(', ')} differ`)
  if (audit.recordedAt !== row.recordedAt) wrong(`recorded at ${audit.recordedAt}`)
  if (audit.decision.eventKey !== keyOf(event)) wrong(`decided as ${audit.decision.eventKey}`)
}

const facts = [
  'id',
  'kind',
  'occurredAt',
  'user',
  'campaign',
  'merchant',
  'channel',
  'attempt',
  'orderAmount',
  'couponAmount',
] as const satisfies readonly (keyof EventFacts)[]

function keyOf({ user, id, occurredAt }: EventFacts): string {
  const named = `${user.length}:${user}${id.length}:${id}${occurredAt}`
  return createHash('sha256').update(named).digest('hex').slice(0, 32)
}

/** Records of messages that are not there. */
function auditStrangers(inputs: readonly InputRow[], found: Found, say: Say): void {
  const known = new Set(inputs.map(nameOf))
  for (const place of found.audits.keys())
    if (!known.has(place)) say('needless audit', `${place} was never published`)
  for (const place of found.letters.keys())
    if (!known.has(place)) say('needless dead letter', `${place} was never published`)
}

/** The decisions are the audits that are not allow, one each. */
function auditDecisions({ audits, decisions }: Evidence, say: Say): void {
  const wanted = new Map<string, DecisionRow>()
  for (const { decision } of audits)
    if (decision.outcome !== 'allow') wanted.set(decision.id, decision)
  const counts = new Map<string, number>()
  for (const { id, content } of decisions) {
    counts.set(id, (counts.get(id) ?? 0) + 1)
    const audited = wanted.get(id)
    if (audited === undefined) say('wrong decision', `${id} is not that of an audit record`)
    else if (audited.content !== content) say('wrong decision', `${id} is audited otherwise`)
  }
  for (const id of wanted.keys())
    if (!counts.has(id)) say('lost decision', `${id} was audited and not published`)
  for (const [id, count] of counts)
    if (count > 1) say('doubled decision', `${id} was published ${count} times`)
}
