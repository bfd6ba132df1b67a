/** A console's data over a database: what the suites of its API begin with. */

import type { OperationName } from '../../src/console/api/operations.ts'
import { operations } from '../../src/console/api/operations.ts'
import { newCaseHandlers } from '../../src/console/case-handlers.ts'
import type { Call, Caller } from '../../src/console/handlers.ts'
import { newOutbox, type OutboxOptions } from '../../src/console/outbox/outbox.ts'
import { newProjection } from '../../src/console/projection/projection.ts'
import { migrate } from '../../src/console/store/migrate.ts'
import type { Store } from '../../src/console/store/store.ts'
import type { Audit } from '../../src/core/schema.gen.ts'
import { newMemoryEngine } from './memory-engine.ts'

/** What each test calls to have its database: empty, and its own. */
export type OpenStore = () => Promise<Store>

export const ann: Caller = { name: 'ann', role: 'reviewer' }
export const bob: Caller = { name: 'bob', role: 'reviewer' }
export const lea: Caller = { name: 'lea', role: 'lead' }

export interface Asked<N extends OperationName> {
  readonly as?: Caller
  readonly params?: Readonly<Record<string, string>>
  readonly query?: Call<N>['query']
  readonly body?: Call<N>['body']
  readonly at?: number
}

/** Runs until `holds`; a test's own time limit ends it otherwise. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 5))
}

export async function newConsole(store: Store) {
  await migrate(store)
  const engine = newMemoryEngine()
  const time = { now: Date.UTC(2026, 2, 1, 5) }
  const clock = { now: () => time.now }
  const projection = newProjection({ database: store, engine })
  const handlers = newCaseHandlers({ database: store, engine, clock, lag: projection.lag })
  type Known = keyof typeof handlers
  /** As the server calls: what is answered is held against the table's own shape. */
  async function call<N extends Known>(name: N, asked: Asked<N> = {}) {
    const given = {
      caller: asked.as ?? ann,
      params: asked.params ?? {},
      query: asked.query ?? {},
      body: asked.body ?? {},
      at: asked.at ?? time.now,
    } as Call<N>
    const handler = handlers[name] as (call: Call<N>) => ReturnType<(typeof handlers)[N]>
    const answer = await handler(given)
    operations[name].answer.parse(answer)
    return answer
  }
  let next = 0
  const take = async (audits: readonly Audit[]) => {
    next += audits.length
    await projection.take({ topic: 'risk.audit', partition: 0, next, records: audits })
  }
  const outboxOptions: OutboxOptions = { database: store, engine, clock, pollMs: 5 }
  /** Publishes until nothing is due. */
  async function publish(): Promise<void> {
    const outbox = newOutbox(outboxOptions)
    outbox.start()
    await until(async () => {
      const sql = 'SELECT count(*) AS left_over FROM outbox WHERE due_at <= $1'
      const [row] = await store.query<{ left_over: number }>(sql, [time.now])
      return row?.left_over === 0
    })
    await outbox.close()
  }
  return { store, engine, time, clock, projection, handlers, call, take, publish, outboxOptions }
}
export type TestConsole = Awaited<ReturnType<typeof newConsole>>
