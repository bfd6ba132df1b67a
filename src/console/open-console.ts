/**
 * The console, put together: database, projection, outbox, handlers, people, and routes for a
 * server. `start` and `console` both open it. Routes are there at once and answer 503 until the
 * database has been opened and brought to this version, which is tried again for as long as it is
 * away; so nothing else waits for the console, and nothing else ends with it.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import type { Clock } from '../runtime/clock.ts'
import { EdgeError } from '../runtime/edge-error.ts'
import { type Access, newAccess } from './access/access.ts'
import type { AuditLog, Visitors } from './access/visitor.ts'
import { type OperationName, operations, type StreamTopic, streamTopics } from './api/operations.ts'
import { newCaseHandlers } from './case-handlers.ts'
import { type Changes, newChanges } from './changes.ts'
import type { Engine } from './engine.ts'
import type { Call, Handlers } from './handlers.ts'
import { newOutbox } from './outbox/outbox.ts'
import { type LaggingProjection, newProjection } from './projection/projection.ts'
import { addConsole } from './server/console-routes.ts'
import { migrate } from './store/migrate.ts'
import { dropOld } from './store/retention.ts'
import type { Store } from './store/store.ts'

export interface OpenConsoleParts {
  /** Opens the database, which is then brought to this version; closed with the console. */
  openStore(): Promise<Store>
  /** Started once the database is there; closed with the console. */
  readonly engine: Engine
  readonly clock: Clock
  readonly version: string
  /** A proxy that ends TLS stands before the server. */
  readonly tlsProxy?: boolean
  /** What is away and is tried again. */
  onTrouble(error: unknown): void
  /** Told of every defect behind an answer of 500. */
  onDefect(error: unknown): void
}

export interface OpenConsole {
  /** Before the server listens. */
  register(server: FastifyInstance): void
  /**
   * When people can use it: with the code that makes the first administrator, for the terminal and
   * nowhere else, or null where somebody exists. Rejects where trying again is in vain, or closed.
   */
  readonly ready: Promise<string | null>
  /** Null while the console can be used; else why not. */
  notReady(): string | null
  /** Records that are known to be still unread; null where nobody knows yet. */
  lag(): number | null
  /** After the server. */
  close(): Promise<void>
}

interface Inside {
  readonly handlers: Handlers
  readonly access: Access
  readonly projection: LaggingProjection
}

const againMs = { first: 200, max: 5_000 }
const lookMs = 2_000
const houseMs = 3_600_000

export function openConsole(given: OpenConsoleParts): OpenConsole {
  const changes = newChanges()
  const ending = new AbortController()
  // What finds the database closed at the end is no trouble.
  const onTrouble = (error: unknown) => {
    if (!ending.signal.aborted) given.onTrouble(error)
  }
  const parts: OpenConsoleParts = { ...given, onTrouble }
  const closers: (() => Promise<void>)[] = [() => parts.engine.close()]
  let inside: Inside | null = null
  let trouble: string | null = 'starting'

  const here = (): Inside => {
    if (inside === null) throw new EdgeError('database-away', 'the console is starting', true)
    return inside
  }
  async function open(): Promise<string | null> {
    const store = await untilThere(parts, ending.signal)
    closers.unshift(() => store.close())
    const { tell, close } = tellAll(store, changes)
    closers.unshift(close)
    const opened = assemble(parts, { store, tell })
    closers.push(opened.close)
    inside = opened
    trouble = null
    const watch = watchStore(store, (seen) => {
      trouble = seen
    })
    const house = keepHouse(parts, opened.access, store)
    closers.push(async () => {
      clearInterval(watch)
      clearInterval(house)
    })
    opened.startOutbox()
    const start = () => parts.engine.start(opened.projection)
    // People can work while the topics are away.
    const started = again(parts, ending.signal, start).catch((error: unknown) => {
      if (!ending.signal.aborted) parts.onTrouble(error)
    })
    closers.push(() => started)
    return await opened.access.firstStartCode()
  }
  const ready = open()
  // Whoever does not wait for it is told by notReady.
  ready.catch((error: unknown) => {
    trouble = error instanceof Error ? error.message : 'it could not be opened'
  })
  return {
    register: (server) =>
      addConsole(server, {
        ...lateParts(here),
        changes,
        keep: (kind, value) => parts.engine.keep(kind, value),
        version: parts.version,
        tlsProxy: parts.tlsProxy === true,
        now: () => parts.clock.now(),
        onDefect: parts.onDefect,
      }),
    ready,
    notReady: () => trouble,
    lag: () => inside?.projection.lag() ?? null,
    async close() {
      ending.abort()
      await ready.catch(() => undefined)
      for (const close of closers.reverse()) await close().catch(parts.onTrouble)
    },
  }
}

interface Late {
  readonly handlers: Handlers
  readonly visitors: Visitors
  readonly audit: AuditLog
}

/** Pages of this console hear at once, those of others by way of the database. */
function tellAll(store: Store, changes: Changes) {
  const others = store.meetOthers?.((words) => changes.tell(wordsOf(words)))
  return {
    tell(topics: Iterable<StreamTopic>) {
      changes.tell(topics)
      others?.say(topics)
    },
    close: async () => others?.close(),
  }
}

/** Of another console, perhaps of another version; what was missed may have been anything. */
const wordsOf = (words: readonly string[] | null): readonly StreamTopic[] =>
  words === null ? streamTopics : streamTopics.filter((topic) => words.includes(topic))

/** What the routes are given before there is anything behind them. */
function lateParts(here: () => Inside): Late {
  const names = Object.keys(operations).filter((name): name is OperationName => name in operations)
  const handlers = names.map((name) => [
    name,
    async (call: Call<OperationName>) => {
      // The table's types hold name and call together; here the name is only known at run time.
      const handler = here().handlers[name] as (given: typeof call) => Promise<unknown>
      return await handler(call)
    },
  ])
  return {
    handlers: Object.fromEntries(handlers) as Handlers,
    visitors: {
      bySession: async (...asked) => await here().access.visitors.bySession(...asked),
      byToken: async (...asked) => await here().access.visitors.byToken(...asked),
    },
    audit: { write: async (entry) => await here().access.audit.write(entry) },
  }
}

/** Tries again while it is only away; a failure that will not pass is thrown. */
async function again<T>(
  { onTrouble }: OpenConsoleParts,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  for (let waitMs = againMs.first; ; waitMs = Math.min(waitMs * 2, againMs.max)) {
    try {
      return await work()
    } catch (error) {
      if (signal.aborted || !(error instanceof EdgeError && error.retriable)) throw error
      onTrouble(error)
      await sleep(waitMs, undefined, { signal })
    }
  }
}

function untilThere(parts: OpenConsoleParts, signal: AbortSignal): Promise<Store> {
  return again(parts, signal, async () => {
    const store = await parts.openStore()
    try {
      await migrate(store)
      return store
    } catch (error) {
      await store.close().catch(() => undefined)
      throw error
    }
  })
}

interface Opened {
  readonly store: Store
  tell(topics: Iterable<StreamTopic>): void
}

function assemble(parts: OpenConsoleParts, { store: database, tell }: Opened) {
  const { engine, clock, version, onTrouble } = parts
  const changed = { database, engine, clock, onChanged: tell }
  const projection = newProjection(changed)
  const outbox = newOutbox({ ...changed, onError: onTrouble })
  const access = newAccess({
    database,
    timeZone: engine.timeZone,
    version,
    decidedCounts: () => decidedCounts(database),
  })
  const cases = newCaseHandlers({ ...changed, onDue: outbox.nudge, lag: projection.lag })
  return {
    handlers: { ...cases, ...access.handlers },
    access,
    projection,
    startOutbox: () => outbox.start(),
    close: () => outbox.close(),
  }
}

async function decidedCounts(database: Store): Promise<ReadonlyMap<string, number>> {
  const rows = await database.query<{ reviewer: string; decided: number }>(
    `SELECT reviewer, count(*) AS decided FROM verdicts WHERE withdrawn_at IS NULL
     GROUP BY reviewer`,
  )
  return new Map(rows.map(({ reviewer, decided }) => [reviewer, decided]))
}

function watchStore(store: Store, seen: (trouble: string | null) => void): NodeJS.Timeout {
  let isLooking = false
  return setInterval(() => {
    if (isLooking) return
    isLooking = true
    store
      .query('SELECT 1 AS one')
      .then(
        () => seen(null),
        () => seen('the database is away'),
      )
      .finally(() => {
        isLooking = false
      })
  }, lookMs).unref()
}

function keepHouse(
  { clock, onTrouble }: OpenConsoleParts,
  access: Access,
  store: Store,
): NodeJS.Timeout {
  const keep = async () => {
    await access.keepHouse(clock.now())
    await dropOld(store, clock.now())
  }
  const kept = () => {
    keep().catch(onTrouble)
  }
  kept()
  return setInterval(kept, houseMs).unref()
}
