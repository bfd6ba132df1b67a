/**
 * Three projects on two cores. `unit`: two processes at a time; what takes minutes or starts many
 * processes comes first in line by file size and duration (vitest's own order), so that no core
 * waits at the end. `servers`: tests against real servers, one file at a time, because the servers
 * need the cores as well; after the others where both run. `browser`: the page of the console in a
 * real browser, last.
 */
import { defineConfig } from 'vitest/config'

const serverTests = 'test/servers/**/*.test.ts'
const browserTests = 'test/browser/**/*.test.ts'

export default defineConfig({
  test: {
    pool: 'forks',
    // A test that hangs must say which it was, and one on a machine that is ten times as slow as
    // usual does not hang: there, what starts `start` three times took a minute.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    slowTestThreshold: 5_000,
    passWithNoTests: false,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: [serverTests, browserTests],
          globalSetup: ['scripts/built.ts'],
          maxWorkers: 2,
        },
      },
      {
        extends: true,
        test: {
          name: 'servers',
          include: [serverTests],
          globalSetup: ['scripts/built.ts', 'scripts/stack/test-servers.ts'],
          maxWorkers: 1,
          testTimeout: 180_000,
          hookTimeout: 180_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'browser',
          include: [browserTests],
          globalSetup: ['scripts/built.ts'],
          maxWorkers: 1,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
})
