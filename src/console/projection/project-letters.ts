/** Dead letters → rows. Their bytes are personal: they go after seven days, as in the topic. */
import type { DeadLetter } from '../../core/schema.gen.ts'
import { type LetterKey, sealLetter } from '../../letter-seal.ts'
import type { Queries } from '../database.ts'
import { giveBack } from './begin-anew.ts'
import { keptOrNull, keptText } from './kept-text.ts'

/** Of the place that it came from: the same however often all is read anew. */
export const letterId = (letter: DeadLetter): string => {
  const { source, partition, offset, recordedAt, sha256 } = letter
  const place = `${source.replace(/[^\w.-]/g, '_')}.${partition}.${offset}`
  return keptText(`${place}.${recordedAt}.${sha256.replace(/\W/g, '').slice(0, 16)}`, 300)
}

/** A statement carries at most so many bytes. */
const bytesAtOnce = 4_194_304

export async function projectLetters(
  queries: Queries,
  letters: readonly DeadLetter[],
  key: LetterKey,
): Promise<void> {
  let rows: object[] = []
  let bytes = 0
  for (const letter of letters) {
    rows.push(rowOf(letter, key))
    bytes += letter.bytes?.length ?? 0
    if (bytes < bytesAtOnce) continue
    await insert(queries, rows)
    rows = []
    bytes = 0
  }
  await insert(queries, rows)
  await giveBack(queries, 'letter', letters.map(letterId))
}

const base64 = (bytes: Uint8Array | null) =>
  bytes === null ? null : Buffer.from(bytes).toString('base64')

const rowOf = (letter: DeadLetter, key: LetterKey) => ({
  ...sealedOf(letter, key),
  id: letterId(letter),
  reason: keptText(letter.reason),
  detail: keptText(letter.detail, 1_024),
  source: keptText(letter.source),
  partition_no: letter.partition,
  offset_no: letter.offset,
  recorded_at: letter.recordedAt,
  sha256: keptText(letter.sha256),
  bytes_length: letter.bytes?.length ?? 0,
  headers: JSON.stringify(
    Object.entries(letter.headers).map(([name, value]) => [keptText(name), base64(value)]),
  ),
  letter_key: base64(letter.key),
})

/** Nothing that a publisher sent is kept in the clear; what workers sealed stays as they did. */
function sealedOf(letter: DeadLetter, key: LetterKey) {
  const { bytes, sealedBy } = letter.sealedBy === null ? sealLetter(letter, key) : letter
  return { bytes: base64(bytes), sealed_by: keptOrNull(sealedBy) }
}

async function insert(queries: Queries, rows: readonly object[]): Promise<void> {
  if (rows.length === 0) return
  await queries.query(
    `INSERT INTO dead_letters
       (id, reason, detail, source, partition_no, offset_no, recorded_at, sha256, bytes,
        bytes_length, headers, letter_key, sealed_by)
     SELECT DISTINCT ON (id) id, reason, detail, source, partition_no, offset_no, recorded_at,
       sha256, decode(bytes, 'base64'), bytes_length, headers, decode(letter_key, 'base64'),
       sealed_by
     FROM json_to_recordset($1::json) AS r(
       id text, reason text, detail text, source text, partition_no integer, offset_no bigint,
       recorded_at bigint, sha256 text, bytes text, bytes_length integer, headers text,
       letter_key text, sealed_by text)
     ORDER BY id
     ON CONFLICT (id) DO NOTHING`,
    [JSON.stringify(rows)],
  )
}
