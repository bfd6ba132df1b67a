/**
 * One server process of our own: started, waited for, stopped. It dies with SIGTERM, after
 * `killAfterMs` with SIGKILL, and on Linux with the process that started it, unless detached; what
 * it printed is in its log file. The same module serves `npm run stack` and the tests.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { systemClock } from '../../src/runtime/clock.ts'
import { findCommand } from './available.ts'

export interface ServerCommand {
  /** As it is called in messages: `kafka`, `redis 2`. */
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  /** Runs as this user; the default is ours. */
  readonly user?: SystemUser
  /** Takes stdout and stderr; truncated at start. */
  readonly logFile: string
  /** Asked every 50 ms until it gives true; what it throws counts as false. */
  ready(): Promise<boolean>
  readonly readyMaxMs?: number
  /** What `stop` sends first; default SIGTERM. */
  readonly stopSignal?: NodeJS.Signals
  /** Lives on when the starting process ends. */
  readonly detached?: boolean
}

export interface SystemUser {
  readonly uid: number
  readonly gid: number
}

export interface RunningServer {
  readonly name: string
  readonly pid: number
  /** Sends a signal, for tests of failure: SIGKILL, SIGSTOP, SIGCONT. */
  signal(signal: NodeJS.Signals): void
  /** Ends it and waits until it is gone; a second call does nothing. */
  stop(): Promise<void>
}

const readyMaxMsDefault = 120_000
const killAfterMs = 10_000
/**
 * Below the ports that systems hand to outgoing connections: there, a client that keeps trying a
 * server that is away may be given the server's own port, connect to itself and hold it.
 */
const ports = { from: 20_000, to: 32_000 }
const portTriesMax = 3

/** Throws one line with the end of the log where the server ends early or is not ready in time. */
export async function startServer(server: ServerCommand): Promise<RunningServer> {
  const log = openSync(server.logFile, 'w')
  const [command, args] = server.detached === true ? [server.command, server.args] : bound(server)
  const child = spawn(command, args, {
    cwd: server.cwd,
    env: { ...process.env, ...server.env },
    stdio: ['ignore', log, log],
    detached: server.detached ?? false,
    ...server.user,
  })
  closeSync(log)
  const failure = new Promise<never>((_, fail) => {
    child.once('error', (error) => fail(new Error(`${server.name} cannot start: ${error.message}`)))
    child.once('exit', (code, signal) => fail(ended(server, code, signal)))
  })
  const running = runningOf(server, child)
  try {
    await Promise.race([failure, untilReady(server)])
  } catch (error) {
    await running.stop()
    throw error
  }
  failure.catch(() => undefined)
  if (server.detached === true) child.unref()
  return running
}

/** A port of the loopback interface that nobody listens on right now. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(ports.from, ports.to)
    if (await isFree(port)) return port
  }
}

/**
 * Starts something on free ports; where another process was faster to take one, on others, three
 * times in all.
 */
export async function onFreePorts<T>(
  count: number,
  start: (ports: readonly number[]) => Promise<T>,
): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    const free = await Promise.all(Array.from({ length: count }, freePort))
    try {
      return await start(free)
    } catch (error) {
      if (tries === portTriesMax || !/in use/i.test(String(error))) throw error
    }
  }
}

/** Asks every 50 ms; what `holds` throws counts as false. Throws where it never holds. */
export async function until(
  what: string,
  holds: () => Promise<boolean>,
  maxMs: number,
): Promise<void> {
  const end = systemClock.now() + maxMs
  while (!(await holds().catch(() => false))) {
    if (systemClock.now() > end) throw new Error(`not after ${maxMs / 1000} s: ${what}`)
    await sleep(50)
  }
}

/** The command in the care of the kernel: killed when this process ends, however it ends. */
function bound({ command, args }: ServerCommand): readonly [string, readonly string[]] {
  const setpriv = process.platform === 'linux' ? findCommand('setpriv') : null
  if (setpriv === null) return [command, args]
  return [setpriv, ['--pdeathsig', 'KILL', command, ...args]]
}

function runningOf({ name, stopSignal }: ServerCommand, child: ChildProcess): RunningServer {
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
      child.kill(stopSignal ?? 'SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), killAfterMs)
      await exited
      clearTimeout(timer)
    },
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)))
  })
}

async function untilReady({ name, ready, readyMaxMs, logFile }: ServerCommand): Promise<void> {
  const maxMs = readyMaxMs ?? readyMaxMsDefault
  await until('', ready, maxMs).catch(() => {
    throw new Error(`${name} was not ready after ${maxMs / 1000} s: ${logEnd(logFile)}`)
  })
}

function ended(
  { name, logFile }: ServerCommand,
  code: number | null,
  signal: string | null,
): Error {
  return new Error(`${name} ended early (${signal ?? code}): ${logEnd(logFile)}`)
}

/** The last lines that sound like a cause, else the last lines; without Java's lists of frames. */
function logEnd(path: string): string {
  // Whoever removed the folder under the server may be why it ended.
  if (!existsSync(path)) return `its log ${path} is gone`
  const lines = readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .filter((line) => !/^\s+(?:at |\.\.\. )/.test(line))
  const causes = lines.filter((line) => /error|fatal|caused by|in use|denied|failed/i.test(line))
  return (causes.length > 0 ? causes : lines)
    .slice(-3)
    .map((line) => line.slice(0, 300))
    .join(' | ')
}
