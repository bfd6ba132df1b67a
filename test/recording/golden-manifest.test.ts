/** The manifest notices every way in which a kept recording can stop being what it was. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { manifestProblems, writeManifest } from './golden-manifest.ts'
import { decidedRow, writeRecording } from './sample-rows.ts'

const folder = mkdtempSync(join(tmpdir(), 'golden-'))
afterAll(() => rmSync(folder, { recursive: true }))

test('a tampered, a missing and an unlisted recording fail by name', async () => {
  for (const name of ['a.avro', 'b.avro', 'c.avro'])
    await writeRecording(join(folder, name), [decidedRow(1, {})])
  writeManifest(folder)
  expect(manifestProblems(folder)).toEqual([])
  const bytes = readFileSync(join(folder, 'a.avro'))
  bytes.writeUInt8(bytes.readUInt8(bytes.length - 40) ^ 1, bytes.length - 40)
  writeFileSync(join(folder, 'a.avro'), bytes)
  rmSync(join(folder, 'b.avro'))
  writeFileSync(join(folder, 'd.avro'), '')
  expect(manifestProblems(folder)).toEqual([
    'a.avro: tampered with: its bytes are not those of the manifest',
    'b.avro: listed in the manifest, but not there',
    'd.avro: not listed in the manifest',
  ])
})
