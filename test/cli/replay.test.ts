/**
 * From a file of one's own to decisions: import, replay, re-judge, compare and explain, each as a
 * process, on files so small that every number can be counted by hand.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { problemLines, repoRoot, runCli, runWell, scratchFolder } from '../support/run-cli.ts'

const playbook = join(repoRoot, 'test', 'recordings', 'playbook.yaml')

const mapping = `name: shop
format: csv
zone: Asia/Shanghai
fields: { user: who, occurredAt: time(at), campaign: what, deviceFingerprint: md5(device) }
expand: [{ kind: claim }]
labels: { fraud: 'bad == "1"', kind: scheme }
`

/**
 * One device, five users, all within ten minutes, the last three of them dishonest; and one honest.
 */
const rows = [
  'who,at,what,device,bad,scheme',
  'u1,2026-03-01 10:00:00,c1,d1,0,family',
  'u2,2026-03-01 10:02:00,c1,d1,0,family',
  'u3,2026-03-01 10:04:00,c1,d1,1,farm',
  'u4,2026-03-01 10:06:00,c1,d1,1,farm',
  'u5,2026-03-01 10:08:00,c1,d1,1,farm',
  'u6,2026-03-01 10:09:00,c1,d2,0,family',
]

async function imported(lines = rows): Promise<{ folder: string; recording: string }> {
  const folder = scratchFolder()
  writeFileSync(join(folder, 'shop.csv'), `${lines.join('\n')}\n`)
  writeFileSync(join(folder, 'shop.yaml'), mapping)
  const words = ['import', 'shop.csv', '--mapping', 'shop.yaml', '--out', 'shop.avro', '--json']
  const { stdout } = await runWell(words, { cwd: folder })
  expect(JSON.parse(stdout)).toMatchObject({
    rows: 6,
    events: 6,
    claims: 6,
    labelled: 6,
    rejected: 0,
  })
  return { folder, recording: join(folder, 'shop.avro') }
}

/** The kept playbook with a rule on devices that asks nothing else. */
function strictPlaybook(folder: string, users: number): string {
  const path = join(folder, `strict-${users}.yaml`)
  const changed = readFileSync(playbook, 'utf8')
    .replace('device_users_7d >= 3 && device_fresh_users_7d >= 1', `device_users_7d >= ${users}`)
    .replace(
      'hit: [{ device_users_7d: 3, device_fresh_users_7d: 1 }]',
      `hit: [{ device_users_7d: ${users} }]`,
    )
    .replace(
      'nearMiss: [{ device_users_7d: 2, device_fresh_users_7d: 1 }]',
      `nearMiss: [{ device_users_7d: ${users - 1} }]`,
    )
    .replace('version: 1.0.0', `version: 1.0.0-strict-${users}`)
  writeFileSync(path, changed)
  return path
}

test('replay --json says what came of every event', async () => {
  const { folder, recording } = await imported()
  const words = ['replay', recording, '--playbook', strictPlaybook(folder, 3), '--json']
  const { stdout, stderr } = await runWell(words)
  expect(stderr).toBe('')
  expect(stdout.trimEnd().split('\n')).toHaveLength(1)
  const summary = JSON.parse(stdout)
  expect(summary).toMatchObject({
    recording,
    playbook: { name: 'kept', version: '1.0.0-strict-3' },
    events: 6,
    decisions: { allow: 3, review: 0, block: 3 },
    alerts: [],
    deadLetters: 0,
    duplicates: 0,
    rules: { 'shared-device': 3 },
    detection: {
      labelled: 6,
      dishonest: 3,
      precision: 1,
      recall: 1,
      byKind: {
        family: { fraud: false, events: 3, flagged: 0 },
        farm: { fraud: true, events: 3, flagged: 3, blocked: 3 },
      },
      honestUsers: 3,
      honestUsersBlocked: 0,
      honestUsersBlockedShare: 0,
    },
  })
  expect(summary.eventsPerSecond).toBeGreaterThan(0)
})

test('without labels there is no detection', async () => {
  const { folder } = await imported()
  writeFileSync(join(folder, 'plain.yaml'), mapping.replace(/labels: .*\n/, ''))
  const words = ['import', 'shop.csv', '--mapping', 'plain.yaml', '--out', 'plain.avro']
  await runWell(words, { cwd: folder })
  const { stdout } = await runWell(['replay', 'plain.avro', '--json'], { cwd: folder })
  expect(JSON.parse(stdout)).not.toHaveProperty('detection')
})

test('--out twice gives the same bytes, and so does import', async () => {
  const { folder, recording } = await imported()
  const other = await imported()
  expect(readFileSync(other.recording).equals(readFileSync(recording))).toBe(true)
  const outs = ['a.avro', 'b.avro'].map((name) => join(folder, name))
  for (const out of outs) await runWell(['replay', recording, '--playbook', playbook, '--out', out])
  expect(readFileSync(outs[0]!).equals(readFileSync(outs[1]!))).toBe(true)
  // Re-observing what was decided already changes nothing either.
  const again = join(folder, 'c.avro')
  await runWell(['replay', outs[0]!, '--playbook', playbook, '--out', again])
  expect(readFileSync(again).equals(readFileSync(outs[0]!))).toBe(true)
})

test('--rejudge of its own output has no difference; under a changed playbook it is one line and exit 1', async () => {
  const { folder, recording } = await imported()
  const strict = strictPlaybook(folder, 3)
  const decided = join(folder, 'decided.avro')
  await runWell(['replay', recording, '--playbook', strict, '--out', decided])
  const same = await runWell(['replay', decided, '--rejudge', '--playbook', strict, '--json'])
  expect(JSON.parse(same.stdout)).toMatchObject({ judged: 6, differences: 0, different: [] })

  const other = strictPlaybook(folder, 4)
  const ran = await runCli(['replay', decided, '--rejudge', '--playbook', other, '--json'])
  expect(ran.code).toBe(1)
  expect(JSON.parse(ran.stdout)).toMatchObject({ judged: 6, differences: 6 })
  expect(problemLines(ran)).toEqual([
    expect.stringMatching(/decided\.avro: 6 of 6 decisions are not the recorded ones/),
  ])
})

test('compare says which decisions flipped, by rule', async () => {
  const { folder, recording } = await imported()
  const decided = async (users: number) => {
    const out = join(folder, `decided-${users}.avro`)
    const words = ['replay', recording, '--playbook', strictPlaybook(folder, users), '--out', out]
    await runWell(words)
    return out
  }
  const [three, five] = [await decided(3), await decided(5)]
  const json = await runWell(['compare', three, five, '--json'])
  expect(JSON.parse(json.stdout)).toMatchObject({
    matched: 6,
    same: 4,
    flipped: 2,
    flips: [{ from: 'block', to: 'allow', events: 2 }],
    rules: { 'shared-device': { added: 0, removed: 2, flipped: 2 } },
    onlyInA: 0,
    onlyInB: 0,
  })
  const text = await runWell(['compare', three, five])
  expect(text.stdout).toContain('block → allow')
  expect(text.stdout).toContain('shared-device')
})

test('explain gives the text of the rule with the values that it saw', async () => {
  const { folder, recording } = await imported()
  const strict = strictPlaybook(folder, 3)
  const decided = join(folder, 'decided.avro')
  await runWell(['replay', recording, '--playbook', strict, '--out', decided])
  // Under another version every decision differs, and they are named in order.
  const other = strictPlaybook(folder, 4)
  const rejudged = await runCli(['replay', decided, '--rejudge', '--playbook', other, '--json'])
  const key: string = JSON.parse(rejudged.stdout).different[4].eventKey
  const { stdout } = await runWell(['explain', decided, key, '--playbook', strict])
  expect(stdout).toContain('block')
  expect(stdout).toMatch(/device_users_7d\D+5\D/)
  expect(stdout).toContain('5 accounts in seven days.')
  const json = await runWell(['explain', decided, key, '--playbook', strict, '--json'])
  expect(json.stdout).toContain('shared-device')
  const missing = await runCli(['explain', decided, 'f'.repeat(32), '--playbook', strict])
  expect([missing.code, problemLines(missing)]).toEqual([1, [expect.stringContaining('no event')]])
})

test('generate is the same bytes for the same seed, and replay finds its campaigns beside it', async () => {
  const folder = scratchFolder()
  const make = (name: string, seed: string) =>
    runWell(['generate', '--seed', seed, '--events', '400', '--out', name, '--json'], {
      cwd: folder,
    })
  const { stdout } = await make('a.avro', '7')
  expect(JSON.parse(stdout)).toMatchObject({ seed: 7, scenario: 'attack', rows: 400 })
  await make('b.avro', '7')
  await make('c.avro', '8')
  const [a, b, c] = ['a', 'b', 'c'].map((name) => readFileSync(join(folder, `${name}.avro`)))
  expect([a!.equals(b!), a!.equals(c!)]).toEqual([true, false])
  const replayed = await runWell(['replay', 'a.avro', '--json', '--out', 'd.avro'], { cwd: folder })
  const { detection } = JSON.parse(replayed.stdout)
  expect(detection.dishonest).toBeGreaterThan(0)
  const header = readFileSync(join(folder, 'd.avro')).subarray(0, 100_000).toString('latin1')
  expect(header).toContain('couponguard.lists')
})
