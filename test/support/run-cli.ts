/**
 * The built command, run as a user runs it: as a process of its own, with a limit on its time. What
 * it said, how it ended and how much memory it took at most. `npm test` and the set-up of vitest
 * build dist/ when it is older than src/.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished } from 'vitest'

export const repoRoot = join(import.meta.dirname, '..', '..')
export const mainPath = join(repoRoot, 'dist', 'main.js')
/** Data that the project does not hold; see shared/data/README.md. */
export const sharedData = join(repoRoot, '..', 'shared', 'data')

export interface Ran {
  readonly stdout: string
  readonly stderr: string
  /** Null where a signal ended it. */
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  /** Largest resident set, in MiB; null where a signal ended it. */
  readonly peakMiB: number | null
}

export interface RunOptions {
  readonly cwd?: string
  readonly msMax?: number
  /** What a shell sets before it becomes the command, such as `ulimit -f 100`. */
  readonly limit?: string
  readonly env?: Readonly<Record<string, string>>
  /** The command where it is not the one of this checkout. */
  readonly program?: string
  /** It outlives the test that starts it, and whoever started it ends it. */
  readonly isKept?: boolean
}

/** Writes the peak to file descriptor 3 on the way out: no polling can miss it. */
const peakReporter = `data:text/javascript,${encodeURIComponent(
  `import { writeSync } from 'node:fs'
   process.on('exit', () => writeSync(3, String(process.resourceUsage().maxRSS)))`,
)}`

/** The flags that the first line of main.js gives to node, where it is run by its name. */
function flags(): readonly string[] {
  const [first] = readFileSync(mainPath, 'utf8').split('\n', 1)
  return /^#!.* node (.+)$/.exec(first!)?.[1]?.split(' ') ?? []
}

const msMaxDefault = 100_000

export interface Running {
  readonly child: ChildProcess
  /** What has been said so far. */
  said(): { readonly stdout: string; readonly stderr: string }
  readonly ended: Promise<Ran>
}

/** Starts the command; it is killed when its time is over or the test ends. */
export function startCli(words: readonly string[], options: RunOptions = {}): Running {
  const program = options.program ?? mainPath
  const node = [process.execPath, ...flags(), '--import', peakReporter, program, ...words]
  const [file, ...rest] =
    options.limit === undefined
      ? node
      : ['/bin/sh', '-c', `${options.limit}; exec "$@"`, 'sh', ...node]
  const child = spawn(file!, rest, {
    cwd: options.cwd ?? repoRoot,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  })
  const said = ['', '', '', '']
  for (const fd of [1, 2, 3])
    child.stdio[fd]!.on('data', (part: Buffer) => {
      said[fd] += part.toString('utf8')
    })
  const timer = setTimeout(() => child.kill('SIGKILL'), options.msMax ?? msMaxDefault)
  if (options.isKept !== true) onTestFinished(() => void child.kill('SIGKILL'))
  const ended = once(child, 'close').then(([code, signal]: unknown[]): Ran => {
    clearTimeout(timer)
    return {
      stdout: said[1]!,
      stderr: said[2]!,
      code: typeof code === 'number' ? code : null,
      signal: child.signalCode ?? (signal === null ? null : 'SIGKILL'),
      peakMiB: said[3] === '' ? null : Number(said[3]) / 1024,
    }
  })
  return { child, said: () => ({ stdout: said[1]!, stderr: said[2]! }), ended }
}

export function runCli(words: readonly string[], options: RunOptions = {}): Promise<Ran> {
  return startCli(words, options).ended
}

/** Runs it and asks for success, showing what it said where there is none. */
export async function runWell(words: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const ran = await runCli(words, options)
  expect(ran, `couponguard ${words.join(' ')}`).toMatchObject({ code: 0, signal: null })
  return ran
}

/** The lines on stderr that say what is wrong; a stack trace or anything else unforeseen fails. */
export function problemLines({ stderr }: Pick<Ran, 'stderr'>): string[] {
  const lines = stderr.split('\n').filter((line) => line !== '')
  expect(
    lines.filter((line) => /^\s+at |node:internal|Error:/.test(line)),
    `no stack trace in:\n${stderr}`,
  ).toEqual([])
  return lines.filter((line) => line.startsWith('couponguard: ') || line.startsWith('error: '))
}

export interface Server extends Running {
  readonly url: string
  /** SIGTERM, and how it ended. */
  stop(): Promise<Ran>
  kill(): Promise<Ran>
}

/** `start` on a data directory and a free port, ready to take events. */
export async function startServer(
  data: string,
  words: readonly string[] = [],
  options: RunOptions = {},
): Promise<Server> {
  const running = startCli(['start', '--data', data, '--port', '0', ...words], options)
  const url = await listening(running)
  const end = (signal: NodeJS.Signals) => {
    running.child.kill(signal)
    return running.ended
  }
  return { ...running, url, stop: () => end('SIGTERM'), kill: () => end('SIGKILL') }
}

async function listening({ child, said, ended }: Running): Promise<string> {
  let over = false
  const finished = ended.then(() => {
    over = true
  })
  for (;;) {
    const url = /listens on (http:\/\/\S+)/.exec(said().stdout)?.[1]
    if (url !== undefined) return url
    if (over) throw new Error(`start ended: ${said().stderr}`)
    await Promise.race([once(child.stdout!, 'data'), finished])
  }
}

/** A folder that is gone when the test is over. */
export function scratchFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'couponguard-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}
