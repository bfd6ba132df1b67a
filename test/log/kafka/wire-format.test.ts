/** The frame before an Avro body: what is one, what is none, and that writing gives what reads. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readFrame, schemaIdMax, writeFrame } from '../../../src/log/kafka/wire-format.ts'

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex')
const said = (value: Buffer | null) => {
  const read = readFrame(value)
  return 'rejected' in read
    ? `${read.reason}: ${read.detail}`
    : `${read.schemaId} ${read.body.toString('hex')}`
}

test.each([
  ['a body', hex('00 00000007 cafe'), '7 cafe'],
  ['the largest id', hex('00 7fffffff 01'), '2147483647 01'],
  ['no body, which is for Avro to judge', hex('00 00000001'), '1 '],
  ['no value', null, 'bad-frame: message has no value'],
  ['nothing', hex(''), 'bad-frame: message is shorter than its frame of 5 bytes'],
  ['four bytes', hex('00 000000'), 'bad-frame: message is shorter than its frame of 5 bytes'],
  [
    'JSON',
    Buffer.from('{"id":1}'),
    'bad-frame: message starts with byte 123, not with magic byte 0',
  ],
  ['id 0', hex('00 00000000 01'), 'bad-frame: schema id 0 is none of a registry'],
  ['id -1', hex('00 ffffffff 01'), 'bad-frame: schema id -1 is none of a registry'],
])('%s', (_, bytes, expected) => {
  expect(said(bytes)).toBe(expected)
})

describe('a written frame', () => {
  test('is read as it was', () => {
    const ids = fc.integer({ min: 1, max: schemaIdMax })
    fc.assert(
      fc.property(ids, fc.uint8Array(), (id, body) => {
        expect(readFrame(writeFrame(id, body))).toEqual({
          schemaId: id,
          body: Buffer.from(body),
        })
      }),
    )
  })

  test('no bytes make reading throw', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(said(Buffer.from(bytes))).toBeTypeOf('string')
      }),
    )
  })
})
