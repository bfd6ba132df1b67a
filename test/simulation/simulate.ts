/**
 * One seed: a world with faults, a process that dies and is started again, clients that ask until
 * they are answered. When all is quiet the faults end, everything is asked once more of a fresh
 * process, and the auditor looks at what was committed and answered.
 */
import { seeded } from '../support/seeded.ts'
import { audit } from './auditor.ts'
import { newDisk } from './faulty-log.ts'
import { drawFaults, type Machine, newMachine, noFaults, type World } from './machine.ts'
import {
  keys,
  noteDefect,
  type ProcessParts,
  playbook,
  type Sabotage,
  type Server,
  startProcess,
} from './process.ts'
import { replayDifferences } from './replayed.ts'
import { newVirtualTime } from './virtual-time.ts'
import { type Exchange, planRequests, type Request } from './workload.ts'

export interface SimulationOptions {
  readonly seed: number
  /** Messages that clients send, about; drawn from the seed unless given. */
  readonly messages?: number
  readonly sabotage?: Sabotage
}

export interface SimulationResult {
  readonly seed: number
  /** One line each; none where all is well. */
  readonly problems: readonly string[]
  readonly faults: ReadonlyMap<string, number>
  readonly messages: number
  readonly events: number
  readonly audits: number
  readonly commits: number
  readonly alerts: number
}

/** 2026-03-02, 20:00 in Asia/Shanghai: the first day ends soon. */
const startAt = Date.UTC(2026, 2, 2, 12)
const askAgainMax = 40
const dayMs = 86_400_000

export async function simulate(options: SimulationOptions): Promise<SimulationResult> {
  const { seed } = options
  const chance = seeded(seed)
  const hot = chance.in(0.04)
  const messages = options.messages ?? (hot ? 2_600 : chance.between(60, 700))
  const drawn = drawFaults(chance, messages)
  const world: World = {
    time: newVirtualTime(startAt),
    chance: seeded(seed * 31 + 7),
    // Once a cap was met, an event that is observed again may read saturated.
    faults: hot ? { ...drawn, storeLosesAnswer: 0 } : drawn,
    counts: new Map(),
  }
  const disk = newDisk()
  const { sabotage = {} } = options
  const parts: ProcessParts = { world, disk, sabotage, observedAgain: new Set(), defects: [] }
  // Whether an event that was already forgotten was late is not known when it is observed again.
  const spanMs = (drawn.storeLosesAnswer > 0 ? 0.3 : 3) * dayMs
  const requests = planRequests(chance, { keys, startAt, messages, hot, spanMs })
  const exchanges = await play(parts, requests)
  const problems = [
    ...parts.defects.map((defect) => `defect: ${String(defect)}`),
    ...audit({ rows: disk.log.rows, kept: disk.log, commits: disk.commits, exchanges, playbook }),
    ...(await replayDifferences(disk, parts.observedAgain)),
  ]
  const { rows, outputs } = disk.log
  return {
    seed,
    problems,
    faults: world.counts,
    messages: exchanges.reduce((sum, { request }) => sum + request.messages.length, 0),
    events: rows.length,
    audits: outputs.audits.length,
    commits: disk.commits.length,
    alerts: outputs.alerts.length,
  }
}

async function play(parts: ProcessParts, requests: readonly Request[]): Promise<Exchange[]> {
  const { world, disk, defects } = parts
  const { time } = world
  const supervisor = newSupervisor(parts)
  const exchanges: Exchange[] = []
  const drive = async (task: () => Promise<void>) => {
    let done = false
    if (defects.length > 0) return
    void task()
      .catch((error: unknown) => defects.push(error))
      .finally(() => {
        done = true
      })
    // After a defect nothing else can be relied on.
    await time.runUntil(() => done || defects.length > 0)
  }
  const askAll = (many: readonly Request[]) =>
    drive(async () => {
      await Promise.all(
        many.map(async (request) => {
          const exchange: Exchange = { request, attempts: 0, results: null }
          exchanges.push(exchange)
          await time.sleep(request.at - time.now())
          await untilAnswered(exchange, world, supervisor.server)
        }),
      )
    })
  const settle = () =>
    drive(async () => {
      world.faults = noFaults
      disk.fullUntil = 0
      while (!(await supervisor.server()?.settled())) await time.sleep(500)
    })
  await askAll(requests)
  await settle()
  supervisor.restart()
  await askAll(onceMore(exchanges, time.now()))
  await settle()
  return exchanges
}

/** Keeps a process running; null while it is down. */
function newSupervisor(parts: ProcessParts) {
  const { world, defects } = parts
  let server: Server | null = null
  let machine: Machine = newMachine(world)
  const start = async () => {
    try {
      server = await startProcess(parts, machine)
    } catch (error) {
      noteDefect(error, defects)
      machine.kill()
    }
  }
  const keepRunning = async () => {
    for (;;) {
      await start()
      await machine.ended
      server = null
      await world.time.sleep(world.chance.between(100, 5_000))
      machine = newMachine(world)
    }
  }
  void keepRunning().catch((error: unknown) => defects.push(error))
  return { server: () => server, restart: () => machine.kill() }
}

async function untilAnswered(
  exchange: Exchange,
  { time, chance }: World,
  server: () => Server | null,
): Promise<void> {
  const { messages, patienceMs, givesUp } = exchange.request
  const published = messages.map((message) => message.published)
  for (;;) {
    exchange.attempts += 1
    const answer = server()?.submit(published) ?? null
    // Refused, cut off or too slow: the client cannot know what became of it.
    const late = time.sleep(patienceMs).then(() => null)
    const failed = answer?.catch(() => null) ?? null
    exchange.results = await Promise.race([failed, late])
    if (exchange.results !== null || givesUp) return
    await time.sleep(chance.between(50, 8_000))
  }
}

/** Everything again that can be read, some of it in one request. */
function onceMore(exchanges: readonly Exchange[], at: number): Request[] {
  const distinct = [...new Set(exchanges.flatMap(({ request }) => request.messages))]
  const requests: Request[] = []
  for (let from = 0; from < distinct.length; from += askAgainMax) {
    const messages = distinct.slice(from, from + askAgainMax)
    requests.push({ at, messages, patienceMs: 600_000, givesUp: false })
  }
  return requests
}
