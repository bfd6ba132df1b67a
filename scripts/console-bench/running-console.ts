/**
 * A console of one's own: Postgres in a folder, the real server with its page on a free port, and
 * the first administrator signed in. Its engine is one in memory, so that nothing is measured but
 * the console: what it publishes costs nothing. Everything that was started is stopped by `end`.
 */
import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { defaultPlaybookPath, loadPlaybook } from '../../src/config/playbook-file.ts'
import { csrfHeader, type OperationName, operations } from '../../src/console/api/operations.ts'
import type { Engine, Projection } from '../../src/console/engine.ts'
import { type OpenConsole, openConsole } from '../../src/console/open-console.ts'
import { buildConsoleServer } from '../../src/console/server/console-server.ts'
import { openPostgres } from '../../src/console/store/postgres.ts'
import type { Store } from '../../src/console/store/store.ts'
import type { Playbook } from '../../src/core/rules/playbook.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { newMemoryEngine } from '../../test/console/memory-engine.ts'
import { type PostgresServer, startPostgres } from '../stack/postgres.ts'

export const person = { name: 'Wei', password: 'correct horse battery' }

/** What whoever runs a million cases would set; all else as Postgres comes, the disk included. */
const serverValues = { shared_buffers: '1GB', max_wal_size: '4GB', fsync: 'on' }
const modelFolder = join(import.meta.dirname, '..', '..', 'models', 'default')

export interface RunningConsole {
  readonly url: string
  readonly store: Store
  /** What the engine would hand records to. */
  readonly projection: Projection
  /** The answer's text; throws where it is refused. */
  ask(name: OperationName, given?: Asked): Promise<string>
  end(): Promise<void>
}

export interface Asked {
  readonly params?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, string | number>>
  readonly body?: object
}

/** Throws Unavailable where there is no Postgres. */
export async function startConsole(folder: string, playbook: Playbook): Promise<RunningConsole> {
  chmodSync(folder, 0o711)
  const postgres = await startPostgres({ folder: join(folder, 'postgres'), values: serverValues })
  const closers: (() => Promise<unknown>)[] = [() => postgres.stop()]
  const end = async () => {
    for (const close of closers.reverse()) await close()
  }
  try {
    return { ...(await open(postgres, playbook, closers)), end }
  } catch (error) {
    await end()
    throw error
  }
}

export const benchPlaybook = (): Playbook =>
  loadPlaybook(defaultPlaybookPath, { folders: [modelFolder] })

async function open(
  postgres: PostgresServer,
  playbook: Playbook,
  closers: (() => Promise<unknown>)[],
) {
  let started: (projection: Projection) => void = () => undefined
  const projecting = new Promise<Projection>((resolve) => {
    started = resolve
  })
  const engine: Engine = {
    ...newMemoryEngine(),
    playbook,
    start: async (projection) => started(projection),
  }
  const fail = (error: unknown) => {
    process.stderr.write(`console-bench: the console says: ${String(error)}\n`)
  }
  const opened = openConsole({
    openStore: async () => openPostgres(postgres.url),
    engine,
    clock: systemClock,
    version: 'bench',
    onTrouble: fail,
    onDefect: fail,
  })
  closers.push(() => opened.close())
  const server = buildConsoleServer({
    add: (own) => opened.register(own),
    notReady: () => opened.notReady(),
    allowedHosts: [],
    onDefect: fail,
  })
  closers.push(() => server.close())
  const url = await server.listen({ host: '127.0.0.1', port: 0 })
  const store = openPostgres(postgres.url)
  closers.push(() => store.close())
  const ask = await signedIn(url, opened)
  return { url, store, projection: await projecting, ask }
}

const session = z.object({ csrf: z.string() })

/** As the first administrator, who is made where there is none. */
async function signedIn(url: string, console: OpenConsole): Promise<RunningConsole['ask']> {
  const code = await console.ready
  const { path } = code === null ? operations.signIn : operations.firstStart
  const body = code === null ? person : { ...person, code }
  const response = await fetch(url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`signing in: ${response.status} ${text}`)
  const cookie = response.headers.get('set-cookie')?.split(';')[0] ?? ''
  const headers = { cookie, [csrfHeader]: session.parse(JSON.parse(text)).csrf }
  return async (name, given = {}) => {
    const { method, path } = operations[name]
    const filled = path.replace(/:(\w+)/g, (_, key: string) => given.params?.[key] ?? '')
    const query = Object.entries(given.query ?? {}).map(([key, value]) => [key, String(value)])
    const search = query.length > 0 ? `?${new URLSearchParams(query)}` : ''
    const sent =
      method === 'POST'
        ? {
            method,
            headers: { ...headers, 'content-type': 'application/json' },
            body: JSON.stringify(given.body ?? {}),
          }
        : { method, headers }
    const answered = await fetch(url + filled + search, sent)
    const said = await answered.text()
    if (!answered.ok) throw new Error(`${name} ${search}: ${answered.status} ${said.slice(0, 300)}`)
    return said
  }
}
