/** Frames are found in a stream however it is cut, and a request says what it is and by whom. */
import { describe, expect, test } from 'vitest'
import { FrameCutter, readCorrelation, readRequest } from '../../scripts/chaos/frames.ts'
import { seeded } from '../support/seeded.ts'
import { answerFrame, requestFrame } from './kafka-frames.ts'

describe('a request', () => {
  test.each([
    ['of a transaction', 'couponguard-worker-4711', 'guard-0', 26],
    ['without a transaction', 'couponguard-worker-4711', null, 22],
    ['of a client without a name', null, 'guard-0', 0],
  ])('%s', (_, clientId, firstText, apiKey) => {
    const frame = requestFrame({ apiKey, correlation: 7, clientId, firstText })
    expect(readRequest(frame)).toEqual({
      apiKey,
      correlation: 7,
      clientId: clientId ?? '',
      firstText,
    })
  })

  test('of an older form, whose body does not begin with a text', () => {
    const frame = requestFrame({ apiKey: 3, correlation: 7, clientId: 'x', firstText: null })
    const body = Buffer.from([0, 0, 127, 255, 0])
    const whole = Buffer.concat([frame.subarray(0, -2), body])
    expect(readRequest(whole).firstText).toBe('')
    expect(readRequest(frame.subarray(0, -2)).firstText).toBeNull()
  })
})

test('an answer has the number of its request', () => {
  expect(readCorrelation(answerFrame(-5, 'body'))).toBe(-5)
})

describe('a stream', () => {
  const frames = ['', 'a', 'bc', 'd'.repeat(100), ''].map((body, at) => answerFrame(at, body))
  const stream = Buffer.concat(frames)

  test.each([1, 2, 3, 5, 17, stream.length])('cut into parts of %d bytes', (size) => {
    const cutter = new FrameCutter()
    const found: Buffer[] = []
    for (let at = 0; at < stream.length; at += size)
      found.push(...cutter.push(stream.subarray(at, at + size)))
    expect(found).toEqual(frames)
  })

  test('cut at random', () => {
    const chance = seeded(11)
    for (let round = 0; round < 100; round += 1) {
      const cutter = new FrameCutter()
      const found: Buffer[] = []
      for (let at = 0; at < stream.length; ) {
        const next = at + chance.between(1, 20)
        found.push(...cutter.push(stream.subarray(at, next)))
        at = next
      }
      expect(found).toEqual(frames)
    }
  })

  test('that is none of Kafka', () => {
    expect(() => new FrameCutter().push(Buffer.from('GET / HTTP/1.1'))).toThrow(/no frame/)
  })
})
