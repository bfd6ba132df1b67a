/**
 * The load keeps to its schedule whatever becomes of what it sent, and a latency counts from when
 * the event was due. Time is the test's own.
 */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import {
  newOpenLoop,
  type OpenLoop,
  type OpenLoopOptions,
  type OpenLoopResult,
} from '../../src/bench/open-loop.ts'

beforeEach(() => {
  vi.useFakeTimers({ now: 0 })
})
afterEach(() => {
  vi.useRealTimers()
})

const answerMs = 7
const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))
type Send = (from: number, to: number, loop: OpenLoop) => Promise<void>

const options: Omit<OpenLoopOptions, 'send'> = {
  rate: 1_000,
  seconds: 2,
  warmupSeconds: 1,
  lingerMs: 5,
  drainMsMax: 1_000,
  nowMs: () => Date.now(),
  sleep: (ms) => sleep(ms),
}

async function run(send: Send, more: Partial<OpenLoopOptions> = {}): Promise<OpenLoopResult> {
  const loop: OpenLoop = newOpenLoop({ ...options, ...more, send: (a, b) => send(a, b, loop) })
  const result = loop.run()
  result.catch(() => undefined)
  for (let ms = 0; ms < 10_000; ms += 1) await vi.advanceTimersByTimeAsync(1)
  return result
}

/** Answers each after 7 ms. */
const answer: Send = async (from, to, loop) => {
  await sleep(answerMs)
  for (let sequence = from; sequence < to; sequence += 1) loop.seen(sequence)
}

describe('load at a constant rate', () => {
  test('sends every event once, when it is due, also while answers are slow', async () => {
    const sent: number[] = []
    let early = 0
    await run(async (from, to, loop) => {
      for (let sequence = from; sequence < to; sequence += 1) {
        sent.push(sequence)
        if (Date.now() < sequence) early += 1
      }
      await sleep(500)
      await answer(from, to, loop)
    })
    expect(sent).toEqual(Array.from({ length: 3_000 }, (_, sequence) => sequence))
    expect(early).toBe(0)
  })

  test('measures from when an event was due: up to 5 ms of waiting and 7 ms of work', async () => {
    const { latencyMs, ...rest } = await run(answer)
    expect(rest).toEqual({
      rate: 1_000,
      seconds: 2,
      events: 2_000,
      lost: 0,
      doubled: 0,
      senderLateMsMax: 5,
    })
    expect(latencyMs).toMatchObject({ count: 2_000, max: 11 })
    expect(latencyMs.p50).toBeCloseTo(9, 1)
  })

  test('a stall of a second shows in all that it held up, not in one of them', async () => {
    let stalledUntil = 0
    const { latencyMs } = await run(async (from, to, loop) => {
      if (from >= 1_500 && stalledUntil === 0) stalledUntil = Date.now() + 1_000
      const waitMs = Math.max(stalledUntil - Date.now(), 0)
      await sleep(waitMs)
      await answer(from, to, loop)
    })
    // Half of the two seconds' events came out late, by 1,000 ms down to nothing.
    expect(latencyMs.p50).toBeGreaterThan(7)
    expect(latencyMs.p90).toBeCloseTo(800, -2)
    expect(latencyMs.p99).toBeCloseTo(990, -2)
  })

  test('a sender that is late itself does not hide it', async () => {
    let now = 0
    const { latencyMs, senderLateMsMax } = await run(answer, {
      // At 1.5 s the process stands still for 300 ms.
      nowMs: () => {
        now = Date.now()
        return now < 1_500 ? now : now + 300
      },
    })
    expect(senderLateMsMax).toBeGreaterThanOrEqual(300)
    expect(latencyMs.p999).toBeGreaterThan(250)
  })

  test('tells the lost and the doubled, and not those of another load', async () => {
    const { lost, doubled, latencyMs } = await run(async (from, to, loop) => {
      for (let sequence = from; sequence < to; sequence += 1) {
        if (sequence === 1_234) continue
        loop.seen(sequence)
        if (sequence === 77 || sequence === 2_000) loop.seen(sequence)
      }
      loop.seen(3_000)
      loop.seen(-1)
      loop.seen(Number.NaN)
    })
    expect({ lost, doubled, count: latencyMs.count }).toEqual({ lost: 1, doubled: 2, count: 1_999 })
  })

  test('what was sent while it warmed up is not measured', async () => {
    const { latencyMs } = await run(async (from, to, loop) => {
      await sleep(to <= 1_000 ? 900 : 1)
      for (let sequence = from; sequence < to; sequence += 1) loop.seen(sequence)
    })
    expect(latencyMs).toMatchObject({ count: 2_000 })
    expect(latencyMs.max).toBeLessThan(20)
  })

  test('ends where sending fails', async () => {
    const failing = run((from, to, loop) =>
      from < 500 ? answer(from, to, loop) : Promise.reject(new Error('the broker is gone')),
    )
    await expect(failing).rejects.toThrow('the broker is gone')
  })
})
