/** The console's data on real Postgres: the suites of test/console/. proves: D5, D9 */
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest'
import { migrate } from '../../src/console/store/migrate.ts'
import { openPostgres } from '../../src/console/store/postgres.ts'
import { locks, type Store } from '../../src/console/store/store.ts'
import { appealsSuite } from '../console/appeals-suite.ts'
import { casesSuite } from '../console/cases-suite.ts'
import { filterSuite } from '../console/filter-suite.ts'
import { outboxSuite } from '../console/outbox-suite.ts'
import { peaksSuite } from '../console/peaks-suite.ts'
import { penaltiesSuite } from '../console/penalties-suite.ts'
import { emptied, newDatabase } from '../console/postgres-database.ts'
import { programmeSuite } from '../console/programme-suite.ts'

const url = inject('postgresUrl')
const patience = { timeout: 20_000, interval: 50 }

describe.skipIf(url === null)('on Postgres', () => {
  let store: Store
  let database: string
  beforeAll(async () => {
    database = await newDatabase(url!, 'console_cases')
    // Not by a console's name: while one runs, nothing is begun anew.
    store = openPostgres({ url: database, name: 'couponguard-suites' })
  })
  afterAll(() => store.close())

  casesSuite(() => emptied(store), 1_000)
  filterSuite(() => emptied(store))
  programmeSuite(() => emptied(store))
  peaksSuite(() => emptied(store))
  outboxSuite(() => emptied(store))
  penaltiesSuite(() => emptied(store), 200)
  appealsSuite(() => emptied(store))

  test('what one process says, all others hear, also after they were cut off', async () => {
    const heard: (readonly string[] | null)[] = []
    const own: (readonly string[] | null)[] = []
    const other = openPostgres(database)
    const [a, b] = [
      store.meetOthers!((words) => own.push(words)),
      other.meetOthers!((words) => heard.push(words)),
    ]
    // Until both are connected nothing is heard.
    await vi.waitFor(() => {
      a.say(['cases', 'lists'])
      expect(heard[0]).toEqual(['cases', 'lists'])
    }, patience)
    await store.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE (query LIKE 'LISTEN%' OR query LIKE '%pg_notify%') AND pid <> pg_backend_pid()`)
    await vi.waitFor(() => expect([heard.at(-1), own]).toEqual([null, [null]]), patience)
    b.say(['alerts'])
    await vi.waitFor(() => expect(own).toEqual([null, ['alerts']]), patience)
    await Promise.all([a.close(), b.close(), other.close()])
  })

  test('a migration may take longer than other statements', async () => {
    await emptied(store)
    const hurried = openPostgres({ url: database, statementMaxMs: 300 })
    const nap = hurried.query('SELECT pg_sleep(1)')
    await expect(nap).rejects.toMatchObject({ code: 'database-busy' })
    // Another process migrates meanwhile.
    const other = store.transaction(async (queries) => {
      await queries.query('SELECT pg_advisory_xact_lock($1)', [locks.migrations])
      await queries.query('SELECT pg_sleep(1)')
    })
    expect(await migrate(hurried)).toContain('0001-cases.sql')
    await other
    await hurried.close()
  })
})
