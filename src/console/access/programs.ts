/**
 * Tokens of programs: shown once when they are made, kept as their SHA-256. They begin with cg_, so
 * that whoever finds one knows what it is. In the audit log and on verdicts a program's name begins
 * with token:.
 */
import type { z } from 'zod'
import type { Role } from '../api/operation.ts'
import type { tokenShape } from '../api/people-shapes.ts'
import type { Database } from '../database.ts'
import { Refusal } from '../handlers.ts'
import { foldedName, newSecret, sha256 } from './secrets.ts'
import type { Visitor } from './visitor.ts'

export type ProgramToken = z.output<typeof tokenShape>

export interface Programs {
  list(): Promise<readonly ProgramToken[]>
  add(added: AddedProgram, at: number): Promise<{ token: string; row: ProgramToken }>
  /** Throws Refusal where there is none. */
  remove(id: string): Promise<void>
  find(token: string, at: number, quietly?: 'quietly'): Promise<Visitor | null>
}

export interface AddedProgram {
  readonly name: string
  readonly role: Role
  readonly by: string
}

interface TokenRow {
  readonly id: string
  readonly name: string
  readonly role: Role
  readonly created_at: number
  readonly created_by: string
  readonly last_used_at: number | null
}

const useMs = 60_000
const tokensMax = 200
const columns = 'id, name, role, created_at, created_by, last_used_at'

const shapeOf = (row: TokenRow): ProgramToken => ({
  id: row.id,
  name: row.name,
  role: row.role,
  createdAt: row.created_at,
  createdBy: row.created_by,
  lastUsedAt: row.last_used_at,
})

export function newPrograms(database: Database): Programs {
  return {
    async list() {
      const sql = `SELECT ${columns} FROM program_token ORDER BY created_at, id LIMIT ${tokensMax}`
      return (await database.query<TokenRow>(sql)).map(shapeOf)
    },
    async add({ name, role, by }, at) {
      const token = `cg_${newSecret()}`
      const id = newSecret().slice(0, 12)
      const [row] = await database.query<TokenRow>(
        `INSERT INTO program_token (id, name, folded, role, token_sha256, created_at, created_by)
         SELECT $1, $2, $3, $4, $5, $6, $7
         WHERE (SELECT count(*) FROM program_token) < ${tokensMax}
         ON CONFLICT DO NOTHING RETURNING ${columns}`,
        [id, name, foldedName(name), role, sha256(token), at, by],
      )
      if (row === undefined)
        throw new Refusal(409, 'exists', `there is a token of that name, or ${tokensMax} in all`)
      return { token, row: shapeOf(row) }
    },
    async remove(id) {
      const sql = 'DELETE FROM program_token WHERE id = $1 RETURNING id'
      if ((await database.query(sql, [id])).length === 0)
        throw new Refusal(404, 'no-token', 'there is no such token')
    },
    async find(token, at, quietly) {
      if (!token.startsWith('cg_')) return null
      const sql = `SELECT ${columns} FROM program_token WHERE token_sha256 = $1`
      const [row] = await database.query<TokenRow>(sql, [sha256(token)])
      if (row === undefined) return null
      if (quietly === undefined && (row.last_used_at ?? 0) <= at - useMs)
        await database.query('UPDATE program_token SET last_used_at = $2 WHERE id = $1', [
          row.id,
          at,
        ])
      return { caller: { name: `token:${row.name}`, role: row.role }, via: 'token', csrf: null }
    },
  }
}
