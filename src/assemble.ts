/** Configuration → store, log, pipeline: plain calls, one place. */

import { indexCampaigns } from './config/campaigns-file.ts'
import { type JudgingOptions, loadJudging } from './config/judging.ts'
import { loadOrCreateKey } from './config/key-file.ts'
import { deriveKeys, type Keys } from './core/event/keyed-hash.ts'
import type { Playbook } from './core/rules/playbook.ts'
import type { Alert, Campaign } from './core/schema.gen.ts'
import { type Embedded, openEmbedded } from './embedded.ts'
import { openDirectoryLog } from './log/directory/open.ts'
import type { EmbeddedLog } from './log/embedded-log.ts'
import { newPipeline } from './pipeline.ts'
import { systemClock } from './runtime/clock.ts'
import { newMemoryStore } from './state/memory-store.ts'

export interface EmbeddedOptions extends JudgingOptions {
  readonly data: string
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
}

/**
 * Opens the data directory and rebuilds everything from it; closes it again where that fails. What
 * was appended and not judged is still to be judged: a demonstration knows what else belongs to it.
 */
export async function assembleEmbedded(options: EmbeddedOptions): Promise<Assembled> {
  const keys = deriveKeys(await loadOrCreateKey(options.data))
  const judging = loadJudging(options, keys)
  const { playbook } = judging
  const demo = options.demoCampaigns === undefined ? null : indexCampaigns(options.demoCampaigns)
  const facts =
    demo === null ? judging.facts : { ...judging.facts, campaign: demo.facts.bind(demo) }
  const log = await openDirectoryLog({ directory: options.data })
  try {
    const pipeline = newPipeline({ store: newMemoryStore(), playbook, facts, keys })
    const onAlert = (alert: Alert) => options.onAlert(alert, playbook)
    const parts = {
      log,
      pipeline,
      keys,
      clock: systemClock,
      playbookVersion: playbook.version,
      onAlert,
    }
    const embedded = await openEmbedded(parts, options.onRebuilt)
    return { embedded, log, keys, playbook }
  } catch (error) {
    await log.close()
    throw error
  }
}
