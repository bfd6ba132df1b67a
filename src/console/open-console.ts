/**
 * The console, from what it stands on: a database and an engine. Its server can listen before the
 * database is there: requests wait a while for it to be opened and brought to this version, which
 * is tried again for as long as it is away, and records are projected once it is. `start` opens it
 * beside the embedded log, `console` beside Kafka.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import type { Clock } from '../runtime/clock.ts'
import { EdgeError } from '../runtime/edge-error.ts'
import { newAccess } from './access/access.ts'
import { operations } from './api/operations.ts'
import { type CaseHandlerOptions, newCaseHandlers } from './case-handlers.ts'
import { newChanges } from './changes.ts'
import type { Engine } from './engine.ts'
import { type Handlers, Refusal } from './handlers.ts'
import { newOutbox } from './outbox/outbox.ts'
import { newProjection } from './projection/projection.ts'
import { addConsole, type ConsoleParts } from './server/console-routes.ts'
import { migrate } from './store/migrate.ts'
import type { Store } from './store/store.ts'

export interface ConsoleOptions {
  readonly database: Store
  readonly engine: Engine
  readonly clock: Clock
  readonly version: string
  readonly tlsProxy?: boolean
  /** `flagged` keeps no sightings of what was let through: for streams too large to keep. */
  readonly timeline?: 'all' | 'flagged'
  /** A defect, or trouble that is tried again: for the log of the process. */
  onProblem(error: unknown): void
}

export interface Console {
  /** What a server needs to show it: `addConsole` or `buildConsoleServer`. */
  readonly parts: ConsoleParts
  register(server: FastifyInstance): void
  /** When people can use it; it projects and publishes from then on. Rejects where it is refused. */
  readonly ready: Promise<void>
  /** Null while people can use it; else why not. */
  notReady(): string | null
  /** While nobody can sign in: the code that makes the first administrator. */
  firstStartCode(): Promise<string | null>
  close(): Promise<void>
}

function withMissing(made: Partial<Handlers>): Handlers {
  const missing = async () => {
    throw new Refusal(503, 'unavailable', 'not there yet')
  }
  const all = Object.keys(operations).map((name) => [name, missing])
  return { ...Object.fromEntries(all), ...made } as Handlers
}

const houseEveryMs = 3_600_000
const lookEveryMs = 2_000
/** A request waits so long for the database to be there. */
const startMsMax = 5_000
const againMs = { first: 200, max: 5_000 }

export function openConsole(options: ConsoleOptions): Console {
  const { engine, clock, version, onProblem } = options
  const ending = new AbortController()
  const whileAway: Retrying = { signal: ending.signal, onProblem }
  const migrated = again(whileAway, () => migrate(options.database))
  const database = whenMigrated(options.database, migrated)
  const changes = newChanges()
  const onChanged: NonNullable<CaseHandlerOptions['onChanged']> = (topics) => changes.tell(topics)
  const { timeline = 'all' } = options
  const projection = newProjection({ database, engine, onChanged, timeline })
  const outbox = newOutbox({ database, engine, clock, onChanged, onError: onProblem })
  const decidedCounts = () => countDecided(database)
  const access = newAccess({ database, timeZone: engine.timeZone, version, decidedCounts })
  const cases = newCaseHandlers({
    ...{ database, engine, clock, onChanged },
    onDue: () => outbox.nudge(),
    lag: () => projection.lag(),
  })
  const parts: ConsoleParts = {
    handlers: withMissing({ ...cases, ...access.handlers }),
    visitors: access.visitors,
    audit: access.audit,
    changes,
    keep: (kind, value) => engine.keep(kind, value),
    version,
    tlsProxy: options.tlsProxy ?? false,
    now: () => clock.now(),
    onDefect: onProblem,
  }
  const watch = watchStore(options.database, migrated)
  const keepHouse = () => {
    access.keepHouse(clock.now()).catch(onProblem)
  }
  let house: NodeJS.Timeout | undefined
  let started: Promise<void> = Promise.resolve()
  const ready = migrated.then(() => {
    if (ending.signal.aborted) return
    outbox.start()
    // People can work while the topics are away.
    started = again(whileAway, () => engine.start(projection)).catch((error: unknown) => {
      if (!ending.signal.aborted) onProblem(error)
    })
    house = setInterval(keepHouse, houseEveryMs)
    keepHouse()
  })
  ready.catch(() => undefined)
  return {
    parts,
    register: (server) => addConsole(server, parts),
    ready,
    notReady: watch.notReady,
    firstStartCode: async () => {
      await ready
      return access.firstStartCode()
    },
    async close() {
      ending.abort()
      watch.close()
      await ready.catch(() => undefined)
      clearInterval(house)
      await started
      await engine.close()
      await outbox.close()
      await options.database.close()
    },
  }
}

interface Retrying {
  readonly signal: AbortSignal
  onProblem(error: unknown): void
}

/** Tries again while it is only away; what will not pass is thrown, and the end. */
async function again<T>({ signal, onProblem }: Retrying, work: () => Promise<T>): Promise<T> {
  for (let waitMs = againMs.first; ; waitMs = Math.min(waitMs * 2, againMs.max)) {
    try {
      return await work()
    } catch (error) {
      if (signal.aborted || !(error instanceof EdgeError && error.retriable)) throw error
      // The first few are nothing to speak of: a server that is being started.
      if (waitMs === againMs.max) onProblem(error)
      await sleep(waitMs, undefined, { signal })
    }
  }
}

function whenMigrated(store: Store, migrated: Promise<unknown>): Store {
  let isThere = false
  migrated.then(
    () => {
      isThere = true
    },
    () => undefined,
  )
  const there = async (): Promise<Store> => {
    if (isThere) return store
    const waited = sleep(startMsMax, 'late' as const, { ref: false })
    if ((await Promise.race([migrated, waited])) !== 'late') return store
    throw new EdgeError('database-away', 'the database is not there yet', true)
  }
  return {
    query: async (sql, values) => (await there()).query(sql, values),
    transaction: async (work) => (await there()).transaction(work),
    alone: async (lock, work) => (await there()).alone(lock, work),
    close: () => store.close(),
  }
}

/** Looks now and then whether the database answers. */
function watchStore(store: Store, migrated: Promise<unknown>) {
  let trouble: string | null = 'starting'
  let isLooking = false
  const look = async () => {
    if (isLooking) return
    isLooking = true
    await store.query('SELECT 1 AS one').then(
      () => {
        trouble = null
      },
      () => {
        trouble = 'the database is away'
      },
    )
    isLooking = false
  }
  let timer: NodeJS.Timeout | undefined
  migrated.then(
    () => {
      trouble = null
      timer = setInterval(() => void look(), lookEveryMs).unref()
    },
    (error: unknown) => {
      trouble = error instanceof Error ? error.message : 'the database cannot be used'
    },
  )
  return { notReady: () => trouble, close: () => clearInterval(timer) }
}

async function countDecided(database: Store): Promise<ReadonlyMap<string, number>> {
  const rows = await database.query<{ reviewer: string; decided: number }>(
    `SELECT reviewer, count(*) AS decided FROM verdicts WHERE withdrawn_at IS NULL
     GROUP BY reviewer`,
  )
  return new Map(rows.map(({ reviewer, decided }) => [reviewer, decided]))
}
