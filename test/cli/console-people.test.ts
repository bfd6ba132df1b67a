/** `console users --data`: the way back into the console of `start`, while that does not run. */
import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { lockDirectory } from '../../src/log/directory/lock.ts'
import { mainPath, scratchFolder } from '../support/run-cli.ts'

function run(words: string, data: string, input = '') {
  const all = [mainPath, 'console', ...words.split(' '), '--data', data]
  const { status, stdout, stderr } = spawnSync('node', all, { input, encoding: 'utf8' })
  return { status, stdout, stderr }
}

describe('console users --data', () => {
  test('adds, gives a new password, lists', () => {
    const data = scratchFolder()
    mkdirSync(join(data, 'console'))
    const added = run('users add ada --role administrator', data, 'correct horse battery\n')
    expect(added).toEqual({
      status: 0,
      stdout: 'ada may use the console as administrator\n',
      stderr: '',
    })
    expect(run('users password ada', data, 'battery horse correct\n').status).toBe(0)
    expect(run('users list', data).stdout).toBe('ada\tadministrator\n')
  })

  test('console rebuild empties what topics fill, and no people', () => {
    const data = scratchFolder()
    mkdirSync(join(data, 'console'))
    run('users add ada', data, 'correct horse battery\n')
    const anew = { status: 0, stdout: '{"cases":0}\n', stderr: '' }
    expect(run('rebuild --json', data)).toEqual(anew)
    expect(run('users list', data).stdout).toMatch(/^ada\t/)
  })

  test('is refused in one line where start runs, or where there is no console', async () => {
    const data = scratchFolder()
    expect(run('users list', data)).toMatchObject({ status: 1, stdout: '' })
    mkdirSync(join(data, 'console'))
    const lock = await lockDirectory(data)
    try {
      const refused = run('users list', data)
      expect([refused.status, refused.stdout]).toEqual([1, ''])
      expect(refused.stderr).toMatch(/^couponguard: .*\n$/)
    } finally {
      await lock.release()
    }
  })
})
