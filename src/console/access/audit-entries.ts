/**
 * The audit log: what everybody did and looked up. Only ever added to; the database itself refuses
 * anything else, and forgets only what is older than 180 days (audit_log_forget in
 * store/migrations/0002-people.sql). Every page says how far back it reaches.
 * serves: D6
 */
import type { z } from 'zod'
import type { auditPage, auditQuery } from '../api/people-shapes.ts'
import type { Database, Value } from '../database.ts'
import type { AuditLog } from './visitor.ts'

export interface AuditEntries extends AuditLog {
  page(query: z.output<typeof auditQuery>): Promise<z.output<typeof auditPage>>
  /** Drops what is older than 180 days; how many. */
  forget(): Promise<number>
}

const longest = { person: 100, action: 60, subject: 400, detail: 2_000, address: 100 } as const
const pageRows = 100

/** As much as is kept, and nothing that no database takes. */
function cut(text: string, max: number): string {
  const plain = text.replaceAll('\u0000', '\ufffd').toWellFormed()
  return [...plain].length <= max ? plain : `${[...plain].slice(0, max - 1).join('')}…`
}

export function newAuditEntries(database: Database): AuditEntries {
  return {
    async write({ at, person, action, subject, detail, address }) {
      await database.query(
        `INSERT INTO audit_log (at, person, action, subject, detail, address)
         VALUES ($1, $2, $3, $4, $5, $6)`,
        [
          at,
          cut(person, longest.person),
          cut(action, longest.action),
          subject === null ? null : cut(subject, longest.subject),
          detail === null ? null : cut(detail, longest.detail),
          address === null ? null : cut(address, longest.address),
        ],
      )
    },
    async page({ person, action, subject, before, limit = pageRows }) {
      const values: Value[] = []
      const conditions: string[] = []
      const where = (sql: (parameter: string) => string, value: Value) => {
        values.push(value)
        conditions.push(sql(`$${values.length}`))
      }
      if (person !== undefined) where((at) => `person = ${at}`, person)
      if (action !== undefined) where((at) => `action = ${at}`, action)
      if (subject !== undefined) where((at) => `subject LIKE ${at}`, `${escaped(subject)}%`)
      if (before !== undefined) where((at) => `id < ${at}`, before)
      values.push(limit + 1)
      const rows = await database.query<Row>(
        `SELECT id, at, person, action, subject, detail, address FROM audit_log
         ${conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`}
         ORDER BY id DESC LIMIT $${values.length}`,
        values,
      )
      const [first] = await database.query<{ at: number | null }>(
        'SELECT min(at) AS at FROM audit_log',
      )
      return {
        rows: rows.slice(0, limit),
        isMore: rows.length > limit,
        oldestAt: first?.at ?? null,
      }
    },
    async forget() {
      let all = 0
      for (;;) {
        const sql = 'SELECT audit_log_forget() AS dropped'
        const [{ dropped } = { dropped: 0 }] = await database.query<{ dropped: number }>(sql)
        all += dropped
        if (dropped === 0) return all
      }
    },
  }
}

type Row = z.output<typeof auditPage>['rows'][number]

const escaped = (text: string) => text.replaceAll(/[\\%_]/g, (sign) => `\\${sign}`)
