/**
 * The console, from what it stands on: a database and an engine. Its server can listen before the
 * database is there: requests wait for it as queries do, and records are projected once it is.
 * `start` opens it beside the embedded log, `console` beside Kafka.
 */
import type { FastifyInstance } from 'fastify'
import type { Clock } from '../runtime/clock.ts'
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
  /** Begins to project and to publish once the database is there; rejects where it is refused. */
  readonly ready: Promise<void>
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

export function openConsole(options: ConsoleOptions): Console {
  const { database, engine, clock, version, onProblem } = options
  const changes = newChanges()
  const onChanged: NonNullable<CaseHandlerOptions['onChanged']> = (topics) => changes.tell(topics)
  const { timeline = 'all' } = options
  const projection = newProjection({ database, engine, onChanged, timeline })
  const outbox = newOutbox({ database, engine, clock, onChanged, onError: onProblem })
  const access = newAccess({ database, timeZone: engine.timeZone, version })
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
  const keepHouse = () => access.keepHouse(clock.now()).catch(onProblem)
  let house: NodeJS.Timeout | undefined
  const begin = async () => {
    await migrate(database)
    outbox.start()
    await engine.start(projection)
    house = setInterval(() => void keepHouse(), houseEveryMs)
    await keepHouse()
  }
  const ready = begin()
  ready.catch(() => undefined)
  return {
    parts,
    register: (server) => addConsole(server, parts),
    ready,
    firstStartCode: async () => {
      await ready
      return access.firstStartCode()
    },
    async close() {
      clearInterval(house)
      await ready.catch(() => undefined)
      await engine.close()
      await outbox.close()
      await database.close()
    },
  }
}
