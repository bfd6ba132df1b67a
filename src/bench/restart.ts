/** How long a restart takes: a directory log of the generated day, opened and rebuilt. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decodeEvent } from '../core/event/decode.ts'
import type { Keys } from '../core/event/keyed-hash.ts'
import type { Playbook } from '../core/rules/playbook.ts'
import type { Event } from '../core/schema.gen.ts'
import { openEmbedded } from '../embedded.ts'
import { noFacts } from '../facts.ts'
import type { GeneratedRow } from '../generate/faults.ts'
import { openDirectoryLog } from '../log/directory/open.ts'
import { embeddedSource } from '../log/embedded-log.ts'
import { newPipeline } from '../pipeline.ts'
import { systemClock } from '../runtime/clock.ts'
import { newMemoryStore } from '../state/memory-store.ts'
import { rounded } from './cpu-time.ts'

export interface RestartCost {
  readonly events: number
  readonly seconds: number
  readonly peakRssBytes: number
}

const appendRows = 5_000
const empty = { audits: [], decisions: [], tallies: [], alerts: [], reports: [], deadLetters: [] }

/** Writes events in the order of their record times into a new directory log, all committed. */
export async function writeRows(
  directory: string,
  rows: Iterable<Pick<GeneratedRow, 'published' | 'recordedAt'>>,
  keys: Keys,
): Promise<void> {
  const log = await openDirectoryLog({ directory })
  let waiting: Event[] = []
  let recordedAt = 0
  const flush = async () => {
    await log.append(waiting, recordedAt)
    waiting = []
  }
  for (const row of rows) {
    if (row.published === null) continue
    const event = decodeEvent(row.published, keys)
    if ('rejected' in event) continue
    waiting.push(event)
    recordedAt = row.recordedAt
    if (waiting.length === appendRows) await flush()
  }
  await flush()
  while ((await log.read(appendRows)).length > 0);
  const offsets = [{ topic: embeddedSource, partition: 0, nextOffset: log.endOffset() }]
  await log.commit(empty, { shard: 0, offsets, recordedAt, playbookVersion: 'bench' })
  await log.close()
}

export async function measureRestart(
  directory: string,
  playbook: Playbook,
  keys: Keys,
): Promise<RestartCost> {
  const start = performance.now()
  const log = await openDirectoryLog({ directory })
  const pipeline = newPipeline({ store: newMemoryStore(), playbook, facts: noFacts, keys })
  const parts = {
    log,
    pipeline,
    keys,
    clock: systemClock,
    playbookVersion: playbook.version,
    onAlert: () => undefined,
  }
  let events = 0
  await openEmbedded(parts, (rebuilt) => {
    events = rebuilt
  })
  const seconds = rounded((performance.now() - start) / 1000)
  await log.close()
  return { events, seconds, peakRssBytes: process.resourceUsage().maxRSS * 1024 }
}

export async function inTemporaryFolder<T>(run: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'couponguard-bench-'))
  try {
    return await run(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
