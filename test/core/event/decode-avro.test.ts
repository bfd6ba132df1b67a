/** Avro from anybody: other v1.x writers are understood, and no bytes make it throw. proves: D13 */
import avro from 'avsc'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeEvent } from '../../../src/core/event/decode.ts'
import { couponEventType, decodeAvroBytes } from '../../../src/core/event/decode-avro.ts'
import { messageBytesMax } from '../../../src/core/event/decode-json.ts'
import { type CouponEvent, type NumberKind, schemas } from '../../../src/core/schema.gen.ts'
import { keys, published, said, someTime } from './published.ts'

const full: CouponEvent = published({
  resolutionMs: 1_000,
  deviceFingerprint: '0123456789abcdef0123456789abcdef',
  deviceAttributes: { model: 'P40' },
  ip: '1.2.3.4',
  code: 'AB-0001',
  orderAmount: 1e13,
  attempt: 'wrong_code',
  geo: { lat: 31.2, lon: 121.5 },
  numberKind: 'iot',
  stacked: [{ source: 's', amount: 5 }],
  identityVerified: false,
})

test('what was encoded is decoded', () => {
  expect(decodeAvroBytes(couponEventType.toBuffer(full), null)).toEqual(full)
})

interface Field {
  readonly name: string
  readonly type: avro.Schema
}
const ours: { name: string; namespace: string; fields: Field[] } = JSON.parse(
  JSON.stringify(schemas.CouponEvent),
)
const schemaOf = (fields: Field[]) =>
  avro.Type.forSchema({ type: 'record', name: ours.name, namespace: ours.namespace, fields })

describe('other versions', () => {
  test('a later one, with a field and a symbol that we do not know', () => {
    const text = JSON.stringify(ours.fields).replace('"roaming"', '"roaming","satellite"')
    const added: Field = { name: 'loyaltyLevel', type: 'string' }
    const later = schemaOf([added, ...(JSON.parse(text) as Field[])])
    const written = later.toBuffer({
      ...full,
      loyaltyLevel: 'gold',
      numberKind: 'satellite' as NumberKind,
    })
    const resolver = couponEventType.createResolver(later)
    expect(decodeAvroBytes(written, resolver)).toEqual({ ...full, numberKind: 'unknown' })
  })

  test('an earlier one, without the fields that may be absent', () => {
    const needed = ['id', 'kind', 'occurredAt', 'user', 'campaign']
    const earlier = schemaOf(ours.fields.filter(({ name }) => needed.includes(name)))
    const written = earlier.toBuffer({
      id: 'e1',
      kind: 'claim',
      occurredAt: someTime,
      user: 'u1',
      campaign: 'c1',
    })
    expect(decodeAvroBytes(written, couponEventType.createResolver(earlier))).toEqual(published())
  })
})

describe('bytes that are no event', () => {
  const whole = couponEventType.toBuffer(full)
  const text = Buffer.from('e1')
  const broken = Buffer.from(whole)
  broken[broken.indexOf(text)] = 0xff
  const rows: [what: string, Buffer, answer: string][] = [
    ['nothing', Buffer.alloc(0), 'not-avro: message is not a CouponEvent in Avro, or is cut off'],
    [
      'cut off',
      whole.subarray(0, -1),
      'not-avro: message is not a CouponEvent in Avro, or is cut off',
    ],
    [
      'one byte more',
      Buffer.concat([whole, Buffer.of(0)]),
      'not-avro: message is not a CouponEvent in Avro, or is cut off',
    ],
    [
      'too many',
      Buffer.alloc(messageBytesMax + 1),
      'too-large: message is larger than 1048576 bytes',
    ],
    ['a text that is no UTF-8', broken, 'invalid-utf8: id is not valid UTF-8'],
  ]
  test.each(rows)('%s', (_, given, answer) => {
    const read = decodeAvroBytes(given, null)
    expect(said('rejected' in read ? read : decodeEvent(read, keys))).toBe(answer)
  })

  test('a map or an array that claims more items than there are bytes', () => {
    const upTo = whole.indexOf(Buffer.from('model')) - 2
    const claimed = Buffer.concat([whole.subarray(0, upTo), Buffer.from('feffffffff1f', 'hex')])
    const startedAt = performance.now()
    expect(said(decodeAvroBytes(claimed, null) as never)).toContain('not-avro')
    expect(performance.now() - startedAt).toBeLessThan(1_000)
  })

  test('any bytes, and an event with some of its bytes changed', () => {
    const changed = fc
      .array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 3 })
      .map((changes) => {
        const copy = Uint8Array.from(whole)
        for (const [at, byte] of changes) copy[at] = byte
        return copy
      })
    const seen = new Set<string>()
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), changed), (given) => {
        const read = decodeAvroBytes(Buffer.from(given), null)
        const answer = said('rejected' in read ? read : decodeEvent(read, keys))
        expect(answer).not.toContain('no reason')
        seen.add(answer.split(':')[0]!)
      }),
      { numRuns: 5_000 },
    )
    expect([...seen]).toEqual(expect.arrayContaining(['taken', 'not-avro', 'bad-field']))
  })
})
