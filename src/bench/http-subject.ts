/**
 * `couponguard start` as an operator runs it, a process of its own with nothing of the benchmark in
 * it: no console, a free port. Its processor time and memory are read from the system.
 */
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { CommandError } from '../cli/exit.ts'
import { cpuSecondsOf } from './cpu-time.ts'

export interface HttpSubjectOptions {
  /** Words after `couponguard start --no-console --port 0`. */
  readonly words: readonly string[]
  /** Flags of Node for the server. */
  readonly nodeFlags: readonly string[]
}

export interface HttpSubject {
  readonly pid: number
  readonly url: URL
  /** Never resolves; rejects where it ends before it is told to. */
  readonly failed: Promise<never>
  /** Processor seconds so far; NaN where the system does not tell. */
  cpuSeconds(): number
  /** Memory now; NaN where the system does not tell. */
  residentBytes(): number
  stop(): Promise<void>
}

const stderrLinesMax = 20
/** It answers what it was sent, which takes it a moment; then it is late. */
const stopMsMax = 20_000

/** Resolves when it listens. */
export async function startHttpSubject(options: HttpSubjectOptions): Promise<HttpSubject> {
  const program = [...process.execArgv, ...options.nodeFlags, process.argv[1]!]
  const words = ['start', '--no-console', '--port', '0', ...options.words]
  const child = spawn(process.execPath, [...program, ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const pid = child.pid ?? 0
  const said: string[] = []
  createInterface(child.stderr).on('line', (line) => {
    said.push(line)
    if (said.length > stderrLinesMax) said.shift()
  })
  let stopping = false
  const ended = new Promise<number | null>((resolve) => {
    child.once('close', resolve).once('error', () => resolve(null))
  })
  const failed = ended.then((code): Promise<never> => {
    if (stopping) return new Promise(() => undefined)
    throw new CommandError(`bench: the server ended: ${why(said, code)}`)
  })
  failed.catch(() => undefined)
  const killWithUs = () => child.kill('SIGKILL')
  process.once('exit', killWithUs)
  const listening = new Promise<URL>((resolve) => {
    createInterface(child.stdout).on('line', (line) => {
      const url = /listens on (http:\/\/\S+)/.exec(line)?.[1]
      if (url !== undefined) resolve(new URL(url))
    })
  })
  return {
    pid,
    url: await Promise.race([listening, failed]),
    failed,
    cpuSeconds: () => cpuSecondsOf(pid),
    residentBytes: () => residentBytesOf(pid),
    async stop() {
      stopping = true
      child.kill('SIGTERM')
      const late = setTimeout(killWithUs, stopMsMax)
      await ended
      clearTimeout(late)
      process.off('exit', killWithUs)
    },
  }
}

function why(said: readonly string[], code: number | null): string {
  const last = said.findLast((line) => /^couponguard: |Error/.test(line)) ?? `exit code ${code}`
  return last.replace(/^couponguard: /, '')
}

function residentBytesOf(pid: number): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1_024
  } catch {
    return Number.NaN
  }
}
