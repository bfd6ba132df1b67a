/**
 * How far each partition was read. The row is locked for as long as the transaction lasts, so two
 * consoles that read the same partition take turns, and each record is taken once.
 */

import type { Audit } from '../../core/schema.gen.ts'
import type { Queries } from '../database.ts'
import type { AnyBatch, ProjectedTopic } from '../engine.ts'

/** Made with the database, and anew where its records are wanted from the start. */
export async function generationOf(queries: Queries): Promise<string> {
  const [row] = await queries.query<{ id: string }>('SELECT id FROM generation')
  return row!.id
}

export async function positionOf(
  queries: Queries,
  topic: ProjectedTopic,
  partition: number,
): Promise<number> {
  const sql = 'SELECT next FROM positions WHERE topic = $1 AND partition_no = $2'
  const [row] = await queries.query<{ next: number }>(sql, [topic, partition])
  return row?.next ?? 0
}

/** The batch with what is new in it, its position moved; null where nothing is. */
export async function untaken<B extends AnyBatch>(queries: Queries, batch: B): Promise<B | null> {
  const { topic, partition, next, records, offsets } = batch
  await queries.query(
    `INSERT INTO positions (topic, partition_no, next) VALUES ($1, $2, 0)
     ON CONFLICT DO NOTHING`,
    [topic, partition],
  )
  const [row] = await queries.query<{ next: number }>(
    'SELECT next FROM positions WHERE topic = $1 AND partition_no = $2 FOR UPDATE',
    [topic, partition],
  )
  const taken = row!.next
  if (next <= taken) return null
  const newestAt = batch.topic === 'risk.audit' ? newestOf(batch.records) : null
  await queries.query(
    `UPDATE positions SET next = $3, newest_at = greatest(newest_at, $4::bigint)
     WHERE topic = $1 AND partition_no = $2`,
    [topic, partition, next, newestAt],
  )
  if (offsets === undefined || (offsets[0] ?? taken) >= taken) return batch
  return { ...batch, records: records.filter((_, at) => offsets[at]! >= taken) }
}

const newestOf = (audits: readonly Audit[]) =>
  audits.reduce<number | null>((newest, { recordedAt }) => Math.max(newest ?? 0, recordedAt), null)
