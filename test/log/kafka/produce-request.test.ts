/**
 * What is sent to the broker is byte for byte what kafkajs sends, whatever the records hold; only
 * how many buffers it takes is different.
 */
import * as fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { crc32c } from '../../../src/log/kafka/patches/crc32c.ts'
import type {
  EncoderClass,
  Message,
  NewProduceRequest,
  ProduceOptions,
} from '../../../src/log/kafka/patches/internals.ts'
import { mendProduceRequest } from '../../../src/log/kafka/patches/produce-request.ts'
import { pristine } from './pristine.ts'

const seed = 20_260_301
const now = Date.UTC(2026, 2, 1, 16)
const encoderClass = pristine<EncoderClass>('protocol/encoder')
const produceRequest = (version: number) =>
  pristine<NewProduceRequest>(`protocol/requests/produce/v${version}/request`)
const original = produceRequest(7)
const mended = mendProduceRequest(original, encoderClass)

beforeEach(() => {
  vi.useFakeTimers({ now, toFake: ['Date'] })
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array))
const text = fc.oneof(
  fc.string({ maxLength: 100 }),
  fc.string({ unit: 'binary', maxLength: 40 }),
  // Halves of surrogate pairs are no characters of UTF-8.
  fc.string({ unit: fc.constantFrom('a', 'é', '優', '\ud83d', '\udf81'), maxLength: 20 }),
)
const content = fc.oneof(text, bytes)
const usualTime = fc.integer({ min: 1e12, max: 9_999_999_999_999 })
const timestamp = fc.oneof(usualTime, usualTime.map(String), fc.constantFrom(undefined, null))
const headers = fc.oneof(
  fc.constant(undefined),
  fc.constant({}),
  fc.dictionary(text, fc.oneof(content, fc.array(content, { maxLength: 3 })), { maxKeys: 8 }),
)
const message: fc.Arbitrary<Message> = fc.record(
  {
    key: fc.oneof(content, fc.constantFrom(null, undefined)),
    value: fc.oneof(content, fc.constant(null)),
    timestamp,
    headers,
  },
  { requiredKeys: ['value'] },
)
const options: fc.Arbitrary<ProduceOptions> = fc.record(
  {
    acks: fc.constantFrom(-1, 0, 1),
    timeout: fc.nat(),
    transactionalId: fc.oneof(text, fc.constant(null)),
    producerId: fc.oneof(
      fc.constant(-1),
      fc.nat(),
      fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }).map(String),
    ),
    producerEpoch: fc.integer({ min: -1, max: 32_767 }),
    compression: fc.constantFrom(0, 1),
    topicData: fc.array(
      fc.record({
        topic: fc.string({ maxLength: 20 }),
        partitions: fc.array(
          fc.record(
            {
              partition: fc.nat({ max: 1_000 }),
              firstSequence: fc.nat({ max: 2 ** 31 - 1 }),
              messages: fc.array(message, { minLength: 1, maxLength: 12 }),
            },
            { requiredKeys: ['partition', 'messages'] },
          ),
          { maxLength: 3 },
        ),
      }),
      { maxLength: 3 },
    ),
  },
  { requiredKeys: ['acks', 'timeout', 'topicData'] },
)

const toOne = (
  messages: readonly Message[],
  more: Partial<ProduceOptions> = {},
): ProduceOptions => ({
  acks: -1,
  timeout: 30_000,
  topicData: [{ topic: 'events', partitions: [{ partition: 0, messages }] }],
  ...more,
})

const usualAnd = (timestamp: unknown): readonly Message[] => [
  { value: 'x', timestamp: String(now) },
  { value: 'y', timestamp },
]

/** The bytes, or in words why there are none. */
async function outcome(request: NewProduceRequest, given: ProduceOptions): Promise<string> {
  try {
    return (await request(given).encode()).buffer.toString('hex')
  } catch (error) {
    return String(error)
  }
}

/** What is not encoded here shows. */
const refusesToEncode =
  (request: NewProduceRequest): NewProduceRequest =>
  (given) => ({ ...request(given), encode: () => Promise.reject(new Error('asked kafkajs')) })

describe('a request to produce', () => {
  test.each([3, 4, 5, 6, 7])(
    'of version %i has the bytes that kafkajs gives it',
    async (version) => {
      const theirs = produceRequest(version)
      const ours = mendProduceRequest(refusesToEncode(theirs), encoderClass)
      const property = fc.asyncProperty(options, async (given) => {
        expect(await outcome(ours, given)).toBe(await outcome(theirs, given))
      })
      await fc.assert(property, { seed, numRuns: version === 7 ? 2_000 : 200 })
    },
  )

  test.each<[string, readonly Message[]]>([
    ['a value of a megabyte', [{ value: Buffer.alloc(1_048_576, 7) }]],
    ['10,000 records', Array.from({ length: 10_000 }, (_, at) => ({ value: `event ${at}` }))],
    [
      'times a year apart',
      [now, now + 31_536_000_000, now - 31_536_000_000].map((at) => ({
        value: 'x',
        timestamp: String(at),
      })),
    ],
    ['a time among records without', [{ value: 'x' }, { value: 'y', timestamp: now - 5 }]],
    [
      'text of 64 and of 65 characters',
      ['a'.repeat(64), 'b'.repeat(65)].map((value) => ({ value })),
    ],
    [
      'a header of several values',
      [{ value: 'x', headers: { to: ['a', Buffer.from('b')], of: 'c' } }],
    ],
  ])('also with %s', async (_, messages) => {
    for (const compression of [0, 1])
      expect(await outcome(mended, toOne(messages, { compression }))).toBe(
        await outcome(original, toOne(messages, { compression })),
      )
  })

  test.each<[string, readonly Message[]]>([
    ['no record at all', []],
    ['a number', [{ value: 5 }]],
    ['bytes that are no Buffer', [{ value: new Uint8Array([1, 2, 3]) }]],
    ['a header of null', [{ value: 'x', headers: { a: null } }]],
    ['headers of null', [{ value: 'x', headers: null }]],
    ['times of which the smallest is not the first as text', usualAnd('999')],
    ...[0, '0', 7, '-1', 1e13, 'NaN', '', 1e12 - 1, -1e12, '12345678901e2', now + 0.5].map(
      (timestamp): [string, Message[]] => [
        `the time ${JSON.stringify(timestamp)}`,
        [{ value: 'x', timestamp }, { value: 'y' }],
      ],
    ),
  ])('leaves it to kafkajs what becomes of %s', async (_, odd) => {
    const ours = mendProduceRequest(refusesToEncode(original), encoderClass)
    expect(await outcome(ours, toOne(odd))).toBe('Error: asked kafkajs')
    expect(await outcome(mended, toOne(odd))).toBe(await outcome(original, toOne(odd)))
  })

  test('says of a compression that is not built in what kafkajs says', async () => {
    const snappy = toOne([{ value: 'x' }], { compression: 2 })
    await expect(mended(snappy).encode()).rejects.toThrow('Snappy compression not implemented')
  })

  test('takes a few buffers a batch, where kafkajs takes one a record and one a header', async () => {
    const messages = Array.from({ length: 100 }, () => ({
      value: 'x',
      headers: { a: '1', b: '2' },
    }))
    const alloc = vi.spyOn(Buffer, 'alloc')
    await original(toOne(messages)).encode()
    const theirs = alloc.mock.calls.filter(([size]) => size === 512).length
    alloc.mockClear()
    await mended(toOne(messages)).encode()
    expect({ theirs: theirs >= 300, ours: alloc.mock.calls.length <= 4 }).toEqual({
      theirs: true,
      ours: true,
    })
  })
})

describe('CRC-32C', () => {
  test.each([
    ['123456789', 0xe3069283],
    ['', 0],
    ['\0'.repeat(32), 0x8a9136aa],
  ])('of %j is that of RFC 3720', (given, sum) => {
    const all = Buffer.from(`12${given}3`)
    expect(crc32c(all, 2, all.length - 1)).toBe(sum)
  })
})
