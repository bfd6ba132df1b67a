/**
 * The console's data on PGlite; the same suites run on Postgres in test/servers/.
 *
 * proves: D5, D9
 */
import { afterAll, beforeAll, describe } from 'vitest'
import { openPglite } from '../../src/console/store/pglite.ts'
import type { Store } from '../../src/console/store/store.ts'
import { appealsSuite } from './appeals-suite.ts'
import { casesSuite } from './cases-suite.ts'
import { filterSuite } from './filter-suite.ts'
import { outboxSuite } from './outbox-suite.ts'
import { peaksSuite } from './peaks-suite.ts'
import { penaltiesSuite } from './penalties-suite.ts'
import { emptied } from './postgres-database.ts'
import { programmeSuite } from './programme-suite.ts'

let store: Store

describe('on PGlite', () => {
  beforeAll(async () => {
    store = await openPglite(null)
  })
  afterAll(() => store.close())

  // One database for all tests, emptied for each: to make one takes seconds.
  casesSuite(() => emptied(store), 20)
  filterSuite(() => emptied(store))
  programmeSuite(() => emptied(store))
  peaksSuite(() => emptied(store))
  outboxSuite(() => emptied(store))
  penaltiesSuite(() => emptied(store), 5)
  appealsSuite(() => emptied(store))
})
