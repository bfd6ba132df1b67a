/** The mappings that come with couponguard, on the data that they were written for. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { RecordingRow } from '../../src/core/schema.gen.ts'
import { openRecording } from '../../src/recording/read.ts'
import { run } from './sample-rows.ts'

const repoRoot = join(import.meta.dirname, '..', '..')
const data = join(repoRoot, '..', 'shared', 'data')
const folder = mkdtempSync(join(tmpdir(), 'real-data-'))
afterAll(() => rmSync(folder, { recursive: true }))
const hourMs = 3_600_000

interface DataSet {
  readonly name: string
  readonly file: string
  readonly counts: object
  readonly resolutionMs: number
  readonly from: number
  readonly to: number
}

const dataSets: DataSet[] = [
  {
    name: 'ad_clicks',
    file: 'ad_clicks/clicks.csv.gz',
    counts: { rows: 100_000, claims: 100_000, redemptions: 227, skipped: 0, rejected: 0 },
    resolutionMs: 0,
    from: Date.UTC(2017, 10, 6),
    to: Date.UTC(2017, 10, 10),
  },
  {
    name: 'coupon_claims',
    file: 'coupon_claims/claims.csv.gz',
    counts: { rows: 113_640, claims: 113_640, redemptions: 0, skipped: 0, rejected: 0 },
    resolutionMs: 24 * hourMs,
    from: Date.UTC(2016, 5, 30, 16),
    to: Date.UTC(2016, 6, 31, 16),
  },
  {
    name: 'offer_log',
    file: 'offer_log/transcript.csv.gz',
    counts: { rows: 306_534, claims: 76_277, redemptions: 33_579, skipped: 196_678, rejected: 0 },
    resolutionMs: hourMs,
    from: Date.UTC(2018, 0, 1, 5),
    to: Date.UTC(2018, 0, 31, 5),
  },
]

test.each(dataSets)(
  '$name is imported whole, in order and within its month',
  async (dataSet) => {
    const { name, file, counts, resolutionMs, from, to } = dataSet
    const path = join(data, file)
    expect(existsSync(path), `${path} is missing; see shared/data/README.md`).toBe(true)
    const out = join(folder, `${name}.avro`)
    const mapping = join(repoRoot, 'mappings', `${name}.yaml`)
    const startedAt = performance.now()
    const { code, stdout, stderr } = await run(
      'import',
      path,
      '--mapping',
      mapping,
      '--out',
      out,
      '--json',
    )
    expect([code, stderr]).toEqual([0, ''])
    expect(JSON.parse(stdout)).toMatchObject(counts)
    expect(performance.now() - startedAt).toBeLessThan(60_000)

    const recording = await openRecording(out)
    const ids = new Set<string>()
    const faults: RecordingRow[] = []
    let rows = 0
    let lastAt = 0
    for await (const batch of recording.rows()) {
      for (const row of batch) {
        const { event, recordedAt, offset } = row
        const at = event?.occurredAt ?? 0
        const sound = offset === rows && recordedAt >= lastAt && recordedAt === at + resolutionMs
        if (!sound || at < from || at >= to) faults.push(row)
        ids.add(event?.id ?? '')
        lastAt = recordedAt
        rows += 1
      }
    }
    expect([recording.problem(), faults.slice(0, 3)]).toEqual([null, []])
    expect(ids.size).toBe(rows)
  },
  120_000,
)

test('each address code of ad_clicks has a subnet of its own, no device is a model', async () => {
  const recording = await openRecording(join(folder, 'ad_clicks.avro'))
  const subnets = new Map<string, number>()
  const devices = new Map<string, number>()
  for await (const batch of recording.rows()) {
    for (const { event } of batch) {
      if (event?.kind !== 'claim') continue
      expect(event.ip).toMatch(/^2001:db8:[0-9a-f]*:/)
      subnets.set(event.ip ?? '', (subnets.get(event.ip ?? '') ?? 0) + 1)
      devices.set(event.device ?? '', (devices.get(event.device ?? '') ?? 0) + 1)
    }
  }
  expect(subnets.size).toBe(34_857)
  expect(Math.max(...devices.values())).toBeLessThan(1_000)
})
