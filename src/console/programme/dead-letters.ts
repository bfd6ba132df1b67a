/** Dead letters: why each could not be read, its bytes, and sending it in again. */
import type { z } from 'zod'
import type { DeadLetter } from '../../core/schema.gen.ts'
import { type LetterKey, unsealLetter } from '../../letter-seal.ts'
import type { deadLetterRow } from '../api/programme-shapes.ts'
import { newParameters } from '../cases/filter.ts'
import type { Queries } from '../database.ts'
import { type Call, type Handlers, Refusal } from '../handlers.ts'
import type { ConsoleParts } from '../parts.ts'
import { keptText } from '../projection/kept-text.ts'
import { oneOf } from '../store/store.ts'

type Row = z.output<typeof deadLetterRow>
type Letters = Pick<Handlers, 'listDeadLetters' | 'showDeadLetter' | 'redrive'>

const limitDefault = 100
const countedMax = 100_000
const shownBytesMax = 65_536
/** Letters in one go to the engine, at most 256 KiB each; and in one call, oldest first. */
const atOnceMax = 40
const callMax = 2_000

const columns = `id, reason, detail, source, partition_no AS partition, offset_no AS "offset",
  recorded_at AS "recordedAt", sha256, bytes_length AS "bytesLength", sealed_by AS "sealedBy",
  redriven_at AS "redrivenAt", redriven_by AS "redrivenBy"`

interface Kept {
  readonly bytes: Uint8Array | null
  readonly headers: string
  readonly letter_key: Uint8Array | null
}

/** How many of these went in again. */
async function sendAgain(
  { database, engine }: ConsoleParts,
  ids: readonly string[],
  who: string,
  at: number,
): Promise<number> {
  const rows = await database.query<Row & Kept>(
    `SELECT ${columns}, bytes, headers, letter_key FROM dead_letters WHERE id = ANY($1::text[])
     ORDER BY source, partition_no, offset_no`,
    [ids],
  )
  const letters = rows.map((row) => unsealLetter(letterOf(row), engine.letterKey))
  const sent = await engine.redrive(letters)
  const done = rows.filter((_, index) => sent[index] === true).map(({ id }) => id)
  await database.query(
    'UPDATE dead_letters SET redriven_at = $2, redriven_by = $3 WHERE id = ANY($1::text[])',
    [done, at, who],
  )
  return done.length
}

/** Those of a reason that were not sent in again yet. */
async function idsOf(database: Queries, reason: string): Promise<readonly string[]> {
  const rows = await database.query<{ id: string }>(
    `SELECT id FROM dead_letters WHERE reason = $1 AND redriven_at IS NULL
       ORDER BY source, partition_no, offset_no LIMIT ${callMax}`,
    [keptText(reason)],
  )
  return rows.map(({ id }) => id)
}

/** What is sealed by ourselves only is open to whoever may look. */
const shownOf = (row: Row, own: LetterKey): Row =>
  row.sealedBy === own.id ? { ...row, sealedBy: null } : row

export function newLetterHandlers(parts: ConsoleParts): Letters {
  const { database, engine } = parts
  return {
    async listDeadLetters({ query: { reason, after, limit = limitDefault } }) {
      const parameters = newParameters()
      const where = ['true']
      if (reason !== undefined) where.push(`reason = ${parameters.add(keptText(reason))}`)
      if (after !== undefined) {
        const at = Number(after.split('~', 1)[0])
        if (!Number.isSafeInteger(at)) throw new Refusal(400, 'bad-cursor', 'after is no cursor')
        const id = keptText(after.slice(after.indexOf('~') + 1), 300)
        const last = `(${parameters.add(at)}::bigint, ${parameters.add(id)}::text)`
        where.push(`(recorded_at, id) < ${last}`)
      }
      const [rows, reasons] = await Promise.all([
        database.query<Row>(
          `SELECT ${columns} FROM dead_letters WHERE ${where.join(' AND ')}
           ORDER BY recorded_at DESC, id DESC LIMIT ${parameters.add(limit + 1)}`,
          parameters.values,
        ),
        database.query<{ value: string; count: number }>(
          `SELECT reason AS value, count(*) AS count
           FROM (SELECT reason FROM dead_letters LIMIT ${countedMax}) AS counted
           GROUP BY reason ORDER BY 2 DESC, 1 LIMIT 50`,
        ),
      ])
      const shown = rows.slice(0, limit)
      const last = rows.length > limit ? shown.at(-1) : undefined
      return {
        rows: shown.map((row) => shownOf(row, engine.letterKey)),
        next: last === undefined ? null : `${last.recordedAt}~${last.id}`,
        reasons: [...reasons],
      }
    },

    async showDeadLetter({ params }) {
      const row = await oneOf<Row & Kept>(
        database,
        `SELECT ${columns}, bytes, headers, letter_key
         FROM dead_letters WHERE id = $1`,
        [params.id ?? ''],
      )
      if (row === null) throw new Refusal(404, 'unknown-letter', 'there is no such dead letter')
      const { bytes: _, headers, letter_key, ...shown } = row
      const { bytes, sealedBy } = unsealLetter(letterOf(row), engine.letterKey)
      const isShown = bytes !== null && sealedBy === null
      return {
        row: shownOf(shown, engine.letterKey),
        bytes: isShown ? Buffer.from(bytes.subarray(0, shownBytesMax)).toString('base64') : null,
        headers: Object.entries(headersOf(headers)).map(([name, value]) => ({
          name,
          value: keptText(Buffer.from(value).toString('utf8'), 1_024),
        })),
      }
    },

    redrive: (call) => redrive(parts, call),
  }
}

async function redrive(parts: ConsoleParts, { body, caller, at }: Call<'redrive'>) {
  const { database, onChanged } = parts
  const ids = 'id' in body ? [body.id] : await idsOf(database, body.reason)
  if ('id' in body) {
    const sql = 'SELECT id FROM dead_letters WHERE id = $1'
    if ((await database.query(sql, [body.id])).length === 0)
      throw new Refusal(404, 'unknown-letter', 'there is no such dead letter')
  }
  let redriven = 0
  for (let from = 0; from < ids.length; from += atOnceMax)
    redriven += await sendAgain(parts, ids.slice(from, from + atOnceMax), caller.name, at)
  onChanged(['dead-letters'])
  return { redriven, leftOut: ids.length - redriven }
}

/** As rowOf of the projection wrote them: names with values in base64. */
function headersOf(text: string): Readonly<Record<string, Uint8Array>> {
  const pairs: readonly (readonly [string, string])[] = JSON.parse(text)
  return Object.fromEntries(pairs.map(([name, value]) => [name, Buffer.from(value, 'base64')]))
}

function letterOf(row: Row & Kept): DeadLetter {
  const { reason, detail, source, partition, offset, recordedAt, sha256, sealedBy } = row
  return {
    ...{ reason, detail, source, partition, offset, recordedAt, sha256, sealedBy },
    bytes: row.bytes,
    headers: headersOf(row.headers),
    key: row.letter_key,
  }
}
