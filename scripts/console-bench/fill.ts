/**
 * Cases through the real projection, in batches like those that it is handed from the topics: how
 * many flagged decisions it takes a second, told for every stretch, since it gets slower as tables
 * and indexes grow. Only the time inside the projection counts.
 */
import type { Projection } from '../../src/console/engine.ts'
import type { Audit, Review } from '../../src/core/schema.gen.ts'
import type { Judged } from './synthetic-audits.ts'

/** As readers hand them over: see group-reader.ts. */
export const batchMax = 1_000

export interface Filling {
  readonly projection: Projection
  readonly judged: Judged
  readonly make: (template: Audit, n: number) => Audit
  readonly partition: number
  /** Told how many are in. */
  readonly onProgress: (done: number, perSecond: number) => void
}

export interface Filled {
  readonly count: number
  readonly perSecond: number
  /** Of the last tenth, in which the tables are all but full. */
  readonly atEndPerSecond: number
  /** Keys of some of the cases, spread over all. */
  readonly sample: readonly Audit[]
}

const sampleMax = 2_000

export async function fill(
  which: 'flagged' | 'allowed',
  count: number,
  { projection, judged, make, partition, onProgress }: Filling,
): Promise<Filled> {
  const templates = judged[which]
  const sample: Audit[] = []
  const sampleEvery = Math.max(1, Math.floor(count / sampleMax))
  let spentMs = 0
  let endMs = 0
  let endCount = 0
  for (let from = 0; from < count; from += batchMax) {
    const size = Math.min(batchMax, count - from)
    const records = Array.from({ length: size }, (_, at) =>
      make(templates[(from + at) % templates.length]!, from + at),
    )
    for (const [at, record] of records.entries())
      if ((from + at) % sampleEvery === 0) sample.push(record)
    const startedAt = performance.now()
    await projection.take({ topic: 'risk.audit', partition, next: from + size, records })
    const tookMs = performance.now() - startedAt
    spentMs += tookMs
    if (from >= count * 0.9) {
      endMs += tookMs
      endCount += size
    }
    onProgress(from + size, (size / tookMs) * 1_000)
  }
  return {
    count,
    perSecond: (count / spentMs) * 1_000,
    atEndPerSecond: endCount === 0 ? 0 : (endCount / endMs) * 1_000,
    sample,
  }
}

/** Verdicts on some of the cases, as they stand in risk.reviews. */
export async function review(
  projection: Projection,
  audits: readonly Audit[],
  at: number,
): Promise<void> {
  const verdicts = ['fraud', 'legitimate', 'inconclusive'] as const
  const records = audits.map(
    ({ decision }, n): Review => ({
      eventKey: decision.eventKey,
      decisionId: decision.id,
      verdict: verdicts[n % verdicts.length]!,
      reviewer: `reviewer-${n % 5}`,
      reason: null,
      at: at - n,
    }),
  )
  for (let from = 0; from < records.length; from += batchMax) {
    const part = records.slice(from, from + batchMax)
    const next = from + part.length
    await projection.take({ topic: 'risk.reviews', partition: 0, next, records: part })
  }
}
