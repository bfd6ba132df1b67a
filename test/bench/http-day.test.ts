/** The generated day moved to now, as JSON that `start` takes and decides. */
import { expect, test } from 'vitest'
import { generateHttpDay } from '../../src/bench/http-day.ts'
import { timeRejection } from '../../src/core/event/decode.ts'
import { publishedFromJson } from '../../src/core/event/decode-json.ts'
import type { CouponEvent } from '../../src/core/schema.gen.ts'

const now = Date.UTC(2026, 10, 26, 9, 30, 0, 250)
const needs = { redemption: 300, claim: 40 }
const options = { seed: 7, before: 1_000, needs, now }

function read(body: string): CouponEvent {
  const published = publishedFromJson(JSON.parse(body))
  if ('rejected' in published) throw new Error(`${published.reason}: ${published.detail}`)
  return published
}

test('what came before ends now, in order, and is dated as it happened', () => {
  const { before, movedMs } = generateHttpDay(options)
  expect(before).toHaveLength(1_000)
  expect(movedMs % 1_000).toBe(0)
  const times = before.map(({ recordedAt }) => recordedAt)
  expect(times).toEqual(times.toSorted((a, b) => a - b))
  expect(times.at(-1)).toBeGreaterThan(now - 1_000)
  expect(times.at(-1)).toBeLessThanOrEqual(now)
  for (const { published, recordedAt } of before)
    expect(timeRejection(published.occurredAt, recordedAt)).toBeNull()
})

test('a load takes events of its kind, each once, at the time when they are sent', () => {
  const day = generateHttpDay(options)
  const atMs = (event: number) => now + event * 5
  const taken = [...day.bodies('redemption', 100, atMs), ...day.bodies('redemption', 200, atMs)]
  const events = taken.map(read)
  expect(new Set(events.map(({ id, user }) => `${id} ${user}`)).size).toBe(300)
  expect(new Set(events.map(({ kind }) => kind))).toEqual(new Set(['redemption']))
  events.forEach(({ occurredAt }, index) => {
    expect(timeRejection(occurredAt, atMs(index % 100))).toBeNull()
  })
  expect(day.bodies('claim', 40, atMs).map(read)).toHaveLength(40)
})

test('ages and spans are those of the day wherever it is moved to', () => {
  const spansOf = (at: number) =>
    generateHttpDay({ ...options, now: at })
      .bodies('redemption', 300, () => at)
      .map(read)
      .map(({ occurredAt, ...event }) => [
        event.codeIssuedAt === null ? null : occurredAt - event.codeIssuedAt,
        event.registeredAt === null ? null : occurredAt - event.registeredAt,
        event.transferredAt === null ? null : occurredAt - event.transferredAt,
      ])
  expect(spansOf(now)).toEqual(spansOf(now + 86_400_000 * 400))
})
