/** A reader that has seen enough, such as head: the command ends as it would have, and is quiet. */
import { once } from 'node:events'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { repoRoot, startCli } from '../support/run-cli.ts'

const broken = join(repoRoot, 'test', 'cli', 'closed-pipe.test.ts')

test.each<[string, string[], number]>([
  ['success', ['check', '--signals', '--json'], 0],
  ['a failure', ['check', broken, '--json'], 1],
])('nobody reads the output any more: %s', async (_, words, code) => {
  const { child, ended } = startCli(words)
  child.stdout!.destroy()
  await once(child.stdout!, 'close')
  const stderr = expect.not.stringContaining('EPIPE')
  expect(await ended).toMatchObject({ code, signal: null, stderr })
})
