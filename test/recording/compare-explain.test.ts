/** `compare` and `explain` on recordings of decisions that the default playbook really made. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { withValues } from '../../src/recording/explanation.ts'
import { decidedHeader, decidedRow, eventRow, run, writeRecording } from './sample-rows.ts'

const root = mkdtempSync(join(tmpdir(), 'compare-'))
afterAll(() => rmSync(root, { recursive: true }))
let a = root
let b = root
beforeEach(() => {
  const folder = mkdtempSync(join(root, 'case-'))
  a = join(folder, 'a.avro')
  b = join(folder, 'b.avro')
})

const farm = { users_1d: 12, fresh_users_1d: 9 }
const money = {
  kind: 'redemption',
  couponAmount: 5_000,
  orderAmount: 9_000,
  currency: 'CNY',
} as const
const keyOf = (row: ReturnType<typeof decidedRow>) => row.decision?.eventKey ?? ''

describe('compare', () => {
  test('tells flips by outcome, rule and money, and what only one side has', async () => {
    const onlyA = decidedRow(8, {})
    const onlyB = decidedRow(9, {})
    await writeRecording(a, [decidedRow(1, farm, money), decidedRow(2, {}), onlyA], decidedHeader)
    await writeRecording(b, [decidedRow(1, {}, money), decidedRow(2, {}), onlyB], decidedHeader)
    const { code, stdout } = await run('compare', a, b, '--json')
    const comparison = JSON.parse(stdout)
    expect([code, comparison]).toMatchObject([
      0,
      {
        a: { decisions: 3, playbook: 'default 1.0.0' },
        matched: 2,
        same: 1,
        flipped: 1,
        flips: [{ from: 'block', to: 'allow', events: 1, atStake: { CNY: 5_000 } }],
        rules: { 'device-farm': { added: 0, removed: 1, flipped: 1 } },
        onlyInA: 1,
        onlyInB: 1,
        onlyInAExamples: [keyOf(onlyA)],
        onlyInBExamples: [keyOf(onlyB)],
      },
    ])
    const text = (await run('compare', a, b)).stdout
    expect(text).toMatch(/block → allow +1, at stake 50\.00 CNY/)
    expect(text).toMatch(/device-farm +\+0 −1, 1 flipped/)
  })

  test('sums what names no currency that can be as unknown', async () => {
    const called = ['__proto__', 'RMB\u001b[31m', 'coins', null].map((currency, n) => [
      decidedRow(n, farm, { ...money, currency }),
      decidedRow(n, {}, { ...money, currency }),
    ])
    await writeRecording(
      a,
      called.map(([before]) => before!),
      decidedHeader,
    )
    await writeRecording(
      b,
      called.map(([, after]) => after!),
      decidedHeader,
    )
    const { stdout } = await run('compare', a, b, '--json')
    expect(JSON.parse(stdout).flips).toMatchObject([{ atStake: { unknown: 20_000 } }])
    expect((await run('compare', a, b)).stdout).toMatch(/at stake 200\.00 unknown\n/)
  })

  test('of a recording with itself finds nothing', async () => {
    await writeRecording(a, [decidedRow(1, farm), decidedRow(2, {})], decidedHeader)
    const { code, stdout } = await run('compare', a, a, '--json')
    expect([code, JSON.parse(stdout)]).toMatchObject([
      0,
      { same: 2, flipped: 0, onlyInA: 0, onlyInB: 0 },
    ])
  })

  test('refuses a recording without decisions, and says what to do', async () => {
    await writeRecording(a, [eventRow(1)])
    const { code, stderr } = await run('compare', a, a)
    expect([code, stderr]).toEqual([
      1,
      `${a}: holds no decisions; judge it first: couponguard replay ${a} --out D\n`,
    ])
  })
})

describe('explain', () => {
  const row = decidedRow(1, farm, { ...money, merchant: 'm-7' })
  const key = keyOf(row)

  test.each([
    ['event key', key],
    ['decision id', row.decision?.id ?? ''],
    ['event id', 'e1'],
  ])('finds an event by its %s', async (_, wanted) => {
    await writeRecording(a, [decidedRow(0, {}), row], decidedHeader)
    const { code, stdout } = await run('explain', a, wanted)
    expect(code).toBe(0)
    expect(stdout).toContain(`${key} (id e1)`)
    expect(stdout).toMatch(/^decision +block, score \d+, by playbook default 1\.0\.0$/m)
    expect(stdout).toMatch(/device_users_1d \(12\) >= 8 && device_fresh_users_1d \(9\) >= 4/)
    expect(stdout).toMatch(/^readings +device: .*users_1d 12/m)
    expect(stdout).toContain('merchant m-7')
  })

  test('gives the same to programs', async () => {
    await writeRecording(a, [row], decidedHeader)
    const { stdout } = await run('explain', a, key, '--json')
    expect(JSON.parse(stdout)).toMatchObject({
      eventKey: key,
      samePlaybook: true,
      decision: { outcome: 'block' },
      rules: expect.arrayContaining([
        expect.objectContaining({ rule: 'device-farm', tier: 'device-ip' }),
      ]),
    })
  })

  test('an event that is not there: one line, with what may be meant', async () => {
    await writeRecording(a, [row], decidedHeader)
    const near = await run('explain', a, `${key.slice(0, 20)}000000000000`)
    expect([near.code, near.stderr]).toEqual([1, expect.stringContaining(`did you mean ${key}?`)])
    const far = await run('explain', a, 'nothing')
    expect([far.code, far.stderr]).toEqual([
      1,
      expect.stringMatching(/no event nothing among 1 rows; name an event key/),
    ])
  })

  test('an id that several events have: their keys', async () => {
    const other = decidedRow(1, {}, { user: 'someone else' })
    await writeRecording(a, [row, other], decidedHeader)
    const { code, stderr } = await run('explain', a, 'e1')
    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining(
        `2 events have the id e1; name one by its key: ${key}, ${keyOf(other)}`,
      ),
    ])
  })

  test('a plain recording: replay it first', async () => {
    await writeRecording(a, [eventRow(1)])
    for (const wanted of ['e1', keyOf(decidedRow(1, {}))]) {
      const { code, stderr } = await run('explain', a, wanted)
      expect([code, stderr]).toEqual([
        1,
        expect.stringContaining(`has no decision; judge it first: couponguard replay ${a} --out D`),
      ])
    }
  })

  test('what is no recording: one line', async () => {
    writeFileSync(a, '')
    const { code, stderr } = await run('explain', a, 'e1')
    expect([code, stderr]).toEqual([1, `${a}: empty: no recording was written here\n`])
  })

  test('puts values after signals and nowhere else', () => {
    const values = [
      { signal: 'ip_users_1h', value: 1024, saturated: true },
      { signal: 'channel', value: 'menu', saturated: false },
      { signal: 'gap', value: null, saturated: false },
    ]
    expect(withValues('ip_users_1h >= 20 &&\n  channel == "channel" || gap < 1', values)).toBe(
      'ip_users_1h (1024 or more) >= 20 && channel ("menu") == "channel" || gap (absent) < 1',
    )
  })
})
