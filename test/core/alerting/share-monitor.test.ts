/**
 * When a share or a band is raised, cleared and closed, and that a restart says nothing again.
 *
 * proves: D4, D10, D18
 */
import { describe, expect, it } from 'vitest'
import { newShareMonitor } from '../../../src/core/alerting/share-monitor.ts'
import type { AlertingPolicy } from '../../../src/core/rules/playbook.ts'
import type { Alert, Tally } from '../../../src/core/schema.gen.ts'

const utc = { name: 'UTC', from: Float64Array.of(-Infinity), offsetMs: Float64Array.of(0) }
const [minuteMs, dayMs] = [60_000, 86_400_000]
const today = 20_000
const noon = today * dayMs + dayMs / 2
/** Two hours of lateness and ten minutes of lag after the day's end. */
const over = (today + 1) * dayMs + 130 * minuteMs

const alerting: AlertingPolicy = {
  abnormalShareMax: 0.05,
  clearShareMax: 0.04,
  minRedemptions: 100,
  minAbnormal: 5,
  minAbnormalUsers: 3,
  reviewScoreMin: 20,
  scopesMax: 100,
  channelBands: { scan: { min: 0.2, max: 0.4, minClaims: 10 } },
}

const monitorOf = (changes: Partial<AlertingPolicy> = {}) =>
  newShareMonitor({ alerting: { ...alerting, ...changes }, timeZone: utc, version: '7' })

function tally(about: Partial<Tally> = {}): Tally {
  return {
    scope: 'all',
    day: today,
    claims: 0,
    redemptions: 0,
    abnormal: 0,
    abnormalUsers: ['a', 'b', 'c'],
    occurredAt: noon,
    recordedAt: noon,
    ...about,
  }
}

const said = (alerts: readonly Alert[]) => alerts.map(({ id }) => id)
const share = (redemptions: number, abnormal: number, abnormalUsers?: readonly string[]) =>
  tally({ redemptions, abnormal, ...(abnormalUsers === undefined ? {} : { abnormalUsers }) })

describe('the share of abnormal redemptions', () => {
  it.each([
    ['exactly at the limit', share(100, 5), false],
    ['above it', share(100, 6), true],
    ['too few redemptions', share(99, 50), false],
    ['too few abnormal ones', share(100, 4), false],
    ['too few users', share(100, 50, ['a', 'b']), false],
    ['one user many times', share(100, 50, ['a', 'a', 'a']), false],
    ['claims alone', tally({ claims: 1_000 }), false],
  ])('%s', (_, first, raised) => {
    expect(said(monitorOf().fold([first], noon))).toEqual(raised ? [`all/${today}/1/raised`] : [])
  })

  it('needs the minimums of the day, not of a batch', () => {
    const monitor = monitorOf()
    expect(monitor.fold([share(60, 4, ['a'])], noon)).toEqual([])
    expect(monitor.fold([share(60, 4, ['b'])], noon)).toEqual([])
    expect(said(monitor.fold([share(1, 1, ['c'])], noon))).toEqual([`all/${today}/1/raised`])
  })

  it('says with the alert what it is made of', () => {
    const at = noon + 5
    const [alert] = monitorOf().fold([{ ...share(200, 20), claims: 300, recordedAt: at }], at)
    expect(alert).toEqual({
      id: `all/${today}/1/raised`,
      raisedId: `all/${today}/1/raised`,
      condition: 'abnormal_share',
      transition: 'raised',
      scope: 'all',
      day: today,
      at: noon,
      recordedAt: at,
      claims: 300,
      redemptions: 200,
      abnormal: 20,
      abnormalUsers: 3,
      share: 0.1,
      threshold: 0.05,
      playbookVersion: '7',
    })
  })

  it('is raised once, cleared only below the second limit, and raised anew under a new number', () => {
    const monitor = monitorOf()
    const fold = (redemptions: number, abnormal: number) =>
      said(monitor.fold([share(redemptions, abnormal)], noon))
    expect(fold(100, 10)).toEqual([`all/${today}/1/raised`])
    expect(fold(10, 5)).toEqual([])
    // 15 of 300 is 5 %, 15 of 375 is 4 %: between the limits nothing changes.
    expect(fold(190, 0)).toEqual([])
    expect(fold(75, 0)).toEqual([])
    expect(fold(1, 0)).toEqual([`all/${today}/1/cleared`])
    expect(fold(1, 0)).toEqual([])
    expect(fold(0, 3)).toEqual([])
    expect(fold(0, 2)).toEqual([`all/${today}/2/raised`])
  })

  it('is in force for its scopes and its day only, and only while raised', () => {
    const monitor = monitorOf()
    const raised = `campaign:c/${today}/1/raised`
    expect(monitor.inForce(['all', 'campaign:c'], today)).toEqual([])
    monitor.fold([{ ...share(100, 10), scope: 'campaign:c' }, share(1_000, 10)], noon)
    expect(monitor.inForce(['all', 'campaign:c'], today)).toEqual([raised])
    expect(monitor.inForce(['all', 'campaign:d'], today)).toEqual([])
    expect(monitor.inForce(['all', 'campaign:c'], today + 1)).toEqual([])
    monitor.fold([{ ...share(900, 0), scope: 'campaign:c' }], noon)
    expect(monitor.inForce(['all', 'campaign:c'], today)).toEqual([])
  })

  it('of one scope stays in force when that of another clears', () => {
    const monitor = monitorOf()
    monitor.fold([share(100, 10), { ...share(100, 10), scope: 'campaign:c' }], noon)
    monitor.fold([{ ...share(900, 0), scope: 'campaign:c' }], noon)
    expect(monitor.inForce(['all', 'campaign:c'], today)).toEqual([`all/${today}/1/raised`])
  })

  it('takes nothing for a day that is over from a shard that is behind', () => {
    const monitor = monitorOf()
    monitor.fold([share(100, 10)], noon)
    expect(said(monitor.fold([], over))).toEqual([`all/${today}/1/closed`])
    expect(monitor.fold([share(100, 90)], noon + 1)).toEqual([])
    expect(monitor.fold([], over + 1)).toEqual([])
  })

  it('closes when the day and its lateness are over, once, and takes nothing more', () => {
    const monitor = monitorOf()
    monitor.fold([share(100, 10)], noon)
    expect(monitor.fold([], over - 1)).toEqual([])
    expect(monitor.inForce(['all'], today)).toHaveLength(1)
    expect(said(monitor.fold([], over))).toEqual([`all/${today}/1/closed`])
    expect(monitor.inForce(['all'], today)).toEqual([])
    expect(monitor.fold([share(100, 90)], over)).toEqual([])
    expect(monitor.fold([share(100, 90)], over + dayMs)).toEqual([])
  })

  it('a late tally of yesterday counts for yesterday', () => {
    const monitor = monitorOf()
    monitor.fold([{ ...share(100, 0), day: today + 1 }], over - 2)
    expect(said(monitor.fold([share(100, 10)], over - 1))).toEqual([`all/${today}/1/raised`])
    expect(monitor.inForce(['all'], today + 1)).toEqual([])
  })
})

describe('a day with too many scopes', () => {
  it('counts the rest as KIND:other, and the alert of the rest holds for each of them', () => {
    const monitor = monitorOf({ scopesMax: 2 })
    monitor.fold([share(0, 0), { ...share(0, 0), scope: 'campaign:a' }], noon)
    const rest = ['campaign:b', 'campaign:c', 'merchant:m']
    const alerts = monitor.fold(
      rest.map((scope) => ({ ...share(60, 6), scope })),
      noon,
    )
    expect(said(alerts)).toEqual([`campaign:other/${today}/1/raised`])
    const inForce = (scope: string) => monitor.inForce([scope], today)
    expect(rest.map(inForce).map(({ length }) => length)).toEqual([1, 1, 0])
    expect(inForce('campaign:a')).toEqual([])
  })

  it('counts each day for itself', () => {
    const monitor = monitorOf({ scopesMax: 1 })
    monitor.fold([share(1, 0)], noon)
    const next = { ...share(100, 10), scope: 'campaign:a', day: today + 1 }
    expect(said(monitor.fold([next], noon))).toEqual([`campaign:a/${today + 1}/1/raised`])
  })
})

describe('the band of a channel', () => {
  const scan = (claims: number, redemptions: number) =>
    tally({ scope: 'channel:scan', claims, redemptions })

  it.each([
    ['at its upper end', [[10, 4]], []],
    ['above it', [[10, 5]], ['band-1/raised']],
    ['above it with too few claims', [[9, 9]], []],
    ['far below it during the day', [[1_000, 0]], []],
    [
      'above, then a little inside',
      [
        [100, 41],
        [8, 0],
      ],
      ['band-1/raised'],
    ],
    [
      'above, then well inside',
      [
        [100, 41],
        [20, 0],
      ],
      ['band-1/raised', 'band-1/cleared'],
    ],
  ] as const)('%s', (_, tallies, expected) => {
    const monitor = monitorOf()
    const alerts = tallies.flatMap(([claims, redeemed]) =>
      monitor.fold([scan(claims, redeemed)], noon),
    )
    expect(said(alerts)).toEqual(expected.map((id) => `channel:scan/${today}/${id}`))
    expect(monitor.inForce(['channel:scan'], today)).toEqual([])
  })

  it('is judged at its lower end when the day closes', () => {
    const low = monitorOf()
    low.fold([scan(100, 19)], noon)
    const alerts = low.fold([], over)
    expect(said(alerts)).toEqual([
      `channel:scan/${today}/band-1/raised`,
      `channel:scan/${today}/band-1/closed`,
    ])
    expect(low.fold([], over + dayMs)).toEqual([])
    expect(alerts[0]).toMatchObject({ condition: 'channel_band', share: 0.19, threshold: 0.2 })
    const usual = monitorOf()
    usual.fold([scan(100, 20)], noon)
    expect(usual.fold([], over)).toEqual([])
  })

  it('leaves channels without a band alone', () => {
    const monitor = monitorOf()
    const other = (scope: string) => tally({ scope, claims: 100, redemptions: 100 })
    const scopes = ['channel:menu', 'campaign:scan', 'channel:toString']
    expect(monitor.fold(scopes.map(other), noon)).toEqual([])
    expect(monitor.fold([], over)).toEqual([])
  })
})

describe('a restart', () => {
  const history: readonly (readonly [tallies: readonly Tally[], watermark: number])[] = [
    [[share(100, 10)], noon],
    [[share(400, 0)], noon + 1],
    [[{ ...share(100, 90), scope: 'campaign:a' }, share(300, 100)], noon + 2],
    [[{ ...share(100, 10), day: today + 1 }], over],
    [[{ ...share(900, 0), day: today + 1 }], over + 1],
  ]
  const stamped = history.map(([tallies, watermark]) => ({
    tallies: tallies.map((one) => ({ ...one, recordedAt: watermark })),
    watermark,
  }))

  it.each(history.map((_, index) => index))(
    'after batch %i goes on as if it had not been',
    (cut) => {
      const whole = monitorOf()
      const all = stamped.map(({ tallies, watermark }) => said(whole.fold(tallies, watermark)))
      const next = monitorOf()
      // As the pipeline rebuilds: tally by tally, and last the committed record time.
      for (const { tallies } of stamped.slice(0, cut + 1))
        for (const one of tallies) next.fold([one], one.recordedAt)
      next.fold([], stamped[cut]!.watermark)
      const rest = stamped.slice(cut + 1)
      const after = rest.map(({ tallies, watermark }) => said(next.fold(tallies, watermark)))
      expect(after).toEqual(all.slice(cut + 1))
      for (const day of [today, today + 1])
        expect(next.inForce(['all', 'campaign:a'], day)).toEqual(
          whole.inForce(['all', 'campaign:a'], day),
        )
      expect(all.flat()).toHaveLength(new Set(all.flat()).size)
    },
  )
})
