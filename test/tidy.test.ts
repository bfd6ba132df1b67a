/**
 * Tidiness is a test: what DESIGN and STYLE promise of the source, held over every file. Each rule
 * is also shown a file that breaks it, so that a rule that sees nothing fails.
 */
import { execFileSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { findBroken, findCycles, findDead, importGraph } from './tidy/graph.ts'
import { findAll, isText, rules } from './tidy/rules.ts'
import { listFiles, readSource, repositoryRoot, toSource } from './tidy/source.ts'
import { waivers } from './tidy/waivers.ts'

const root = repositoryRoot
const paths = listFiles(root)
const files = paths
  .filter((path) => isText(path) || path === 'package-lock.json')
  .map((path) => readSource(root, path))
const typeScript = files.filter(({ path }) => /\.tsx?$/.test(path))
const findings = findAll(files)
const graph = importGraph(typeScript)

describe('every file', () => {
  test.each(rules.map(({ name, instead }) => [name, instead]))('%s (instead: %s)', (name) => {
    const waived = new Set(waivers.filter(({ rule }) => rule === name).map(({ file }) => file))
    const found = findings.filter(({ rule, file }) => rule === name && !waived.has(file))
    expect(found.map(({ file, line, say }) => `${file}:${line}: ${say}`)).toEqual([])
  })

  test('every waiver still waives something', () => {
    const idle = waivers.filter(
      (waiver) => !findings.some(({ rule, file }) => rule === waiver.rule && file === waiver.file),
    )
    expect(idle).toEqual([])
  })

  test('imports do not run in circles, types included', () => {
    expect(findCycles(graph)).toEqual([])
  })

  test('imports lead to files', () => {
    expect(findBroken(graph, (path) => existsSync(join(root, path)))).toEqual([])
  })

  test('no file is dead', () => {
    const scripts = paths.filter((path) => path.startsWith('scripts/'))
    const tests = files.filter(({ path }) => path.endsWith('.test.ts'))
    // A process of its own is named by the test that starts it.
    const started = paths.filter(
      (path) =>
        path.startsWith('test/') && tests.some(({ text }) => text.includes(`'${basename(path)}'`)),
    )
    const roots = [...tests.map(({ path }) => path), ...started, ...scripts, 'vitest.config.ts']
    // A thread is named by the file that starts it.
    const threads = paths.filter((path) => path.startsWith('src/') && path.endsWith('-thread.ts'))
    // The page begins where its index.html says, and is built as its configuration says.
    const page = ['src/console/web/main.tsx', 'src/console/web/vite.config.ts']
    const entries = ['src/main.ts', 'src/testing.ts', ...page, ...threads, ...scripts]
    expect(findDead(graph, entries, 'src/')).toEqual([])
    expect(findDead(graph, roots, 'test/')).toEqual([])
  })
})

describe('the rules see what they look for', () => {
  const opened = '/** What it is. */\n'
  const mark = ['FIX', 'ME'].join('')
  const planted: readonly (readonly [rule: string, path: string, text: string])[] = [
    [
      'core imports only core and pure libraries',
      'src/core/a.ts',
      "import { readFileSync } from 'node:fs'",
    ],
    [
      'core imports only core and pure libraries',
      'src/core/a.ts',
      "import type { A } from '../state/a.ts'",
    ],
    ['core imports only core and pure libraries', 'src/core/a.ts', "export { x } from 'zod'"],
    ['core is pure', 'src/core/a.ts', 'export async function f() {}'],
    ['core is pure', 'src/core/a.ts', 'const at = new Date(5)'],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is source code
    ['core is pure', 'src/core/a.ts', 'const text = `at ${`${Date.parse(x)}`}`'],
    ['core is pure', 'src/core/a.ts', 'names.sort((a, b) => a.localeCompare(b))'],
    ['core is pure', 'src/core/a.ts', "const fs = await import('node:fs')"],
    ['one clock', 'src/http/a.ts', 'const at = Date.now()'],
    ['one clock', 'src/http/a.ts', 'const at = /[/]/.test(x) ? new Date( ) : 0'],
    ['one clock', 'src/http/a.ts', "import { randomUUID } from 'node:crypto'"],
    ['one clock', 'src/console/web/a.tsx', '<p>{a}</p>; const at = <b at={Date.now()} />'],
    ['100 columns', 'src/console/web/a.tsx', `const a = ${'b + '.repeat(30)}c`],
    ['files of 400 lines at most', 'src/console/web/a.css', '\n'.repeat(500)],
    ['no recursive mkdir', 'src/a.ts', 'await mkdir(path, { recursive: true })'],
    ['kafkajs is mended', 'src/a.ts', "import { Kafka } from 'kafkajs'"],
    ['kafkajs is mended', 'src/a.ts', "import { logLevel, Kafka as Client } from 'kafkajs'"],
    ['no chance in tests', 'test/a.test.ts', 'const x = Math.random()'],
    ['imports go one way', 'src/state/a.ts', "import { a } from '../http/a.ts'"],
    ['imports go one way', 'src/core/event/a.ts', "import type { A } from '../rules/a.ts'"],
    ['imports go one way', 'src/lists/a.ts', "import { a } from '../main.ts'"],
    ['imports go one way', 'src/evaluation/a.ts', "import { a } from '../recording/a.ts'"],
    ['imports name the .ts file', 'src/a.ts', "import { a } from './b'"],
    ['no barrels', 'src/a/index.ts', 'export const a = 1'],
    ['no barrels', 'src/a.ts', "export { a } from './b.ts'\nexport { c } from './d.ts'"],
    ['no barrels', 'src/a.ts', "export * from './b.ts'"],
    ['no banned names', 'src/state/redis-utils.ts', ''],
    ['no banned names', 'src/common/a.ts', ''],
    ['no banned names', 'src/state/types.ts', ''],
    ['no banned names', 'src/a.ts', 'export class SignalManager {}'],
    ['no banned names', 'src/a.ts', 'export interface ISignal {}'],
    ['no any', 'src/a.ts', 'const a: any = 1'],
    ['no any', 'src/a.ts', 'const a = b as unknown as string'],
    [
      'no any',
      'src/a.ts',
      'const a: Map<string, any> = b'.replace(', any', ',any').replace(',any', '| any'),
    ],
    ['no default exports', 'src/a.ts', 'export default 1'],
    ['no state in modules', 'src/a.ts', 'let count = 0'],
    ['one level of classes at most', 'src/a.ts', 'class A extends Base {}'],
    ['code does not know that it is tested', 'src/a.ts', "process.env['NODE_ENV']"],
    ['no test is skipped or alone', 'test/a.test.ts', "test.only('x', () => {})"],
    ['no test is skipped or alone', 'test/a.test.ts', "describe.concurrent.skip('x', () => {})"],
    ['nothing is left to do', 'docs/a.md', `- ${mark}: write this`],
    ['files open with what they are', 'src/a.ts', 'export const a = 1'],
    ['100 columns', 'src/a.ts', `const a = ${'b + '.repeat(30)}c`],
    ['100 columns', 'src/a.ts', `// ${'b '.repeat(60)}'`],
    ['files of 400 lines at most', 'src/a.ts', '\n'.repeat(500)],
    ['clean text', 'docs/a.md', 'a \n'],
    ['clean text', 'docs/a.md', 'a\r\n'],
    ['clean text', 'docs/a.md', 'a'],
    ['no paths of one machine', 'docs/a.md', `see ${['', 'home', 'me'].join('/')}`],
    ['no registry hosts', 'package-lock.json', `"${'resolved'}": "x"`],
  ]

  test.each(planted)('%s: %s %j', (rule, path, text) => {
    const bare = rule.startsWith('files open') || !/\.tsx?$/.test(path)
    const found = findAll([toSource(path, bare ? text : `${opened}${text}`)])
    expect(found.map((finding) => finding.rule)).toContain(rule)
  })

  test('every rule is shown something', () => {
    const shown = new Set(planted.map(([rule]) => rule))
    expect(rules.map(({ name }) => name).filter((name) => !shown.has(name))).toEqual([])
  })

  test('and nothing in what is sound', () => {
    const sound = `${opened}import { sha256 } from '@noble/hashes/sha2.js'
import type { Event } from '../schema.gen.ts'

// Date.now() in a comment, ${'`async`'} and 'await' too
export const text = 'new Date() is a word in a string: any, import(x) from "y"'
export const pattern = /Math\\.random\\(\\)|"/g
export const at = (event: Event) => \`\${event.occurredAt} is not Date.now()\`
export const half = (a: number, b: number) => a / b / 2
export const noon = Date.UTC(2026, 0, 1, 12)
`
    expect(findAll([toSource('src/core/event/sound.ts', sound)])).toEqual([])
  })

  test('circles, dead files and imports that lead nowhere are seen', () => {
    const three = importGraph([
      toSource('src/main.ts', "import './a.ts'"),
      toSource('src/a.ts', "import type { B } from './b.ts'"),
      toSource('src/b.ts', "export { a } from './a.ts'"),
      toSource('src/c.ts', "import { d } from './d.ts'"),
    ])
    expect(findCycles(three)).toEqual(['src/a.ts → src/b.ts → src/a.ts'])
    expect(findDead(three, ['src/main.ts'], 'src/')).toEqual(['src/c.ts'])
    expect(findBroken(three, (path) => three.has(path))).toEqual(['src/c.ts → src/d.ts'])
  })
})

describe('type-aware lint', () => {
  const bin = (name: string) => join(root, 'node_modules', '.bin', name)

  /** Lines of findings of .oxlintrc.json, of which none is expected. */
  function lint(folder: string, ...targets: string[]): readonly string[] {
    const words = ['-c', join(root, '.oxlintrc.json'), '--type-aware', '-f', 'unix', ...targets]
    const env = { ...process.env, OXLINT_TSGOLINT_PATH: bin('tsgolint') }
    try {
      execFileSync(bin('oxlint'), words, { cwd: folder, env, stdio: 'pipe', encoding: 'utf8' })
      return []
    } catch (error) {
      const { stdout } = error as { stdout: string }
      return stdout.split('\n').filter((line) => /^\S+:\d+:\d+: /.test(line))
    }
  }

  test('finds nothing here: no floating promise, function too long or with too many parameters', () => {
    expect(lint(root, 'src', 'test', 'scripts')).toEqual([])
  })

  test('would find a floating promise, and the rest of what it is there for', () => {
    const folder = mkdtempSync(join(tmpdir(), 'tidy-'))
    try {
      mkdirSync(join(folder, 'src'))
      const compilerOptions = { target: 'es2023', strict: true, types: [], noEmit: true }
      writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions }))
      writeFileSync(
        join(folder, 'src', 'planted.ts'),
        [
          'async function send(): Promise<void> {}',
          'export function forget(): void { send() }',
          'export function hide(): void { void send() }',
          'export const each = () => [1].forEach(async () => { await send() })',
          'export function many(a: 1, b: 2, c: 3, d: 4, e: 5) { return [a, b, c, d, e] }',
          "export function pick(k: 'a' | 'b') { switch (k) { case 'a': return 1; default: return 2 } }",
          `export function long() {${'\n  // a line\n  console.log()'.repeat(40)}\n}`,
          '',
        ].join('\n'),
      )
      const found = lint(folder, 'src').map((line) =>
        line.replace(/^.*:(\d+):\d+:.*\((.*)\)\]$/, '$1 $2'),
      )
      expect([...found].sort()).toEqual([
        '2 no-floating-promises',
        '3 no-floating-promises',
        '4 no-misused-promises',
        '5 max-params',
        '6 switch-exhaustiveness-check',
        '7 max-lines-per-function',
      ])
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

describe('the repository', () => {
  const pictureBytesMax = 250_000
  const sizeOf = (path: string) => statSync(join(root, path)).size
  const json = (path: string): Record<string, Record<string, string>> =>
    JSON.parse(readFileSync(join(root, path), 'utf8'))

  test('at most sixteen npm scripts, and those that STYLE names', () => {
    const names = Object.keys(json('package.json').scripts ?? {})
    expect(names.length).toBeLessThanOrEqual(16)
    expect(names).toEqual(
      expect.arrayContaining(['start', 'build', 'check', 'test', 'bench', 'format']),
    )
  })

  test('pictures are those of the console, and small', () => {
    const pictures = paths.filter((path) => /\.(?:png|jpe?g|gif|webp|avif|ico|pdf)$/i.test(path))
    const wrong = pictures.filter(
      (path) => !/^docs\/pictures\/[a-z-]+\.png$/.test(path) || sizeOf(path) > pictureBytesMax,
    )
    expect(wrong).toEqual([])
    const shown = files.filter(({ path }) => path.endsWith('.md')).map(({ text }) => text)
    const unseen = pictures.filter(
      (path) => !shown.some((text) => text.includes(path.replace(/^docs\//, ''))),
    )
    expect(unseen).toEqual([])
  })

  test('scripts are TypeScript', () => {
    // What asks libraries of Python for their word is in their language.
    const ours = paths.filter((path) => /^scripts\/(?!peers\/)/.test(path))
    expect(ours.filter((path) => !path.endsWith('.ts'))).toEqual([])
  })

  test('the lock file belongs to package.json and names no download addresses', () => {
    const lock = json('package-lock.json')
    const here = json('package.json')
    const locked = lock.packages![''] as unknown
    expect(locked).toMatchObject({
      dependencies: here.dependencies,
      devDependencies: here.devDependencies,
    })
    expect(readFileSync(join(root, 'package-lock.json'), 'utf8')).not.toMatch(
      /https?:\/\/(?!.*(?:fund|github|opencollective))\S*\.tgz/,
    )
  })

  test.each(['README.md', 'CHANGELOG.md', 'LICENSE', 'docs/domain.md', '.ci/run'])(
    'has %s',
    (path) => {
      expect(existsSync(join(root, path)), path).toBe(true)
    },
  )

  test('nothing large is committed by accident', () => {
    // The forest that comes with couponguard is held below 3 MB by its own test.
    const meant = ['package-lock.json', 'models/default/model.json']
    const large = paths.filter((path) => readFileSync(join(root, path)).length > 1_000_000)
    expect(large.filter((path) => !meant.includes(path))).toEqual([])
  })
})
