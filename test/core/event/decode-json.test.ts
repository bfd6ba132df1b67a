/**
 * JSON from anybody: whatever the bytes are, the answer is an event or a rejection of the closed
 * list, never a throw. What a later version adds is passed over.
 *
 * proves: D13
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { boundedType } from '../../../src/core/event/bounded-type.ts'
import { decodeEvent, listItemsMax } from '../../../src/core/event/decode.ts'
import {
  decodeJsonBytes,
  messageBytesMax,
  publishedFromJson,
} from '../../../src/core/event/decode-json.ts'
import { type CouponEvent, type Event, schemas } from '../../../src/core/schema.gen.ts'
import { keys, published, said, someTime } from './published.ts'

const bytes = (text: string) => new TextEncoder().encode(text)
const least = { id: 'e1', kind: 'claim', occurredAt: someTime, user: 'u1', campaign: 'c1' }
const read = (about: object) => publishedFromJson({ ...least, ...about })

test('the least that an event may say', () => {
  expect(decodeJsonBytes(bytes(JSON.stringify(least)))).toEqual(published())
})

describe('bytes', () => {
  const rows: [what: string, Uint8Array, answer: string][] = [
    ['nothing', bytes(''), 'not-json: message is not JSON'],
    ['half an object', bytes('{"id":"e1"'), 'not-json: message is not JSON'],
    ['two objects', bytes('{}{}'), 'not-json: message is not JSON'],
    ['NaN', bytes('{"id":NaN}'), 'not-json: message is not JSON'],
    ['an array', bytes('[]'), 'not-json: message is not a JSON object'],
    ['a number', bytes('1'), 'not-json: message is not a JSON object'],
    ['null', bytes('null'), 'not-json: message is not a JSON object'],
    ['no fields', bytes('{}'), 'missing-field: id is missing'],
    ['a byte order mark', bytes(`\ufeff${JSON.stringify(least)}`), 'taken'],
    [
      'GBK',
      Uint8Array.of(0x22, 0xce, 0xe7, 0xb2, 0xcd, 0x22),
      'invalid-utf8: message is not valid UTF-8',
    ],
    [
      'an overlong slash',
      Uint8Array.of(0x22, 0xc0, 0xaf, 0x22),
      'invalid-utf8: message is not valid UTF-8',
    ],
    [
      'a surrogate',
      Uint8Array.of(0x22, 0xed, 0xa0, 0x80, 0x22),
      'invalid-utf8: message is not valid UTF-8',
    ],
    ['cut in a character', bytes('"午').subarray(0, 3), 'invalid-utf8: message is not valid UTF-8'],
    ['too deep', bytes('['.repeat(500_000)), 'not-json: message is not JSON'],
    [
      'a megabyte',
      bytes(`{"id":"${'x'.repeat(messageBytesMax - 9)}"}`),
      'missing-field: kind is missing',
    ],
    [
      'one byte more',
      bytes(`{"id":"${'x'.repeat(messageBytesMax - 8)}"}`),
      'too-large: message is larger than 1048576 bytes',
    ],
  ]
  test.each(rows)('%s', (_, given, answer) => {
    expect(said(decodeJsonBytes(given))).toBe(answer)
  })
})

describe('fields', () => {
  test.each(['id', 'kind', 'occurredAt', 'user', 'campaign'])('%s must be there', (field) => {
    expect(said(read({ [field]: undefined }))).toBe(`missing-field: ${field} is missing`)
    expect(said(read({ [field]: null }))).toBe(`missing-field: ${field} is missing`)
  })

  const wrong = (field: string): unknown[] => {
    const value = published()[field as keyof CouponEvent]
    const isNumber = /At$|Amount$|Ms$|Hop$/.test(field)
    if (field === 'identityVerified') return ['true', 1, {}]
    if (field === 'deviceAttributes') return ['x', 1, [], { model: 1 }, { model: null }]
    if (field === 'geo') return ['x', [], {}, { lat: 1 }, { lat: '1', lon: 1 }]
    if (field === 'stacked')
      return ['x', {}, [null], [{ source: 's' }], [{ source: 1, amount: 1 }], [{ amount: 1 }]]
    return isNumber ? ['1', true, {}, []] : [1, true, {}, [value]]
  }
  const perField = Object.keys(published()).flatMap((field) =>
    wrong(field).map((value) => [field, value] as const),
  )
  const wanted = (field: string): string => {
    if (field === 'identityVerified') return 'true or false'
    if (field === 'deviceAttributes') return 'an object of texts'
    if (field === 'geo') return 'an object of the numbers lat and lon'
    if (field === 'stacked') return stackedWanted
    return /At$|Amount$|Ms$|Hop$/.test(field) ? 'a number' : 'a text'
  }
  const stackedWanted = 'a list of at most 64 of source, a text, and amount, a number'
  test.each(perField)('%s as %j is of the wrong type, and what it must be', (field, value) => {
    const detail = `${field} has the wrong type; it must be ${wanted(field)}`
    expect(said(read({ [field]: value }))).toBe(`bad-field: ${detail}`)
  })

  test('null is none, in every field that may be absent', () => {
    const absent = Object.keys(published()).filter((field) => !(field in least))
    expect(read(Object.fromEntries(absent.map((field) => [field, null])))).toEqual(published())
  })

  test('more stacked coupons than are read are refused, not cut', () => {
    const stacked = Array.from({ length: listItemsMax + 1 }, () => ({ source: 's', amount: 1 }))
    expect(said(read({ stacked }))).toBe(
      `bad-field: stacked has the wrong type; it must be ${stackedWanted}`,
    )
  })

  test('a later version is understood: new fields pass by, new symbols are unknown', () => {
    const later = {
      attempt: 'timed_out',
      numberKind: 'satellite',
      loyaltyLevel: 'gold',
      nested: { a: [1] },
    }
    expect(read(later)).toEqual(published({ numberKind: 'unknown' }))
    expect(said(decodeEvent(read({ kind: 'annulment' }) as CouponEvent, keys))).toBe(
      'bad-field: kind is none of claim, redemption and reversal',
    )
  })

  test('minus zero is zero, as Avro has it', () => {
    const text = `{"id":"e","kind":"claim","occurredAt":-0,"user":"u","campaign":"c",
      "orderAmount":-0,
      "stacked":[{"source":"s","amount":-0}]}`
    const { occurredAt, orderAmount, stacked } = decodeJsonBytes(bytes(text)) as CouponEvent
    expect([occurredAt, orderAmount, stacked[0]!.amount]).toEqual([0, 0, 0])
  })
})

describe('prototypes', () => {
  test('a field is only what the object itself says', () => {
    const inherited = Object.create({ ...least, ip: '1.2.3.4' })
    expect(said(decodeEvent(publishedFromJson(inherited) as CouponEvent, keys))).toBe(
      'missing-field: id is empty',
    )
    expect(publishedFromJson(Object.assign(Object.create({ ip: '1.2.3.4' }), least))).toEqual(
      published(),
    )
  })

  test('keys that name a prototype change nothing', () => {
    const text = `{"__proto__":{"ip":"1.2.3.4","polluted":1},
      "constructor":{"prototype":{"polluted":1}},
      ${JSON.stringify(least).slice(1)}`
    expect(decodeJsonBytes(bytes(text))).toEqual(published())
    expect(Reflect.get({}, 'polluted')).toBeUndefined()
  })

  test('device attributes may have any name, and each counts', () => {
    const devices = ['__proto__', 'constructor', 'toString', 'hasOwnProperty'].map((name) => {
      const text = `${JSON.stringify(least).slice(0, -1)},"deviceAttributes":{"${name}":"x"}}`
      return (decodeEvent(decodeJsonBytes(bytes(text)) as CouponEvent, keys) as Event).device
    })
    expect(new Set(devices).size).toBe(4)
    expect(devices.every((device) => /^[0-9a-f]{32}$/.test(device ?? ''))).toBe(true)
  })
})

describe('whatever comes', () => {
  const eventType = boundedType(schemas.Event)
  /** Nothing but an event that can be written, or a rejection of the list. */
  const settle = (value: CouponEvent | { rejected: true }) => {
    const result = 'rejected' in value ? value : decodeEvent(value, keys)
    if ('rejected' in result) return said(result as never)
    expect(eventType.fromBuffer(eventType.toBuffer(result))).toEqual(result)
    return 'taken'
  }
  const anyText = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom('\ud800', '\u0000', '', '__proto__', '13800138000', 'x'.repeat(3_000)),
  )
  const anyNumber = fc.oneof(
    fc.double(),
    fc.integer(),
    fc.constantFrom(-0, 1e308, 2 ** 53, 8.64e15, -1),
  )
  const anyValue: fc.Arbitrary<unknown> = fc.oneof(
    { weight: 3, arbitrary: anyText },
    { weight: 3, arbitrary: anyNumber },
    fc.boolean(),
    fc.constant(null),
    fc.dictionary(anyText, anyText, { maxKeys: 3 }),
    fc.record({ lat: anyNumber, lon: anyNumber }),
    fc.array(fc.record({ source: anyText, amount: anyNumber }), { maxLength: 3 }),
    fc.jsonValue({ maxDepth: 3 }),
  )

  test('any JSON value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(settle(publishedFromJson(value))).not.toContain('no reason')
      }),
      { numRuns: 500 },
    )
  })

  test('an event with any value in any fields', () => {
    const outcomes = new Map<string, number>()
    const fields = fc.constantFrom(...Object.keys(published()))
    fc.assert(
      fc.property(fc.dictionary(fields, anyValue, { maxKeys: 2 }), (about) => {
        const outcome = settle(read(about)).split(':')[0]!
        expect(outcome).not.toContain('no reason')
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
      }),
      { numRuns: 3_000 },
    )
    // It has seen both sides, or it has shown nothing.
    expect(outcomes.get('taken') ?? 0).toBeGreaterThan(100)
    expect(outcomes.get('bad-field') ?? 0).toBeGreaterThan(100)
  })

  test('any bytes, and an event with some of its bytes changed', () => {
    const whole = bytes(
      JSON.stringify({ ...least, ip: '1.2.3.4', geo: { lat: 1, lon: 2 }, user: '午' }),
    )
    const changed = fc
      .array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 3 })
      .map((changes) => {
        const copy = Uint8Array.from(whole)
        for (const [at, byte] of changes) copy[at] = byte
        return copy
      })
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), changed), (given) => {
        expect(settle(decodeJsonBytes(given))).not.toContain('no reason')
      }),
      { numRuns: 3_000 },
    )
  })
})
