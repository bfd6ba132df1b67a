/** Cases like one: those that share most with it, and what was said of its first rule's. */

import { newDecisionRow } from '../../core/decision/decide.ts'
import { renderReason } from '../../core/rules/reason.ts'
import { deriveSignals } from '../../core/signals/derive.ts'
import { emptyRow } from '../../recording/header.ts'
import { nearMissesOf } from '../../recording/near-misses.ts'
import type { Handlers } from '../handlers.ts'
import type { ConsoleParts } from '../parts.ts'
import { oneOf } from '../store/store.ts'
import { caseRowOf, type StoredCase } from './case-row.ts'
import { readCases } from './filter.ts'
import { auditOf, storedCase } from './show-case.ts'

const shownMax = 20
const perKindMax = 20
/** A rule is missed narrowly where at least half of its condition's parts held. */
const nearShare = 0.5
const missesMax = 50

export function newSimilar(parts: ConsoleParts): Pick<Handlers, 'similarCases' | 'nearMisses'> {
  const { database, engine } = parts
  return {
    async similarCases({ params, caller, at }) {
      const key = params.key ?? ''
      const self = await storedCase(database, key)
      const [rule] = self.rules
      const filters = [
        ...(self.device === null ? [] : [{ device: self.device }]),
        ...(self.ip === null ? [] : [{ ip: self.ip }]),
        ...(rule === undefined ? [] : [{ rule, campaign: self.campaign }, { rule }]),
      ]
      const found = new Map<string, StoredCase>()
      await Promise.all(
        filters.map(async (filter) => {
          const context = {
            filter: { ...filter, order: 'newest' as const },
            me: caller.name,
            at,
            engine,
          }
          const page = { limit: perKindMax + 1, after: null }
          for (const row of (await readCases(database, context, page)) ?? [])
            if (row.key !== key) found.set(row.key, row)
        }),
      )
      const rows = [...found.values()]
        .map((row) => ({ row, shared: sharedOf(self, row) }))
        .sort((a, b) => b.shared.length - a.shared.length || b.row.recorded_at - a.row.recorded_at)
        .slice(0, shownMax)
      const verdicts = await oneOf<{ fraud: number; legitimate: number; inconclusive: number }>(
        database,
        `SELECT fraud, legitimate, inconclusive FROM marks WHERE kind = 'first' AND name = $1`,
        [rule ?? ''],
      )
      return {
        rows: rows.map(({ row, shared }) => ({ row: caseRowOf(row, at), shared })),
        verdicts: verdicts ?? { fraud: 0, legitimate: 0, inconclusive: 0 },
      }
    },

    async nearMisses({ params }) {
      const key = params.key ?? ''
      const { event, inputs, recordedAt, source, partition, offset } = await auditOf(parts, key)
      const row = { ...emptyRow(recordedAt, source, partition, offset), event, inputs }
      const misses = nearMissesOf({ row, eventKey: key }, source, engine.playbook)
      const near = misses.filter((one) => one.partsHeld / one.parts.length >= nearShare)
      const signals = newDecisionRow()
      deriveSignals(event, inputs, engine.playbook.timeZone, signals)
      const known = new Map(engine.playbook.rules.map(({ id, reason }) => [id, reason]))
      return {
        rules: near.slice(0, missesMax).map(({ rule, withValues, values }) => {
          return {
            rule,
            reason: renderReason(known.get(rule)!, signals),
            text: withValues,
            values: values.map((one) => ({ ...one })),
          }
        }),
      }
    },
  }
}

function sharedOf(a: StoredCase, b: StoredCase): string[] {
  const rules = a.rules.filter((rule) => b.rules.includes(rule))
  const shared: string[] = []
  if (a.device !== null && a.device === b.device) shared.push('device')
  if (a.ip !== null && a.ip === b.ip) shared.push('ip')
  if (a.campaign === b.campaign) shared.push('campaign')
  return [...shared, ...rules]
}
