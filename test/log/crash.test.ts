/**
 * kill -9 at random moments, and an auditor that knows only what the killed process acknowledged:
 * no acknowledged row is lost, no output is doubled, the order is kept. The seed is printed.
 */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { openDirectoryLog } from '../../src/log/directory/open.ts'
import { all } from './sample.ts'
import { newScratch } from './scratch.ts'

const scratch = newScratch()
const kills = 24
const seed = Number(process.env.COUPONGUARD_SEED ?? 20_241)

interface Acknowledged {
  appended: number
  committed: number
}

/**
 * Runs the child until `msAlive` after it opened the log, kills it, and says what it acknowledged.
 */
function runAndKill(directory: string, childSeed: number, msAlive: number): Promise<Acknowledged> {
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', join(import.meta.dirname, 'crash-child.ts'), directory, String(childSeed)],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  )
  let said = ''
  let complaint = ''
  let killing = false
  child.stderr.on('data', (part: Buffer) => {
    complaint += part.toString()
  })
  child.stdout.on('data', (part: Buffer) => {
    said += part.toString()
    if (killing) return
    killing = true
    setTimeout(() => child.kill('SIGKILL'), msAlive)
  })
  return new Promise((resolve, reject) => {
    child.on('close', (_, signal) => {
      if (signal !== 'SIGKILL') return reject(new Error(`the child ended by itself: ${complaint}`))
      const last = (letter: string) =>
        Number(
          new RegExp(`^${letter} (\\d+)$`, 'm').exec(said.split('\n').reverse().join('\n'))?.[1] ??
            0,
        )
      resolve({ appended: Math.max(last('A'), last('O')), committed: last('C') })
    })
  })
}

/** Everything that the log holds must be in order, whole and once. */
async function audit(directory: string, acknowledged: Acknowledged) {
  const log = await openDirectoryLog({ directory, segmentBytesMax: 40_000 })
  try {
    const { nextOffset, progress } = log.committed()
    expect(log.endOffset()).toBeGreaterThanOrEqual(acknowledged.appended)
    expect(nextOffset).toBeGreaterThanOrEqual(acknowledged.committed)
    expect(progress?.offsets[0]?.nextOffset ?? 0).toBe(nextOffset)
    const rows = await all(log.history())
    expect(rows).toHaveLength(nextOffset)
    for (let more = await log.read(100); more.length > 0; more = await log.read(100))
      rows.push(...more)
    expect(rows.map((row) => row.offset)).toEqual(rows.map((_, index) => index))
    expect(rows.map((row) => row.event.id)).toEqual(rows.map((_, index) => `e${index}`))
    expect(rows).toHaveLength(log.endOffset())
    const judged = rows.slice(0, nextOffset).map((row) => row.offset)
    expect((await all(log.readOutputs('audits'))).map((one) => one.offset)).toEqual(judged)
    expect((await all(log.readOutputs('tallies'))).map((one) => one.abnormal)).toEqual(judged)
    const decided = (await all(log.readOutputs('decisions'))).map((one) => one.eventId)
    expect(decided).toEqual(judged.map((offset) => `e${offset}`))
    return { end: log.endOffset(), nextOffset, repairs: log.repairs.length }
  } finally {
    await log.close()
  }
}

it(`survives kill -9 at ${kills} moments (COUPONGUARD_SEED=${seed})`, async () => {
  const directory = scratch()
  let state = seed
  let repaired = 0
  let end = 0
  for (let kill = 0; kill < kills; kill += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    const acknowledged = await runAndKill(directory, state, state % 97)
    const found = await audit(directory, acknowledged)
    expect(found.end).toBeGreaterThanOrEqual(end)
    end = found.end
    repaired += found.repairs
  }
  console.log(`kill -9: seed ${seed}, ${kills} kills, ${end} events, ${repaired} repairs`)
  expect(end).toBeGreaterThan(kills)
}, 180_000)
