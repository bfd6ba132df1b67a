/**
 * The check at the end of `npm test`, shown a process that the run left behind, by its mark and by
 * its folder, and a neighbour's, which is none of its business.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { leftBehind, observeMachine } from '../../scripts/stack/left-behind.ts'

const listens = `require('node:net').createServer().listen(0, '127.0.0.1', function () {
  process.stdout.write(String(this.address().port))
})`
/** Of a neighbour who begins while the machine is looked at, the port alone may be seen, once. */
const soon = { timeout: 20_000, interval: 200 }
const children: ChildProcess[] = []
let folder = ''

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'left-behind-')))
  mkdirSync(join(folder, 'run'))
})
afterEach(async () => {
  await Promise.all(children.splice(0).map(end))
  rmSync(folder, { recursive: true })
})

const run = () => ({ mark: 'COUPONGUARD_TEST_RUN=the-one', folder: join(folder, 'run') })

async function listener(options: { readonly mark?: string; readonly cwd?: string }) {
  const child = spawn(process.execPath, ['-e', listens], {
    cwd: options.cwd ?? folder,
    env: { ...process.env, COUPONGUARD_TEST_RUN: options.mark ?? 'another' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  children.push(child)
  const [port] = (await once(child.stdout, 'data')) as [Buffer]
  return { pid: child.pid!, port: Number(port), child }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
}

const named = (pid: number, port: number) => [
  expect.stringMatching(`^process ${pid}: .*node`),
  `port ${port}`,
]

test('names a process by its mark, and the port that it holds', async () => {
  const before = observeMachine()!
  const { pid, port } = await listener({ mark: 'the-one' })
  await expect.poll(() => leftBehind(before, run(), 0), soon).toEqual(named(pid, port))
})

test('names a process by the folder that it works in', async () => {
  const before = observeMachine()!
  const { pid, port } = await listener({ cwd: join(folder, 'run') })
  await expect.poll(() => leftBehind(before, run(), 0), soon).toEqual(named(pid, port))
})

test('has nothing to say of a neighbour, of what ran before, and of what has ended', async () => {
  await listener({ mark: 'the-one' })
  const before = observeMachine()!
  await listener({})
  const { child } = await listener({ mark: 'the-one' })
  const answer = leftBehind(before, run())
  await end(child)
  expect(await answer).toEqual([])
})
