/** Configuration → store, log, pipeline: plain calls, one place. */

import { join } from 'node:path'
import { openRedisStore } from './assemble-windows.ts'
import { type Campaigns, indexCampaigns } from './config/campaigns-file.ts'
import { loadRedis } from './config/connections.ts'
import { type JudgingOptions, loadJudging } from './config/judging.ts'
import { loadOrCreateKey } from './config/key-file.ts'
import { deriveKeys, type Keys } from './core/event/keyed-hash.ts'
import type { Playbook } from './core/rules/playbook.ts'
import type { Alert, Campaign } from './core/schema.gen.ts'
import { type Embedded, openEmbedded } from './embedded.ts'
import { newEmbeddedWindows } from './embedded-windows.ts'
import type { Facts } from './facts.ts'
import { type LetterKey, newLetterKey } from './letter-seal.ts'
import { type KeptLists, openKeptLists } from './lists/kept-lists.ts'
import { bothMatches } from './lists/lists.ts'
import { openDirectoryLog } from './log/directory/open.ts'
import type { EmbeddedLog } from './log/embedded-log.ts'
import { newPipeline } from './pipeline.ts'
import { type Close, closeAll } from './reach.ts'
import { systemClock } from './runtime/clock.ts'
import { newMemoryStore } from './state/memory-store.ts'
import type { RedisStore } from './state/redis-store.ts'

export interface EmbeddedOptions extends JudgingOptions {
  readonly data: string
  /** Where the windows are. */
  readonly store?: 'memory' | 'redis'
  /** Campaigns of a demo; they stand in for a campaigns file. */
  readonly demoCampaigns?: readonly Campaign[]
  onAlert(alert: Alert, playbook: Playbook): void
  onRebuilt(events: number): void
}

export interface Assembled {
  readonly embedded: Embedded
  readonly log: EmbeddedLog
  readonly keys: Keys
  readonly playbook: Playbook
  /** What people put on lists while it runs. */
  readonly lists: KeptLists
  readonly campaigns: Campaigns | null
  /** What the console's copies of dead letters are encrypted with. */
  readonly letterKey: LetterKey
  close(): Promise<void>
}

/**
 * Opens the data directory and rebuilds everything from it; closes it again where that fails. What
 * was appended and not judged is still to be judged: a demonstration knows what else belongs to it.
 */
export async function assembleEmbedded(options: EmbeddedOptions): Promise<Assembled> {
  const secret = await loadOrCreateKey(options.data)
  const keys = deriveKeys(secret)
  const { playbook, ...judged } = loadJudging(options, keys)
  const lists = openKeptLists(join(options.data, 'lists'), keys)
  const campaigns =
    options.demoCampaigns === undefined ? judged.campaigns : indexCampaigns(options.demoCampaigns)
  const facts: Facts = {
    ...judged.facts,
    lists: (event, at) => bothMatches(lists.lists.match(event, at), judged.facts.lists(event, at)),
    campaign: (event) => campaigns?.facts(event) ?? null,
  }
  const log = await openDirectoryLog({ directory: options.data })
  const closers: Close[] = [() => log.close()]
  try {
    const judging = { playbook, facts, keys }
    const redis = options.store === 'redis' ? await openOwnRedis(options, keys, closers) : null
    const windows = redis === null ? null : newEmbeddedWindows({ log, judging, redis })
    const pipeline =
      windows === null
        ? newPipeline({ ...judging, store: newMemoryStore() })
        : newPipeline({ ...judging, store: windows.store, judgedTo: judgedTo(log) })
    const onAlert = (alert: Alert) => options.onAlert(alert, playbook)
    const parts = {
      log,
      pipeline,
      keys,
      clock: systemClock,
      playbookVersion: playbook.version,
      fillWindows: windows?.fill ?? null,
      onAlert,
    }
    const embedded = await openEmbedded(parts, options.onRebuilt)
    return {
      ...{ embedded, log, keys, playbook, lists, campaigns },
      letterKey: newLetterKey(secret),
      close: () => closeAll(closers),
    }
  } catch (error) {
    await closeAll(closers)
    throw error
  }
}

/** Record time that the log is judged up to. */
const judgedTo = (log: EmbeddedLog) =>
  log.committed().progress?.recordedAt ?? Number.NEGATIVE_INFINITY

/** A data directory has a key of its own, and so a store of its own in a Redis that others use. */
async function openOwnRedis(
  options: EmbeddedOptions,
  keys: Keys,
  closers: Close[],
): Promise<RedisStore> {
  const place = { redis: loadRedis(options), topicPrefix: `-data-${keys.id}` }
  const { store } = await openRedisStore(place, closers)
  return store
}
