/** Playbook files: what a good one becomes, the one that ships, and loading from disk. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { CommandError } from '../../src/cli/exit.ts'
import { defaultPlaybookPath, loadPlaybook, parsePlaybook } from '../../src/config/playbook-file.ts'
import { exampleRow } from '../../src/core/rules/example.ts'
import { judge } from '../../src/core/rules/judge.ts'
import { playbookBytesMax } from '../../src/core/rules/playbook.ts'
import { changed, good } from './a-playbook.ts'

/** An event with nothing odd about it. */
const ordinary = {
  attempt_failed: false,
  attempt: 'succeeded',
  device_missing: false,
  device_handmade: false,
  ip_missing: false,
  ip_is_hosting: false,
  ip_is_vpn: false,
  ip_is_tor: false,
  ip_listed_by: 0,
  device_users_1h: 1,
  device_claims_10s: 1,
  device_fresh_users_1d: 0,
  code_uses_45d: 1,
  code_claim_same_user_45d: true,
  code_claim_same_device_45d: true,
  code_expired: false,
  code_age_days: 12,
  campaign_open: true,
  store_in_scope: true,
  referrer_official: true,
  tier_reached: true,
  coupon_share: 0.2,
  stacked_sources: 2,
  watched: false,
  blocked_user: false,
}

describe('a good playbook', () => {
  test('is read whole, in order of tiers, with defaults, frozen', () => {
    const parsed = parsePlaybook(good, 'p.yaml')
    if (!('playbook' in parsed)) throw new Error(parsed.problems[0]!.message)
    const { playbook, serves } = parsed
    expect(playbook.rules.map(({ id }) => id)).toEqual(['watched', 'many-claims'])
    expect(playbook.rules[0]).toMatchObject({ mode: 'shadow', onDoubt: 'block', rolloutPercent: 5 })
    const defaults = { mode: 'live', onDoubt: 'review', rolloutPercent: 100, advice: null }
    expect(playbook.rules[1]).toMatchObject(defaults)
    expect(playbook.hash).toMatch(/^[0-9a-f]{64}$/)
    expect(playbook.timeZone.name).toBe('Asia/Shanghai')
    expect(serves).toEqual({ alerting: ['D4'], reports: [] })
    for (const part of [playbook, playbook.rules, playbook.rules[0], playbook.rules[0]!.reason]) {
      expect(Object.isFrozen(part)).toBe(true)
    }
    expect(Object.isFrozen(playbook.alerting.channelBands['group-share'])).toBe(true)
  })

  test('is hashed as it is written', () => {
    const hashOf = (text: string) => {
      const parsed = parsePlaybook(text, 'p.yaml')
      return 'playbook' in parsed ? parsed.playbook.hash : null
    }
    expect(hashOf(good)).toBe(hashOf(good))
    expect(hashOf(`${good}# a word\n`)).not.toBe(hashOf(good))
  })
})

describe('the playbook that ships', () => {
  const playbook = loadPlaybook(defaultPlaybookPath)

  test('loads, and runs the examples of every rule', () => {
    expect(playbook.rules.length).toBeGreaterThan(30)
    for (const { examples } of playbook.rules) expect(examples.length).toBeGreaterThanOrEqual(2)
  })

  test('serves the rows of the domain table that it is there for', () => {
    const parsed = parsePlaybook(readFileSync(defaultPlaybookPath, 'utf8'), 'default.yaml')
    if (!('playbook' in parsed)) throw new Error('it has problems')
    const { alerting, reports } = parsed.serves
    const rows = new Set([
      ...playbook.rules.flatMap(({ serves }) => serves),
      ...alerting,
      ...reports,
    ])
    const wanted = 'D1 D2 D3 D4 D10 D11 D12 D14 D16 D19 D21 D22'.split(' ')
    expect(wanted.filter((row) => !rows.has(row))).toEqual([])
  })

  test.each<[string, Record<string, number | boolean | string>]>([
    ['a claim at home', { device_users_1d: 1, ip_users_1h: 2, account_age_days: 200 }],
    [
      'a claim on a family tablet',
      { device_users_1d: 5, device_users_7d: 6, account_age_days: 90 },
    ],
    [
      'a claim on a campus',
      { ip_users_1h: 900, ip_fresh_users_1h: 40, ip_claims_10s: 30, account_age_days: 200 },
    ],
    [
      'a new student on a campus',
      { ip_users_1h: 900, ip_fresh_users_1h: 5, ip_claims_10s: 3, account_age_days: 0.5 },
    ],
    ['a gift used at once', { transfer_hop: 1, transfer_age_hours: 0.1, account_age_days: 300 }],
    ['a heavy day', { user_claims_1d: 30, user_claims_1h: 8, user_gap_cv_1d: 0.9 }],
  ])('lets %s pass', (_, signals) => {
    const honest = { ...ordinary, ...signals }
    for (const is_claim of [true, false]) {
      const row = exampleRow({ ...honest, is_claim, is_redemption: !is_claim })
      const asked = judge(playbook, row, 0).filter(({ rule }) => rule.outcome !== 'allow')
      expect(asked.map(({ rule, verdict }) => `${rule.id} ${verdict}`)).toEqual([])
    }
  })
})

describe('loading', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'couponguard-playbook-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  const written = (name: string, bytes: string | Uint8Array) => {
    const file = path.join(folder, name)
    writeFileSync(file, bytes)
    return file
  }
  const failure = (file: string): string => {
    try {
      loadPlaybook(file)
    } catch (error) {
      if (error instanceof CommandError && error.code === 1) return error.message
      throw error
    }
    throw new Error('it was loaded')
  }

  test('a good file', () => {
    expect(loadPlaybook(written('good.yaml', good)).version).toBe('1.0.0-a')
  })

  test('a bad one shows file, line, column, source and caret', () => {
    const file = written('bad.yaml', changed('when: watched', 'when: wached'))
    expect(failure(file)).toBe(
      `1 problem in ${file}; nothing of it was loaded\n` +
        `${file}:43:11: unknown signal wached; did you mean watched?\n` +
        '        when: wached\n' +
        '              ^',
    )
  })

  test.each([
    ['missing', () => path.join(folder, 'none.yaml'), /is not there/],
    ['a folder', () => folder, /is a folder/],
    ['not UTF-8', () => written('latin.yaml', Uint8Array.of(0x6e, 0xff, 0xfe)), /not valid UTF-8/],
    ['too large', () => written('large.yaml', 'x'.repeat(playbookBytesMax + 1)), /at most 1048576/],
  ])('%s', (_, file, message) => {
    expect(failure(file())).toMatch(message)
    expect(failure(file())).not.toContain('\n')
  })
})
