/**
 * The description against what it describes: every operation is there and answers as it says, to
 * requests made up from it, right and wrong, without ever failing.
 */
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { operations } from '../../../src/console/api/operations.ts'
import { openPglite } from '../../../src/console/store/pglite.ts'
import { newConsole } from '../a-console.ts'
import { aCase } from '../an-audit.ts'
import { checkAnswer, type Described, describedBy, requestsFor } from './fuzz.ts'
import { password, type Running, startAccess } from './running.ts'
import { operationNames } from './stub-console.ts'

const seed = 20_261_126
const on = {} as Running
let described: readonly Described[]
let headers: Record<string, string>
let keys: readonly string[]
let ours: ReadonlySet<string>
beforeAll(async () => {
  const made = await newConsole(await openPglite(null))
  await made.take([1, 2, 3, 4, 5, 6, 7, 8].map((n) => aCase(n, n % 2 === 0 ? 'review' : 'block')))
  ours = new Set(Object.keys(made.handlers))
  await startAccess(on, made.store, made.handlers)
  const rows = await made.store.query<{ key: string }>('SELECT key FROM cases ORDER BY key')
  keys = rows.map(({ key }) => key)
  await on.access.people.add({ name: 'ada', role: 'administrator', password }, on.at)
  const { token } = await on.access.programs.add(
    { name: 'fuzz', role: 'administrator', by: 'ada' },
    on.at,
  )
  headers = { authorization: `Bearer ${token}` }
  described = await describedBy(on.stub.port)
})
afterAll(async () => {
  await on.stub.close()
  await on.database.close()
})

describe('the description', () => {
  it('has every operation, by its name, method and path, and nothing else', () => {
    const told = described.map(({ operationId, method, path }) => [operationId, method, path])
    const table = operationNames.map((name) => {
      const { method, path } = operations[name]
      return [name, method, path.replaceAll(/:(\w+)/g, '{$1}')]
    })
    const beside = [
      ['stream', 'GET', '/api/v1/stream'],
      ['describe', 'GET', '/api/v1/openapi.json'],
    ]
    expect(told.toSorted()).toEqual([...table, ...beside].toSorted())
  })
})

describe('requests made up from the description', () => {
  // An operation that signs in or hashes costs 20 ms a request.
  const dear = new Set(['signIn', 'firstStart', 'changePassword', 'addPerson', 'changePerson'])
  it.each(operationNames)('%s never fails, and answers as described', async (name) => {
    const one = described.find(({ operationId }) => operationId === name)!
    const seen = new Set<number>()
    for (const wild of [false, true])
      await fc.assert(
        fc.asyncProperty(requestsFor(one, wild, keys), async (made) => {
          on.at += 3_600_000
          seen.add(await checkAnswer({ port: on.stub.port, headers }, one, made))
        }),
        { seed, numRuns: dear.has(name) ? 15 : 40, endOnFailure: true },
      )
    expect(on.stub.defects.splice(0)).toEqual([])
    const isStub = !(name in on.access.handlers) && !ours.has(name)
    if (isStub) expect([...seen]).toContain(200)
  })
})
