/**
 * One case whole: the decision as it was audited, what its rules and models said with the texts of
 * the playbook that decided, the counts behind every signal, what its entities did, and what people
 * said of it. Some ten queries by key.
 */

import { newDecisionRow } from '../../core/decision/decide.ts'
import type { Playbook } from '../../core/rules/playbook.ts'
import { renderReason } from '../../core/rules/reason.ts'
import type { Audit, Decision, SignalValue } from '../../core/schema.gen.ts'
import { allSignals } from '../../core/signals/all-signals.ts'
import { deriveSignals } from '../../core/signals/derive.ts'
import type { CaseWhole } from '../api/case-shapes.ts'
import type { Queries } from '../database.ts'
import { type Handlers, Refusal } from '../handlers.ts'
import type { ConsoleParts } from '../parts.ts'
import { penaltiesOn, penaltyOf } from '../penalties/penalty-rows.ts'
import { actedOf } from '../projection/audit-rows.ts'
import { oneOf } from '../store/store.ts'
import { caseColumns, caseRowOf, type StoredCase } from './case-row.ts'
import { entitiesOf, summaryOf } from './entities.ts'

export async function storedCase(queries: Queries, key: string): Promise<StoredCase> {
  const sql = `SELECT ${caseColumns} FROM cases WHERE key = $1`
  const row = await oneOf<StoredCase>(queries, sql, [key])
  if (row === null) throw noCase()
  return row
}

export const noCase = () => new Refusal(404, 'unknown-case', 'there is no such case')

/** Null where the audit record is no longer kept. */
export async function auditOf(
  { database, codec }: Pick<ConsoleParts, 'database' | 'codec'>,
  key: string,
  queries: Queries = database,
): Promise<Audit> {
  const sql = 'SELECT schema_id, record FROM audits WHERE key = $1'
  const row = await oneOf<{ schema_id: number; record: Uint8Array }>(queries, sql, [key])
  if (row === null) throw noCase()
  return codec.decode(queries, row.schema_id, row.record)
}

interface VerdictRow {
  readonly id: number
  readonly verdict: 'fraud' | 'legitimate' | 'inconclusive'
  readonly reviewer: string
  readonly reason: string | null
  readonly given_at: number
  readonly withdrawn_at: number | null
  readonly published_at: number | null
}

export const verdictColumns = 'id, verdict, reviewer, reason, given_at, withdrawn_at, published_at'

export const verdictShapeOf = (row: VerdictRow) => ({
  id: String(row.id),
  verdict: row.verdict,
  reviewer: row.reviewer,
  reason: row.reason,
  at: row.given_at,
  withdrawnAt: row.withdrawn_at,
  publishedAt: row.published_at,
})
export type { VerdictRow }

export function newCaseView(parts: ConsoleParts): Pick<Handlers, 'showCase'> {
  const { database, engine } = parts
  return {
    async showCase({ params, at }) {
      const key = params.key ?? ''
      const [row, audit] = await Promise.all([storedCase(database, key), auditOf(parts, key)])
      const [said, penalties, entities] = await Promise.all([
        saidOf(database, key),
        penaltiesOn(database, [key]),
        Promise.all(entitiesOf(audit.event).map((one) => summaryOf(database, one, at))),
      ])
      const { decision } = audit
      const isOurs = decision.playbookHash === engine.playbook.hash
      return {
        row: caseRowOf(row, at),
        event: { ...audit.event },
        playbook: decision.playbook,
        playbookVersion: decision.playbookVersion,
        reasons: [...decision.reasons],
        advice: [...decision.advice],
        alertIds: [...decision.alertIds],
        rules: rulesOf(audit, isOurs ? engine.playbook : null),
        models: modelsOf(decision),
        signals: signalsOf(audit, engine.playbook),
        entities,
        ...said,
        penalties: penalties.map(penaltyOf),
      }
    },
  }
}

function rulesOf(
  { event, inputs, decision }: Audit,
  playbook: Playbook | null,
): CaseWhole['rules'] {
  const known = new Map(playbook?.rules.map((rule) => [rule.id, rule]))
  const signals = newDecisionRow()
  if (playbook !== null) deriveSignals(event, inputs, playbook.timeZone, signals)
  return decision.results.map(({ rule, mode, result, outcome, values }) => {
    const own = known.get(rule)
    return {
      rule,
      tier: own?.tier ?? null,
      mode,
      result,
      outcome,
      weight: own?.weight ?? null,
      condition: own?.when ?? null,
      reason: own === undefined ? null : renderReason(own.reason, signals),
      values: valuesOf(values),
    }
  })
}

const valuesOf = (values: readonly SignalValue[]) =>
  values.map(({ signal, value, saturated }) => ({ signal, value, saturated }))

const modelsOf = ({ models }: Decision): CaseWhole['models'] =>
  models.map(({ model, mode, probability, outcome, contributions }) => ({
    model,
    mode,
    probability,
    outcome,
    contributions: contributions.map(({ signal, value, moved }) => ({ signal, value, moved })),
  }))

function signalsOf({ event, inputs }: Audit, { timeZone }: Playbook): CaseWhole['signals'] {
  const signals = allSignals(event, inputs, timeZone, newDecisionRow())
  return signals.filter(({ value }) => value !== null)
}

async function saidOf(
  database: Queries,
  key: string,
): Promise<Pick<CaseWhole, 'verdicts' | 'notes' | 'superseding'>> {
  const [verdicts, notes, superseding] = await Promise.all([
    database.query<VerdictRow>(
      `SELECT ${verdictColumns} FROM verdicts WHERE case_key = $1 ORDER BY given_at, id`,
      [key],
    ),
    database.query<CaseWhole['notes'][number]>(
      `SELECT id, author, written_at AS at, note AS text FROM notes WHERE case_key = $1
       ORDER BY id`,
      [key],
    ),
    database.query<CaseWhole['superseding'][number]>(
      `SELECT id, outcome, cause, decided_by AS "decidedBy", recorded_at AS "recordedAt"
       FROM superseding WHERE case_key = $1 ORDER BY number`,
      [key],
    ),
  ])
  return {
    verdicts: verdicts.map(verdictShapeOf),
    notes: [...notes],
    superseding: superseding.map((one) => ({ ...one, outcome: actedOf(one.outcome) })),
  }
}
