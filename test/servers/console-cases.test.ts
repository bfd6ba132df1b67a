/** The console's data on real Postgres: the suites of test/console/. */
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { migrate } from '../../src/console/store/migrate.ts'
import { openPostgres } from '../../src/console/store/postgres.ts'
import { locks, type Store } from '../../src/console/store/store.ts'
import { casesSuite } from '../console/cases-suite.ts'
import { filterSuite } from '../console/filter-suite.ts'
import { outboxSuite } from '../console/outbox-suite.ts'
import { emptied, newDatabase } from '../console/postgres-database.ts'
import { programmeSuite } from '../console/programme-suite.ts'

const url = inject('postgresUrl')

describe.skipIf(url === null)('on Postgres', () => {
  let store: Store
  let own: string
  beforeAll(async () => {
    own = await newDatabase(url!, 'console_cases')
    store = openPostgres(own)
  })
  afterAll(() => store.close())

  casesSuite(() => emptied(store), 1_000)
  filterSuite(() => emptied(store))
  programmeSuite(() => emptied(store))
  outboxSuite(() => emptied(store))

  test('a migration may take longer than other statements', async () => {
    await emptied(store)
    const hurried = openPostgres({ url: own, statementMaxMs: 300 })
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
