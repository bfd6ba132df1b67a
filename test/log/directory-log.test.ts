/**
 * The directory form: the laws, then every state that a crash can leave behind, made by hand: a
 * last block cut at every byte or with a hole in it, a commit stopped at every step, a begun
 * segment.
 */
import { cpSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { DirectoryLog } from '../../src/log/directory/directory-log.ts'
import { openDirectoryLog } from '../../src/log/directory/open.ts'
import { describeLogLaws } from './laws.ts'
import { all, sampleEvent, sampleOutputs, sampleProgress } from './sample.ts'
import { newScratch } from './scratch.ts'

const scratch = newScratch()
const folders = ['audit', 'decisions', 'tallies']

for (const segmentBytesMax of [undefined, 1])
  describeLogLaws(`directory, segments of ${segmentBytesMax ?? 'usual'} bytes`, async () => {
    const directory = scratch()
    let last: DirectoryLog | null = null
    onTestFinished(async () => last?.close())
    return {
      async reopen() {
        await last?.close()
        const options = segmentBytesMax === undefined ? {} : { segmentBytesMax }
        last = await openDirectoryLog({ directory, ...options })
        return last
      },
    }
  })

const file = (directory: string, folder: string) => {
  const [name] = readdirSync(join(directory, folder)).sort().reverse()
  return join(directory, folder, name!)
}

/** A log of `appends` appends of two events each, the first `judged` of them judged. */
async function makeLog(appends: number, judged: number): Promise<string> {
  const directory = scratch()
  const log = await openDirectoryLog({ directory })
  for (let index = 0; index < appends; index += 1)
    await log.append(
      [sampleEvent(`e${index * 2}`), sampleEvent(`e${index * 2 + 1}`)],
      1_000 + index,
    )
  for (let index = 0; index < judged; index += 1)
    await log.commit(sampleOutputs(await log.read(2)), sampleProgress(index * 2 + 2))
  await log.close()
  return directory
}

function copyOf(directory: string): string {
  const copy = scratch()
  cpSync(directory, copy, { recursive: true })
  return copy
}

/** Opens a log and says all that is in it. */
async function contents(directory: string) {
  const log = await openDirectoryLog({ directory })
  try {
    const judged = await all(log.history())
    const rows = [...judged, ...(await log.read(1_000))]
    expect(rows.map((row) => row.offset)).toEqual(rows.map((_, index) => index))
    expect(rows.map((row) => row.event.id)).toEqual(rows.map((_, index) => `e${index}`))
    expect(rows).toHaveLength(log.endOffset())
    const audits = (await all(log.readOutputs('audits'))).map((audit) => audit.offset)
    expect(audits).toEqual(judged.map((row) => row.offset))
    const tallies = (await all(log.readOutputs('tallies'))).map((tally) => tally.abnormal)
    expect(tallies).toEqual(audits)
    expect((await all(log.readOutputs('decisions'))).map((d) => d.id)).toHaveLength(judged.length)
    return { rows: rows.length, judged: judged.length, repairs: log.repairs }
  } finally {
    await log.close()
  }
}

describe('a torn last append', () => {
  it('is cut away at every byte, and the blocks before it are kept', async () => {
    const before = await makeLog(2, 1)
    const whole = readFileSync(file(before, 'events')).length
    const directory = await makeLog(3, 1)
    const bytes = readFileSync(file(directory, 'events'))
    for (let length = whole; length <= bytes.length; length += 1) {
      const path = file(directory, 'events')
      writeFileSync(path, bytes.subarray(0, length))
      const isWhole = length === bytes.length || length === whole
      const found = await contents(directory)
      expect([length, found.rows]).toEqual([length, length === bytes.length ? 6 : 4])
      expect(found.repairs).toHaveLength(isWhole ? 0 : 1)
      if (!isWhole) expect(found.repairs[0]).toContain(`cut back by ${length - whole} bytes`)
      expect(readFileSync(path).length).toBe(length === bytes.length ? length : whole)
    }
  }, 60_000)

  it('is cut away with a hole of zeros anywhere in it, as a power cut leaves', async () => {
    const directory = await makeLog(3, 1)
    const path = file(directory, 'events')
    const bytes = readFileSync(path)
    const whole = readFileSync(file(await makeLog(2, 1), 'events')).length
    for (const size of [16, 64, 512])
      for (let at = whole; at < bytes.length; at += 37) {
        const broken = Buffer.from(bytes)
        broken.fill(0, at, Math.min(bytes.length, at + size))
        if (broken.equals(bytes)) continue
        writeFileSync(path, broken)
        expect([size, at, (await contents(directory)).rows]).toEqual([size, at, 4])
      }
    writeFileSync(path, Buffer.concat([bytes, Buffer.alloc(5_000)]))
    expect((await contents(directory)).rows).toBe(6)
    writeFileSync(path, Buffer.concat([bytes, bytes.subarray(400, 900)]))
    expect((await contents(directory)).rows).toBe(6)
  }, 60_000)

  it('goes on after the repair as if nothing had been', async () => {
    const directory = await makeLog(3, 2)
    const path = file(directory, 'events')
    truncateSync(path, readFileSync(path).length - 3)
    const log = await openDirectoryLog({ directory })
    expect(await log.append([sampleEvent('e4')], 9_999)).toBe(4)
    expect((await log.read(9)).map((row) => row.event.id)).toEqual(['e4'])
    await log.close()
    expect(await contents(directory)).toMatchObject({ rows: 5, judged: 4, repairs: [] })
  })

  it('of a segment just begun takes the segment with it', async () => {
    const made = scratch()
    const log = await openDirectoryLog({ directory: made, segmentBytesMax: 1 })
    await log.append([sampleEvent('e0')], 1)
    await log.append([sampleEvent('e1')], 1)
    await log.close()
    const bytes = readFileSync(file(made, 'events'))
    const header = bytes.indexOf(bytes.subarray(-16)) + 16
    const lengths = [0, 1, 5, 100, header - 1, header, header + 1, header + 50, bytes.length - 1]
    for (const length of lengths) {
      const directory = copyOf(made)
      writeFileSync(file(directory, 'events'), bytes.subarray(0, length))
      const found = await contents(directory)
      expect([length, found.rows]).toEqual([length, 1])
      expect(found.repairs.join()).toContain('it was begun and held no event')
    }
    const directory = copyOf(made)
    writeFileSync(file(directory, 'events'), Buffer.alloc(header))
    expect((await contents(directory)).rows).toBe(1)
  })
})

describe('a commit that stopped', () => {
  it('before its checkpoint leaves nothing, after it leaves all', async () => {
    const old = await makeLog(3, 1)
    const done = copyOf(old)
    const log = await openDirectoryLog({ directory: done })
    await log.commit(sampleOutputs(await log.read(2)), sampleProgress(4))
    await log.close()
    // Any of the outputs may have been written, wholly or in part, and the next checkpoint begun.
    for (let mask = 0; mask < 2 ** folders.length; mask += 1)
      for (const part of [1, 0.5]) {
        const directory = copyOf(old)
        folders.forEach((folder, bit) => {
          if ((mask & (1 << bit)) === 0) return
          const bytes = readFileSync(file(done, folder))
          const had = readFileSync(file(old, folder)).length
          const length = had + Math.round((bytes.length - had) * part)
          writeFileSync(file(directory, folder), bytes.subarray(0, length))
        })
        writeFileSync(join(directory, 'checkpoint.json.tmp'), '{"format":1,"nex')
        const found = await contents(directory)
        expect([mask, part, found.judged]).toEqual([mask, part, 2])
        expect(found.repairs).toHaveLength(folders.filter((_, bit) => mask & (1 << bit)).length)
      }
    expect(await contents(done)).toMatchObject({ judged: 4, repairs: [] })
  })

  it('leaves nothing of a segment that it began', async () => {
    const old = await makeLog(2, 1)
    const done = copyOf(old)
    const log = await openDirectoryLog({ directory: done, segmentBytesMax: 1 })
    await log.commit(sampleOutputs(await log.read(2)), sampleProgress(4))
    await log.close()
    cpSync(join(old, 'checkpoint.json'), join(done, 'checkpoint.json'))
    const found = await contents(done)
    expect([found.judged, found.repairs.length]).toEqual([2, folders.length])
    expect(readdirSync(join(done, 'audit'))).toHaveLength(1)
  })
})

describe('what no crash explains is refused in one line', () => {
  const cases: [string, (directory: string) => void, RegExp][] = [
    [
      'another format',
      (d) => writeFileSync(join(d, 'format'), 'couponguard-log 2\n'),
      /format: says "couponguard-log 2", this version reads "couponguard-log 1": use/,
    ],
    ['an empty format', (d) => writeFileSync(join(d, 'format'), ''), /format: says ""/],
    [
      'no format beside a log',
      (d) => removeFile(d, 'format'),
      /format: missing beside a log; restore it/,
    ],
    ['no checkpoint', (d) => removeFile(d, 'checkpoint.json'), /checkpoint.json: missing; restore/],
    [
      'half a checkpoint',
      (d) => writeFileSync(join(d, 'checkpoint.json'), '{"format":1'),
      /checkpoint.json: damaged/,
    ],
    [
      'a checkpoint with a strange number',
      (d) => edit(d, 'checkpoint.json', (t) => t.replace('"nextOffset":2', '"nextOffset":-2')),
      /checkpoint.json: damaged: nextOffset/,
    ],
    [
      'a bit turned inside the events',
      (d) => flip(file(d, 'events'), 0.9),
      /events\/0{16}\.avro: damaged at byte \d+: .*restore it from a backup/,
    ],
    [
      'a bit turned in the schema of the events',
      (d) => flip(file(d, 'events'), 0.5),
      /0{16}\.avro: damaged at byte 0: (its header was changed|the header holds no schema)/,
    ],
    ['a broken header of events', (d) => flip(file(d, 'events'), 0), /damaged at byte 0/],
    [
      'judged events cut away',
      (d) => truncateSync(file(d, 'events'), 400),
      /holds offsets 0 to 0, but 0 to 2 were judged/,
    ],
    [
      'a copied file',
      (d) => cpSync(file(d, 'events'), join(d, 'events', '0000000000000009.avro')),
      /0009\.avro: damaged at byte 0: it was written as 0{16}\.avro/,
    ],
    ['no events', (d) => rmSync(file(d, 'events')), /holds offsets 0 to 0, but 0 to 2 were judged/],
    [
      'a short audit',
      (d) => truncateSync(file(d, 'audit'), readFileSync(file(d, 'audit')).length - 1),
      /audit\/0{16}\.avro: damaged at byte \d+: it ends here/,
    ],
    ['no audit', (d) => removeFile(d, 'audit/0000000000000000.avro'), /missing, but checkpoint/],
    [
      'outputs of a newer checkpoint',
      (d) => {
        for (const n of [1, 2])
          cpSync(file(d, 'tallies'), join(d, 'tallies', `${String(90 + n).padStart(16, '0')}.avro`))
      },
      /newer than checkpoint.json/,
    ],
  ]
  it.each(cases)('%s', async (_, spoil, words) => {
    const directory = await makeLog(8, 1)
    spoil(directory)
    const error: unknown = await contents(directory).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(Error)
    const { message, code } = error as { message: string; code: unknown }
    expect(message).toMatch(words)
    expect(message).not.toContain('\n')
    expect(code).toBe(1)
    // The lock was given back, and nothing was mended that would hide it.
    const again: unknown = await openDirectoryLog({ directory }).catch((thrown: unknown) => thrown)
    expect(again).toMatchObject({ message })
  })

  it('a file in place of the directory', async () => {
    const path = join(scratch(), 'file')
    writeFileSync(path, '')
    await expect(openDirectoryLog({ directory: path })).rejects.toThrow('is a file, not a folder')
  })
})

function removeFile(directory: string, name: string): void {
  rmSync(join(directory, name))
}

function edit(directory: string, name: string, change: (text: string) => string): void {
  const path = join(directory, name)
  const before = readFileSync(path, 'utf8')
  expect(change(before)).not.toBe(before)
  writeFileSync(path, change(before))
}

/** Turns one bit at a share of the file's length. */
function flip(path: string, share: number): void {
  const bytes = readFileSync(path)
  const at = Math.floor(bytes.length * share)
  bytes[at] = bytes[at]! ^ 1
  writeFileSync(path, bytes)
}
