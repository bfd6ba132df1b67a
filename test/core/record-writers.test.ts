/**
 * The code that writes records straight against avsc's own types: the same bytes for any value, and
 * the same answer where the buffer is too small.
 */
import avro from 'avsc'
import { describe, expect, it } from 'vitest'
import { writtenType } from '../../src/core/event/bounded-type.ts'
import { schemas } from '../../src/core/schema.gen.ts'
import { seeded } from '../support/seeded.ts'

const names = ['Event', 'Readings', 'Inputs', 'Decision', 'Audit', 'RecordingRow'] as const
const plain = (schema: avro.Schema) => avro.Type.forSchema(structuredClone(schema))

/** Around every length at which a text is written in another way. */
const lengths = [0, 1, 19, 20, 21, 31, 32, 63, 64, 65, 127, 128, 300]
const texts = ['a', 'é', '券', '😀', '\ud800'].flatMap((letter) =>
  lengths.map((length) => letter.repeat(length)),
)
const numbers = [
  0,
  1,
  -1,
  63,
  64,
  -64,
  -65,
  2 ** 30 - 1,
  2 ** 30,
  -(2 ** 30),
  2 ** 31,
  1.7e12,
  2 ** 52,
]

describe.each(names)('a %s', (name) => {
  const [ours, theirs] = [writtenType(schemas[name]), plain(schemas[name])]

  it('has the bytes of avsc, whatever it holds', () => {
    for (let round = 0; round < 200; round += 1) {
      const value: unknown = theirs.random()
      const [bytes, expected] = [ours.toBuffer(value), theirs.toBuffer(value)]
      expect(bytes.equals(expected), JSON.stringify(value)).toBe(true)
    }
  })

  it('says as avsc does that it does not fit, and fits where it does', () => {
    const value: unknown = theirs.random()
    const bytes = theirs.toBuffer(value)
    for (let size = 0; size <= bytes.length + 8; size += 1) {
      const [room, roomOfTheirs] = [Buffer.alloc(size), Buffer.alloc(size)]
      const said = `${size} bytes for ${JSON.stringify(value)}`
      expect(ours.encode(value, room, 0), said).toBe(theirs.encode(value, roomOfTheirs, 0))
      if (size >= bytes.length) expect(room.equals(roomOfTheirs), said).toBe(true)
    }
  })
})

describe('a field', () => {
  const reason = (text: string) => ({ code: text, zh: text, en: text })
  const decision = (text: string, amountAtStake: number | null) => ({
    ...Object(plain(schemas.Decision).random()),
    reasons: [reason(text)],
    advice: [text, text],
    user: text,
    amountAtStake,
    results: [
      {
        rule: text,
        mode: 'live',
        result: 'hit',
        outcome: 'block',
        values: [null, 0.5, text].map((value) => ({ signal: text, value, saturated: true })),
      },
    ],
  })
  const [ours, theirs] = [writtenType(schemas.Decision), plain(schemas.Decision)]

  it.each(texts.map((text) => [text.slice(0, 2), text.length, text]))(
    'holds the text %j… of %i units',
    (_, __, text) => {
      const value = decision(text, null)
      expect(ours.toBuffer(value).equals(theirs.toBuffer(value))).toBe(true)
    },
  )

  it('holds any text at any distance from the end of its buffer', () => {
    const type = { ours: writtenType('string'), theirs: plain('string') }
    for (const text of texts) {
      const size = type.theirs.toBuffer(text).length
      for (let room = 0; room <= size + 8; room += 1) {
        const [buffer, expected] = [Buffer.alloc(room), Buffer.alloc(room)]
        expect(type.ours.encode(text, buffer, 0)).toBe(type.theirs.encode(text, expected, 0))
        if (room >= size) expect(buffer.equals(expected)).toBe(true)
      }
    }
  })

  it('holds any whole number', () => {
    const chance = seeded(11)
    const more = Array.from({ length: 500 }, () => Math.floor((chance.next() - 0.5) * 2 ** 53))
    for (const amount of [...numbers, ...more.filter((one) => Math.abs(one) <= 2 ** 52)]) {
      const value = decision('a', amount)
      expect(ours.toBuffer(value).equals(theirs.toBuffer(value))).toBe(true)
    }
  })

  it.each([0.5, Number.NaN, 2 ** 53, Number.POSITIVE_INFINITY])(
    'refuses %d as a whole number',
    (amount) => {
      expect(() => ours.toBuffer(decision('a', amount))).toThrow(/no whole number/)
    },
  )

  it('refuses a symbol that its enum does not have', () => {
    const value = { ...decision('a', null), outcome: 'perhaps' }
    expect(() => ours.toBuffer(value)).toThrow(/none of its enum's symbols/)
  })
})
