/** What a verdict puts on the block list: entities of the case itself, and its ring. */

import type { ListEntry } from '../../core/schema.gen.ts'
import { isHashed } from '../../lists/kept-value.ts'
import type { EntityKind, VerdictBody } from '../api/case-shapes.ts'
import type { Queries } from '../database.ts'
import type { Engine, Publication } from '../engine.ts'
import { Refusal } from '../handlers.ts'
import type { ConsoleParts } from '../parts.ts'
import type { StoredCase } from './case-row.ts'
import { entitiesOf } from './entities.ts'
import { listPublication } from './outbox-rows.ts'
import { auditOf } from './show-case.ts'

export interface NewEntry {
  readonly list: 'block' | 'allow' | 'watch'
  readonly kind: EntityKind
  /** In kept form. */
  readonly value: string
  readonly source: string
  readonly note: string | null
  readonly at: number
  readonly expiresAt: number | null
}

export const entryId = ({ list, kind, value }: Pick<NewEntry, 'list' | 'kind' | 'value'>) =>
  `${list}/${kind}/${value}`

export function newEntryOf({ at, ...entry }: NewEntry, engine: Pick<Engine, 'keyId'>): ListEntry {
  const isKeyed = isHashed(entry.kind) || entry.value.startsWith('p:')
  return { ...entry, addedAt: at, keyId: isKeyed ? engine.keyId : null }
}

export const caseNote = (key: string) => `case ${key}`
/** Source of what a verdict puts on a list. */
export const reviewSource = 'review'

interface Listed {
  readonly row: StoredCase
  readonly body: VerdictBody
  readonly person: string
  readonly at: number
}

export async function listingRows(
  queries: Queries,
  parts: ConsoleParts,
  { row, body, at }: Listed,
): Promise<readonly Publication[]> {
  const { block = [], ring = [], ringExpiresAt = null } = body
  if (block.length + ring.length === 0) return []
  const { event } = await auditOf(parts, row.key, queries)
  const own = entitiesOf(event)
  const wanted = new Map<string, Pick<NewEntry, 'kind' | 'value' | 'expiresAt'>>()
  for (const { kind, expiresAt } of block) {
    assertAhead(expiresAt, at)
    const entity = own.find((one) => one.kind === kind)
    if (entity === undefined) throw new Refusal(400, 'no-such-entity', `the case names no ${kind}`)
    wanted.set(`${kind} ${entity.value}`, { ...entity, expiresAt })
  }
  assertAhead(ringExpiresAt, at)
  for (const { kind, value } of ring) {
    const kept = parts.engine.keep(kind, value)
    if (kept === null) throw new Refusal(400, 'no-such-value', `a value of ring is no ${kind}`)
    const key = `${kind} ${kept}`
    if (!wanted.has(key)) wanted.set(key, { kind, value: kept, expiresAt: ringExpiresAt })
  }
  const about = { list: 'block', source: reviewSource, note: caseNote(row.key), at } as const
  return [...wanted.values()].map((one) => {
    const entry = newEntryOf({ ...about, ...one }, parts.engine)
    return listPublication({ id: entryId({ list: 'block', ...one }), entry })
  })
}

export function assertAhead(expiresAt: number | null, at: number): void {
  if (expiresAt !== null && expiresAt <= at)
    throw new Refusal(400, 'expired', 'expiresAt lies in the past')
}
