/**
 * A role ends with the one line that says why, also where something that it waits for while it ends
 * never comes: in processes of their own, since it is node that would end them without a word.
 */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { repoRoot } from '../support/run-cli.ts'

const built = (path: string) => JSON.stringify(pathToFileURL(join(repoRoot, 'dist', path)).href)

/** `assemble` is the text of a function as runRole takes it. */
function runRole(assemble: string) {
  const script = `
    import { CommandError } from ${built('cli/exit.js')}
    import { runRole } from ${built('cli/run-role.js')}
    import { closeAll } from ${built('reach.js')}
    import { EdgeError } from ${built('runtime/edge-error.js')}
    const never = () => new Promise(() => undefined)
    const away = new EdgeError('kafka-away', 'no broker answers', true)
    try {
      await runRole('worker', { healthHost: '127.0.0.1' }, ${assemble})
    } catch (error) {
      if (!(error instanceof CommandError)) throw error
      process.stderr.write('said: ' + error.message + '\\n')
      process.exitCode = error.code
    }`
  const words = ['--input-type=module', '--eval', script]
  const { status, stderr } = spawnSync(process.execPath, words, {
    encoding: 'utf8',
    timeout: 20_000,
  })
  return { status, said: /^said: (.*)$/m.exec(stderr)?.[1] ?? null, stderr }
}

const lost = { status: 1, said: 'no broker answers' }

test.each([
  [
    'it failed, and its end never comes',
    'async (told) => (setTimeout(() => told.onFatal(away), 10), { stop: never })',
    lost,
  ],
  [
    'it never began, and what was opened does not close',
    'async () => { await closeAll([async () => undefined, never, never]); throw away }',
    lost,
  ],
  [
    'it was told to end, and its end never comes',
    "async () => (setTimeout(() => process.emit('SIGTERM'), 10), { stop: never })",
    { status: 0, said: null },
  ],
  [
    'all is well',
    "async () => (setTimeout(() => process.emit('SIGTERM'), 10), { stop: async () => undefined })",
    { status: 0, said: null },
  ],
])('%s', (_, assemble, expected) => {
  const { status, said, stderr } = runRole(assemble)
  expect({ status, said }, stderr).toEqual(expected)
})
