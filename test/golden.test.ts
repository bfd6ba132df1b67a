/**
 * The recordings that are kept for ever: untouched, re-judged to the same bytes, re-observed to the
 * same decisions. test/recordings/README.md says how one is added.
 */
import {
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { basename, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { manifestProblems } from './recording/golden-manifest.ts'
import { problemLines, repoRoot, runCli, runWell, scratchFolder } from './support/run-cli.ts'

const folder = join(repoRoot, 'test', 'recordings')
/** One has its own, where it bears the recording's name. */
function playbookOf(recording: string): string {
  const own = join(folder, recording.replace('.avro', '.yaml'))
  return existsSync(own) ? own : join(folder, 'playbook.yaml')
}
const recordings = readdirSync(folder).filter((name) => name.endsWith('.avro'))

test('every recording is there, listed, described and not tampered with', () => {
  expect(manifestProblems(folder)).toEqual([])
  expect(recordings.length).toBeGreaterThan(0)
  const table = readFileSync(join(folder, 'README.md'), 'utf8')
  expect(recordings.filter((name) => !table.includes(`| ${name} |`))).toEqual([])
})

test('together they are small enough to be kept', () => {
  const sizes = recordings.map((name) => statSync(join(folder, name)).size)
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(400_000)
})

test('one that was tampered with fails by its name', () => {
  const copies = scratchFolder()
  for (const name of ['manifest.json', ...recordings])
    copyFileSync(join(folder, name), join(copies, name))
  const name = recordings[0]!
  const bytes = readFileSync(join(copies, name))
  bytes[bytes.length >> 1]! ^= 1
  writeFileSync(join(copies, name), bytes)
  expect(manifestProblems(copies)).toEqual([
    `${name}: tampered with: its bytes are not those of the manifest`,
  ])
})

describe.each(recordings)('%s', (name) => {
  const path = join(folder, name)
  const playbook = playbookOf(name)
  /** The campaigns file beside it is found by name, as for any recording. */
  const replay = (...words: string[]) => ['replay', path, '--playbook', playbook, ...words]

  test('re-judged, every decision has the same bytes', async () => {
    const { stdout } = await runWell(replay('--rejudge', '--json'))
    const { judged, differences, decisions, rules } = JSON.parse(stdout)
    expect(differences).toBe(0)
    expect(judged).toBe(decisions.allow + decisions.review + decisions.block)
    // It shows something: not everything is allowed, and rules hit.
    expect(judged).toBeGreaterThan(decisions.allow)
    expect(Object.keys(rules).length).toBeGreaterThan(0)
  })

  test('re-observed, every event is decided as it was', async () => {
    const again = join(scratchFolder(), basename(path))
    await runWell(replay('--out', again))
    const { stdout } = await runWell(['compare', path, again, '--json'])
    const { a, matched, same, flipped, scoreChanged, onlyInA, onlyInB, rules } = JSON.parse(stdout)
    expect({ same, flipped, scoreChanged, onlyInA, onlyInB, rules }).toEqual({
      same: a.decisions,
      flipped: 0,
      scoreChanged: 0,
      onlyInA: 0,
      onlyInB: 0,
      rules: {},
    })
    expect(matched).toBe(a.decisions)
  })

  test('with a byte changed inside, it is refused by its name', async () => {
    const changed = join(scratchFolder(), name)
    const bytes = readFileSync(path)
    // In the name of a user, so that the row still reads.
    const at = bytes.indexOf('u-', 30_000)
    bytes[at >= 0 ? at : bytes.length - 40]! ^= 1
    writeFileSync(changed, bytes)
    const ran = await runCli(['replay', changed, '--playbook', playbook, '--rejudge'])
    expect(ran.code).toBe(1)
    expect(problemLines(ran).join('\n')).toContain(changed)
  })

  test('a playbook that decides otherwise is told', async () => {
    const other = join(scratchFolder(), 'other.yaml')
    const text = readFileSync(playbook, 'utf8')
    writeFileSync(other, text.replace('reviewAt: 45', 'reviewAt: 1'))
    const models = text.includes('\nmodel: ') ? ['--model', join(folder, 'models', 'kept')] : []
    const ran = await runCli(['replay', path, '--rejudge', '--playbook', other, ...models])
    expect(ran.code).toBe(1)
    expect(problemLines(ran).at(-1)).toMatch(/of \d+ decisions are not the recorded ones/)
  })
})

test('orders.avro is what orders.csv was imported to', async () => {
  const out = join(scratchFolder(), 'orders.avro')
  const decided = join(scratchFolder(), 'decided.avro')
  expect(existsSync(join(folder, 'orders.csv'))).toBe(true)
  const words = ['--mapping', 'orders.mapping.yaml', '--out', out, '--max-rejects', '10%']
  await runWell(['import', 'orders.csv', ...words], { cwd: folder })
  await runWell(['replay', out, '--playbook', playbookOf('orders.avro'), '--out', decided])
  const { stdout } = await runWell(['compare', join(folder, 'orders.avro'), decided, '--json'])
  expect(JSON.parse(stdout)).toMatchObject({ matched: 45, same: 45, onlyInA: 0, onlyInB: 0 })
})
