/** What keys act on: selection, the next case, what is blocked with a verdict, scales of charts. */
import { describe, expect, test } from 'vitest'
import type { CaseRow } from '../../../src/console/api/case-shapes.ts'
import { bodyOf, expiresAt, nextExpiry } from '../../../src/console/web/case/blocking.ts'
import { mergeGraphs } from '../../../src/console/web/case/links/graph-state.ts'
import { neighboursOf } from '../../../src/console/web/case/neighbours.ts'
import { scaleUpTo, spread } from '../../../src/console/web/charts/scale.ts'
import {
  nothingSelected,
  selectAll,
  selectionMax,
  selectRange,
  toggleRow,
} from '../../../src/console/web/queue/selection.ts'
import { makeFormat } from '../../../src/console/web/time/format.ts'

const open = (key: string) => ({ key, state: 'open' })
const rows = ['a', 'b', 'c', 'd', 'e'].map(open)
const at = 1_000_000

describe('selecting', () => {
  test('x selects, x again lets go; a range goes from the last one', () => {
    const one = toggleRow(nothingSelected, rows, 1)
    expect([...selectRange(one, rows, 3).keys]).toEqual(['b', 'c', 'd'])
    expect([...selectRange({ ...one, anchor: 3 }, rows, 1).keys]).toEqual(['b', 'c', 'd'])
    expect([...toggleRow(one, rows, 1).keys]).toEqual([])
  })

  test('what is decided is never selected, and never more than can be decided at once', () => {
    const many = Array.from({ length: selectionMax + 50 }, (_, index) => open(String(index)))
    const decided = [{ key: 'done', state: 'decided' }, ...many]
    expect(selectAll(decided).keys.size).toBe(selectionMax)
    expect(selectAll(decided).keys.has('done')).toBe(false)
    expect(toggleRow(nothingSelected, decided, 0).keys.size).toBe(0)
  })
})

describe('the next case', () => {
  const row = (key: string, change: Partial<CaseRow> = {}) =>
    ({ key, state: 'open', assignee: null, lockedUntil: null, ...change }) as CaseRow
  const queue = [
    row('a'),
    row('b', { state: 'decided' }),
    row('c', { assignee: 'Li', lockedUntil: at + 1 }),
    row('d', { assignee: 'Li', lockedUntil: at }),
    row('e', { assignee: 'Wei', lockedUntil: at + 1 }),
  ]
  const next = (key: string, name = 'Wei') => neighboursOf(queue, key, { name, at }).next?.key

  test('is open and nobody else has it; a lock that ran out holds nobody up', () => {
    expect(next('a')).toBe('d')
    expect(next('a', 'Li')).toBe('c')
    expect(next('d')).toBe('e')
  })

  test('begins at the top again at the end, and is none where only this one is left', () => {
    expect(next('e')).toBe('a')
    expect(next('not in the list')).toBe('a')
    expect(neighboursOf([row('a')], 'a', { name: 'Wei', at }).next).toBeNull()
  })
})

describe('blocking with a verdict', () => {
  const blocking = { kinds: new Set(['device'] as const), ring: true, expiry: 'week' } as const
  const ring = [{ kind: 'user', value: 'u' }] as const

  test('goes along with fraud, with its expiry', () => {
    const expires = at + 7 * 86_400_000
    expect(bodyOf('fraud', { reason: ' ring ', blocking, ring, at })).toEqual({
      verdict: 'fraud',
      reason: 'ring',
      block: [{ kind: 'device', expiresAt: expires }],
      ring,
      ringExpiresAt: expires,
    })
  })

  test('and with no other verdict', () => {
    expect(bodyOf('legitimate', { reason: '', blocking, ring, at })).toEqual({
      verdict: 'legitimate',
    })
  })

  test('for good has no end', () => {
    expect(expiresAt('never', at)).toBeNull()
    expect(nextExpiry('never')).toBe('day')
  })
})

test('a graph grows by what is around a point, and the point is spent', () => {
  const node = (id: string, isMore = false) =>
    ({ id, kind: 'user', value: id, events: 1, flagged: 0, isMore }) as const
  const grown = mergeGraphs(
    { nodes: [node('a'), node('b', true)], links: [{ from: 'a', to: 'b', events: 1 }] },
    {
      nodes: [node('b', true), node('c')],
      links: [
        { from: 'b', to: 'a', events: 1 },
        { from: 'b', to: 'c', events: 2 },
      ],
    },
    'b',
  )
  expect(grown.nodes.map(({ id, isMore }) => [id, isMore])).toEqual([
    ['a', false],
    ['b', false],
    ['c', false],
  ])
  expect(grown.links).toHaveLength(2)
})

test.each([
  [0.08, 0.08],
  [0.097, 0.1],
  [963, 1_000],
  [0, 1],
])('a scale up to %d ends at %d', (highest, max) => {
  expect(scaleUpTo(highest).max).toBeCloseTo(max, 12)
  expect(scaleUpTo(highest).ticks.length).toBeLessThanOrEqual(6)
})

test('moments are spread with the first and last among them', () => {
  expect(spread([0, 1, 2, 3, 4, 5, 6], 3)).toEqual([0, 3, 6])
  expect(spread([0, 1], 5)).toEqual([0, 1])
})

describe('formats', () => {
  const en = makeFormat('en', 'Asia/Shanghai')
  const zh = makeFormat('zh', 'Asia/Shanghai')

  test('money by the currency’s own minor unit, unknown ones by hundredths', () => {
    expect(en.money(38_761, 'CNY')).toBe('¥387.61')
    expect(zh.money(500, 'JPY')).toBe('¥500')
    expect(en.money(1_234, 'not a currency')).toBe('12.34 not a currency')
    expect(en.money(1_234, null)).toBe('12.34')
  })

  test('times in the playbook’s time zone', () => {
    const noon = Date.UTC(2026, 0, 31, 16, 30)
    expect(en.time(noon)).toBe('1 Feb 2026, 00:30:00')
    expect(zh.time(noon)).toBe('2026年2月1日 00:30:00')
  })

  test('spans in their largest unit', () => {
    expect([en.span(500), en.span(61_000), en.span(86_400_000 * 3)]).toEqual([
      '500 ms',
      '1 min',
      '3 days',
    ])
    expect(zh.span(3_600_000)).toBe('1小时')
  })
})
