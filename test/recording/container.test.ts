/** Container files byte by byte: where a file ends, what it claims, and what hostile bytes cost. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import avro from 'avsc'
import { afterAll, describe, expect, test } from 'vitest'
import { boundedType } from '../../src/core/event/bounded-type.ts'
import {
  encodeBlock,
  encodeHeader,
  readHeader,
  readHeaderOf,
  type Scanned,
  scanBlocks,
} from '../../src/recording/container.ts'

const folder = mkdtempSync(join(tmpdir(), 'container-'))
afterAll(() => rmSync(folder, { recursive: true }))

const schema = { type: 'record', name: 'Row', fields: [{ name: 'n', type: 'long' }] }
const rowType = avro.Type.forSchema(schema as avro.Schema)
const { bytes: header, sync } = encodeHeader(schema, { b: '2', a: '1' })
const payload = (...numbers: number[]) => Buffer.concat(numbers.map((n) => rowType.toBuffer({ n })))
const long = (value: number) => avro.Type.forSchema('long').toBuffer(value)

async function scan(bytes: Buffer): Promise<Scanned[]> {
  const path = join(folder, 'file.avro')
  writeFileSync(path, bytes)
  const file = await open(path)
  try {
    const found = await readHeaderOf(file)
    if ('problem' in found) throw new Error(found.problem)
    const items: Scanned[] = []
    for await (const item of scanBlocks(file, found.sync, found.length)) items.push(item)
    return items
  } finally {
    await file.close()
  }
}

const whole = Buffer.concat([
  header,
  encodeBlock(2, payload(1, 2), sync),
  encodeBlock(1, payload(300), sync),
])
const secondAt = header.length + encodeBlock(2, payload(1, 2), sync).length

describe('a container', () => {
  test('is read by the Avro library, and says what it was told', async () => {
    const path = join(folder, 'whole.avro')
    writeFileSync(path, whole)
    const rows: unknown[] = []
    await new Promise((resolve, reject) => {
      const decoder = avro.createFileDecoder(path)
      decoder
        .on('data', (row) => rows.push(row))
        .on('end', resolve)
        .on('error', reject)
    })
    expect(rows.map((row) => rowType.toString(row))).toEqual(['{"n":1}', '{"n":2}', '{"n":300}'])
    expect(readHeader(header)).toMatchObject({ schema, metadata: { a: '1', b: '2' }, sync })
  })

  test('has the same bytes whatever the order of its metadata', () => {
    expect(encodeHeader(schema, { a: '1', b: '2' }).bytes).toEqual(header)
    expect(encodeHeader(schema, { a: '1', b: '3' }).sync).not.toEqual(sync)
  })

  test('gives its blocks with their places', async () => {
    const [first, second, end] = await scan(whole)
    expect(first).toMatchObject({ kind: 'block', count: 2, position: header.length, end: secondAt })
    expect(second).toMatchObject({
      kind: 'block',
      count: 1,
      payload: payload(300),
      end: whole.length,
    })
    expect(end).toMatchObject({ kind: 'end', position: whole.length })
  })

  test('that is cut anywhere ends as truncated at the last whole block', async () => {
    for (let size = header.length; size < whole.length; size += 1) {
      const items = await scan(whole.subarray(0, size))
      const position = size < secondAt ? header.length : secondAt
      const kind = size === header.length || size === secondAt ? 'end' : 'truncated'
      expect([size, items.at(-1)]).toMatchObject([size, { kind, position }])
      expect(items).toHaveLength(size < secondAt ? 1 : 2)
    }
  })

  test('whose header is cut or foreign is refused', () => {
    for (const size of [0, 3, 10, header.length - 1])
      expect(readHeader(header.subarray(0, size))).toMatchObject({ cut: true })
    expect(readHeader(Buffer.from('PK\u0003\u0004'))).toMatchObject({ cut: false })
  })

  const damaged: [string, Buffer][] = [
    [
      'a wrong sync marker',
      Buffer.concat([encodeBlock(1, payload(1), sync).subarray(0, -1), Buffer.of(0)]),
    ],
    ['2^40 bytes', Buffer.concat([long(1), long(2 ** 40), payload(1), sync])],
    ['65 MiB', Buffer.concat([long(1), long(65 * 1_048_576), payload(1), sync])],
    ['2^40 rows', Buffer.concat([long(2 ** 40), long(1), payload(1), sync])],
    ['a negative size', Buffer.concat([long(1), long(-5), payload(1), sync])],
    ['a negative count', Buffer.concat([long(-1), long(1), payload(1), sync])],
    ['a length without end', Buffer.alloc(40, 0xff)],
  ]
  test.each(damaged)('with %s is damaged, at no cost', async (_, bytes) => {
    const before = process.memoryUsage().arrayBuffers
    const items = await scan(Buffer.concat([header, encodeBlock(1, payload(1), sync), bytes]))
    expect(items.map(({ kind }) => kind)).toEqual(['block', 'damaged'])
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 * 1_048_576)
  })
})

describe('a bounded type', () => {
  const types = {
    array: boundedType({ type: 'array', items: 'string' }),
    map: boundedType({ type: 'map', values: 'long' }),
  }

  test('reads what the library writes', () => {
    const texts = ['a', '', '文'.repeat(100)]
    expect(types.array.fromBuffer(types.array.toBuffer(texts))).toEqual(texts)
    expect(types.map.fromBuffer(types.map.toBuffer({ a: 1, b: -2 }))).toEqual({ a: 1, b: -2 })
  })

  test.each([2 ** 31, -(2 ** 31), 2 ** 40, 3])('calls a count of %d items cut off', (count) => {
    const bytes = Buffer.concat([long(count), Buffer.of(2, 65)])
    for (const type of [types.array, types.map])
      expect(type.decode(bytes, 0)).toMatchObject({ offset: -1 })
  })
})
