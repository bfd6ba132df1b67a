/** Mappings: every mistake with its place, and what the functions of expressions make of a text. */
import { describe, expect, test } from 'vitest'
import { zoneTable } from '../../src/config/zone-table.ts'
import type { Rejection } from '../../src/core/event/rejection.ts'
import type { MappedEvent } from '../../src/recording/mapped-row.ts'
import { compileMapping } from '../../src/recording/mapping.ts'
import { parseMapping } from '../../src/recording/mapping-file.ts'
import { parseTime } from '../../src/recording/mapping-functions.ts'

const columns = ['who', 'what', 'at', 'money', 'day of week']

function mapRow(yaml: string, values: readonly string[]): (MappedEvent | Rejection)[] {
  const mapping = compileMapping(parseMapping('m.yaml', yaml), columns, 'in.csv')
  return mapping(values, (expansion) => `id${expansion}`)
}

function messageOf(yaml: string): string {
  try {
    mapRow(yaml, [])
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
  return ''
}

const withFields = (...fields: string[]) =>
  [
    'fields:',
    '  user: who',
    '  campaign: what',
    '  occurredAt: time(at)',
    ...fields.map((field) => `  ${field}`),
  ]
    .concat('expand:', '  - kind: claim')
    .join('\n')

/** The value that the field gets from the expression, or why the row is rejected. */
function fieldOf(field: string, expression: string, values: readonly string[]): unknown {
  const [made] = mapRow(withFields(`${field}: ${expression}`), values)
  if (made === undefined) return 'nothing'
  if ('rejected' in made) return `${made.reason}: ${made.detail}`
  return Object.entries(made.published).find(([name]) => name === field)?.[1]
}

const row = ['u1', 'spring', '2017-11-07 09:30:38', '34.56', 'Tuesday']

describe('a mapping with mistakes', () => {
  const cases: [string, string, RegExp][] = [
    [
      'an unknown column',
      withFields('merchant: wo'),
      /^m\.yaml:5:13: no column wo: in\.csv has .*; did you mean who\?\n {6}merchant: wo\n {16}\^$/,
    ],
    [
      'an unknown column in quotes',
      withFields(`merchant: row["day"]`),
      /5:17: no column day: in\.csv has/,
    ],
    [
      'an unknown field',
      withFields('merchand: who'),
      /5:13: an event has no field merchand; did you mean merchant\?/,
    ],
    [
      'a text for a number',
      withFields('orderAmount: money'),
      /5:16: orderAmount takes a number, this is a string; use whole\(\)/,
    ],
    ['a syntax error', withFields('merchant: who +'), /5:18: Unexpected token/],
    ['an unknown function', withFields('merchant: upper(who)'), /5:13: .*upper/],
    [
      'an unknown entry',
      `${withFields()}\nresolution: 5`,
      /7:1: the file has no key resolution; did you mean resolutionMs\?/,
    ],
    ['no events', 'fields: {}', /1:1: the file lacks the key expand/],
    [
      'a missing field',
      'fields: {user: who}\nexpand:\n  - kind: claim',
      /3:5: the claim has no field occurredAt; add it to fields/,
    ],
    [
      'a kind that is none',
      'expand:\n  - kind: view',
      /2:11: kind must be one of claim, redemption/,
    ],
    ['a zone that is none', `zone: Mars\n${withFields()}`, /1:7: zone must be a time zone/],
    ['a start that is none', `startAt: soon\n${withFields()}`, /1:10: startAt must be a time/],
    [
      'a resolution below 0',
      `resolutionMs: -1\n${withFields()}`,
      /1:15: resolutionMs must be from 0/,
    ],
    [
      'JSON lines without columns',
      `format: jsonl\n${withFields()}`,
      /1:1: with format jsonl the mapping needs columns/,
    ],
    ['a name that is taken', `let: {who: '"x"'}\n${withFields()}`, /1:12: let: who is taken/],
    [
      'labels without fraud',
      `labels: {kind: who}\n${withFields()}`,
      /1:9: labels lacks the key fraud/,
    ],
    ['no YAML', 'a: [', /^m\.yaml:1:\d+: /],
    ['a list', '- a', /^m\.yaml:1:1: the file must hold keys and values/],
  ]
  test.each(cases)('%s is reported at its place', (_, yaml, words) => {
    expect(messageOf(yaml)).toMatch(words)
  })

  test('is reported whole, in the order of the file', () => {
    const message = messageOf(withFields('merchant: wo', 'store: sto', 'orderAmount: money'))
    expect(message.match(/^m\.yaml:\d+:\d+/gm)).toEqual([
      'm.yaml:5:13',
      'm.yaml:6:10',
      'm.yaml:7:16',
    ])
  })
})

describe('an expression', () => {
  const cases: [string, string, unknown][] = [
    ['merchant', 'who', 'u1'],
    ['merchant', `'"m-" + who'`, 'm-u1'],
    ['merchant', `'""'`, null],
    ['merchant', 'orNull(who, "u1")', null],
    ['merchant', `row["day of week"]`, 'Tuesday'],
    ['merchant', 'md5("a")', '0cc175b9c0f1b6a831c399e269772661'],
    ['ip', 'address("364757")', '2001:db8:5:90d5::1'],
    ['ip', 'address("9")', '2001:db8:0:9::1'],
    [
      'ip',
      'address(who)',
      'bad-field: ip: not a code between 0 and 4294967295'.replace(
        'a code between 0 and 4294967295',
        'a whole number',
      ),
    ],
    ['orderAmount', 'minor(money)', 3456],
    ['orderAmount', 'minor(money, 0)', 35],
    ['orderAmount', 'minor("0.8300000000000001")', 83],
    ['orderAmount', 'minor("")', null],
    ['orderAmount', 'minor(who)', 'bad-field: orderAmount: not an amount of money'],
    ['orderAmount', 'whole("12") * 100.0', 1200],
    ['transferHop', 'int("3")', 3],
    ['transferHop', 'whole("3.5")', 'bad-field: transferHop: not a whole number'],
    ['registeredAt', 'time("20171107", "Asia/Shanghai")', Date.UTC(2017, 10, 6, 16)],
    [
      'registeredAt',
      'time(at, who)',
      'bad-field: registeredAt: not a time zone such as Asia/Shanghai',
    ],
    ['identityVerified', 'who == "u1"', true],
    ['numberKind', `'"iot"'`, 'iot'],
    ['numberKind', 'who', 'bad-field: numberKind is none of'],
    ['deviceAttributes', `'{"os": who}'`, { os: 'u1' }],
  ]
  test.each(cases)('%s: %s gives %j', (field, expression, expected) => {
    const value = fieldOf(field, expression, row)
    if (typeof expected === 'string') expect(String(value)).toContain(expected)
    else expect(value).toEqual(expected)
  })

  test('never repeats a value in a rejection', () => {
    for (const expression of ['whole(who)', 'minor(who)', 'time(who)', 'int(who)', 'double(who)'])
      expect(
        String(fieldOf('orderAmount', expression, ['13800138000x', 'c', row[2]!, '', ''])),
      ).not.toContain('1380')
  })
})

describe('a row', () => {
  const yaml = [
    'let: {whose: who + "!"}',
    'resolutionMs: 60000',
    'fields: {user: whose, campaign: what, occurredAt: time(at)}',
    'expand:',
    '  - kind: claim',
    '  - {kind: redemption, when: money != "", fields: {couponAmount: minor(money)}}',
    `labels: {fraud: 'what == "bad"', kind: what}`,
    'recordedAt: time(at) + 5000.0',
  ].join('\n')
  const at = Date.UTC(2017, 10, 7, 9, 30, 38)

  test('becomes one event or several, with labels and its own record time', () => {
    const made = mapRow(yaml, ['u1', 'bad', '2017-11-07 09:30:38', '1.5', ''])
    const shared = { user: 'u1!', campaign: 'bad', occurredAt: at, resolutionMs: 60_000 }
    const labels = { fraud: true, kind: 'bad', actor: null, source: 'import' }
    expect(made).toMatchObject([
      {
        published: { id: 'id0', kind: 'claim', couponAmount: null, ...shared },
        labels,
        recordedAt: at + 5_000,
      },
      { published: { id: 'id1', kind: 'redemption', couponAmount: 150, ...shared }, labels },
    ])
    expect(mapRow(yaml, ['u1', 'bad', '2017-11-07 09:30:38', '', ''])).toHaveLength(1)
  })

  test('keeps the event that is good beside one that is not', () => {
    const made = mapRow(yaml, ['u1', 'bad', '2017-11-07 09:30:38', 'much', ''])
    expect(made).toMatchObject([
      { published: { kind: 'claim' } },
      { rejected: true, reason: 'bad-field' },
    ])
  })

  test('without a required value is rejected', () => {
    expect(mapRow(yaml, ['u1', '', '2017-11-07 09:30:38', '', ''])).toMatchObject([
      { rejected: true, reason: 'missing-field', detail: 'campaign is empty' },
    ])
  })
})

describe('a time', () => {
  const zone = zoneTable('America/New_York')
  const cases: [string, number | string | null][] = [
    ['', null],
    ['2018-01-01 00:00', Date.UTC(2018, 0, 1, 5)],
    ['2018-07-01T00:00:00', Date.UTC(2018, 6, 1, 4)],
    ['2018-07-01', Date.UTC(2018, 6, 1, 4)],
    ['20180701', Date.UTC(2018, 6, 1, 4)],
    ['2018-07-01 12:00:00.5', Date.UTC(2018, 6, 1, 16, 0, 0, 500)],
    ['2018-07-01T12:00:00Z', Date.UTC(2018, 6, 1, 12)],
    ['2018-07-01T12:00:00+08:00', Date.UTC(2018, 6, 1, 4)],
    ['2020-02-29', Date.UTC(2020, 1, 29, 5)],
    ['2019-02-29', 'no such day'],
    ['2019-13-01', 'no such day'],
    ['2019-01-01 24:00', 'no such time'],
    ['2019-01-01T00:00+14:00', Date.UTC(2018, 11, 31, 10)],
    ['2019-01-01T00:00+14:01', 'no such offset'],
    ['2019-01-01T00:00-99:00', 'no such offset'],
    ['2019-01-01T00:00-05:60', 'no such offset'],
    ['01/02/2019', 'not a time'],
    ['1510047038', 'not a time'],
  ]
  test.each(cases)('%j in New York is %j', (text, expected) => {
    if (typeof expected === 'string') expect(() => parseTime(text, zone)).toThrow(expected)
    else expect(parseTime(text, zone)).toBe(expected)
  })
})
