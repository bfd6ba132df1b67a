/**
 * What runs and listens on this machine: to know a process again (a process id alone may since
 * belong to another), and to see what a test run has left behind. Read from /proc without any tool;
 * where there is none, ps knows a process again and the lists are null.
 */
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { systemClock } from '../../src/runtime/clock.ts'

export interface ProcessSeen {
  readonly pid: number
  /** With the process id it names the process for ever: on Linux clock ticks since boot. */
  readonly startedAt: string
  readonly command: string
  /** Null where we may not see it. */
  readonly folder: string | null
  /** Null where we may not see it; servers that rename themselves overwrite it. */
  readonly environment: string | null
}

export interface PortSeen {
  readonly port: number
  /** Of the socket: names it while it lives. */
  readonly inode: string
  /** The user who opened it. */
  readonly uid: number
}

const killAfterMs = 10_000
const goneMaxMs = 15_000
/** Field 22 of /proc/PID/stat, counted from the state, which is field 3. */
const startedAtField = 19
const listening = '0A'
const hasProc = process.platform === 'linux'

/** When a process was started; null where it is gone or a zombie. */
export function startedAt(pid: number): string | null {
  if (!hasProc) {
    const { stdout } = spawnSync('ps', ['-o', 'stat=,lstart=', '-p', `${pid}`], {
      encoding: 'utf8',
    })
    return /^(?!Z)\S+\s+(\S.*)/.exec(stdout.trim())?.[1] ?? null
  }
  const stat = read(`/proc/${pid}/stat`)
  if (stat === null) return null
  // The name, in parentheses, may hold spaces and parentheses.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return fields[0] === 'Z' || fields[0] === 'X' ? null : (fields[startedAtField] ?? null)
}

export function listProcesses(): readonly ProcessSeen[] | null {
  if (!hasProc) return null
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const started = startedAt(Number(name))
      if (started === null) return []
      const command = read(`/proc/${name}/cmdline`)?.replaceAll('\0', ' ').trim() ?? ''
      return {
        pid: Number(name),
        startedAt: started,
        command: command === '' ? (read(`/proc/${name}/comm`)?.trim() ?? '') : command,
        folder: orNull(() => readlinkSync(`/proc/${name}/cwd`)),
        environment: read(`/proc/${name}/environ`),
      }
    })
}

/** TCP ports that somebody listens on, IPv4 and IPv6; none where there is no /proc. */
export function listPorts(): readonly PortSeen[] {
  return ['tcp', 'tcp6'].flatMap((table) =>
    (read(`/proc/net/${table}`) ?? '')
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter((fields) => fields[3] === listening)
      .map((fields) => ({
        port: Number.parseInt(fields[1]!.split(':')[1]!, 16),
        inode: fields[9]!,
        uid: Number(fields[7]),
      })),
  )
}

/** Inodes of the sockets that a process holds open. */
export function socketsOf(pid: number): readonly string[] {
  const folder = `/proc/${pid}/fd`
  return (orNull(() => readdirSync(folder)) ?? []).flatMap((name) => {
    const target = orNull(() => readlinkSync(`${folder}/${name}`))
    return /^socket:\[(\d+)\]$/.exec(target ?? '')?.slice(1) ?? []
  })
}

/** Ends a process that need not be a child of ours, at last with SIGKILL; true when it is gone. */
export async function endProcess(
  pid: number,
  started: string,
  signal: NodeJS.Signals,
): Promise<boolean> {
  const gone = () => startedAt(pid) !== started
  const send = (one: NodeJS.Signals) => gone() || orNull(() => process.kill(pid, one))
  const begun = systemClock.now()
  send('SIGCONT')
  send(signal)
  for (; !gone(); await sleep(50)) {
    const waitedMs = systemClock.now() - begun
    if (waitedMs > goneMaxMs) return false
    if (waitedMs > killAfterMs) send('SIGKILL')
  }
  return true
}

function orNull<T>(read: () => T): T | null {
  try {
    return read()
  } catch {
    return null
  }
}

const read = (path: string): string | null => orNull(() => readFileSync(path, 'utf8'))
