/**
 * A campaign, generated and judged by the default playbook as `replay` would: each labelled event
 * with its signals and what the rules made of it. It is a file for as long as it is read, so that
 * its checksum is the one that `generate` would give. 200,000 rows take about 20 s.
 */
import { createHash } from 'node:crypto'
import { createReadStream, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { indexCampaigns } from '../../src/config/campaigns-file.ts'
import { publishedTestKey } from '../../src/config/key-file.ts'
import { defaultPlaybookPath, loadPlaybook } from '../../src/config/playbook-file.ts'
import { newDecisionRow } from '../../src/core/decision/decide.ts'
import { deriveKeys, type Keys } from '../../src/core/event/keyed-hash.ts'
import type { Model } from '../../src/core/model/model.ts'
import type { Audit, Labels } from '../../src/core/schema.gen.ts'
import { deriveSignals } from '../../src/core/signals/derive.ts'
import type { SignalRow } from '../../src/core/signals/row.ts'
import { newEventScorer, type ScoredEvent } from '../../src/evaluation/scored-events.ts'
import { noFacts } from '../../src/facts.ts'
import { generateRows } from '../../src/generate/campaign-day.ts'
import { campaignsFor } from '../../src/generate/campaigns.ts'
import { toRecordingRow } from '../../src/generate/recorded.ts'
import { openRecording, type Recording } from '../../src/recording/read.ts'
import { reobserve } from '../../src/recording/replay.ts'
import { createRecordingWriter } from '../../src/recording/write.ts'
import { type Campaign, mixText } from './plan.ts'

/** 2026-03-02 in Asia/Shanghai, as `generate` starts by default. */
const startAt = Date.UTC(2026, 2, 1, 16)

export interface JudgedEvent {
  /** Its probability is null without a model. */
  readonly scored: ScoredEvent
  readonly user: string
  readonly occurredAt: number
  /** Overwritten by the next event. */
  readonly signals: SignalRow
}

export interface CampaignRead {
  readonly name: string
  readonly sha256: string
}

export interface CampaignParts {
  readonly campaign: Campaign
  /** Rows to generate. */
  readonly events: number
  readonly model: Model | null
  take(event: JudgedEvent): void
}

export async function judgeCampaign(parts: CampaignParts): Promise<CampaignRead> {
  const { campaign, events } = parts
  const folder = mkdtempSync(join(tmpdir(), 'couponguard-campaign-'))
  try {
    const keys = deriveKeys(publishedTestKey)
    const path = join(folder, `${nameOf(campaign)}.avro`)
    await writeCampaign(path, campaign, events, keys)
    await judge(await openRecording(path), keys, parts)
    return { name: nameOf(campaign), sha256: await checksumOf(path) }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const nameOf = (campaign: Campaign) => `seed ${campaign.seed}, ${mixText(campaign)}`

async function writeCampaign(
  path: string,
  campaign: Campaign,
  events: number,
  keys: Keys,
): Promise<void> {
  const header = { playbook: null, model: null, lists: null, keyId: keys.id }
  const writer = await createRecordingWriter(path, header)
  let offset = 0
  for (const row of generateRows({ ...campaign, events, startAt })) {
    await writer.write(toRecordingRow(row, offset, keys))
    offset += 1
  }
  await writer.close()
}

async function judge(
  recording: Recording,
  keys: Keys,
  { events, model, take }: CampaignParts,
): Promise<void> {
  const playbook = loadPlaybook(defaultPlaybookPath)
  const campaigns = indexCampaigns(campaignsFor(startAt, events))
  const scorer = newEventScorer(playbook.timeZone, model)
  const signals = newDecisionRow()
  const takeDecided = (audit: Audit, labels: Labels) => {
    const { event, inputs } = audit
    deriveSignals(event, inputs, playbook.timeZone, signals)
    const { user, occurredAt } = event
    take({ scored: scorer.score(audit, labels), user, occurredAt, signals })
  }
  await reobserve({
    recording,
    playbook,
    facts: { ...noFacts, campaign: (event) => campaigns.facts(event) },
    keys,
    out: null,
    against: {
      take({ labels }, judged) {
        if (judged.kind === 'decided' && labels !== null) takeDecided(judged.audit, labels)
      },
    },
    onRows: () => undefined,
    onAlert: () => undefined,
  })
}

async function checksumOf(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const part of createReadStream(path)) hash.update(part)
  return hash.digest('hex')
}
