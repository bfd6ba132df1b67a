/**
 * Recordings that are cut, changed or none, and events whose dates do not fit their record time.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { latenessMs, shardLagMs } from '../../src/core/signals/observation.ts'
import { problemLines, runCli, runWell } from '../support/run-cli.ts'
import {
  countRows,
  csv,
  folderWith,
  goodLines,
  head,
  importWords,
  mapping,
  rowsOf,
} from './shop-files.ts'

describe('a recording', () => {
  let whole = Buffer.alloc(0)

  /** A folder with a recording of 3,000 rows; it is made once. */
  async function made(): Promise<string> {
    const folder = folderWith({ 'a.csv': csv(...goodLines(3_000)) })
    if (whole.length === 0) {
      await runWell(importWords('a.csv'), { cwd: folder })
      whole = readFileSync(join(folder, 'out.avro'))
    }
    writeFileSync(join(folder, 'out.avro'), whole)
    return folder
  }

  test('cut in half: what is before the cut is judged, and the cut is named', async () => {
    const folder = await made()
    writeFileSync(join(folder, 'half.avro'), whole.subarray(0, whole.length >> 1))
    const ran = await runCli(['replay', 'half.avro', '--json', '--out', 'd.avro'], { cwd: folder })
    expect(ran.code).toBe(1)
    const { events } = JSON.parse(ran.stdout)
    expect(events).toBeGreaterThanOrEqual(1_000)
    expect(problemLines(ran)).toEqual([
      expect.stringMatching(/half\.avro: cut off after row [\d,]+ of 3,000 at byte \d+/),
    ])
    expect(await countRows(join(folder, 'd.avro'))).toEqual({ rows: events, rejected: {} })
  })

  test('that is none any more is one line and exit 1', async () => {
    const folder = await made()
    const changed = (at: number) => {
      const bytes = Buffer.from(whole)
      bytes[at]! ^= 1
      return bytes
    }
    const broken: [what: string, bytes: Buffer, line: RegExp][] = [
      ['empty', Buffer.alloc(0), /empty/],
      ['cut in its header', whole.subarray(0, 500), /cut off inside its header/],
      ['of another kind', Buffer.from('Obj\u0001 and nothing else'), /not a recording/],
      ['with a row changed', changed(whole.indexOf('u1', 30_000)), /tampered with/],
      [
        'with its header changed',
        changed(whole.indexOf('couponguard.key') + 18),
        /header was changed/,
      ],
    ]
    for (const [what, bytes, line] of broken) {
      writeFileSync(join(folder, 'b.avro'), bytes)
      const ran = await runCli(['replay', 'b.avro'], { cwd: folder })
      expect([what, ran.code, problemLines(ran)]).toEqual([what, 1, [expect.stringMatching(line)]])
    }
  })

  test('without decisions cannot be judged again', async () => {
    const ran = await runCli(['replay', 'out.avro', '--rejudge'], { cwd: await made() })
    const line = expect.stringContaining('holds no decisions')
    expect([ran.code, problemLines(ran)]).toEqual([1, [line]])
  })
})

test('dates against the record time: on each edge, and a millisecond beyond it', async () => {
  const recorded = Date.UTC(2026, 2, 10, 12)
  const week = 7 * 86_400_000
  const horizon = -latenessMs - shardLagMs
  const rows: [user: string, away: number, came: string][] = [
    ['now', 0, 'allow'],
    ['on-the-horizon', horizon, 'allow'],
    ['below-the-horizon', horizon - 1, 'review, too late'],
    ['a-week-behind', -week, 'review, too late'],
    ['more-than-a-week', -week - 1, 'stale-time'],
    ['five-minutes-ahead', 300_000, 'allow'],
    ['more-than-five-minutes', 300_001, 'future-time'],
  ]
  const iso = (at: number) => new Date(at).toISOString()
  const lines = rows.map(([user, away]) => `${user},${iso(recorded + away)},c1,1,${iso(recorded)}`)
  const folder = folderWith({ 'a.csv': `${head},seen\n${lines.join('\n')}\n` })
  writeFileSync(join(folder, 'm.yaml'), `${mapping}recordedAt: time(seen)\n`)
  await runWell([...importWords('a.csv'), '--max-rejects', '60%'], { cwd: folder })
  const words = ['replay', 'out.avro', '--json', '--out', 'd.avro']
  const { stdout } = await runWell(words, { cwd: folder })
  expect(JSON.parse(stdout)).toMatchObject({ events: rows.length, late: 2, deadLetters: 2 })
  const came = (await rowsOf(join(folder, 'd.avro'))).map(
    ({ event, inputs, decision, rejected }) =>
      rejected !== null
        ? rejected.reason
        : `${event?.user}: ${decision?.outcome}${inputs?.late === true ? ', too late' : ''}`,
  )
  const wanted = rows.map(([user, , what]) => (what.endsWith('-time') ? what : `${user}: ${what}`))
  expect(came).toEqual(wanted)
})
