/**
 * The laws of people, sessions, tokens and the audit log, over the real server on whichever
 * database: run on PGlite and on Postgres. They are told in order: the first start comes first.
 */
import { afterAll, beforeAll, describe } from 'vitest'
import type { Database } from '../../../src/console/database.ts'
import { firstStartLaws } from './first-start-laws.ts'
import { forceLaws } from './force-laws.ts'
import { peopleLaws } from './people-laws.ts'
import { type Running, startAccess } from './running.ts'
import { sessionLaws } from './session-laws.ts'

export function accessLaws(name: string, open: () => Promise<Database>): void {
  describe(`access on ${name}`, () => {
    // Filled before the first of them runs.
    const on = {} as Running
    beforeAll(async () => {
      await startAccess(on, await open())
    })
    afterAll(async () => {
      await on.stub.close()
      await on.database.close()
    })
    firstStartLaws(on)
    sessionLaws(on)
    peopleLaws(on)
    forceLaws(on)
  })
}
