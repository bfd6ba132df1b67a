/**
 * The topics → the console's tables. A batch and the position after it are one transaction, so a
 * batch that is taken twice, or that two consoles take, changes nothing the second time; and all
 * tables but what people alone wrote (notes, who holds what) can be filled anew from position 0.
 */
import type { StreamTopic } from '../api/operations.ts'
import type { Queries } from '../database.ts'
import type { AnyBatch, Engine, Projection } from '../engine.ts'
import { newAuditCodec } from '../store/audit-codec.ts'
import type { Store } from '../store/store.ts'
import { generationOf, positionOf, untaken } from './positions.ts'
import { projectAlerts } from './project-alerts.ts'
import { projectAudits } from './project-audits.ts'
import { projectLetters } from './project-letters.ts'
import { upsertEntries } from './project-lists.ts'
import { projectDecisions, projectReviews } from './project-reviews.ts'

export interface ProjectionOptions {
  readonly database: Store
  readonly engine: Pick<Engine, 'playbook' | 'letterKey'>
  readonly onChanged?: (topics: readonly StreamTopic[]) => void
  /** `flagged` keeps no sightings of what was let through: for streams too large to keep. */
  readonly timeline?: 'all' | 'flagged'
}

export interface LaggingProjection extends Projection {
  /** As setLag was told; null before. */
  lag(): number | null
}

const changed: Readonly<Record<AnyBatch['topic'], readonly StreamTopic[]>> = {
  'risk.audit': ['cases', 'overview'],
  'risk.decisions': ['cases'],
  'risk.alerts': ['alerts', 'overview'],
  'risk.dead-letters': ['dead-letters'],
  'risk.reviews': ['cases'],
  'risk.lists': ['lists'],
}

export function newProjection(options: ProjectionOptions): LaggingProjection {
  const { database, engine, onChanged, timeline = 'all' } = options
  const codec = newAuditCodec()
  let unread: number | null = null

  async function project(queries: Queries, batch: AnyBatch): Promise<void> {
    switch (batch.topic) {
      case 'risk.audit':
        return projectAudits(queries, batch.records, { codec, playbook: engine.playbook, timeline })
      case 'risk.decisions':
        return projectDecisions(queries, batch.records)
      case 'risk.alerts':
        return projectAlerts(queries, batch.records)
      case 'risk.dead-letters':
        return projectLetters(queries, batch.records, engine.letterKey)
      case 'risk.reviews':
        return projectReviews(queries, batch.records)
      case 'risk.lists':
        return upsertEntries(
          queries,
          batch.records.map((change) => ({ ...change, addedBy: null })),
        )
    }
  }

  return {
    generation: () => generationOf(database),
    position: (topic, partition) => positionOf(database, topic, partition),
    async take(batch) {
      const isNew = await database.transaction(async (queries) => {
        // Lists come whole at every start, and an entry can be put twice.
        const fresh = batch.topic === 'risk.lists' ? batch : await untaken(queries, batch)
        if (fresh === null) return false
        if (fresh.records.length > 0) await project(queries, fresh)
        return fresh.records.length > 0
      })
      if (isNew) onChanged?.(changed[batch.topic])
    },
    setLag(records) {
      unread = records
    },
    lag: () => unread,
  }
}
