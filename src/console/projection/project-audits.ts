/**
 * A batch of audit records into the tables: one statement each, whatever the number of records.
 * Rows are put in in the order of their keys, so that two batches at once never wait in a circle.
 */
import type { Playbook } from '../../core/rules/playbook.ts'
import type { Audit } from '../../core/schema.gen.ts'
import { addedSpans, addSpans } from '../cases/spans.ts'
import type { Queries } from '../database.ts'
import type { AuditCodec } from '../store/audit-codec.ts'
import { countAudits, daysOf } from './audit-counts.ts'
import { type CaseRecord, caseOf, sightingOf } from './audit-rows.ts'
import { giveBack } from './begin-anew.ts'
import { addCampaignMoney, campaignMoneyOf } from './campaign-money.ts'
import { adoptVerdicts } from './project-reviews.ts'
import { addSeconds, secondsOf } from './second-redemptions.ts'

export interface AuditParts {
  readonly codec: AuditCodec
  readonly playbook: Playbook
  readonly timeline: 'all' | 'flagged'
}

export async function projectAudits(
  queries: Queries,
  audits: readonly Audit[],
  { codec, playbook, timeline }: AuditParts,
): Promise<void> {
  const counted = await countsFor(queries, audits, playbook)
  const sighted = timeline === 'all' ? audits : flaggedOf(audits)
  const sighting = queries.query(insertSightings, [JSON.stringify(sighted.map(sightingOf))])
  // It is awaited below, whatever happens here meanwhile.
  sighting.catch(() => undefined)
  // While the database puts those in, the rest is made ready here.
  const ready = readyCases(audits, codec, playbook)
  const counts = counted()
  await sighting
  const inserted = await insertCases(queries, ready, codec)
  for (const [sql, rows] of counts) await queries.query(sql, [rows])
  const seconds = secondsOf(audits, playbook.timeZone)
  if (seconds.length > 0) await queries.query(addSeconds, [JSON.stringify(seconds)])
  if (inserted.length === 0) return
  const keys = inserted.map(({ key }) => key)
  await giveBack(queries, 'case', keys)
  // Last: whoever gives a verdict waits for these rows.
  await addMarks(queries, inserted)
  await queries.query(addSpans, [JSON.stringify(addedSpans(inserted))])
  // Verdicts that came before their case, as happens where all is read anew.
  await adoptVerdicts(queries, keys)
}

const flaggedOf = (audits: readonly Audit[]) =>
  audits.filter(({ decision }) => decision.outcome !== 'allow')

const insertSightings = `INSERT INTO sightings
  SELECT * FROM json_to_recordset($1::json) AS r(
    key text, kind text, occurred_at bigint, recorded_at bigint, outcome text, score smallint,
    user_name text, device text, ip text, phone text, code text, referrer text, campaign text,
    amount bigint, currency text)
  ORDER BY key
  ON CONFLICT (key) DO NOTHING`

const caseColumns = `key text, decision_id text, outcome text, score smallint, kind text,
  occurred_at bigint, recorded_at bigint, user_name text, device text, ip text, campaign text,
  merchant text, channel text, category text, amount bigint, money bigint, currency text,
  rules text[], reason json, alert_ids text[], tags text[]`
const caseNames = caseColumns.replace(/(\w+) [\w[\]]+/g, '$1')

const insertCasesSql = `INSERT INTO cases (${caseNames})
  SELECT ${caseNames} FROM json_to_recordset($1::json) AS r(${caseColumns})
  ORDER BY key
  ON CONFLICT (key) DO NOTHING
  RETURNING key`

const insertAudits = `INSERT INTO audits (key, recorded_at, schema_id, record)
  SELECT key, recorded_at, $2::integer, decode(record, 'base64')
  FROM json_to_recordset($1::json) AS r(key text, recorded_at bigint, record text)
  ORDER BY key
  ON CONFLICT (key) DO NOTHING`

interface ReadyCases {
  readonly cases: readonly CaseRecord[]
  /** Both as JSON. */
  readonly rows: string
  readonly records: string
}

/** An event that comes twice in a batch is one case. */
function readyCases(audits: readonly Audit[], codec: AuditCodec, playbook: Playbook): ReadyCases {
  const cases: CaseRecord[] = []
  const records: { key: string; recorded_at: number; record: string }[] = []
  const seen = new Set<string>()
  for (const audit of flaggedOf(audits)) {
    const { eventKey: key, recordedAt } = audit.decision
    if (seen.has(key)) continue
    seen.add(key)
    cases.push(caseOf(audit, playbook))
    const record = codec.encode(audit).toString('base64')
    records.push({ key, recorded_at: recordedAt, record })
  }
  return { cases, rows: JSON.stringify(cases), records: JSON.stringify(records) }
}

/** Those that were not there before. */
async function insertCases(
  queries: Queries,
  { cases, rows, records }: ReadyCases,
  codec: AuditCodec,
): Promise<readonly CaseRecord[]> {
  if (cases.length === 0) return []
  const schemaId = await codec.schemaId(queries)
  const inserted = await queries.query<{ key: string }>(insertCasesSql, [rows])
  const keys = new Set(inserted.map(({ key }) => key))
  await queries.query(insertAudits, [records, schemaId])
  return cases.filter(({ key }) => keys.has(key))
}

/** How many cases each rule, first rule and alert has. */
async function addMarks(queries: Queries, cases: readonly CaseRecord[]): Promise<void> {
  const marks = new Map<string, { kind: string; name: string; cases: number }>()
  const add = (kind: string, name: string) => {
    const mark = marks.get(`${kind} ${name}`) ?? { kind, name, cases: 0 }
    mark.cases += 1
    marks.set(`${kind} ${name}`, mark)
  }
  for (const { rules, alert_ids } of cases) {
    for (const rule of rules) add('rule', rule)
    if (rules[0] !== undefined) add('first', rules[0])
    for (const id of alert_ids) add('alert', id)
  }
  await queries.query(
    `INSERT INTO marks (kind, name, cases)
     SELECT kind, name, cases
     FROM json_to_recordset($1::json) AS r(kind text, name text, cases bigint)
     ORDER BY kind, name
     ON CONFLICT (kind, name) DO UPDATE SET cases = marks.cases + excluded.cases`,
    [JSON.stringify([...marks.values()])],
  )
}

/** Asks which scopes are counted already; then gives, when called, statements with their rows. */
async function countsFor(
  queries: Queries,
  audits: readonly Audit[],
  { timeZone, alerting }: Playbook,
): Promise<() => readonly (readonly [sql: string, rows: string])[]> {
  const scopes = await queries.query<{ day: number; scope: string }>(
    'SELECT day, scope FROM scope_days WHERE day = ANY($1::integer[])',
    [daysOf(audits, timeZone)],
  )
  return () => {
    const known = new Set(scopes.map(({ day, scope }) => `${day} ${scope}`))
    const max = Math.max(alerting.scopesMax, 1)
    const counts = countAudits(audits, timeZone, { known, max })
    return [
      [addMinutes, JSON.stringify(counts.minutes)],
      [addLateness, JSON.stringify(counts.lateness)],
      [addRuleDays, JSON.stringify(counts.ruleDays)],
      [addScopeDays, JSON.stringify(counts.scopeDays)],
      [addScopePoints, JSON.stringify(counts.scopePoints)],
      [addDayMoney, JSON.stringify(counts.dayMoney)],
      [addCampaignMoney, JSON.stringify(campaignMoneyOf(audits, timeZone, known))],
    ]
  }
}

const addMinutes = `INSERT INTO minutes
  SELECT * FROM json_to_recordset($1::json) AS r(
    at bigint, allowed integer, reviewed integer, blocked integer, late integer)
  ORDER BY at
  ON CONFLICT (at) DO UPDATE SET
    allowed = minutes.allowed + excluded.allowed, reviewed = minutes.reviewed + excluded.reviewed,
    blocked = minutes.blocked + excluded.blocked, late = minutes.late + excluded.late`

const addLateness = `INSERT INTO lateness
  SELECT * FROM json_to_recordset($1::json) AS r(at bigint, bucket smallint, events integer)
  ORDER BY at, bucket
  ON CONFLICT (at, bucket) DO UPDATE SET events = lateness.events + excluded.events`

const addRuleDays = `INSERT INTO rule_days
  SELECT * FROM json_to_recordset($1::json) AS r(day integer, rule text, hits bigint)
  ORDER BY day, rule
  ON CONFLICT (day, rule) DO UPDATE SET hits = rule_days.hits + excluded.hits`

const addScopeDays = `INSERT INTO scope_days AS s
    (day, scope, events, flagged, claims, redemptions, abnormal)
  SELECT * FROM json_to_recordset($1::json) AS r(
    day integer, scope text, events bigint, flagged bigint, claims bigint, redemptions bigint,
    abnormal bigint)
  ORDER BY day, scope
  ON CONFLICT (day, scope) DO UPDATE SET
    events = s.events + excluded.events, flagged = s.flagged + excluded.flagged,
    claims = s.claims + excluded.claims, redemptions = s.redemptions + excluded.redemptions,
    abnormal = s.abnormal + excluded.abnormal`

const addDayMoney = `INSERT INTO day_money
  SELECT * FROM json_to_recordset($1::json) AS r(day integer, currency text, blocked bigint)
  ORDER BY day, currency
  ON CONFLICT (day, currency) DO UPDATE SET blocked = day_money.blocked + excluded.blocked`

const addScopePoints = `INSERT INTO scope_points AS s
  SELECT * FROM json_to_recordset($1::json) AS r(
    day integer, scope text, at bigint, claims bigint, redemptions bigint, abnormal bigint)
  ORDER BY day, scope, at
  ON CONFLICT (day, scope, at) DO UPDATE SET
    claims = s.claims + excluded.claims, redemptions = s.redemptions + excluded.redemptions,
    abnormal = s.abnormal + excluded.abnormal`
