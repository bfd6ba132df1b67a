/**
 * The lock: one holder whatever races for it, a dead one's lock is taken over, a live one's never.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { lockDirectory, takeNumber } from '../../src/log/directory/lock.ts'
import { openDirectoryLog } from '../../src/log/directory/open.ts'
import { newScratch } from './scratch.ts'

const scratch = newScratch()

/** The owner that this process would write. */
async function ownOwner(): Promise<Record<string, unknown>> {
  const directory = scratch()
  const lock = await lockDirectory(directory)
  const owner: unknown = JSON.parse(readFileSync(join(directory, 'lock', '000001'), 'utf8'))
  await lock.release()
  return { ...(owner as object) }
}

/** A directory whose lock was left behind with this text. */
function leftBehind(text: string, number = '000007'): string {
  const directory = scratch()
  mkdirSync(join(directory, 'lock'))
  writeFileSync(join(directory, 'lock', number), text)
  return directory
}

async function outcome(directory: string): Promise<string> {
  try {
    await lockDirectory(directory)
    return 'held'
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

const deadPid = 4_194_305

describe('lock', () => {
  it('refuses while it is held, naming the process, and passes on when released', async () => {
    const directory = scratch()
    const log = await openDirectoryLog({ directory })
    const error: unknown = await openDirectoryLog({ directory }).catch((thrown: unknown) => thrown)
    const { message } = error as Error
    const remedy = 'stop it, or use another data directory'
    expect(message).toBe(`${directory}/lock: held by process ${process.pid}; ${remedy}`)
    await log.close()
    const next = await openDirectoryLog({ directory })
    await next.close()
    expect(readdirSync(join(directory, 'lock'))).toEqual(['000002'])
  })

  it('takes over from the dead', async () => {
    const own = await ownOwner()
    const texts: [string, string][] = [
      ['a process that is gone', JSON.stringify({ ...own, pid: deadPid })],
      ['a reused process id', JSON.stringify({ ...own, started: '1' })],
      ['another boot', JSON.stringify({ ...own, boot: 'another' })],
      ['another boot, other container', JSON.stringify({ ...own, boot: 'b', pidNamespace: 'x' })],
      ['released', ''],
    ]
    for (const [name, text] of texts) {
      const directory = leftBehind(text)
      expect([name, await outcome(directory)]).toEqual([name, 'held'])
      expect(readdirSync(join(directory, 'lock'))).toEqual(['000008'])
    }
  })

  it('takes over from a process that ended and was never waited for', async () => {
    const shell = spawn('sh', ['-c', 'sleep 0 & echo $!; exec sleep 60'])
    onTestFinished(() => void shell.kill('SIGKILL'))
    const zombie = Number(await new Promise((resolve) => shell.stdout.once('data', resolve)))
    await expect
      .poll(() => readFileSync(`/proc/${zombie}/stat`, 'utf8'), { timeout: 20_000 })
      .toMatch(/\) Z /)
    const own = await ownOwner()
    expect(await outcome(leftBehind(JSON.stringify({ ...own, pid: zombie, started: null })))).toBe(
      'held',
    )
  })

  it('refuses what it cannot be sure of', async () => {
    const own = await ownOwner()
    expect(await outcome(leftBehind(JSON.stringify(own)))).toContain(`process ${process.pid}`)
    const elsewhere = JSON.stringify({ ...own, pid: deadPid, pidNamespace: 'pid:[1]' })
    expect(await outcome(leftBehind(elsewhere))).toContain(
      'of another container; if that has ended',
    )
    for (const text of ['{', '{"pid":"1"}', 'null'])
      expect(await outcome(leftBehind(text))).toContain('unreadable; if no couponguard runs')
  })

  it('has one holder when many ask at once in one process', async () => {
    const own = await ownOwner()
    for (let round = 0; round < 20; round += 1) {
      const directory = leftBehind(JSON.stringify({ ...own, pid: deadPid }))
      const outcomes = await Promise.all(Array.from({ length: 12 }, () => outcome(directory)))
      expect(outcomes.filter((one) => one === 'held')).toHaveLength(1)
    }
  })

  it('steps back from a number that was next when it looked, but is so no more', async () => {
    const directory = leftBehind(JSON.stringify(await ownOwner()))
    const folder = join(directory, 'lock')
    const draft = join(scratch(), 'draft')
    writeFileSync(draft, '{}')
    // 000006 was next when it looked; since then it was taken, released and swept, and 000007
    // holds.
    expect(await takeNumber(folder, draft, 6)).toBeNull()
    expect(await takeNumber(folder, draft, 7)).toBeNull()
    expect(readdirSync(folder)).toEqual(['000007'])
  })

  it('has one holder at any time while many take it and release it', async () => {
    const directory = scratch()
    let holders = 0
    let taken = 0
    async function takeAndRelease(): Promise<void> {
      while (taken < 100) {
        const lock = await lockDirectory(directory).catch(() => null)
        if (lock === null) continue
        holders += 1
        taken += 1
        expect(holders).toBe(1)
        await new Promise((resolve) => setImmediate(resolve))
        holders -= 1
        await lock.release()
      }
    }
    await Promise.all(Array.from({ length: 16 }, takeAndRelease))
  }, 60_000)

  it('has one holder when processes race for a dead one’s lock, again and again', async () => {
    const own = await ownOwner()
    const directory = leftBehind(JSON.stringify({ ...own, pid: deadPid }))
    for (let round = 0; round < 3; round += 1) {
      const racers = await Promise.all(Array.from({ length: 5 }, () => startRacer(directory)))
      const outcomes = await Promise.all(racers.map((racer) => racer.go()))
      const held = outcomes.filter((one) => one === 'held')
      const refused = outcomes.filter((one) => /^refused: .*held by process \d+/.test(one))
      expect([held.length, refused.length]).toEqual([1, 4])
      await Promise.all(racers.map((racer) => racer.kill()))
    }
  }, 60_000)
})

interface Racer {
  go(): Promise<string>
  kill(): Promise<void>
}

async function startRacer(directory: string): Promise<Racer> {
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', join(import.meta.dirname, 'lock-child.ts'), directory],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  )
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  onTestFinished(() => void child.kill('SIGKILL'))
  expect(await nextLine(child)).toBe('ready')
  return {
    async go() {
      const answer = nextLine(child)
      child.stdin.write('go\n')
      return answer
    },
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
  }
}

function nextLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.stdout!.once('data', (part: Buffer) => resolve(part.toString().trim()))
  })
}
