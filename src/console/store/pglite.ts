/**
 * PGlite in a folder of its own, as the console's database inside `start`: Postgres compiled to
 * WebAssembly, in a worker thread. It has one connection, so transactions wait for each other here;
 * a query outside of one waits for the one that runs. One process at a time may have the folder
 * open: the caller sees to that. What it costs: docs/console-data.md.
 */
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import { makeFolder } from '../../runtime/make-folder.ts'
import type { Queries, Value } from '../database.ts'
import type { Answer, Question } from './pglite-thread.ts'
import { awayBecause, databaseError, type Store } from './store.ts'

interface Waiting {
  resolve(rows: readonly object[]): void
  reject(error: unknown): void
}

/** Null keeps everything in memory. Resolves when it takes queries, after 0.3 to 4 s. */
export async function openPglite(folder: string | null): Promise<Store> {
  if (folder !== null) await makeFolder(folder)
  const thread = startThread(folder)
  const waiting = new Map<number, Waiting>()
  let isGone = false
  const gone = new Promise<void>((resolve) => thread.once('exit', () => resolve()))
  const fail = (error: unknown) => {
    isGone = true
    for (const one of waiting.values()) one.reject(error)
    waiting.clear()
  }
  await new Promise<void>((resolve, reject) => {
    thread.once('message', () => resolve())
    thread.once('error', reject)
    thread.once('exit', () => reject(awayBecause('its thread ended at start')))
  })
  thread.on('error', (error) => fail(awayBecause(`its thread failed: ${error.message}`)))
  thread.once('exit', () => fail(awayBecause('its thread ended')))
  thread.on('message', ({ id, rows, error }: Answer) => {
    const one = waiting.get(id)
    waiting.delete(id)
    if (error === null) one?.resolve(rows)
    else one?.reject(databaseError(Object.assign(new Error(error.message), { code: error.code })))
  })
  let last = 0
  const ask = (sql: string, values: readonly Value[] | undefined) => {
    if (isGone) return Promise.reject(awayBecause('it is closed'))
    const id = ++last
    return new Promise<readonly object[]>((resolve, reject) => {
      waiting.set(id, { resolve, reject })
      const question: Question = { id, sql, values: values === undefined ? undefined : [...values] }
      thread.postMessage(question)
    })
  }
  return storeOver(ask, async () => {
    if (!isGone) thread.postMessage('close')
    await gone
  })
}

type Ask = (sql: string, values: readonly Value[] | undefined) => Promise<readonly object[]>

function storeOver(ask: Ask, close: () => Promise<void>): Store {
  let turn: Promise<unknown> = Promise.resolve()
  const held = new Set<number>()
  /** One after another, whatever became of the one before. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = turn.then(work, work)
    turn = mine.catch(() => undefined)
    return mine
  }
  const query = async <Row extends object>(sql: string, values?: readonly Value[]) =>
    (await ask(sql, values)) as readonly Row[]
  const queries: Queries = { query }
  return {
    query: (sql, values) => inTurn(() => query(sql, values)),
    transaction: (work) =>
      inTurn(async () => {
        await ask('BEGIN', undefined)
        try {
          const result = await work(queries)
          await ask('COMMIT', undefined)
          return result
        } catch (error) {
          await ask('ROLLBACK', undefined)
          throw error
        }
      }),
    // The folder has one process, so nobody else can hold it.
    async alone(lock, work) {
      if (held.has(lock)) return null
      held.add(lock)
      try {
        return await work()
      } finally {
        held.delete(lock)
      }
    },
    meetOthers: null,
    close: () => inTurn(close),
  }
}

/** The source is TypeScript: there a thread needs the loader that its process was given. */
function startThread(folder: string | null): Worker {
  if (!import.meta.url.endsWith('.ts'))
    return new Worker(new URL('./pglite-thread.js', import.meta.url), { workerData: folder })
  const tsx = dirname(createRequire(import.meta.url).resolve('tsx/package.json'))
  const loader = pathToFileURL(join(tsx, 'dist', 'esm', 'api', 'index.mjs')).href
  const thread = new URL('./pglite-thread.ts', import.meta.url).href
  const script = `import('${loader}').then(({ register }) => {
    register()
    return import('${thread}')
  })`
  return new Worker(script, { eval: true, execArgv: [], workerData: folder })
}
