/**
 * Tests on two cores: two processes at a time. What takes minutes or starts many processes comes
 * first in line by file size and duration (vitest's own order), so that no core waits at the end.
 */
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['scripts/built.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // A test that hangs must say which it was.
    slowTestThreshold: 5_000,
    passWithNoTests: false,
  },
})
