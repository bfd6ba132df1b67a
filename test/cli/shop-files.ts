/** A small shop's export and its mapping, for the tests that break them; and what came of them. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { RecordingRow } from '../../src/core/schema.gen.ts'
import { openRecording } from '../../src/recording/read.ts'
import { scratchFolder } from '../support/run-cli.ts'

export const mapping = `name: shop
format: csv
zone: UTC
fields: { user: user_id, occurredAt: time(at), campaign: what, orderAmount: minor(sum) }
expand: [{ kind: claim }]
`
export const head = 'user_id,at,what,sum'

const startAt = Date.UTC(2026, 2, 1, 10)
/** One claim a second, each of another user. */
export const good = (index: number) =>
  `u${index},${new Date(startAt + index * 1_000).toISOString()},c1,1.50`
export const goodLines = (count: number) => Array.from({ length: count }, (_, index) => good(index))
export const csv = (...lines: string[]) => Buffer.from(`${[head, ...lines].join('\n')}\n`)

/** A folder with the mapping m.yaml and these files. */
export function folderWith(files: Readonly<Record<string, Buffer | string>>): string {
  const folder = scratchFolder()
  writeFileSync(join(folder, 'm.yaml'), mapping)
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content)
  return folder
}

export const importWords = (file: string, out = 'out.avro') =>
  ['import', file, '--mapping', 'm.yaml', '--out', out, '--json'] as const

export async function rowsOf(path: string): Promise<readonly RecordingRow[]> {
  const recording = await openRecording(path)
  const all: RecordingRow[] = []
  for await (const rows of recording.rows()) all.push(...rows)
  return all
}

/** Rows of a recording, and those that could not be read, by reason. */
export async function countRows(path: string): Promise<{ rows: number; rejected: object }> {
  const rows = await rowsOf(path)
  const rejected: Record<string, number> = {}
  for (const row of rows)
    if (row.rejected !== null)
      rejected[row.rejected.reason] = (rejected[row.rejected.reason] ?? 0) + 1
  return { rows: rows.length, rejected }
}
