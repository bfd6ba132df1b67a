/** Places where no data directory can be made: one line and exit 1 at once, and nothing left. */
import { chmodSync, existsSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { makeFolder } from '../../src/runtime/make-folder.ts'
import { problemLines, runCli, scratchFolder } from '../support/run-cli.ts'

interface Place {
  readonly what: string
  /** The path, made so that it is bad. */
  readonly prepare: (folder: string) => string
  readonly says: RegExp
}

const places: readonly Place[] = [
  { what: 'no name', prepare: () => '', says: /the name of a folder is empty; name one/ },
  {
    what: 'under a file',
    prepare: (folder) => {
      writeFileSync(join(folder, 'a'), '')
      return join(folder, 'a', 'b', 'c')
    },
    says: /\/a is a file, not a folder; choose another place/,
  },
  {
    what: 'a file',
    prepare: (folder) => {
      writeFileSync(join(folder, 'a'), '')
      return join(folder, 'a')
    },
    says: /\/a: is a file, not a folder/,
  },
  {
    what: 'a link to nothing',
    prepare: (folder) => {
      symlinkSync(join(folder, 'none', 'here'), join(folder, 'a'))
      return join(folder, 'a')
    },
    says: /\/a: is a link to what is not there/,
  },
  {
    what: 'links in a circle',
    prepare: (folder) => {
      symlinkSync('a', join(folder, 'a'))
      return join(folder, 'a', 'b')
    },
    says: /symbolic links lead in a circle/,
  },
  {
    what: 'a name that is too long',
    prepare: (folder) => join(folder, 'x'.repeat(300), 'b'),
    says: /the name is too long/,
  },
]

/** The kernel's own files: "no such file" is its answer to a folder that is made there. */
const inKernel: Place = {
  what: 'where the kernel makes up the folders',
  prepare: () => '/proc/none/here',
  says: /\/proc\/none cannot be made: the file system there takes no folders/,
}

/** A superuser may write anywhere. */
const unwritable: Place = {
  what: 'a folder that may not be written',
  prepare: (folder) => {
    chmodSync(folder, 0o500)
    return join(folder, 'a', 'b')
  },
  says: /\/a cannot be made: permission denied/,
}

const all = [
  ...places,
  ...(existsSync('/proc/self') ? [inKernel] : []),
  ...(process.getuid?.() === 0 ? [] : [unwritable]),
]

describe('start says so in one line', () => {
  test.each(all)('$what', async ({ prepare, says }) => {
    const cwd = scratchFolder()
    const folder = scratchFolder()
    const data = prepare(folder)
    for (const more of [[], ['--demo', '--once']]) {
      const words = ['start', '--data', data, '--port', '0', ...more]
      const ran = await runCli(words, { cwd, msMax: 20_000 })
      expect([ran.code, ran.signal, ran.stdout]).toEqual([1, null, ''])
      expect(problemLines(ran)).toHaveLength(1)
      expect(ran.stderr.trimEnd().split('\n')).toHaveLength(1)
      expect(ran.stderr).toMatch(says)
      expect(existsSync(join(cwd, 'key'))).toBe(false)
    }
  })
})

describe('lists import says so in one line', () => {
  test.each(all)('$what', async ({ prepare, says }) => {
    const cwd = scratchFolder()
    writeFileSync(join(cwd, 'a_ipv4.txt'), '192.0.2.1\n')
    const words = ['lists', 'import', 'a_ipv4.txt', '--as', 'hosting', '--out']
    const ran = await runCli([...words, prepare(scratchFolder())], { cwd, msMax: 20_000 })
    expect([ran.code, ran.stdout]).toEqual([1, ''])
    expect(problemLines(ran)).toHaveLength(1)
    expect(ran.stderr).toMatch(says)
    expect(existsSync(join(cwd, 'feeds'))).toBe(false)
  })
})

describe('a folder that can be made', () => {
  test('is, with those above it, in the mode that is asked; and again', async () => {
    const path = join(scratchFolder(), 'a', 'b', 'c')
    for (let time = 0; time < 2; time += 1) await makeFolder(path, 0o700)
    expect(statSync(path).mode & 0o777).toBe(0o700)
    expect(statSync(join(path, '..')).mode & 0o777).toBe(0o700)
  })

  test('by several at once', async () => {
    const path = join(scratchFolder(), 'a', 'b', 'c', 'd')
    await Promise.all(Array.from({ length: 20 }, () => makeFolder(path)))
    expect(statSync(path).isDirectory()).toBe(true)
  })

  test('through a link to a folder', async () => {
    const folder = scratchFolder()
    mkdirSync(join(folder, 'real'))
    symlinkSync('real', join(folder, 'a'))
    await makeFolder(join(folder, 'a', 'b'))
    expect(statSync(join(folder, 'real', 'b')).isDirectory()).toBe(true)
  })
})
