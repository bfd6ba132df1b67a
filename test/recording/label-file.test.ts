/** Labels of one's own, whichever file they come in: the newest verdict counts. Else one line. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { CommandError } from '../../src/cli/exit.ts'
import type { Review } from '../../src/core/schema.gen.ts'
import { readLabelFile, refuseUnmet } from '../../src/recording/label-file.ts'
import { readReviews, writeReviews } from '../../src/recording/review-file.ts'
import { scratchFolder } from '../support/run-cli.ts'

const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((digit) => digit.repeat(32))
const review = (eventKey: string, verdict: Review['verdict'], at: number): Review => ({
  eventKey,
  decisionId: `${eventKey}@1.0.0`,
  verdict,
  reviewer: 'r1',
  reason: at % 2 === 0 ? null : 'a, "b"',
  at,
})

function file(content: string | Buffer): string {
  const path = join(scratchFolder(), 'labels')
  writeFileSync(path, content)
  return path
}

const csv = `eventKey,note,verdict,kind,at
${a},"x, y",legitimate,,1970-01-01T00:00:03Z
${b},,fraud,ring,5
${a},,fraud,"a ""b""",2000
${c},,fraud,,7
${c},,inconclusive,,8
`
const jsonLines = [
  { eventKey: a, verdict: 'legitimate', at: 3000 },
  { eventKey: b, verdict: 'fraud', kind: 'ring', at: 5, more: [1] },
  { eventKey: a?.toUpperCase(), verdict: 'fraud', at: '1970-01-01T08:00:02+08:00' },
  { eventKey: c, verdict: 'fraud', kind: null, at: 7 },
  { eventKey: c, verdict: 'inconclusive', at: 8 },
]
  .map((row) => JSON.stringify(row))
  .join('\r\n')

const forms: readonly (readonly [string, () => string | Promise<string>, string | null])[] = [
  ['CSV', () => file(csv), 'ring'],
  ['CSV with a mark and CR', () => file(`\ufeff${csv.replaceAll('\n', '\r\n')}`), 'ring'],
  ['CSV, gzip', () => file(gzipSync(csv)), 'ring'],
  ['JSON lines', () => file(jsonLines), 'ring'],
  [
    'reviews',
    async () => {
      const path = join(scratchFolder(), 'reviews.avro')
      const said = [review(a!, 'legitimate', 3000), review(b!, 'fraud', 5)]
      said.push(review(a!, 'fraud', 2000), review(c!, 'fraud', 7), review(c!, 'unknown', 8))
      await writeReviews(path, said)
      return path
    },
    null,
  ],
]

describe.each(forms)('%s', (_, make, kind) => {
  test('of each event the newest verdict, and none where it is inconclusive', async () => {
    const labels = await readLabelFile(await make(), 'left-out')
    expect(labels).toMatchObject({ events: 3, frauds: 1, inconclusive: 1, unreviewed: 'left-out' })
    expect(labels.labelsOf(a!)).toMatchObject({ fraud: false, kind: null })
    expect(labels.labelsOf(b!)).toMatchObject({ fraud: true, kind, source: 'review' })
    expect([labels.labelsOf(c!), labels.labelsOf(d!)]).toEqual([null, null])
    const verdicts = [a, b, c, d].map((key) => labels.verdictOf(key!))
    expect(verdicts).toEqual(['legitimate', 'fraud', null, null])
    labels.labelsOf(b!)
    expect(labels.met()).toBe(3)
  })

  test('events without one are honest where that is asked for, inconclusive ones not', async () => {
    const labels = await readLabelFile(await make(), 'legitimate')
    expect(labels.labelsOf(d!)).toMatchObject({ fraud: false, kind: null })
    expect([labels.labelsOf(c!), labels.verdictOf(d!)]).toEqual([null, null])
  })
})

test('without times the later line counts', async () => {
  const path = file(`verdict,eventKey\nfraud,${a}\nlegitimate,${a}\n`)
  expect((await readLabelFile(path, 'left-out')).labelsOf(a!)).toMatchObject({ fraud: false })
})

test('events that are in no recording are told, those that are count', async () => {
  const labels = await readLabelFile(file(csv), 'legitimate')
  labels.labelsOf(d!)
  const refuse = () => refuseUnmet(labels, ['x/day.avro', 'y/week.avro'])
  expect(refuse).toThrow('none of the 3 events that it judges is in day.avro and 1 more')
  labels.labelsOf(c!)
  expect(refuse).not.toThrow()
})

describe('refused in one line', () => {
  const head = 'eventKey,verdict\n'
  const cases: readonly (readonly [string, string, string])[] = [
    ['nothing', '', ': empty'],
    [
      'no key',
      'event,verdict\n',
      'line 1: the header has no column eventKey; it has event, verdict',
    ],
    ['no verdict', 'eventKey,label\n', 'line 1: the header has no column verdict'],
    ['no line', head, 'holds no verdict that says fraud or legitimate'],
    ['no word', `${head}${a},inconclusive\n`, 'holds no verdict that says fraud or legitimate'],
    ['a slip', `${head}${a},fruad\n`, 'line 2: verdict is "fruad": must be fraud, legitimate, '],
    ['a slip, mended', `${head}${a},legitimat\n`, 'did you mean legitimate?'],
    ['a short key', `${head}\nabc,fraud\n`, 'line 3: eventKey is "abc": must be 32 hexadecimal'],
    ['a column more', `${head}${a},fraud,x\n`, 'line 2: 3 columns where the header has 2'],
    ['an open quote', `${head}"${a},fraud\n`, 'line 2: a quote is never closed'],
    ['a stray quote', `${head}${a},fra"ud"\n`, 'line 2: a quote stands where none may stand'],
    [
      'an odd time',
      `eventKey,verdict,at\n${a},fraud,noon\n`,
      'line 2: at is "noon": must be a time',
    ],
    [
      'a long kind',
      `eventKey,verdict,kind\n${a},fraud,${'k'.repeat(65)}\n`,
      'line 2: kind is "kkk',
    ],
    ['JSON cut short', `{"eventKey":"${a}","verdict":"fraud"}\n{"event`, 'line 2: is not JSON'],
    ['no object', `{"eventKey":"${a}","verdict":"fraud"}\n[1]`, 'line 2: is no JSON object'],
    ['no verdict, JSON', `{"eventKey":"${a}"}`, 'line 1: verdict is not there: must be fraud'],
    [
      'times here and there',
      `{"eventKey":"${a}","verdict":"fraud","at":1}\n{"eventKey":"${b}","verdict":"fraud"}`,
      'some verdicts say at what time and some do not',
    ],
  ]
  test.each(cases)('%s', async (_, content, message) => {
    const path = file(content)
    const read = readLabelFile(path, 'left-out')
    await expect(read).rejects.toThrow(CommandError)
    await expect(read).rejects.toThrow(message)
    await expect(read).rejects.toThrow(path)
    await expect(read).rejects.not.toThrow('\n')
  })

  test('a recording, and reviews that are cut off or damaged', async () => {
    const recording = join(import.meta.dirname, '..', 'recordings', 'orders.avro')
    await expect(readLabelFile(recording, 'left-out')).rejects.toThrow(
      'holds no reviews (its records are RecordingRow); record --reviews writes them',
    )
    const path = join(scratchFolder(), 'reviews.avro')
    const said = Array.from({ length: 2_500 }, (_, at) => review(a!, 'fraud', at))
    await writeReviews(path, said)
    expect(await readReviews(path)).toEqual(said)
    const bytes = readFileSync(path)
    await expect(readLabelFile(file(bytes.subarray(0, -9)), 'left-out')).rejects.toThrow(
      /cut off inside the block at byte \d+, after 2000 reviews/,
    )
    bytes[bytes.length - 1]! ^= 1
    await expect(readLabelFile(file(bytes), 'left-out')).rejects.toThrow(
      /damaged: no sync marker after the block at byte \d+, after 2000 reviews/,
    )
  })
})
