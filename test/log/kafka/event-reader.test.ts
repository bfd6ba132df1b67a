/**
 * Messages of the input topics against a registry in memory: other versions are understood, every
 * bad message is a rejection with its reason, a hostile schema costs nothing, and only a registry
 * that is away throws.
 *
 * proves: D13
 */
import avro from 'avsc'
import { describe, expect, test } from 'vitest'
import { couponEventType } from '../../../src/core/event/decode-avro.ts'
import { type Rejection, reject } from '../../../src/core/event/rejection.ts'
import { resolveWriter, schemaCharsMax } from '../../../src/core/event/writer-schema.ts'
import { type CouponEvent, type Event, schemas } from '../../../src/core/schema.gen.ts'
import { newEventReader } from '../../../src/log/kafka/event-reader.ts'
import type { WriterSchema } from '../../../src/log/kafka/schema-registry.ts'
import { writeFrame } from '../../../src/log/kafka/wire-format.ts'
import { EdgeError } from '../../../src/runtime/edge-error.ts'
import { kept, keys, published, said, someTime } from '../../core/event/published.ts'

interface Field {
  readonly name: string
  readonly type: unknown
  readonly default?: unknown
}
interface RecordSchema {
  readonly type: 'record'
  readonly name: string
  readonly namespace: string
  readonly fields: readonly Field[]
}
const ours: RecordSchema = JSON.parse(JSON.stringify(schemas.CouponEvent))
const withFields = (fields: readonly Field[]): RecordSchema => ({ ...ours, fields })
const text = (schema: unknown) => JSON.stringify(schema)
const typeOf = (schema: unknown) => avro.Type.forSchema(JSON.parse(text(schema)))
const ids = { ours: 1, later: 2, earlier: 3, unknown: 99 }

const later = withFields([
  { name: 'loyaltyLevel', type: ['null', 'string'], default: null },
  ...ours.fields,
  { name: 'basket', type: { type: 'array', items: 'string' }, default: [] },
])
const needed = ['id', 'kind', 'occurredAt', 'user', 'campaign']
const earlier = withFields(ours.fields.filter(({ name }) => needed.includes(name)))

function registryOf(known: ReadonlyMap<number, WriterSchema | Error>) {
  const asked: number[] = []
  return {
    asked,
    async schemaById(id: number) {
      asked.push(id)
      const found = known.get(id) ?? null
      if (found instanceof Error) throw found
      return found
    },
  }
}
const avroSchema = (schema: unknown): WriterSchema => ({ type: 'AVRO', schema: text(schema) })
const three = () =>
  new Map<number, WriterSchema | Error>([
    [ids.ours, avroSchema(ours)],
    [ids.later, avroSchema(later)],
    [ids.earlier, avroSchema(earlier)],
  ])

const ofOurs = (about: Partial<CouponEvent>) =>
  writeFrame(ids.ours, couponEventType.toBuffer(published(about)))

async function readOne(value: Buffer | null, known = three()): Promise<Event | Rejection> {
  const [result] = await newEventReader(registryOf(known), keys).read([value])
  return result!
}

describe('a message of another version', () => {
  test('a later writer: what we do not know is passed over', async () => {
    const body = typeOf(later).toBuffer({
      ...published({ merchant: 'm1' }),
      loyaltyLevel: 'gold',
      basket: ['tea', 'cake'],
    })
    const event = kept(await readOne(writeFrame(ids.later, body)))
    expect(event).toMatchObject({ id: 'e1', user: 'u1', merchant: 'm1' })
    expect(event).not.toHaveProperty('loyaltyLevel')
  })

  test('an earlier writer: what it does not know is absent', async () => {
    const given = { id: 'e1', kind: 'claim', occurredAt: someTime, user: 'u1', campaign: 'c1' }
    const body = typeOf(earlier).toBuffer(given)
    expect(await readOne(writeFrame(ids.earlier, body))).toEqual(await readOne(ofOurs({})))
  })

  test('ours, by a reader of a later version', () => {
    const bytes = couponEventType.toBuffer(published({ merchant: 'm1' }))
    const reader = typeOf(later)
    const resolver = reader.createResolver(typeOf(ours))
    const read: unknown = reader.fromBuffer(bytes, resolver)
    expect(read).toMatchObject({ id: 'e1', merchant: 'm1', loyaltyLevel: null, basket: [] })
  })
})

test('what is personal is gone', async () => {
  const event = kept(await readOne(ofOurs({ recipientPhone: '13800138000', code: 'AB12-3456' })))
  expect(JSON.stringify(event)).not.toMatch(/13800138000|AB12/)
})

describe('a bad message is rejected', () => {
  const whole = ofOurs({})
  const invalid = Buffer.from(whole)
  invalid[invalid.indexOf('e1')] = 0xff
  const large = ofOurs({ referrer: 'x'.repeat(1_048_576) })
  test.each([
    ['without a value', null, 'bad-frame: message has no value'],
    ['of JSON', Buffer.from('{"id":"e1"}'), 'bad-frame: message starts with byte 123, not'],
    ['of an id that nobody knows', writeFrame(ids.unknown, whole), 'unknown-schema: the registry'],
    ['cut off', whole.subarray(0, -1), 'not-avro: message is not a CouponEvent in Avro, or is cut'],
    ['with more behind it', Buffer.concat([whole, whole]), 'not-avro: '],
    ['that is no UTF-8', invalid, 'invalid-utf8: id is not valid UTF-8'],
    ['that is too large', large, 'too-large: message is larger than 1048576 bytes'],
    ['of an empty user', ofOurs({ user: '' }), 'missing-field: user is empty'],
  ])('%s', async (_, value, expected) => {
    expect(said(await readOne(value))).toContain(expected)
  })

  test('under a schema of another language', async () => {
    const known = new Map([[5, { type: 'PROTOBUF', schema: 'syntax = "proto3";' }]])
    const read = await readOne(writeFrame(5, Buffer.of(0)), known)
    expect(said(read)).toBe('incompatible-schema: schema 5 is not of Avro')
  })

  test('and those beside it are read', async () => {
    const reader = newEventReader(registryOf(three()), keys)
    const read = await reader.read([ofOurs({ id: 'a' }), null, ofOurs({ id: 'b' })])
    expect(read.map((each) => ('rejected' in each ? each.reason : each.id))).toEqual([
      'a',
      'bad-frame',
      'b',
    ])
  })
})

describe('the registry is asked', () => {
  test('once for an id that it knows, again for one that it does not', async () => {
    const known = three()
    const registry = registryOf(known)
    const reader = newEventReader(registry, keys)
    const unknown = writeFrame(ids.unknown, couponEventType.toBuffer(published()))
    await reader.read([ofOurs({}), ofOurs({}), unknown, unknown])
    known.set(ids.unknown, avroSchema(ours))
    const [, late] = await reader.read([ofOurs({}), unknown])
    expect(said(late!)).toBe('taken')
    expect(registry.asked).toEqual([ids.ours, ids.unknown, ids.unknown])
  })

  test('and is away: the batch fails and may be read again', async () => {
    const known = three()
    known.set(ids.later, new EdgeError('registry-away', 'away', true))
    const reader = newEventReader(registryOf(known), keys)
    const values = [
      ofOurs({}),
      writeFrame(
        ids.later,
        typeOf(later).toBuffer({ ...published(), basket: [], loyaltyLevel: null }),
      ),
    ]
    await expect(reader.read(values)).rejects.toMatchObject({ code: 'registry-away' })
    known.set(ids.later, avroSchema(later))
    expect((await reader.read(values)).map(said)).toEqual(['taken', 'taken'])
  })

  test('more ids than are kept in one batch still read right', async () => {
    const known = new Map<number, WriterSchema | Error>()
    for (let id = 1; id <= 1_200; id += 1) known.set(id, avroSchema(earlier))
    const given = { id: 'e1', kind: 'claim', occurredAt: someTime, user: 'u1', campaign: 'c1' }
    const body = typeOf(earlier).toBuffer(given)
    const values = [...known.keys()].map((id) => writeFrame(id, body))
    const reader = newEventReader(registryOf(known), keys)
    expect(new Set((await reader.read(values)).map(said))).toEqual(new Set(['taken']))
    expect(new Set((await reader.read(values)).map(said))).toEqual(new Set(['taken']))
  })
})

describe('a hostile schema', () => {
  const added = (type: unknown) => withFields([{ name: 'extra', type }, ...ours.fields])
  const nullRecord = { type: 'record', name: 'Nothing', fields: [] }
  /** Each level is two of the one before it, which takes one field to say. */
  const bomb = (depth: number) => ({
    type: 'record',
    name: 'Bomb',
    fields: Array.from({ length: depth }, (_, level) => {
      const below = level === 0 ? 'null' : `Level${level - 1}`
      const fields = ['a', 'b'].map((name) => ({ name, type: below }))
      return { name: `level${level}`, type: { type: 'record', name: `Level${level}`, fields } }
    }),
  })
  const endless = { type: 'record', name: 'Endless', fields: [{ name: 'a', type: 'Endless' }] }
  const deep = `${'{"type":"array","items":'.repeat(5_000)}"string"${'}'.repeat(5_000)}`
  test.each([
    ['no JSON', 'schema', 'cannot be read as a CouponEvent'],
    ['null', 'null', 'is no Avro schema'],
    ['a number', '7', 'is no Avro schema'],
    ['another record', text(nullRecord), 'cannot be read as a CouponEvent'],
    ['an id that is a number', text(withFields([{ name: 'id', type: 'long' }])), 'cannot be read'],
    ['a type that is not there', text(added('Missing')), 'cannot be read'],
    ['too long', ' '.repeat(schemaCharsMax + 1), 'is longer than'],
    ['too deep', deep, 'is nested too deeply'],
    ['a record that holds itself', text(added(endless)), 'holds itself without an end'],
    ['2^40 steps without a byte', text(added(bomb(40))), 'takes too many steps for its bytes'],
    [
      'the same behind a choice',
      text(added(['null', bomb(40)])),
      'takes too many steps for its bytes',
    ],
    ['a list of nulls', text(added({ type: 'array', items: 'null' })), 'has items that take no'],
    ['a list of nothings', text(added({ type: 'array', items: nullRecord })), 'has items that'],
  ])('%s is refused', (_, schema, expected) => {
    const startedAt = performance.now()
    const read = resolveWriter(schema)
    expect('rejected' in read ? said(read) : 'resolved').toContain(expected)
    expect(performance.now() - startedAt).toBeLessThan(500)
  })

  test('our own schema needs no resolver, in whatever words; one with a field more does', () => {
    const resolverOf = (schema: string) => {
      const read = resolveWriter(schema)
      return 'rejected' in read ? said(read) : read.resolver
    }
    const [own, reworded] = [ours, { ...ours, doc: 'other words' }]
    expect([own, reworded].map((one) => resolverOf(text(one)))).toEqual([null, null])
    expect(resolverOf(text(added('long')))).toBeInstanceOf(Object)
  })

  const fieldsOf = (count: number, type: unknown) =>
    Array.from({ length: count }, (_, at) => ({ name: `f${at}`, type }))
  const list = { type: 'array', items: 'Tree' }
  const options = fieldsOf(300, ['null', 'string'])
  test.each([
    ['a tree', { type: 'record', name: 'Tree', fields: [{ name: 'of', type: list }] }],
    ['a chain', { type: 'record', name: 'L', fields: [{ name: 'next', type: ['null', 'L'] }] }],
    ['a wide record', { type: 'record', name: 'W', fields: options }],
    ['a list of wide records', { type: 'array', items: { ...nullRecord, fields: options } }],
    ['a map of nulls', { type: 'map', values: 'null' }],
  ])('%s is none', (_, type) => {
    expect(resolveWriter(text(added(type)))).not.toHaveProperty('rejected')
  })

  const long = avro.Type.forSchema('long')
  const longs = (...values: number[]) => Buffer.concat(values.map((value) => long.toBuffer(value)))
  test.each([
    ['claims 2^50 items', longs(2 ** 50)],
    ['claims 2^50 items in a block of no bytes', longs(-(2 ** 50), 0)],
    ['jumps backwards', longs(-1, -3)],
  ])('a list that we pass over and that %s is no way to stop us', async (_, list) => {
    const known = three().set(7, avroSchema(added({ type: 'array', items: 'string' })))
    const body = Buffer.concat([list, couponEventType.toBuffer(published())])
    const startedAt = performance.now()
    expect(said(await readOne(writeFrame(7, body), known))).toContain('not-avro')
    expect(performance.now() - startedAt).toBeLessThan(500)
  })

  test('a chain of a million links overflows nothing but itself', async () => {
    const chain = { type: 'record', name: 'L', fields: [{ name: 'next', type: ['null', 'L'] }] }
    const known = three().set(7, avroSchema(added(chain)))
    const read = await readOne(writeFrame(7, Buffer.alloc(1_000_000, 2)), known)
    expect(said(read)).toContain('not-avro')
  })
})

test('the words of a reason are from the closed list', () => {
  expect(said(reject('bad-frame', 'x'))).toBe('bad-frame: x')
})
