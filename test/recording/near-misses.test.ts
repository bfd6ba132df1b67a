/** `explain --near-misses`: which rules did not hit, how near they were, and what tells it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import type { NearMiss } from '../../src/recording/near-misses.ts'
import { good } from '../config/a-playbook.ts'
import { decidedHeader, decidedRow, playbook, run, writeRecording } from './sample-rows.ts'

const root = mkdtempSync(join(tmpdir(), 'near-'))
afterAll(() => rmSync(root, { recursive: true }))
const recording = join(root, 'a.avro')

/** One fresh user too few for device-farm, which wants four. */
const row = decidedRow(1, { users_1d: 12, users_1h: 2, fresh_users_1d: 3 })
const key = row.decision?.eventKey ?? ''

async function missesOf(...words: string[]): Promise<readonly NearMiss[]> {
  const { stdout } = await run('explain', recording, key, '--near-misses', '--json', ...words)
  return JSON.parse(stdout).nearMisses
}

describe('near misses', () => {
  test('in words: text and values of the rule, and the part that did not hold', async () => {
    await writeRecording(recording, [row], decidedHeader)
    const plain = await run('explain', recording, key)
    const { code, stdout } = await run('explain', recording, key, '--near-misses')
    expect([code, stdout.startsWith(plain.stdout)]).toEqual([0, true])
    const added = stdout.slice(plain.stdout.length)
    expect(added).toContain(
      [
        'near miss   device-farm: 1 of 2 parts held (device-ip, would ask for block, weight 90)',
        '            device_users_1d (12) >= 8 && device_fresh_users_1d (3) >= 4',
        '            miss: device_fresh_users_1d (3) >= 4',
        '',
      ].join('\n'),
    )
    expect(added).toMatch(/^far miss {4}.*\bdevice-relay 1\/3, /m)
    expect(added).not.toContain('another playbook')
    expect(plain.stdout).not.toContain('near miss')
  })

  test('for programs: every rule that did not hit, the nearest first', async () => {
    await writeRecording(recording, [row], decidedHeader)
    const misses = await missesOf()
    const judged = row.decision?.results.map(({ rule }) => rule) ?? []
    const ids = misses.map(({ rule }) => rule)
    expect(new Set([...ids, ...judged])).toEqual(new Set(playbook.rules.map(({ id }) => id)))
    expect(ids.filter((id) => judged.includes(id))).toEqual([])
    const shares = misses.map(({ parts, partsHeld }) => partsHeld / parts.length)
    expect(shares).toEqual(shares.toSorted((a, b) => b - a))
    expect(misses.find(({ rule }) => rule === 'device-farm')).toEqual({
      rule: 'device-farm',
      tier: 'device-ip',
      mode: 'live',
      outcome: 'block',
      weight: 90,
      result: 'miss',
      when: 'device_users_1d >= 8 && device_fresh_users_1d >= 4',
      withValues: 'device_users_1d (12) >= 8 && device_fresh_users_1d (3) >= 4',
      values: [
        { signal: 'device_users_1d', value: 12, saturated: false },
        { signal: 'device_fresh_users_1d', value: 3, saturated: false },
      ],
      parts: [
        { withValues: 'device_users_1d (12) >= 8', result: 'hit' },
        { withValues: 'device_fresh_users_1d (3) >= 4', result: 'miss' },
      ],
      partsHeld: 1,
    })
  })

  test('what lacks a signal is absent', async () => {
    await writeRecording(recording, [row], decidedHeader)
    const late = (await missesOf()).find(({ rule }) => rule === 'late-gift')
    expect(late).toMatchObject({ result: 'absent', partsHeld: 1 })
    expect(late?.parts[1]).toEqual({
      withValues: 'transfer_age_hours (absent) > 24',
      result: 'absent',
    })
  })

  test('by another playbook, which it says; not its rules that were not asked', async () => {
    await writeRecording(recording, [row], decidedHeader)
    const path = join(root, 'p.yaml')
    const rule = (id: string, mode: string, when: string) =>
      good
        .slice(good.indexOf('  - id: watched'))
        .replace('id: watched', `id: ${id}`)
        .replace('mode: shadow', mode)
        .replace('rolloutPercent: 5', 'rolloutPercent: 100')
        .replace('when: watched', `when: ${when}`)
    const off = rule('switched-off', 'mode: "off"', 'watched')
    const two = rule('of-two', 'mode: shadow', 'watched || (device_users_1d >= 8 && watched)')
    writeFileSync(path, `${good}${off}${two}`)
    const misses = await missesOf('--playbook', path)
    expect(misses.map(({ rule: id, partsHeld }) => [id, partsHeld])).toEqual([
      ['of-two', 1],
      ['many-claims', 1],
    ])
    const { stdout } = await run('explain', recording, key, '--near-misses', '--playbook', path)
    expect(stdout).toMatch(/of-two: 1 of 2 parts held \(.*, shadow: not acted on\)/)
    expect(stdout).toMatch(/misses are by the rules of test 1\.0\.0-a, another playbook than/)
  })

  test('without recorded inputs: one line with what to do', async () => {
    await writeRecording(recording, [{ ...row, inputs: null }], decidedHeader)
    const { code, stdout, stderr } = await run('explain', recording, key, '--near-misses')
    expect([code, stdout, stderr]).toEqual([
      1,
      '',
      expect.stringMatching(/^\S+: event \w+ has no recorded inputs.*replay \S+ --out D\n$/),
    ])
  })
})
