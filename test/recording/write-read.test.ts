/** Recordings written and read back: equal bytes, other schema versions, every kind of damage. */
import {
  copyFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { boundedType } from '../../src/core/event/bounded-type.ts'
import { type RecordingRow, schemas } from '../../src/core/schema.gen.ts'
import { encodeBlock, encodeHeader } from '../../src/recording/container.ts'
import { openRecording } from '../../src/recording/read.ts'
import { createRecordingWriter } from '../../src/recording/write.ts'
import {
  decidedHeader,
  decidedRow,
  eventRow,
  plainHeader,
  rejectedRow,
  writeRecording,
} from './sample-rows.ts'

const root = mkdtempSync(join(tmpdir(), 'recording-'))
afterAll(() => rmSync(root, { recursive: true }))
let folder = root
let path = root
beforeEach(() => {
  folder = mkdtempSync(join(root, 'case-'))
  path = join(folder, 'r.avro')
})

const manyRows = Array.from({ length: 2_500 }, (_, index) => eventRow(index))

async function readAll(file: string): Promise<{ rows: RecordingRow[]; problem: string | null }> {
  const recording = await openRecording(file)
  const rows: RecordingRow[] = []
  for await (const batch of recording.rows()) rows.push(...batch)
  return { rows, problem: recording.problem() }
}

/** Plain objects, without the library's constructors. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

describe('a recording', () => {
  test('gives back what was written, with its header', async () => {
    const rows = [eventRow(0), rejectedRow(1), decidedRow(2, { users_1d: 9, fresh_users_1d: 9 })]
    const labels = { fraud: true, kind: 'device-farm', actor: 'a1', source: 'test', target: null }
    rows.push({ ...decidedRow(3, {}), labels })
    await writeRecording(path, rows, decidedHeader)
    const recording = await openRecording(path)
    expect(recording.header).toMatchObject({ ...decidedHeader, rows: 4 })
    const { rows: read, problem } = await readAll(path)
    expect(plain(read)).toEqual(plain(rows))
    expect(read[2]?.decision?.outcome).toBe('block')
    expect(problem).toBeNull()
  })

  test('of equal rows has equal bytes, and no other file is left beside it', async () => {
    await writeRecording(path, manyRows)
    await writeRecording(join(folder, 's.avro'), manyRows)
    expect(readFileSync(path).equals(readFileSync(join(folder, 's.avro')))).toBe(true)
    expect(readdirSync(folder)).toEqual(['r.avro', 's.avro'])
  })

  test('can be empty, and can be read twice', async () => {
    await writeRecording(path, [])
    expect(await readAll(path)).toEqual({ rows: [], problem: null })
    await writeRecording(path, manyRows)
    const recording = await openRecording(path)
    for (const _ of [1, 2]) {
      let count = 0
      for await (const batch of recording.rows()) count += batch.length
      expect([count, recording.problem()]).toEqual([manyRows.length, null])
    }
  })

  test('that is given up leaves what was there before', async () => {
    writeFileSync(path, 'before')
    const writer = await createRecordingWriter(path, plainHeader)
    for (const row of manyRows) await writer.write(row)
    await writer.abort()
    expect(readFileSync(path, 'utf8')).toBe('before')
    expect(readdirSync(folder)).toEqual(['r.avro'])
  })

  test.each([
    ['a folder', (): string => folder],
    ['a folder that is not there', (): string => join(folder, 'no', 'r.avro')],
    ['a device', (): string => '/dev/null'],
  ])('is not written over %s', async (_, place) => {
    await expect(createRecordingWriter(place(), plainHeader)).rejects.toThrow(/^\/.*: \w/)
  })
})

describe('a recording cut in half', () => {
  test('keeps what was good and says where it ends', async () => {
    await writeRecording(path, manyRows)
    const bytes = readFileSync(path)
    const cut = join(folder, 'cut.avro')
    const at = { block: 0, boundary: 0 }
    const { length } = encodeHeaderOf(bytes)
    at.block = length + Math.floor((bytes.length - length) / 2)
    for (const size of [at.block, bytes.length - 1]) {
      writeFileSync(cut, bytes.subarray(0, size))
      const { rows, problem } = await readAll(cut)
      expect(rows.length % 1_000).toBe(0)
      expect(plain(rows)).toEqual(plain(manyRows.slice(0, rows.length)))
      const row = rows.length.toLocaleString('en-US')
      expect(problem).toMatch(
        new RegExp(`^.*cut.avro: cut off after row ${row} of 2,500 at byte \\d+; `),
      )
    }
  })

  test('between two blocks is noticed as well', async () => {
    await writeRecording(path, manyRows)
    const bytes = readFileSync(path)
    const sync = bytes.subarray(-16)
    const end = bytes.lastIndexOf(sync, bytes.length - 17) + 16
    writeFileSync(path, bytes.subarray(0, end))
    const { rows, problem } = await readAll(path)
    expect(rows).toHaveLength(2_000)
    expect(problem).toContain('cut off after row 2,000 of 2,500')
  })
})

describe('a tampered recording', () => {
  test('fails by name wherever one byte was changed', async () => {
    await writeRecording(
      path,
      [...manyRows.slice(0, 3), decidedRow(4, { users_1d: 9 })],
      decidedHeader,
    )
    const bytes = readFileSync(path)
    const changed = join(folder, 'changed.avro')
    for (let at = 0; at < bytes.length; at += 41) {
      const copy = Buffer.from(bytes)
      copy[at] = copy[at]! ^ 0x01
      writeFileSync(changed, copy)
      const said = await readAll(changed).then(
        ({ problem }) => problem,
        (error: unknown) => (error instanceof Error ? error.message : String(error)),
      )
      expect([at, said]).toEqual([at, expect.stringContaining('changed.avro: ')])
    }
  })

  test('that still reads well is called tampered with', async () => {
    await writeRecording(path, [eventRow(0, { campaign: 'spring' })])
    const bytes = readFileSync(path)
    bytes.write('summer', bytes.indexOf('spring'))
    writeFileSync(path, bytes)
    const { rows, problem } = await readAll(path)
    expect(rows[0]?.event?.campaign).toBe('summer')
    expect(problem).toContain('r.avro: tampered with')
  })
})

describe('what is no recording', () => {
  test.each([
    ['an empty file', Buffer.alloc(0), /r\.avro: empty/],
    ['a text', Buffer.from('ip,app\n1,2\n'), /r\.avro: not a recording: not an Avro/],
    ['another Avro file', encodeHeader(schemas.Tally, {}).bytes, /but not a recording/],
    [
      'a later format',
      encodeHeader(schemas.RecordingRow, { 'couponguard.format': '9' }).bytes,
      /format 9/,
    ],
  ])('%s is refused in one line', async (_, bytes, words) => {
    writeFileSync(path, bytes)
    await expect(openRecording(path)).rejects.toThrow(words)
  })

  test('a folder and a missing file too', async () => {
    await expect(openRecording(folder)).rejects.toThrow(/is a folder/)
    await expect(openRecording(join(folder, 'no.avro'))).rejects.toThrow(/no\.avro: no such file/)
  })
})

describe('a recording of another version', () => {
  interface Field {
    readonly name: string
  }
  const fields: readonly Field[] = JSON.parse(JSON.stringify(schemas.RecordingRow)).fields

  function writeWith(schema: object, row: object): void {
    const blank = { 'couponguard.rows': '000000000000', 'couponguard.seal': '0'.repeat(64) }
    const metadata = { 'couponguard.format': '1', 'couponguard.key': 'k' }
    const { bytes, sync } = encodeHeader(schema, { ...metadata, ...blank })
    const type = boundedType(JSON.parse(JSON.stringify(schema)))
    const payload = type.toBuffer(row)
    writeFileSync(path, Buffer.concat([bytes, encodeBlock(1, payload, sync)]))
  }
  const schemaOf = (some: readonly object[]) => ({
    type: 'record',
    name: 'RecordingRow',
    namespace: 'couponguard',
    fields: some,
  })

  test('older, without labels: they read as null', async () => {
    const { labels, ...row } = eventRow(0)
    writeWith(schemaOf(fields.filter(({ name }) => name !== 'labels')), row)
    const { rows } = await readAll(path)
    expect(plain(rows)).toEqual(plain([{ ...row, labels }]))
  })

  test('newer, with a field that we do not know: it is passed over', async () => {
    const extra = { name: 'extra', type: ['null', 'string'], default: null }
    writeWith(schemaOf([...fields, extra]), { ...eventRow(0), extra: 'later' })
    expect(plain((await readAll(path)).rows)).toEqual(plain([eventRow(0)]))
  })

  test('foreign: the line says why', async () => {
    writeWith(schemaOf([{ name: 'recordedAt', type: 'string' }]), { recordedAt: 'now' })
    await expect(openRecording(path)).rejects.toThrow(/r\.avro: its schema cannot be read as ours/)
  })
})

test('a copied recording is still whole', async () => {
  await writeRecording(path, manyRows)
  copyFileSync(path, join(folder, 'copy.avro'))
  expect((await readAll(join(folder, 'copy.avro'))).problem).toBeNull()
})

/** Length of the header: all up to the first sync marker. */
function encodeHeaderOf(bytes: Buffer): { length: number } {
  return { length: bytes.indexOf(bytes.subarray(-16)) + 16 }
}
