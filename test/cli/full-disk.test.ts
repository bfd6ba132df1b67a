/**
 * A full disk, as a limit on the size of files: what was there stays, what failed leaves nothing,
 * and `start` goes on where it stopped once there is room.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { problemLines, runCli, runWell, scratchFolder } from '../support/run-cli.ts'
import { csv, folderWith, goodLines, importWords } from './shop-files.ts'

test('import, replay and generate keep what was there before, and say so in one line', async () => {
  const folder = folderWith({ 'a.csv': csv(...goodLines(3_000)) })
  await runWell(importWords('a.csv', 'whole.avro'), { cwd: folder })
  writeFileSync(join(folder, 'out.avro'), 'what was there before')
  const before = readdirSync(folder).sort()
  const writers = [
    importWords('a.csv'),
    ['replay', 'whole.avro', '--out', 'out.avro'],
    ['generate', '--seed', '1', '--events', '2000', '--out', 'out.avro'],
  ]
  for (const words of writers) {
    const ran = await runCli(words, { cwd: folder, limit: 'ulimit -f 100' })
    const line = expect.stringContaining('out.avro: larger than the file size limit')
    expect([words[0], ran.code, problemLines(ran)]).toEqual([words[0], 1, [line]])
    expect(readFileSync(join(folder, 'out.avro'), 'utf8')).toBe('what was there before')
    expect(readdirSync(folder).sort()).toEqual(before)
  }
})

test('start ends in one line; with room again it goes on from there', async () => {
  const day = { seed: 1, events: 2_500, startAt: Date.UTC(2026, 2, 1, 16) }
  const planned = () => {
    const data = join(scratchFolder(), 'data')
    mkdirSync(data, { mode: 0o700 })
    writeFileSync(join(data, 'demo.json'), JSON.stringify(day))
    return ['start', '--demo', '--once', '--json', '--data', data]
  }
  const words = planned()
  const full = await runCli(words, { limit: 'ulimit -f 800' })
  const line = expect.stringMatching(
    /data: the disk is full: .* start again, it goes on from there/,
  )
  expect([full.code, problemLines(full)]).toEqual([1, [line]])
  const counts = async (of: readonly string[]) => {
    const { events, decisions, duplicates, deadLetters } = JSON.parse((await runWell(of)).stdout)
    return { events, decisions, duplicates, deadLetters }
  }
  const after = await counts(words)
  expect(after).toEqual(await counts(planned()))
  expect(after.events).toBe(day.events)
})
