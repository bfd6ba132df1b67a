/**
 * The processes under attack: workers and monitors as an operator runs them, each in a place that
 * is filled again when its process ends, as a supervisor does. What a process says goes to a file
 * of its own. A process that ends without having been told to, or killed, is remembered with its
 * last line; one that ends with a stack trace is a defect.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { systemClock } from '../../src/runtime/clock.ts'
import { findCommand } from '../stack/available.ts'
import type { Role } from './strikes.ts'

export interface FleetOptions {
  /** Of the built programme: dist/main.js. */
  readonly programme: string
  /** Words of each role's command line, its name first. */
  readonly words: Readonly<Record<Role, readonly string[]>>
  readonly env: Readonly<Record<string, string>>
  /** Takes what the processes say. */
  readonly folder: string
}

export interface Member {
  readonly role: Role
  readonly pid: number
  /** The last state that it told: `running`, `paused: …`. */
  state(): string
  /** SIGTERM, and waits until it is gone; one that does not go in time is killed. */
  leave(): Promise<void>
  readonly gone: Promise<void>
}

export interface Fleet {
  /** Fills one more place and keeps it filled. */
  add(role: Role): Place
  /** Members that are neither frozen nor on their way out, oldest first. */
  members(role: Role): readonly Member[]
  /** Ends all, and fills no place again. */
  end(): Promise<void>
  /** SIGKILL to all, and nothing is awaited: for a run that is interrupted. */
  killAll(): void
  kill(pid: number): void
  /** SIGSTOP; gives the role of the process, null where it is gone. */
  freeze(pid: number): Role | null
  thaw(pid: number): void
  /** Lines with which processes ended of their own accord, with how often. */
  readonly ends: ReadonlyMap<string, number>
  /** Processes that ended with a stack trace, or would not end when told to. */
  readonly defects: readonly string[]
}

export interface Place {
  /** Lets the place empty once its member has left. */
  close(): Promise<void>
}

const refillAfterMs = 500
const leaveMaxMs = 40_000
const lastLinesMax = 40

export function newFleet(options: FleetOptions): Fleet {
  return new RunningFleet(options)
}

class RunningFleet implements Fleet {
  readonly ends = new Map<string, number>()
  readonly defects: string[] = []
  readonly #options: FleetOptions
  readonly #members = new Set<RunningMember>()
  readonly #places: Promise<void>[] = []
  #ending = false
  #started = 0

  constructor(options: FleetOptions) {
    this.#options = options
  }

  add(role: Role): Place {
    let open = true
    let member: RunningMember | null = null
    const keepFilled = async () => {
      while (open && !this.#ending) {
        member = this.#start(role)
        await member.gone
        if (open && !this.#ending) await sleep(refillAfterMs)
      }
    }
    const filled = keepFilled()
    this.#places.push(filled)
    return {
      async close() {
        open = false
        await member?.leave()
        await filled
      },
    }
  }

  members(role: Role): readonly Member[] {
    return [...this.#members].filter((one) => one.role === role && one.isAtWork())
  }

  kill(pid: number): void {
    this.#find(pid)?.signal('SIGKILL')
  }

  freeze(pid: number): Role | null {
    const member = this.#find(pid)
    member?.signal('SIGSTOP')
    return member?.role ?? null
  }

  thaw(pid: number): void {
    this.#find(pid)?.signal('SIGCONT')
  }

  async end(): Promise<void> {
    this.#ending = true
    await Promise.all([...this.#members].map((member) => member.leave()))
    await Promise.all(this.#places)
  }

  killAll(): void {
    this.#ending = true
    for (const member of this.#members) member.signal('SIGKILL')
  }

  #start(role: Role): RunningMember {
    const { folder } = this.#options
    this.#started += 1
    const log = join(folder, `${role}-${String(this.#started).padStart(3, '0')}.log`)
    const member = new RunningMember(role, spawnBound(this.#options, role), log)
    this.#members.add(member)
    member.gone.then(
      () => {
        this.#members.delete(member)
        this.#note(member)
      },
      () => undefined,
    )
    return member
  }

  #note(member: RunningMember): void {
    const { role, pid } = member
    const lines = member.lastLines()
    if (member.isStuck())
      this.defects.push(`${role} ${pid} did not end within ${leaveMaxMs / 1000} s of SIGTERM`)
    if (lines.some((line) => /^\s+at .*:\d+:\d+\)?$/.test(line)))
      this.defects.push(`${role} ${pid} ended with a stack trace: ${lines.join(' | ')}`)
    else if (member.endedItself()) {
      const line = `${role}: ${lines.at(-1) ?? 'said nothing'}${member.unusualEnd()}`
      this.ends.set(line, (this.ends.get(line) ?? 0) + 1)
    }
  }

  #find(pid: number): RunningMember | undefined {
    return [...this.#members].find((one) => one.pid === pid)
  }
}

/** On Linux it dies with this process, however that ends. */
function spawnBound({ programme, words, env }: FleetOptions, role: Role): ChildProcess {
  const command = [process.execPath, programme, ...words[role]]
  const setpriv = process.platform === 'linux' ? findCommand('setpriv') : null
  const [first, ...rest] = setpriv === null ? command : [setpriv, '--pdeathsig', 'KILL', ...command]
  return spawn(first!, rest, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
}

class RunningMember implements Member {
  readonly role: Role
  readonly pid: number
  readonly gone: Promise<void>
  readonly #child: ChildProcess
  readonly #lines: string[] = []
  #state = ''
  #told: NodeJS.Signals | null = null
  #frozen = false
  #stuck = false

  constructor(role: Role, child: ChildProcess, logFile: string) {
    this.role = role
    this.pid = child.pid ?? 0
    this.#child = child
    const log = createWriteStream(logFile)
    const write = (line: string) =>
      log.write(`${new Date(systemClock.now()).toISOString()}  ${line}\n`)
    const lines = createInterface({ input: child.stderr! })
    lines.on('line', (line) => {
      write(line)
      this.#hear(line)
    })
    this.gone = new Promise((resolve) => {
      child.once('error', () => resolve())
      // `close` comes after the last line.
      child.once('close', (code, signal) => {
        write(`ended: ${signal ?? code}`)
        log.end()
        resolve()
      })
    })
  }

  state(): string {
    return this.#state
  }

  isAtWork(): boolean {
    return this.#told === null && !this.#frozen
  }

  lastLines(): readonly string[] {
    return this.#lines
  }

  /** Not by a signal of ours, and not well. */
  endedItself(): boolean {
    return this.#told === null && this.#child.exitCode !== 0
  }

  /** How it ended, where that is no failure that it told of. */
  unusualEnd(): string {
    const { exitCode, signalCode } = this.#child
    return exitCode === 1 ? '' : ` (ended: ${signalCode ?? exitCode})`
  }

  signal(signal: NodeJS.Signals): void {
    if (signal === 'SIGSTOP') this.#frozen = true
    else if (signal === 'SIGCONT') this.#frozen = false
    else this.#told = signal
    this.#child.kill(signal)
  }

  async leave(): Promise<void> {
    this.signal('SIGCONT')
    this.signal('SIGTERM')
    const timer = setTimeout(() => {
      this.#stuck = true
      this.signal('SIGKILL')
    }, leaveMaxMs)
    await this.gone
    clearTimeout(timer)
  }

  isStuck(): boolean {
    return this.#stuck
  }

  #hear(line: string): void {
    const said = saidIn(line)
    this.#lines.push(said)
    if (this.#lines.length > lastLinesMax) this.#lines.shift()
    if (/^(?:joining|absorbing|running|ended|paused: .*)$/.test(said)) this.#state = said
  }
}

const logLineSchema = z.object({ msg: z.string() })

/** Of a line of the log its words; anything else is what it is. */
function saidIn(line: string): string {
  if (!line.startsWith('{')) return line
  try {
    return logLineSchema.parse(JSON.parse(line)).msg
  } catch {
    return line
  }
}
