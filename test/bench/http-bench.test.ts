/**
 * `bench --http`, small and real: a server of its own answers every event of the loads once, at the
 * rates that the platform's calls have, and of a burst ten times as fast as all of them none is
 * lost; neither process nor folder is left, also where it is stopped in the middle. How soon
 * answers come, and what they cost, is measured and not judged here: beside other tests that tells
 * more of the machine than of the server.
 * proves: D8, D18
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, onTestFinished, test } from 'vitest'
import { mainPath, problemLines, scratchFolder } from '../support/run-cli.ts'

const aboveZero = expect.toSatisfy((value: unknown) => typeof value === 'number' && value > 0)
const small = ['--events', '500', '--seconds', '1']

interface Bench {
  readonly child: ChildProcess
  /** Of its temporary files: its own. */
  readonly folder: string
  readonly said: { stdout: string; stderr: string }
  /** The exit code, when it has ended. */
  readonly ended: Promise<unknown>
}

/** With the flags of Node that the benchmark is run with, which it hands on to its server. */
function start(words: readonly string[]): Bench {
  const folder = scratchFolder()
  const flags = ['--max-semi-space-size=64', '--initial-old-space-size=256']
  const child = spawn(process.execPath, [...flags, mainPath, 'bench', '--http', ...words], {
    env: { ...process.env, TMPDIR: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(() => void child.kill('SIGTERM'))
  const said = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (part: string) => {
      said[name] += part
    })
  return { child, folder, said, ended: once(child, 'close').then(([code]: unknown[]) => code) }
}

/** Processes that have this in their command line, as Linux tells. */
function processesWith(text: string): readonly string[] {
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid)) return false
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(text)
    } catch {
      return false
    }
  })
}

/** Requests of the measured second, or of six where one in six seconds is asked. */
const load = (name: string, rate: number, events: number, connections: unknown = aboveZero) => ({
  load: { name, rate },
  events,
  lost: 0,
  doubled: 0,
  errors: 0,
  firstError: null,
  connections,
  latencyMs: { count: events, p50: aboveZero, max: aboveZero },
  senderLateMsMax: expect.any(Number),
  isMetBy: expect.stringMatching(/^(?:every answer|99 %|no)$/),
})

// Each starts two processes, which take their time where other tests run beside them.
describe('bench --http', { timeout: 180_000 }, () => {
  test('each load alone, all together, and a burst of redemptions', async () => {
    const { folder, said, ended } = start([...small, '--rates', '2500', '--json'])
    expect(await ended, said.stderr).toBe(0)
    const singles = [load('redemptions, one each', 200, 200), load('claims, one each', 50, 50)]
    const arrays = load('arrays of 500 claims', 1 / 6, 1, 1)
    const server = { cpuSecondsPerMillion: aboveZero, residentBytes: aboveZero }
    const figures = JSON.parse(said.stdout)
    expect(figures).toMatchObject({
      before: 500,
      seconds: 1,
      runs: [
        { name: 'redemptions, one each', loads: [singles[0]], ...server },
        { name: 'claims, one each', loads: [singles[1]], ...server },
        { name: 'arrays of 500 claims', loads: [arrays], ...server },
        { name: 'all together', loads: [...singles, arrays], ...server },
        {
          name: 'redemptions, one each, 2500 a second',
          loads: [load('redemptions, one each', 2_500, 2_500)],
          ...server,
        },
      ],
      loadAverage: { before: expect.any(Number), after: expect.any(Number) },
    })
    expect(readdirSync(folder)).toEqual([])
    expect(processesWith(folder)).toEqual([])
  })

  test('stopped in the middle it takes its server and its folder with it', async () => {
    const { child, folder, said, ended } = start(['--events', '500', '--seconds', '30'])
    while (!said.stderr.includes('redemptions, one each, for 30 s'))
      await once(child.stderr!, 'data')
    expect(processesWith(folder)).toHaveLength(1)
    child.kill('SIGTERM')
    expect(await ended).toBe(143)
    expect(problemLines(said)).toEqual(['couponguard: bench: stopped by SIGTERM'])
    expect(readdirSync(folder)).toEqual([])
    expect(processesWith(folder)).toEqual([])
  })

  test('a server that cannot start is one line, and leaves nothing', async () => {
    const { folder, said, ended } = start([...small, '--playbook', 'nosuch.yaml'])
    expect(await ended).toBe(1)
    expect(problemLines(said)).toEqual([
      expect.stringMatching(/^couponguard: bench: the server ended: nosuch\.yaml is not there/),
    ])
    expect(readdirSync(folder)).toEqual([])
  })
})
