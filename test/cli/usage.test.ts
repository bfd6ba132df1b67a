/** The manners of every command: help with an example, one line for a mistake, exit codes. */
import { describe, expect, test } from 'vitest'
import { problemLines, runCli, runWell, scratchFolder } from '../support/run-cli.ts'

const commands = [
  ['start'],
  ['import'],
  ['generate'],
  ['replay'],
  ['compare'],
  ['geojson'],
  ['reconcile'],
  ['evaluate'],
  ['train'],
  ['explain'],
  ['check'],
  ['bench'],
  ['domain'],
  ['lists', 'import'],
  ['lists', 'look-up'],
  ['lists', 'add'],
  ['lists', 'remove'],
  ['lists', 'switch'],
  ['campaigns', 'import'],
  ['campaigns', 'remove'],
  ['store', 'check'],
  ['store', 'rebuild'],
  ['run'],
  ['monitor'],
  ['console'],
  ['console', 'users', 'add'],
  ['console', 'users', 'list'],
  ['console', 'users', 'password'],
  ['console', 'users', 'disable'],
  ['console', 'tokens', 'add'],
  ['console', 'tokens', 'list'],
  ['console', 'tokens', 'remove'],
  ['topics', 'create'],
  ['topics', 'check'],
  ['topics', 'reach'],
  ['dead-letters', 'list'],
  ['dead-letters', 'show'],
  ['dead-letters', 'redrive'],
  ['record'],
]

describe('help', () => {
  test('names every command, and these tests know them all', async () => {
    const { stdout } = await runWell(['--help'])
    const listed = [...stdout.matchAll(/^ {2}([a-z][a-z-]*)\b(?=.* {2})/gm)].map(([, name]) => name)
    const known = new Set([...commands.map(([name]) => name), 'help'])
    expect(new Set(listed)).toEqual(known)
  })

  test.each(commands)('%s %s', async (...words) => {
    const name = words.filter((word) => word !== undefined)
    const { stdout, stderr } = await runWell([...name, '--help'])
    expect(stderr).toBe('')
    expect(stdout).toContain(`Usage: couponguard ${name.join(' ')}`)
    const [, examples] = stdout.split(/\nExamples?\b/)
    expect(examples, 'an example').toContain(`couponguard ${name.join(' ')}`)
  })
})

describe('a mistake in the command itself is one line and exit 2', () => {
  const mistakes: [words: string, line: string][] = [
    ['nosuch', "couponguard: unknown command 'nosuch' (see --help)"],
    ['--nosuch', "couponguard: unknown option '--nosuch' (see --help)"],
    ['replay --nosuch a.avro', "couponguard: unknown option '--nosuch' (see --help)"],
    ['replay a.avro --jsn', "unknown option '--jsn' (Did you mean --json?)"],
    ['replay', "missing required argument 'R'"],
    ['replay a.avro b.avro', 'too many arguments'],
    ['compare a.avro', "missing required argument 'B'"],
    ['evaluate a.avro --review-at 0.5', '--review-at and --block-at: go with a model'],
    ['evaluate a.avro --review-cost dear', '--review-cost dear: must be a number from 0'],
    ['import a.csv --out b.avro', "required option '--mapping <M>' not specified"],
    ['generate --seed x --events 5 --out a.avro', '--seed x: must be a whole number'],
    ['generate --seed 1 --events 0 --out a.avro', '--events 0: asks for nothing'],
    [
      'generate --seed 1 --events 5 --start 2026-02-30 --out a.avro',
      '--start 2026-02-30: must be a date',
    ],
    [
      'generate --seed 1 --events 5 --scenario odd --out a.avro',
      'Allowed choices are attack, clean',
    ],
    ['bench --http --rates 0', '--rates 0: must be a whole number'],
    ['bench --http --events 0', '--events 0: must be a whole number'],
    ['domain D99', 'D99: is no row of the domain table, D1 to D24'],
    ['start --once', '--once: goes with --demo'],
    ['start --port 65536', '--port 65536: must be a whole number'],
    ['lists import a.txt', 'say where to: --out LISTS, or --publish'],
    ['topics create --partitions many', '--partitions many: must be a whole number'],
    ['dead-letters redrive', 'say which: --reason, --topic, --partition, --offset, or --all'],
    ['record --key KEY', 'say what to write: --out R, --reviews FILE, or both'],
    ['record --out r.avro', '--key: is needed with --out'],
    ['train r.avro --out m --unreviewed legitimate', '--unreviewed: goes with --labels'],
    ['evaluate r.avro --unreviewed honest', 'Allowed choices are left-out, legitimate'],
    ['reconcile r.avro s.csv --after soon', '--after soon: is no span'],
    ['reconcile r.avro s.csv --until soon', '--until soon: is no time'],
    ['reconcile r.avro s.csv --until 2999-01-01T00:00:00Z', ': is still to come'],
    ['reconcile r.avro s.csv --out ./s.csv', '--out ./s.csv: is what is read'],
    ['reconcile r.avro s.csv --key KEY --out KEY', '--out KEY: is what is read'],
    ['geojson r.avro --out ./r.avro', '--out ./r.avro: is what is read'],
    ['import a.csv --mapping m.yaml --out a.csv', '--out a.csv: is what is read'],
    ['record --out r.avro --key KEY --for soon', '--for soon: is no span'],
  ]
  test.each(mistakes)('%s', async (words, line) => {
    const ran = await runCli(words.split(' '), { cwd: scratchFolder() })
    expect(ran.code).toBe(2)
    expect(ran.stdout).toBe('')
    expect(problemLines(ran)).toHaveLength(1)
    expect(ran.stderr.trimEnd().split('\n')).toHaveLength(1)
    expect(ran.stderr).toContain(line)
  })
})

describe('a file that is not there is one line and exit 1', () => {
  const missing: string[] = [
    'replay nosuch.avro',
    'explain nosuch.avro e1',
    'evaluate nosuch.avro',
    'evaluate nosuch.avro --model nosuch',
    'compare nosuch.avro nosuch.avro',
    'reconcile nosuch.avro nosuch.csv',
    'check nosuch.yaml',
    'lists import nosuch_ipv4.txt --as hosting --out lists',
  ]
  test.each(missing)('%s', async (words) => {
    const ran = await runCli(words.split(' '), { cwd: scratchFolder() })
    expect(ran.code).toBe(1)
    expect(problemLines(ran)).toHaveLength(1)
    expect(ran.stderr.trimEnd().split('\n')).toHaveLength(1)
    expect(ran.stderr).toContain('nosuch')
  })
})
