/**
 * The plan's training campaigns → a forest; its tuning campaigns → what its output means and from
 * which thresholds it acts beside the rules. Equal plans give equal bytes. A kind that is held out
 * is refused wherever it turns up.
 */
import {
  type Calibration,
  calibrated,
  fitCalibration,
  identity,
} from '../../src/core/model/calibration.ts'
import { type Bins, newBins } from '../../src/core/model/drift.ts'
import { placesOf, putFeatures } from '../../src/core/model/features.ts'
import type { Forest } from '../../src/core/model/forest.ts'
import { newModel } from '../../src/core/model/model.ts'
import { type Proposal, proposalOf } from '../../src/evaluation/proposal.ts'
import type { ScoredEvent } from '../../src/evaluation/scored-events.ts'
import { newRandom } from '../../src/generate/random.ts'
import { FeatureTable } from '../../src/training/feature-table.ts'
import { trainForest } from '../../src/training/train-forest.ts'
import { type CampaignRead, judgeCampaign } from './judge-campaign.ts'
import { type Campaign, costs, forestSize, heldOut, rowWeights, tuningLimits } from './plan.ts'
import { lookedAt } from './signals.ts'

export interface GrowOptions {
  readonly trainedOn: readonly Campaign[]
  readonly tunedOn: readonly Campaign[]
  /** Rows of each campaign. */
  readonly events: number
  say(line: string): void
}

export interface RowCounts {
  readonly rows: number
  readonly frauds: number
}

export interface GrownModel {
  readonly forest: Forest
  readonly calibration: Calibration
  /** Thresholds beside the rules, and what they decide on the tuning campaigns. */
  readonly proposal: Proposal
  /** Of all rows of the tuning campaigns: those that train are chosen, and so look otherwise. */
  readonly statistics: { readonly features: readonly Bins[]; readonly score: Bins }
  readonly campaigns: readonly CampaignRead[]
  /** Different rows. */
  readonly trained: RowCounts
  readonly tuned: RowCounts
}

const places = placesOf(lookedAt).filter((place) => place !== null)

export async function growModel(name: string, options: GrowOptions): Promise<GrownModel> {
  const { table, rows, campaigns } = await trainingRows(options)
  const sizes = { ...forestSize, threads: 0, onTree: () => undefined }
  const forest = await trainForest(table, rows, sizes)
  options.say(`${forest.roots.length} trees of ${forest.feature.length} nodes`)
  const tuning = await tuningRows(name, forest, options)
  const { calibration, scored } = calibratedOf(tuning.scored)
  return {
    forest,
    calibration,
    proposal: proposalOf(scored, name, costs, tuningLimits),
    statistics: {
      features: lookedAt.map((_, index) => newBins(tuning.sample.column(index))),
      score: newBins(scored.map(({ probability }) => probability ?? 0)),
    },
    campaigns: [...campaigns, ...tuning.campaigns],
    trained: countsOf(table.facts),
    tuned: countsOf(scored),
  }
}

const countsOf = (rows: readonly { readonly fraud: boolean }[]): RowCounts => ({
  rows: rows.length,
  frauds: rows.filter(({ fraud }) => fraud).length,
})

/** The table's rows as often as each is trained on. */
async function trainingRows({ trainedOn, events, say }: GrowOptions) {
  const table = new FeatureTable(lookedAt)
  const rows: number[] = []
  const campaigns: CampaignRead[] = []
  const values = new Float64Array(places.length)
  for (const campaign of trainedOn) {
    const random = newRandom(campaign.seed)
    const read = await judgeCampaign({
      campaign,
      events,
      model: null,
      take({ scored, user, occurredAt, signals }) {
        const times = timesTrainedOn(scored, random.unit())
        for (let time = 0; time < times; time += 1) rows.push(table.count)
        if (times === 0) return
        putFeatures(signals, places, values, 0)
        const { fraud, kind } = scored
        table.add({ fraud, kind, user, occurredAt }, values)
      },
    })
    campaigns.push(read)
    say(`trains on ${read.name}`)
  }
  return { table, rows: Uint32Array.from(rows), campaigns }
}

/** `draw` is at least 0 and below 1. */
function timesTrainedOn({ fraud, kind, outcome }: ScoredEvent, draw: number): number {
  refuseHeldOut(kind)
  const { missedFraud, caughtFraud, honestFlagged, honestShare } = rowWeights
  if (fraud) return outcome === 'allow' ? missedFraud : caughtFraud
  if (outcome !== 'allow') return honestFlagged
  return draw < honestShare ? 1 : 0
}

function refuseHeldOut(kind: string): void {
  if (kind === heldOut)
    throw new Error(`${heldOut} is held out and must not be trained or tuned on`)
}

/** One row in so many makes the statistics of the features. */
const sampleEvery = 5

/** Scored by the forest, not yet calibrated. */
async function tuningRows(name: string, forest: Forest, { tunedOn, events, say }: GrowOptions) {
  const parts = { name, checksum: '', forest, features: lookedAt, places, calibration: identity }
  const scored: ScoredEvent[] = []
  const sample = new FeatureTable(lookedAt)
  const campaigns: CampaignRead[] = []
  const values = new Float64Array(places.length)
  let users = 0
  for (const campaign of tunedOn) {
    const usersBefore = users
    const read = await judgeCampaign({
      campaign,
      events,
      model: newModel(parts),
      take({ scored: event, user, occurredAt, signals }) {
        refuseHeldOut(event.kind)
        const number = usersBefore + event.user
        users = Math.max(users, number + 1)
        if (scored.length % sampleEvery === 0) {
          putFeatures(signals, places, values, 0)
          sample.add({ fraud: event.fraud, kind: event.kind, user, occurredAt }, values)
        }
        scored.push({ ...event, user: number })
      },
    })
    campaigns.push(read)
    say(`tunes on ${read.name}`)
  }
  return { scored, sample, campaigns }
}

function calibratedOf(raw: readonly ScoredEvent[]) {
  const scores = Float64Array.from(raw, ({ probability }) => probability ?? 0)
  const calibration = fitCalibration(
    scores,
    raw.map(({ fraud }) => (fraud ? 1 : 0)),
  )
  const scored = raw.map(
    (event, at): ScoredEvent => ({
      ...event,
      probability: calibrated(calibration, scores[at]!),
    }),
  )
  return { calibration, scored }
}
