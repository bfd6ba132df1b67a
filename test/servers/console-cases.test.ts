/** The console's data on real Postgres: the suites of test/console/. */
import { afterAll, beforeAll, describe, inject } from 'vitest'
import { openPostgres } from '../../src/console/store/postgres.ts'
import type { Store } from '../../src/console/store/store.ts'
import { casesSuite } from '../console/cases-suite.ts'
import { filterSuite } from '../console/filter-suite.ts'
import { outboxSuite } from '../console/outbox-suite.ts'
import { emptied, newDatabase } from '../console/postgres-database.ts'
import { programmeSuite } from '../console/programme-suite.ts'

const url = inject('postgresUrl')

describe.skipIf(url === null)('on Postgres', () => {
  let store: Store
  beforeAll(async () => {
    store = openPostgres(await newDatabase(url!, 'console_cases'))
  })
  afterAll(() => store.close())

  casesSuite(() => emptied(store), 1_000)
  filterSuite(() => emptied(store))
  programmeSuite(() => emptied(store))
  outboxSuite(() => emptied(store))
})
