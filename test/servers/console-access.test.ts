/**
 * People, sessions, tokens and the audit log on Postgres; and the commands that change them.
 *
 * proves: D6
 */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { z } from 'zod'
import type { Database } from '../../src/console/database.ts'
import { migrate } from '../../src/console/store/migrate.ts'
import { openPostgres } from '../../src/console/store/postgres.ts'
import { accessLaws } from '../console/access/access-laws.ts'

const url = inject('postgresUrl')

/** A database of its own in the server that is there. */
async function openNamed(name: string): Promise<{ database: Database; address: string }> {
  const server = openPostgres(url ?? '')
  await server.query(`DROP DATABASE IF EXISTS ${name}`)
  await server.query(`CREATE DATABASE ${name}`)
  await server.close()
  const address = (url ?? '').replace(/\/[^/]*$/, `/${name}`)
  const database = openPostgres(address)
  await migrate(database)
  return { database, address }
}

describe.runIf(url !== null)('Postgres', () => {
  accessLaws('Postgres', async () => (await openNamed('console_access')).database)
})

describe.runIf(url !== null)('console users and console tokens', () => {
  let database: Database
  let address = ''
  beforeAll(async () => {
    ;({ database, address } = await openNamed('console_commands'))
  })
  afterAll(() => database.close())

  const run = (words: string, input = '') => {
    const env = { ...process.env, COUPONGUARD_POSTGRES_URL: address }
    const main = join(import.meta.dirname, '../../dist/main.js')
    const ran = spawnSync('node', [main, 'console', ...words.split(' ')], {
      env,
      input,
      encoding: 'utf8',
    })
    return { code: ran.status, stdout: ran.stdout, stderr: ran.stderr }
  }
  const audit = () =>
    database.query<{ action: string; person: string; subject: string }>(
      'SELECT action, person, subject FROM audit_log ORDER BY id',
    )

  it('add, list, a new password, shut out and in again', async () => {
    expect(run('users list').stdout).toBe('nobody yet: console users add\n')
    const added = run('users add ada --role administrator', 'correct horse battery\n')
    expect(added).toEqual({
      code: 0,
      stdout: 'ada may use the console as administrator\n',
      stderr: '',
    })
    expect(run('users add ADA', 'correct horse battery\n')).toMatchObject({ code: 1, stdout: '' })
    expect(run('users add bo --json', 'another long one\n').code).toBe(0)
    expect(run('users list').stdout).toBe('ada\tadministrator\nbo\treviewer\n')
    const rows = z.object({ rows: z.array(z.object({ name: z.string() })) })
    expect(rows.parse(JSON.parse(run('users list --json').stdout)).rows).toHaveLength(2)
    expect(run('users password bo', 'a third long one\n').code).toBe(0)
    expect(run('users disable bo').stdout).toContain('bo is shut out')
    expect(run('users list').stdout).toContain('bo\treviewer\tshut out')
    expect(run('users disable bo --undo').code).toBe(0)
    expect(await audit()).toContainEqual({
      action: 'addPerson',
      person: 'terminal:',
      subject: 'bo',
    })
  })

  it('mistakes are one line, and nothing typed is in it', () => {
    const mistakes: [string, string, number, RegExp][] = [
      ['users add cy', 'short\n', 2, /the password/],
      ['users add cy', '', 1, /no password/],
      ['users add cy --role boss', 'correct horse battery\n', 2, /--role boss/],
      ['users add <b>', 'correct horse battery\n', 2, /NAME/],
      ['users add cy', 'aaaaaaaaaaaaaa\n', 1, /too easy/],
      ['users disable ada', '', 1, /last administrator/],
      ['users password nobody', 'correct horse battery\n', 1, /nobody called nobody/],
      ['tokens remove none', '', 1, /no such token/],
    ]
    for (const [words, input, code, says] of mistakes) {
      const ran = run(words, input)
      expect([words, ran.code, ran.stdout]).toEqual([words, code, ''])
      expect(ran.stderr).toMatch(says)
      expect(ran.stderr.trim().split('\n')).toHaveLength(1)
      expect(ran.stderr).not.toMatch(/correct|aaaa|short\b/)
    }
  })

  it('a token is printed once, and taken back', async () => {
    const { stdout } = run('tokens add export')
    expect(stdout).toMatch(/^cg_[\w-]{43}\n$/)
    const [id, name, role] = run('tokens list').stdout.trim().split('\t')
    expect([name, role]).toEqual(['export', 'viewer'])
    expect(run(`tokens remove ${id}`).stdout).toBe('taken back\n')
    expect(await audit()).toContainEqual({
      action: 'addToken',
      person: 'terminal:',
      subject: 'export',
    })
  })

  it('a database that is away is one line without its password', () => {
    const env = { ...process.env, COUPONGUARD_POSTGRES_URL: 'postgres://u:s3cret@127.0.0.1:1/x' }
    const main = join(import.meta.dirname, '../../dist/main.js')
    const ran = spawnSync('node', [main, 'console', 'users', 'list'], { env, encoding: 'utf8' })
    expect([ran.status, ran.stdout]).toEqual([1, ''])
    expect(ran.stderr).toMatch(/^couponguard: the database is away: .*\n$/)
    expect(ran.stderr).not.toContain('s3cret')
  })
})
