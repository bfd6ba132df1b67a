/** CloudEvents headers as the Kafka binding has them, and what is carried of a traceparent. */
import { describe, expect, test } from 'vitest'
import {
  ceTypes,
  cloudEventHeaders,
  headerBytesMax,
  headersMax,
  keptHeaders,
  type ReadHeaders,
  traceparentOf,
} from '../../../src/log/kafka/headers.ts'

const trace = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'

describe('headers of a decision', () => {
  const of = (id: string, traceparent: string | null) =>
    cloudEventHeaders({ type: ceTypes.decision, id, time: Date.UTC(2026, 2, 1, 4), traceparent })

  test('in binary mode, with the trace of its event', () => {
    expect(of('ab12@v3', trace)).toEqual({
      ce_specversion: '1.0',
      ce_type: 'couponguard.decision.v1',
      ce_source: '/couponguard',
      ce_id: 'ab12@v3',
      ce_time: '2026-03-01T04:00:00.000Z',
      'content-type': 'application/avro',
      traceparent: trace,
    })
  })

  test('without a trace where the event has none', () => {
    expect(of('ab12@v3', null)).not.toHaveProperty('traceparent')
  })

  test.each([
    ['all/券', 'all%2F%E5%88%B8'],
    ['100%', '100%25'],
    ['a\nb', 'a%0Ab'],
    ['\ud800', '%EF%BF%BD'],
    ['two words', 'two words'],
  ])('id %j is written as %s', (id, written) => {
    expect(of(id, null).ce_id).toBe(written)
  })
})

describe('a traceparent', () => {
  test.each<[what: string, ReadHeaders | undefined, string | null]>([
    ['as bytes', { traceparent: Buffer.from(trace) }, trace],
    ['as text', { traceparent: trace }, trace],
    ['alone in a list', { traceparent: [Buffer.from(trace)] }, trace],
    ['of a later version', { traceparent: `01${trace.slice(2)}` }, `01${trace.slice(2)}`],
    ['twice', { traceparent: [Buffer.from(trace), Buffer.from(trace)] }, null],
    ['absent', {}, null],
    ['without headers', undefined, null],
    ['of version ff', { traceparent: `ff${trace.slice(2)}` }, null],
    ['in capitals', { traceparent: trace.toUpperCase() }, null],
    ['with a trace of zeros', { traceparent: trace.replace(/4bf9\w+/, '0'.repeat(32)) }, null],
    ['with a parent of zeros', { traceparent: trace.replace(/00f0\w+/, '0'.repeat(16)) }, null],
    ['with a line end', { traceparent: `${trace}\n` }, null],
    ['cut off', { traceparent: trace.slice(0, -1) }, null],
    ['that is long', { traceparent: 'a'.repeat(1_000_000) }, null],
  ])('%s', (_, headers, expected) => {
    expect(traceparentOf(headers)).toBe(expected)
  })
})

describe('headers that a dead letter keeps', () => {
  test('the first of each name, as bytes', () => {
    const kept = keptHeaders({ a: 'x', b: [Buffer.from('y'), 'z'], c: undefined, d: [] })
    expect(kept).toEqual({ a: Buffer.from('x'), b: Buffer.from('y') })
  })

  test('not more than so many of so many bytes', () => {
    const names = Array.from({ length: headersMax + 9 }, (_, at) => [`h${at}`, 'v'.repeat(9_999)])
    const kept = Object.values(keptHeaders(Object.fromEntries(names)))
    expect(kept).toHaveLength(headersMax)
    expect(kept.every(({ length }) => length === headerBytesMax)).toBe(true)
  })

  test('a name that is no plain key is kept as any other', () => {
    const headers: ReadHeaders = JSON.parse('{ "__proto__": "x", "constructor": "y" }')
    expect(Object.keys(keptHeaders(headers)).sort()).toEqual(['__proto__', 'constructor'])
  })
})
