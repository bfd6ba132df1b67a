/** Ctrl-C in the middle: nothing half is left, and what was there before stays. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { scratchFolder, startCli } from '../support/run-cli.ts'

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
  '%s',
  async (signal) => {
    const cwd = scratchFolder()
    writeFileSync(join(cwd, 'day.avro'), 'what was there before')
    const words = ['generate', '--seed', '1', '--events', '3000000', '--out', 'day.avro']
    const { child, ended } = startCli(words, { cwd })
    const partial = () => readdirSync(cwd).filter((name) => name.endsWith('.partial'))
    await vi.waitFor(() => expect(partial()).toHaveLength(1), { timeout: 30_000, interval: 20 })
    child.kill(signal)
    expect(await ended).toMatchObject({ code: null, signal })
    expect(readdirSync(cwd)).toEqual(['day.avro'])
    expect(readFileSync(join(cwd, 'day.avro'), 'utf8')).toBe('what was there before')
  },
  60_000,
)
