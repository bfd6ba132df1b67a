/** Entries of the lists: looked up here, changed by way of the outbox and the engine. */
import type { z } from 'zod'
import type { listEntryShape } from '../api/programme-shapes.ts'
import { newParameters } from '../cases/filter.ts'
import { assertAhead, entryId, newEntryOf } from '../cases/list-from-case.ts'
import { insertDue, listPublication } from '../cases/outbox-rows.ts'
import type { Publication } from '../engine.ts'
import { type Handlers, Refusal } from '../handlers.ts'
import type { ConsoleParts } from '../parts.ts'
import { keptText } from '../projection/kept-text.ts'

type Entry = z.output<typeof listEntryShape>
type ListHandlers = Pick<Handlers, 'listEntries' | 'addEntry' | 'removeEntry'>

const limitDefault = 100
const countedMax = 100_000
/** Source of what a person puts on a list without a case. */
const consoleSource = 'console'

const columns = `id, list, kind, value, source, note, added_at AS "addedAt",
  added_by AS "addedBy", expires_at AS "expiresAt"`
const hashedKinds = ['user', 'device', 'ip', 'phone', 'code', 'referrer'] as const

export function newListHandlers(parts: ConsoleParts): ListHandlers {
  const { database, engine, onChanged, onDue } = parts

  async function publish(publication: Publication, person: string, at: number): Promise<void> {
    const due = { caseKey: null, verdictId: null, bulkId: null, person, dueAt: at }
    await database.transaction((queries) => insertDue(queries, [{ publication, ...due }]))
    onDue()
    onChanged(['lists'])
  }

  return {
    async listEntries({ query, at }) {
      const { list, kind, search, after, limit = limitDefault } = query
      const parameters = newParameters()
      const where = [`(expires_at IS NULL OR expires_at > ${parameters.add(at)})`]
      if (list !== undefined) where.push(`list = ${parameters.add(list)}`)
      if (kind !== undefined) where.push(`kind = ${parameters.add(kind)}`)
      const text = search?.trim() ?? ''
      if (text !== '') where.push(searched(text))
      const counting = `SELECT count(*) AS total FROM (SELECT 1 FROM list_entries
        WHERE ${where.join(' AND ')} LIMIT ${countedMax}) AS counted`
      const counted = database.query<{ total: number }>(counting, [...parameters.values])
      if (after !== undefined) where.push(afterSql(after, parameters))
      const sql = `SELECT ${columns} FROM list_entries WHERE ${where.join(' AND ')}
        ORDER BY added_at DESC, id DESC LIMIT ${parameters.add(limit + 1)}`
      const [[total], rows] = await Promise.all([
        counted,
        database.query<Entry>(sql, parameters.values),
      ])
      const shown = rows.slice(0, limit)
      const last = rows.length > limit ? shown.at(-1) : undefined
      return {
        rows: [...shown],
        next: last === undefined ? null : `${last.addedAt}~${last.id}`,
        total: total?.total ?? 0,
      }

      /** The start of a value, the value in kept form, or part of a note. */
      function searched(wanted: string): string {
        const kept = new Set([keptText(wanted, 512)])
        for (const one of hashedKinds) kept.add(engine.keep(one, wanted) ?? wanted)
        const start = parameters.add(`${escapedLike(keptText(wanted))}%`)
        const part = parameters.add(`%${escapedLike(keptText(wanted))}%`)
        return `(value = ANY(${parameters.add([...kept])}::text[]) OR value LIKE ${start}
          OR note ILIKE ${part} OR source ILIKE ${part})`
      }
    },

    async addEntry({ body, caller, at }) {
      assertAhead(body.expiresAt, at)
      const value = engine.keep(body.kind, body.value.trim())
      if (value === null) throw new Refusal(400, 'no-such-value', `that is no ${body.kind}`)
      const { list, kind, expiresAt } = body
      const note = body.note?.trim() ? body.note.trim().toWellFormed() : null
      const given = { list, kind, value, source: consoleSource, note, at, expiresAt }
      const id = entryId(given)
      await publish(listPublication({ id, entry: newEntryOf(given, engine) }), caller.name, at)
      const { at: addedAt, ...shown } = given
      return { id, ...shown, addedAt, addedBy: caller.name }
    },

    async removeEntry({ body, caller, at }) {
      const sql = 'SELECT id FROM list_entries WHERE id = $1'
      const found = await database.query<{ id: string }>(sql, [keptText(body.id, 600)])
      if (found.length === 0) throw new Refusal(404, 'unknown-entry', 'there is no such entry')
      await publish(listPublication({ id: body.id, entry: null }), caller.name, at)
      return { done: true }
    },
  }
}

const escapedLike = (text: string) => text.replace(/[\\%_]/g, '\\$&')

function afterSql(after: string, parameters: ReturnType<typeof newParameters>): string {
  const at = Number(after.split('~', 1)[0])
  const id = after.slice(after.indexOf('~') + 1)
  if (!Number.isSafeInteger(at)) throw new Refusal(400, 'bad-cursor', 'after is no cursor')
  return `(added_at, id) < (${parameters.add(at)}::bigint, ${parameters.add(keptText(id, 600))}::text)`
}
