/**
 * The short form of `npm run simulate`: some seeds that the commit names, and the proof that the
 * auditor would see it if the engine were broken.
 *
 * proves: D4, D18, D22
 */
import { describe, expect, it } from 'vitest'
import type { JudgedBatch, Pipeline } from '../../src/pipeline.ts'
import { commitSeed } from './commit-seed.ts'
import type { Sabotage } from './process.ts'
import { simulate } from './simulate.ts'

const first = commitSeed()
const seeds = Array.from({ length: 10 }, (_, index) => first + index)
const again = (seed: number) => `again: npm run simulate -- --seed ${seed}`

describe(`simulation from seed ${first}`, () => {
  it.each(seeds)(
    'seed %i: nothing is lost, nothing is doubled',
    { timeout: 60_000 },
    async (seed) => {
      const { problems } = await simulate({ seed })
      expect(problems, again(seed)).toEqual([])
    },
  )

  it('is the same history for the same seed', { timeout: 60_000 }, async () => {
    const run = async () => {
      const { faults, ...rest } = await simulate({ seed: 5, messages: 200 })
      return { ...rest, faults: [...faults] }
    }
    expect(await run()).toEqual(await run())
  })
})

/** The same pipeline with some of it exchanged. */
const exchanged = (pipeline: Pipeline, change: Partial<Pipeline>): Pipeline => ({
  process: (events) => pipeline.process(events),
  rebuild: (events) => pipeline.rebuild(events),
  rebuildAlerts: (tallies, committedAt) => pipeline.rebuildAlerts(tallies, committedAt),
  ...change,
})

const changing = (change: (batch: JudgedBatch) => JudgedBatch): Sabotage => ({
  pipeline: (pipeline) =>
    exchanged(pipeline, { process: async (events) => change(await pipeline.process(events)) }),
})

const outputs = (change: (outputs: JudgedBatch['outputs']) => Partial<JudgedBatch['outputs']>) =>
  changing((batch) => ({ ...batch, outputs: { ...batch.outputs, ...change(batch.outputs) } }))

const restarting = (change: (pipeline: Pipeline) => Partial<Pipeline>): Sabotage => ({
  pipeline: (pipeline) => exchanged(pipeline, change(pipeline)),
})

/** What is broken on purpose, and what the auditor says of it. */
const broken: readonly (readonly [string, Sabotage, RegExp])[] = [
  [
    'forgets a batch that could not be committed',
    { log: (log) => ({ ...log, commit: (...batch) => log.commit(...batch).catch(() => {}) }) },
    /lost: row|follows one to/,
  ],
  [
    'commits a batch twice',
    {
      log: (log) => ({
        ...log,
        async commit(all, progress) {
          await log.commit(all, progress)
          await log.commit(all, progress)
        },
      }),
    },
    /doubled: row/,
  ],
  ['loses a record', outputs(({ audits }) => ({ audits: audits.slice(1) })), /lost: row/],
  [
    'puts a duplicate into the audit',
    restarting(() => ({ rebuild: async () => {} })),
    /is duplicate, but was audited/,
  ],
  [
    'forgets the alerts at a restart',
    restarting(() => ({ rebuildAlerts: () => {} })),
    /alerts of the batch|an alert was published twice/,
  ],
  [
    'folds the tallies twice at a restart',
    restarting((pipeline) => ({
      rebuildAlerts(tallies, at) {
        pipeline.rebuildAlerts(tallies, at)
        pipeline.rebuildAlerts(tallies, at)
      },
    })),
    /alerts of the batch/,
  ],
  [
    'publishes an alert twice',
    outputs(({ alerts }) => ({ alerts: [...alerts, ...alerts] })),
    /an alert was published twice/,
  ],
  [
    'counts a redemption twice',
    outputs(({ tallies }) => ({
      tallies: tallies.map((one) => ({ ...one, redemptions: one.redemptions + 1 })),
    })),
    /tallied in all/,
  ],
  [
    'writes a dead letter twice',
    outputs(({ deadLetters }) => ({ deadLetters: [...deadLetters, ...deadLetters] })),
    /dead letters/,
  ],
  [
    'leaves a block out of the decisions',
    outputs(({ decisions }) => ({
      decisions: decisions.filter(({ outcome }) => outcome !== 'block'),
    })),
    /are not its audits/,
  ],
  ['reports nobody', outputs(() => ({ reports: [] })), /reports of the batch/],
  [
    'reads one claim too few',
    outputs(({ audits }) => ({
      audits: audits.map((one) => {
        const { user } = one.inputs.readings
        if (user === null) return one
        const low = { ...user, claims_7d: user.claims_7d - 1 }
        return {
          ...one,
          inputs: { ...one.inputs, readings: { ...one.inputs.readings, user: low } },
        }
      }),
    })),
    /of audits differs/,
  ],
  [
    'answers what it does not commit',
    changing((batch) => ({
      ...batch,
      judged: batch.judged.map((one) =>
        one.kind === 'decided'
          ? { ...one, audit: { ...one.audit, decision: { ...one.audit.decision, score: 1 } } }
          : one,
      ),
    })),
    /was told a decision that was not committed/,
  ],
]

describe('the auditor sees an engine that', () => {
  it.each(broken)('%s', { timeout: 60_000 }, async (_, sabotage, complaint) => {
    const seen: string[] = []
    for (let seed = 1; seed <= 12; seed += 1) {
      const { problems } = await simulate({ seed, messages: 60, sabotage })
      seen.push(...problems)
      if (problems.some((problem) => complaint.test(problem))) return
    }
    expect.fail(`it only said: ${seen.slice(0, 3).join('; ') || 'nothing'}`)
  })
})
