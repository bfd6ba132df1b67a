/**
 * `start` as a process: the demonstration, and what is left of it when the process is killed in the
 * middle; one process at a time on a directory; a day that was played is not played again.
 */
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, expect, test } from 'vitest'
import { assembleEmbedded } from '../../src/assemble.ts'
import { planDemo } from '../../src/demo/plan.ts'
import { playDay } from '../../src/demo/play-day.ts'
import { openDirectoryLog } from '../../src/log/directory/open.ts'
import {
  problemLines,
  repoRoot,
  runCli,
  runWell,
  scratchFolder,
  startCli,
  startServer,
} from '../support/run-cli.ts'
import { seeded } from '../support/seeded.ts'

const seed = Number(process.env.COUPONGUARD_SEED ?? 20_260_302)
const events = 2_500
const kills = 5

/** A directory whose day is known beforehand: the same plan and, for equal hashes, the same key. */
function plannedDirectory(like?: string): string {
  const data = join(scratchFolder(), 'data')
  mkdirSync(data, { mode: 0o700 })
  const startAt = Date.UTC(2026, 2, 1, 16)
  writeFileSync(join(data, 'demo.json'), `${JSON.stringify({ seed: 1, events, startAt })}\n`)
  if (like !== undefined) copyFileSync(join(like, 'key'), join(data, 'key'))
  return data
}

/** What a run that nobody disturbs comes to: played once, for all tests of this file. */
const undisturbed = { data: '', summary: '' }
async function playedUndisturbed() {
  if (undisturbed.data === '') {
    const data = plannedDirectory()
    const { stdout } = await runWell(playOnce(data))
    undisturbed.data = join(kept, 'data')
    undisturbed.summary = stdout
    cpSync(data, undisturbed.data, { recursive: true })
  }
  return { ...undisturbed, wanted: await committed(undisturbed.data) }
}
const kept = mkdtempSync(join(tmpdir(), 'couponguard-'))
afterAll(() => rmSync(kept, { recursive: true, force: true }))

/**
 * By a playbook that is never tuned: the two runs of a test must not be judged by different ones.
 */
const playbook = join(repoRoot, 'test', 'recordings', 'playbook.yaml')
const playOnce = (data: string) => [
  'start',
  '--demo',
  '--once',
  '--json',
  '--playbook',
  playbook,
  '--data',
  data,
]

/** Everything that was committed, in order. */
async function committed(data: string) {
  const log = await openDirectoryLog({ directory: data })
  const all = async <T>(batches: AsyncIterable<readonly T[]>) => {
    const rows: T[] = []
    for await (const batch of batches) rows.push(...batch)
    return rows
  }
  try {
    return {
      repairs: log.repairs,
      end: log.endOffset(),
      judged: log.committed().nextOffset,
      events: await all(log.history()),
      audits: await all(log.readOutputs('audits')),
      decisions: await all(log.readOutputs('decisions')),
      tallies: await all(log.readOutputs('tallies')),
      alerts: await all(log.readOutputs('alerts')),
      reports: await all(log.readOutputs('reports')),
      deadLetters: await all(log.readOutputs('deadLetters')),
    }
  } finally {
    await log.close()
  }
}

test('--demo --once plays the day, prints what came of it and ends; again, it goes on from there', async () => {
  const { data, summary: stdout, wanted: before } = await playedUndisturbed()
  const summary = JSON.parse(stdout)
  expect(summary.events).toBe(events)
  const { allow, review, block } = summary.decisions
  expect(allow + review + block + summary.duplicates + summary.deadLetters).toBe(events)
  expect(Math.min(allow, review, block, summary.duplicates, summary.deadLetters)).toBeGreaterThan(0)
  expect(summary.detection.dishonest).toBeGreaterThan(0)
  expect(before.audits).toHaveLength(allow + review + block)
  expect(before.decisions).toHaveLength(review + block)
  expect(before.deadLetters).toHaveLength(summary.deadLetters)

  const again = await runWell(playOnce(data))
  expect(again.stderr).toContain('held the day of 2026-03-02 already')
  // From the log, which keeps no truth beside its events.
  const { decisions, deadLetters, rules } = JSON.parse(again.stdout)
  expect({ decisions, deadLetters, rules }).toEqual({
    decisions: summary.decisions,
    deadLetters: summary.deadLetters,
    rules: summary.rules,
  })
  expect(await committed(data)).toEqual(before)
})

test('without --json it is a text, and alerts are lines on stderr', async () => {
  const data = join(scratchFolder(), 'data')
  const { stdout, stderr } = await runWell(['start', '--demo', '--once', '--data', data])
  expect(stdout).toMatch(/^playbook .*\nevents {7}20,000/)
  expect(stdout).toMatch(/\ndetection {4}precision \d/)
  expect(stderr).toMatch(/^ALERT raised all on \d{4}-\d\d-\d\d at /)
  expect(existsSync(join(data, 'key'))).toBe(true)
})

test('a second start on a directory that is in use is refused in one line', async () => {
  const data = join(scratchFolder(), 'data')
  const first = await startServer(data)
  const second = await runCli(['start', '--data', data, '--port', '0'])
  expect(second.code).toBe(1)
  expect(problemLines(second)).toHaveLength(1)
  expect(second.stderr).toContain(`held by process ${first.child.pid}`)
  expect(await first.stop()).toMatchObject({ code: 0, stderr: '' })
  const third = await startServer(data)
  expect(await third.stop()).toMatchObject({ code: 0, stderr: '' })
})

test('a port that is taken is refused in one line', async () => {
  const first = await startServer(join(scratchFolder(), 'data'))
  const port = new URL(first.url).port
  const ran = await runCli(['start', '--data', join(scratchFolder(), 'data'), '--port', port])
  expect(ran.code).toBe(1)
  expect(problemLines(ran)).toHaveLength(1)
  expect(ran.stderr).toContain(`--port ${port}: is taken`)
})

test('a console that cannot be opened says why in one line, and events are judged', async () => {
  const data = join(scratchFolder(), 'data')
  mkdirSync(data, { mode: 0o700 })
  writeFileSync(join(data, 'console'), 'no folder')
  const server = await startServer(data)
  while (!server.said().stderr.includes('\n')) await pause(20)
  const event = { id: 'e1', user: 'u1', campaign: 'c1', kind: 'claim', occurredAt: Date.now() }
  const answer = await fetch(`${server.url}/v1/events`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(event),
  })
  expect(answer.status).toBe(200)
  const { code, stderr } = await server.stop()
  expect([code, stderr]).toEqual([
    0,
    expect.stringMatching(/^couponguard: console: [^\n]*console[^\n]*\n$/),
  ])
})

test('a directory with events of its own takes no demonstration', async () => {
  const data = join(scratchFolder(), 'data')
  await (await startServer(data)).stop()
  const ran = await runCli(['start', '--demo', '--once', '--data', data])
  expect([ran.code, problemLines(ran)]).toEqual([1, [expect.stringContaining('events of its own')]])
})

test(`killed at ${kills} moments, it comes to what an undisturbed run comes to (COUPONGUARD_SEED=${seed})`, async () => {
  const { data: like, wanted } = await playedUndisturbed()

  const chance = seeded(seed)
  const data = plannedDirectory(like)
  let interrupted = 0
  for (let kill = 0; kill < kills; kill += 1) {
    const running = startCli(playOnce(data))
    const audits = join(data, 'audit')
    while (!existsSync(audits) && running.child.exitCode === null) await pause(2)
    await pause(chance.between(20, 400))
    running.child.kill('SIGKILL')
    if ((await running.ended).signal === 'SIGKILL') interrupted += 1
  }
  expect(interrupted, 'runs that were killed before their end').toBeGreaterThan(1)
  await runWell(playOnce(data))
  const found = await committed(data)
  for (const topic of [
    'events',
    'audits',
    'decisions',
    'reports',
    'alerts',
    'deadLetters',
  ] as const)
    expect(found[topic].length, topic).toBe(wanted[topic].length)
  expect(found).toEqual({ ...wanted, repairs: [] })
})

test('a crash between append and commit loses no dead letter of the day', async () => {
  const { data: like, wanted } = await playedUndisturbed()
  const data = plannedDirectory(like)
  const plan = await planDemo(data, 0)
  const options = {
    data,
    playbook,
    demoCampaigns: plan.campaigns,
    onAlert: () => {},
    onRebuilt: () => {},
  }
  const { embedded, log, keys } = await assembleEmbedded(options)
  const commit = log.commit.bind(log)
  // A conflicting id is found again when the log is judged; what was no event is not in the log.
  log.commit = (outputs, progress) =>
    outputs.deadLetters.some(({ reason }) => reason !== 'conflicting-id')
      ? Promise.reject(new Error('killed'))
      : commit(outputs, progress)
  const parts = { embedded, log, keys, options: plan.options, onPart: () => {} }
  await expect(playDay(parts)).rejects.toThrow('killed')
  await log.close()
  expect((await committed(data)).end).toBeGreaterThan((await committed(data)).judged)

  await runWell(playOnce(data))
  expect((await committed(data)).deadLetters).toEqual(wanted.deadLetters)
})
