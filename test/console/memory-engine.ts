/**
 * The console's engine in memory: topics as arrays, with the failures that a real one has. A
 * publication may fail before it stands there, or after; `published` always tells the truth.
 */

import { publishedTestKey } from '../../src/config/key-file.ts'
import { defaultPlaybookPath, loadPlaybook } from '../../src/config/playbook-file.ts'
import type { Engine, Publication } from '../../src/console/engine.ts'
import { deriveKeys } from '../../src/core/event/keyed-hash.ts'
import type { Campaign, DeadLetter, Decision, Review } from '../../src/core/schema.gen.ts'
import { newLetterKey } from '../../src/letter-seal.ts'
import type { ListChange } from '../../src/lists/kept-lists.ts'
import { keptValue } from '../../src/lists/kept-value.ts'
import { EdgeError } from '../../src/runtime/edge-error.ts'

export type Failure = 'before' | 'after' | null

export interface MemoryEngine extends Engine {
  readonly reviews: Review[]
  readonly decisions: Decision[]
  readonly lists: ListChange[]
  readonly redriven: DeadLetter[]
  /** Asked before each publishing. */
  failing: (publications: readonly Publication[]) => Failure
  readonly campaigns: Map<string, Campaign>
}

export const playbook = loadPlaybook(defaultPlaybookPath)
export const keys = deriveKeys(publishedTestKey)

export function newMemoryEngine(): MemoryEngine {
  const ids = new Set<string>()
  const away = () => new EdgeError('kafka-away', 'no broker answers', true)
  const engine: MemoryEngine = {
    reviews: [],
    decisions: [],
    lists: [],
    redriven: [],
    campaigns: new Map(),
    failing: () => null,
    async publish(publications) {
      const failure = engine.failing(publications)
      if (failure === 'before') throw away()
      for (const one of publications) {
        ids.add(one.id)
        if (one.topic === 'risk.reviews') engine.reviews.push(one.record)
        else if (one.topic === 'risk.decisions') engine.decisions.push(one.record)
        else engine.lists.push(one.record)
      }
      if (failure === 'after') throw away()
    },
    published: async (publications) =>
      new Set(
        publications
          .filter(({ id, topic }) => topic !== 'risk.lists' && ids.has(id))
          .map(({ id }) => id),
      ),
    async redrive(letters) {
      return letters.map((letter) => {
        if (letter.bytes === null || letter.sealedBy !== null) return false
        engine.redriven.push(letter)
        return true
      })
    },
    keep: (kind, value) => keptValue(kind, value, keys),
    keyId: keys.id,
    letterKey: newLetterKey(publishedTestKey),
    playbook,
    campaign: (id) => engine.campaigns.get(id) ?? null,
    allCampaigns: () => [...engine.campaigns.values()],
    timeZone: playbook.timeZone.name,
    start: async () => undefined,
    close: async () => undefined,
  }
  return engine
}
