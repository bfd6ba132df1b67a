/**
 * The process as `start` runs it: rebuild, catch up, then requests in groups, and a timer that
 * tries again after a failure. Everything it touches is given by the world, so it can end at any
 * step.
 */
import { deriveKeys } from '../../src/core/event/keyed-hash.ts'
import type { Alert } from '../../src/core/schema.gen.ts'
import { openEmbedded } from '../../src/embedded.ts'
import type { Facts } from '../../src/facts.ts'
import { type Batcher, newBatcher } from '../../src/http/batcher.ts'
import type { SubmitResult } from '../../src/http/submit-result.ts'
import type { EmbeddedLog } from '../../src/log/embedded-log.ts'
import { newPipeline, type Pipeline } from '../../src/pipeline.ts'
import { EdgeError } from '../../src/runtime/edge-error.ts'
import { newMemoryStore } from '../../src/state/memory-store.ts'
import { type Disk, openFaultyLog } from './faulty-log.ts'
import { newFaultyStore } from './faulty-store.ts'
import { Crash, type Machine, type World } from './machine.ts'
import { simulatedPlaybook } from './playbook.ts'

export const keys = deriveKeys(new TextEncoder().encode('key of the simulation'))
export const playbook = simulatedPlaybook()

/** Two users are listed; the rest of the world is unknown. */
export const facts: Facts = {
  lists: ({ user }) =>
    user === 'u-1' || user === 'u-2'
      ? [
          {
            entry: `${user === 'u-1' ? 'block' : 'allow'}/user/${user}`,
            list: user === 'u-1' ? 'block' : 'allow',
            kind: 'user',
            source: 'simulation',
          },
        ]
      : [],
  address: () => null,
  campaign: () => null,
  switchState: () => 'none',
}

/** Ways to break the engine on purpose, for the test that the auditor sees it. */
export interface Sabotage {
  readonly pipeline?: (pipeline: Pipeline) => Pipeline
  readonly log?: (log: EmbeddedLog) => EmbeddedLog
}

export interface ProcessParts {
  readonly world: World
  readonly disk: Disk
  readonly observedAgain: Set<number>
  /** What must never happen: anything thrown that is neither a crash nor a failure at an edge. */
  readonly defects: unknown[]
  readonly sabotage: Sabotage
}

export interface Server extends Pick<Batcher<unknown, SubmitResult>, 'submit'> {
  /** Judges and commits what is left; whether that worked. */
  settled(): Promise<boolean>
}

const same = <T>(value: T) => value
const retryEveryMs = 1_000

export async function startProcess(parts: ProcessParts, machine: Machine): Promise<Server> {
  const { world, disk, observedAgain, defects, sabotage } = parts
  const log = (sabotage.log ?? same)(await openFaultyLog(disk, world, machine))
  const store = newFaultyStore(newMemoryStore(), world, { machine, observedAgain })
  const pipeline = (sabotage.pipeline ?? same)(newPipeline({ store, playbook, facts, keys }))
  let skewMs = 0
  const clock = {
    now() {
      if (machine.strikes(world.faults.clockSteps, 'clock stepped'))
        skewMs = world.chance.between(-240_000, 240_000)
      return world.time.now() + skewMs
    },
  }
  const onAlert = (_: Alert) => machine.assertAlive()
  const { version: playbookVersion } = playbook
  const embedded = await openEmbedded(
    { log, pipeline, keys, clock, playbookVersion, onAlert },
    () => {},
  )
  await embedded.catchUp()

  let failing = false
  /**
   * `start` asks every second, and does not wait for the answer; while nothing fails it does
   * nothing.
   */
  const retry = async () => {
    while (failing && machine.alive) {
      await world.time.sleep(retryEveryMs)
      if (!failing || !machine.alive) return
      void embedded.catchUp().then(
        () => {
          failing = false
        },
        (error: unknown) => noteDefect(error, defects),
      )
    }
  }
  const { submit } = newBatcher({
    batchMax: 40,
    queueMax: 200,
    async process(published: readonly unknown[]) {
      try {
        const results = await embedded.submit(published)
        failing = false
        return results
      } catch (error) {
        noteDefect(error, defects)
        if (!failing) {
          failing = true
          void retry().catch((defect: unknown) => defects.push(defect))
        }
        throw error
      }
    },
  })
  const settled = async () => {
    try {
      await embedded.catchUp()
      return true
    } catch (error) {
      noteDefect(error, defects)
      return false
    }
  }
  return { submit, settled }
}

export function noteDefect(error: unknown, defects: unknown[]): void {
  if (!(error instanceof Crash) && !(error instanceof EdgeError)) defects.push(error)
}
