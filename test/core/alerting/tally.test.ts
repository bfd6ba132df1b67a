/** What a batch adds to the day of each scope. */
import { describe, expect, it } from 'vitest'
import { otherScope, scopesOf } from '../../../src/core/alerting/scopes.ts'
import { type TalliedEvent, tallyBatch } from '../../../src/core/alerting/tally.ts'
import type { Event } from '../../../src/core/schema.gen.ts'
import { plainEvent } from '../../support/plain-event.ts'

const shanghai = {
  name: 'Asia/Shanghai',
  from: Float64Array.of(-Infinity),
  offsetMs: Float64Array.of(8 * 3_600_000),
}
const watermark = Date.UTC(2026, 2, 2)
const context = { zone: shanghai, usersMax: 2, watermark }
/** Noon of 2026-03-01 in Shanghai. */
const noon = Date.UTC(2026, 2, 1, 4)
const day = Math.floor((noon + 8 * 3_600_000) / 86_400_000)

function one(about: Partial<Event> = {}, abnormal = false, userHash = 'u'): TalliedEvent {
  return { event: plainEvent({ occurredAt: noon, ...about }), abnormal, userHash }
}

const redemption = { kind: 'redemption' } as const
const allOf = (events: readonly TalliedEvent[]) =>
  tallyBatch(events, context).filter(({ scope }) => scope === 'all')

describe('a tally', () => {
  it('names every scope of an event, and kinds that are not named are left out', () => {
    const whole = plainEvent({ campaign: 'c', merchant: 'm', channel: 'h' })
    expect(scopesOf(whole)).toEqual(['all', 'campaign:c', 'merchant:m', 'channel:h'])
    expect(scopesOf(plainEvent({ campaign: 'c' }))).toEqual(['all', 'campaign:c'])
    expect(['all', 'campaign:a:b', 'merchant:m'].map(otherScope)).toEqual([
      'all',
      'campaign:other',
      'merchant:other',
    ])
  })

  it('counts claims, redemptions and abnormal ones', () => {
    const [all] = allOf([
      one(),
      one(redemption),
      one({ ...redemption, occurredAt: noon + 9 }, true, 'x'),
      one({ ...redemption, attempt: 'unknown' }),
    ])
    expect(all).toEqual({
      scope: 'all',
      day,
      claims: 1,
      redemptions: 3,
      abnormal: 1,
      abnormalUsers: ['x'],
      occurredAt: noon + 9,
      recordedAt: watermark,
    })
  })

  it.each(['wrong_code', 'wrong_input', 'expired', 'declined'] as const)(
    'leaves out an attempt that failed: %s',
    (attempt) => {
      expect(allOf([one({ ...redemption, attempt }, true)])).toEqual([])
    },
  )

  it('names each abnormal user once, and no more of them than the minimum asks for', () => {
    const abnormal = (user: string) => one(redemption, true, user)
    const users = (...names: string[]) => allOf(names.map(abnormal))[0]
    expect(users('a', 'a', 'b')).toMatchObject({ abnormal: 3, abnormalUsers: ['a', 'b'] })
    expect(users('a', 'b', 'c')).toMatchObject({ abnormal: 3, abnormalUsers: ['a', 'b'] })
  })

  it('keeps the days of the time zone apart', () => {
    const midnight = Date.UTC(2026, 2, 1, 16)
    const tallies = allOf([one({ occurredAt: midnight - 1 }), one({ occurredAt: midnight })])
    expect(tallies.map((tally) => [tally.day, tally.claims])).toEqual([
      [day, 1],
      [day + 1, 1],
    ])
  })

  it('gives nothing for nothing', () => {
    expect(tallyBatch([], context)).toEqual([])
  })
})
