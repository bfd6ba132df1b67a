/** The log of a worker: what a line looks like, what is never in one, and how often it is said. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { EdgeError } from '../../src/runtime/edge-error.ts'
import { type LogFields, type LogOptions, newLogLines } from '../../src/runtime/log-lines.ts'
import { repoRoot } from '../support/run-cli.ts'

const seed = 20_260_303
const at = Date.UTC(2026, 2, 1, 16)

function newLog(more: Partial<LogOptions> = {}) {
  const written: string[] = []
  const time = { now: at }
  const log = newLogLines({
    clock: { now: () => time.now },
    to: { write: (line) => written.push(line) },
    ...more,
  })
  const lines = () => written.map((line): Record<string, unknown> => JSON.parse(line))
  return { log, time, written, lines }
}

const told = (what: string, fields?: LogFields, more?: Partial<LogOptions>) => {
  const { log, lines } = newLog(more)
  log.warn(what, fields)
  const { level: _, time: __, ...rest } = lines()[0]!
  return rest
}

describe('a line', () => {
  test('is one JSON document with level, time, words and fields', () => {
    const { log, written } = newLog({ base: { role: 'worker', group: 'g' } })
    log.info('shard taken', { shard: 3, offset: 120, first: true, before: null })
    expect(written).toEqual([
      '{"level":"info","time":"2026-03-01T16:00:00.000Z","role":"worker","group":"g",' +
        '"shard":3,"offset":120,"first":true,"before":null,"msg":"shard taken"}\n',
    ])
  })

  test.each([
    [undefined, ['info', 'warn', 'error']],
    ['warn', ['warn', 'error']],
    ['debug', ['debug', 'info', 'warn', 'error']],
  ] as const)('of level %s or above is written', (level, expected) => {
    const { log, lines } = newLog(level === undefined ? {} : { level })
    for (const each of ['debug', 'info', 'warn', 'error'] as const) log[each](`at ${each}`)
    expect(lines().map((line) => line.level)).toEqual(expected)
  })

  test('tells an error of an edge by message and code', () => {
    const error = new EdgeError('timeout', 'no decision in time', true)
    expect(told('commit failed', { error })).toEqual({
      error: 'no decision in time',
      code: 'timeout',
      msg: 'commit failed',
    })
  })

  test('tells where a defect is', () => {
    const { stack, ...rest } = told('defect', { error: new TypeError('x is not a function') })
    expect(rest).toEqual({ error: 'x is not a function', msg: 'defect' })
    const [first, ...places] = stack as string[]
    expect(first).toBe('TypeError: x is not a function')
    expect(places.length).toBeGreaterThan(2)
    for (const place of places) expect(place).toMatch(/^ +at /)
    expect((stack as string[]).length).toBeLessThanOrEqual(20)
  })

  test('tells no more than twenty lines of it', () => {
    const { stack } = told('defect', { error: new Error('x\n'.repeat(1_000)) })
    expect(stack).toHaveLength(20)
  })

  test('keeps its own names', () => {
    expect(told('x', { level: 'a', time: 'b', msg: 'c', repeated: 5 })).toEqual({
      level_: 'a',
      time_: 'b',
      msg_: 'c',
      repeated_: 5,
      msg: 'x',
    })
  })
})

describe('hostile text', () => {
  test.each([
    ['a line end', 'a\n{"level":"error"}', 'a\\u000a{"level":"error"}'],
    ['a colour', '\u001b[31mred\u009b0m', '\\u001b[31mred\\u009b0m'],
    ['writing from the right', 'a\u202etxt.exe', 'a\\u202etxt.exe'],
    ['a line end of Unicode', 'a\u2028b', 'a\\u2028b'],
    ['a tag that nobody sees', 'a\u{e0041}', 'a\\u{e0041}'],
    ['half a character', '\ud83dx', '\\ud83dx'],
    ['a whole one', '🎁', '🎁'],
    ['a format', '100 %s of %d %o %%', '100 %s of %d %o %%'],
  ])('%s', (_, given, expected) => {
    expect(told(given, { value: given }).msg).toBe(expected)
    expect(told(given, { value: given }).value).toBe(expected)
    expect(told('x', { error: new EdgeError('busy', given, true) }).error).toBe(expected)
  })

  test('of a megabyte is cut', () => {
    const { msg } = told('a'.repeat(1_048_576))
    expect(msg).toBe(`${'a'.repeat(2_000)}… (1048576 characters)`)
  })

  test('never makes a second line, or one that is no JSON', () => {
    const hostile = fc.constantFrom(
      ...'\n\r\u001b\u0085\u009b\u00ad\u200b\u2028\u202e\u{e0041}"\\%a🎁',
      '\udc00',
    )
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 50 }),
      fc.string({ unit: hostile, maxLength: 20 }),
    )
    const property = fc.property(text, fc.dictionary(text, text), (what, fields) => {
      const { log, written } = newLog()
      log.error(what, fields)
      expect(written).toHaveLength(1)
      expect(written[0]).toMatch(/^\{.*\}\n$/)
      expect(written[0]).not.toMatch(/\p{Cc}(?!$)|\p{Cf}|\p{Zl}|\p{Zp}|\p{Cs}/u)
      expect(JSON.parse(written[0]!)).toMatchObject({ level: 'error' })
    })
    fc.assert(property, { seed })
  })
})

describe('a secret', () => {
  const secrets = ['hunter2%"\\', 'pä ss\nword']
  const forms = secrets.flatMap((secret) => [
    ['as it is', secret],
    ['in an address', encodeURIComponent(secret)],
    ['as an HTTP login', Buffer.from(secret).toString('base64')],
    ['in JSON', JSON.stringify(secret).slice(1, -1)],
  ])

  test.each(forms)('%s: %j is nowhere in a line', (_, form) => {
    const { log, written } = newLog({ secrets, base: { of: form! } })
    const error = new Error(`refused ${form} twice: ${form}`)
    log.error(`with ${form}`, { url: `redis://u:${form}@host`, [`x${form}`]: form!, error })
    expect(written[0]).not.toContain(form)
    expect(written[0]).not.toContain(JSON.stringify(form).slice(1, -1))
    expect(written[0]).toContain('[secret]')
  })

  test.each(['password', 'saslPassword', 'KAFKA_PASSPHRASE', 'token', 'authorization', 'apiKey'])(
    'in a field called %s is never told',
    (name) => {
      expect(told('x', { [name]: 'whatever' })).toEqual({ [name]: '[secret]', msg: 'x' })
    },
  )

  test.each([
    ['redis://guard:s3cret@redis:6379/0', 'redis://guard:[secret]@redis:6379/0'],
    ['https://:s3cret@registry', 'https://:[secret]@registry'],
    ['Authorization: Basic Z3VhcmQ6czNjcmV0', 'Authorization: Basic [secret]'],
    ['Bearer eyJhbGciOi.J9-x_y', 'Bearer [secret]'],
    ['http://registry:8081/apis', 'http://registry:8081/apis'],
  ])('that nobody named, in %s', (given, expected) => {
    expect(told(given).msg).toBe(expected)
  })

  test('that begins like another is blanked whole', () => {
    const both = { secrets: ['spring', 'springtime', 'spring'] }
    expect(told('springtime spring', {}, both).msg).toBe('[secret] [secret]')
  })

  test('that is empty blanks nothing', () => {
    expect(told('plain', {}, { secrets: [''] }).msg).toBe('plain')
  })
})

describe('what comes again and again', () => {
  test('is said once in ten seconds, with how often', () => {
    const { log, time, lines } = newLog()
    for (let second = 0; second < 25; second += 1) {
      log.warn('registry away', { attempt: second })
      time.now += 1_000
    }
    expect(lines().map(({ attempt, repeated }) => [attempt, repeated])).toEqual([
      [0, undefined],
      [10, 9],
      [20, 9],
    ])
  })

  test('is another line for another shard, other words, another level', () => {
    const { log, lines } = newLog()
    for (const shard of [1, 2, 1]) log.warn('transaction aborted', { shard })
    log.error('transaction aborted', { shard: 1 })
    log.warn('transaction fenced', { shard: 1 })
    expect(lines()).toHaveLength(4)
  })

  test('is all told where it is no warning', () => {
    const { log, lines } = newLog()
    for (const shard of [1, 1, 1]) log.info('shard taken', { shard })
    expect(lines()).toHaveLength(3)
  })

  test('is said when the clock was set back', () => {
    const { log, time, lines } = newLog()
    log.warn('away')
    time.now -= 3_600_000
    log.warn('away')
    expect(lines()).toHaveLength(2)
  })

  test('takes no more memory for words without end', () => {
    const { log, lines } = newLog()
    for (let n = 0; n < 2_500; n += 1) log.warn(`made up ${n}`)
    log.warn('made up 2499')
    log.warn('made up 0')
    expect(lines()).toHaveLength(2_501)
  })
})

test('by default the log is on stderr, and complete when the process ends', () => {
  const script = `
    import { newLogLines } from './dist/runtime/log-lines.js'
    const log = newLogLines({ clock: { now: () => 0 } })
    for (let n = 0; n < 500; n += 1) log.info('line ' + n)
    process.exit(3)
  `
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ['--input-type=module', '-e', script],
    { cwd: join(repoRoot), encoding: 'utf8' },
  )
  expect({ stdout, status }).toEqual({ stdout: '', status: 3 })
  const lines = stderr.trimEnd().split('\n')
  expect(lines).toHaveLength(500)
  expect(JSON.parse(lines.at(-1)!)).toMatchObject({ msg: 'line 499' })
})
