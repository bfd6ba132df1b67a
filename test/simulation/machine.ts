/**
 * One life of the process: every step that touches the world asks it first. A step may take long,
 * or be the last: then this and every later step of the same life throws Crash and changes nothing.
 */
import type { Chance } from '../support/seeded.ts'
import type { VirtualTime } from './virtual-time.ts'

/** Likelihood of each fault, per step at which it can happen; 0 leaves it out. */
export interface Faults {
  readonly crash: number
  readonly slow: number
  /** A write that fails, and the disk that stays full for a while after it. */
  readonly writeFails: number
  readonly diskFull: number
  /** A failed write that the next start finds done all the same. */
  readonly inDoubt: number
  readonly readFails: number
  readonly shortRead: number
  /** The store rejects a batch: before, or after, it took effect. */
  readonly storeRejects: number
  readonly storeLosesAnswer: number
  readonly clockSteps: number
}

/** Which of them a seed has, and how often. */
export function drawFaults(chance: Chance, events: number): Faults {
  const some = (most: number) => (chance.in(0.6) ? most * chance.next() : 0)
  // A long run has more steps: as many crashes, not as many per step.
  const rarer = Math.min(1, 400 / events)
  return {
    crash: some(0.03) * rarer,
    slow: some(0.02),
    writeFails: some(0.1),
    diskFull: some(0.02),
    inDoubt: some(0.5),
    readFails: some(0.05),
    shortRead: some(0.4),
    storeRejects: some(0.15),
    storeLosesAnswer: some(0.1),
    clockSteps: some(0.05),
  }
}

export const noFaults: Faults = {
  crash: 0,
  slow: 0,
  writeFails: 0,
  diskFull: 0,
  inDoubt: 0,
  readFails: 0,
  shortRead: 0,
  storeRejects: 0,
  storeLosesAnswer: 0,
  clockSteps: 0,
}

/** What the process would never live to see. */
export class Crash extends Error {}

/** What one seed's lives share. */
export interface World {
  readonly time: VirtualTime
  readonly chance: Chance
  faults: Faults
  /** How often each fault was injected. */
  readonly counts: Map<string, number>
}

export interface Machine {
  readonly alive: boolean
  /** Passes some time; throws Crash where this is where the process ends, or ended. */
  step(point: string): Promise<void>
  /** Whether a fault of this likelihood happens now; counted by name. */
  strikes(likelihood: number, name: string): boolean
  die(point: string): never
  /** Ends it from outside. */
  kill(): void
  assertAlive(): void
  /** Resolves when it is no longer alive. */
  readonly ended: Promise<void>
}

export function newMachine(world: World): Machine {
  const { time, chance, counts } = world
  let alive = true
  let end = () => {}
  const ended = new Promise<void>((resolve) => {
    end = resolve
  })
  const kill = () => {
    alive = false
    end()
  }
  const count = (name: string) => counts.set(name, (counts.get(name) ?? 0) + 1)
  const assertAlive = () => {
    if (!alive) throw new Crash('the process is gone')
  }
  const die = (point: string): never => {
    kill()
    count(`crash ${point}`)
    throw new Crash(`crash ${point}`)
  }
  const strikes = (likelihood: number, name: string) => {
    const struck = likelihood > 0 && chance.in(likelihood)
    if (struck) count(name)
    return struck
  }
  return {
    get alive() {
      return alive
    },
    assertAlive,
    strikes,
    die,
    kill,
    ended,
    async step(point) {
      assertAlive()
      const slow = strikes(world.faults.slow, 'slow step')
      await time.sleep(slow ? chance.between(1_000, 15_000) : chance.below(4))
      assertAlive()
      if (world.faults.crash > 0 && chance.in(world.faults.crash)) die(point)
    },
  }
}
