/**
 * One server process of our own: started, waited for, stopped. It dies with SIGTERM, after
 * `killAfterMs` with SIGKILL; what it printed is in its log file. The same module serves
 * `npm run stack` and the tests.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { systemClock } from '../../src/runtime/clock.ts'

export interface ServerCommand {
  /** As it is called in messages: `kafka`, `redis 2`. */
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  /** Takes stdout and stderr; truncated at start. */
  readonly logFile: string
  /** Asked every 50 ms until it gives true; what it throws counts as false. */
  ready(): Promise<boolean>
  readonly readyMaxMs?: number
  /** Lives on when the starting process ends. */
  readonly detached?: boolean
}

export interface RunningServer {
  readonly name: string
  readonly pid: number
  /** Sends a signal, for tests of failure: SIGKILL, SIGSTOP, SIGCONT. */
  signal(signal: NodeJS.Signals): void
  /** Ends it and waits until it is gone; a second call does nothing. */
  stop(): Promise<void>
}

const readyMaxMsDefault = 60_000
const killAfterMs = 10_000

/** Throws one line with the end of the log where the server ends early or is not ready in time. */
export async function startServer(server: ServerCommand): Promise<RunningServer> {
  const log = openSync(server.logFile, 'w')
  const child = spawn(server.command, server.args, {
    cwd: server.cwd,
    env: { ...process.env, ...server.env },
    stdio: ['ignore', log, log],
    detached: server.detached ?? false,
  })
  closeSync(log)
  const failure = new Promise<never>((_, fail) => {
    child.once('error', (error) => fail(new Error(`${server.name} cannot start: ${error.message}`)))
    child.once('exit', (code, signal) => fail(ended(server, code, signal)))
  })
  const running = runningOf(server.name, child)
  try {
    await Promise.race([failure, untilReady(server)])
  } catch (error) {
    await running.stop()
    throw error
  }
  failure.catch(() => undefined)
  return running
}

/** A port of the loopback interface that nobody listens on right now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() =>
        typeof address === 'object' && address !== null
          ? resolve(address.port)
          : reject(new Error('no port')),
      )
    })
  })
}

function runningOf(name: string, child: ChildProcess): RunningServer {
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve())
    child.once('error', () => resolve())
  })
  const alive = () =>
    child.pid !== undefined && child.exitCode === null && child.signalCode === null
  return {
    name,
    pid: child.pid ?? 0,
    signal: (signal) => {
      child.kill(signal)
    },
    async stop() {
      if (!alive()) return
      child.kill('SIGCONT')
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), killAfterMs)
      await exited
      clearTimeout(timer)
    },
  }
}

async function untilReady({ name, ready, readyMaxMs, logFile }: ServerCommand): Promise<void> {
  const maxMs = readyMaxMs ?? readyMaxMsDefault
  const until = systemClock.now() + maxMs
  while (!(await ready().catch(() => false))) {
    if (systemClock.now() > until)
      throw new Error(`${name} was not ready after ${maxMs / 1000} s: ${logEnd(logFile)}`)
    await sleep(50)
  }
}

function ended(
  { name, logFile }: ServerCommand,
  code: number | null,
  signal: string | null,
): Error {
  return new Error(`${name} ended early (${signal ?? code}): ${logEnd(logFile)}`)
}

const logEnd = (path: string): string =>
  readFileSync(path, 'utf8').trim().split('\n').slice(-3).join(' | ')
