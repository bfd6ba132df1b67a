/** The files as others see them: plain Avro, rows of a recording, and rows of an older schema. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import avro from 'avsc'
import { expect, it } from 'vitest'
import { type RecordingRow, schemas } from '../../src/core/schema.gen.ts'
import { openDirectoryLog } from '../../src/log/directory/open.ts'
import { encodeRows, newRowReader } from '../../src/log/directory/rows.ts'
import { eventTopic, type LogRow } from '../../src/log/directory/topics.ts'
import { encodeHeader, readHeader } from '../../src/recording/container.ts'
import { sampleEvent, sampleOutputs, sampleProgress } from './sample.ts'
import { newScratch } from './scratch.ts'

const scratch = newScratch()

function readAll(path: string, readerSchema?: avro.Type): Promise<unknown[]> {
  return new Promise((resolve, reject) => {
    const rows: unknown[] = []
    const options = readerSchema === undefined ? {} : { readerSchema }
    avro
      .createFileDecoder(path, options)
      .on('data', (row: unknown) => rows.push(row))
      .on('end', () => resolve(rows))
      .on('error', reject)
  })
}

it('any Avro reader reads every file, and the events as rows of a recording', async () => {
  const directory = scratch()
  const log = await openDirectoryLog({ directory })
  await log.append([sampleEvent('e0'), sampleEvent('e1')], 1)
  await log.append([sampleEvent('e2')], 2)
  await log.commit(sampleOutputs(await log.read(3)), sampleProgress(3))
  await log.close()
  const count = async (folder: string) => {
    const [name] = readdirSync(join(directory, folder))
    return (await readAll(join(directory, folder, name!))).length
  }
  expect(await Promise.all(['events', 'audit', 'decisions', 'tallies'].map(count))).toEqual([
    3, 3, 3, 3,
  ])
  const asRecording = avro.Type.forSchema(schemas.RecordingRow)
  const path = join(directory, 'events', '0000000000000000.avro')
  const rows = (await readAll(path, asRecording)) as RecordingRow[]
  expect(rows.map((row) => [row.offset, row.event?.id, row.decision])).toEqual([
    [0, 'e0', null],
    [1, 'e1', null],
    [2, 'e2', null],
  ])
})

it('rows written before a field was added read with its default', () => {
  // The event's last field, as if it did not exist yet.
  const older: avro.schema.RecordType = JSON.parse(JSON.stringify(eventTopic.schema))
  const event = (older.fields[4]!.type as avro.schema.RecordType[])[1]!
  expect(event.fields.pop()?.name).toBe('packageAmount')
  const rows: LogRow[] = [
    {
      recordedAt: 1,
      source: 'events',
      partition: 0,
      offset: 0,
      event: { ...sampleEvent('e0'), packageAmount: 5 },
      check: null,
    },
  ]
  const payload = encodeRows(avro.Type.forSchema(older), rows)
  const header = readHeader(encodeHeader(older, {}).bytes)
  if ('problem' in header) throw new Error(header.problem)
  const [row] = newRowReader<LogRow>(eventTopic, header).read(payload, 1)
  expect(row).toEqual({ ...rows[0], event: { ...sampleEvent('e0'), packageAmount: null } })
})
