/**
 * One process at a time on a data directory. DATA/lock holds numbered files; the highest number is
 * the lock, and its text says which process took it. Taking over is taking the next number by
 * `link`, which only one process can do and which shows the whole text at once. The highest file is
 * never removed, so a process that acted on an old view finds a higher number than its own, and
 * steps back:
 *
 *     000004 (dead) ─▶ A and B see it dead ─▶ A links 000005, B fails on it and looks again
 *
 * A process counts as alive if its id runs and started at the same tick of the same boot: neither a
 * reused id nor file times can fool it. From another pid namespace it cannot be told, so we refuse.
 */
import { link, readdir, readFile, readlink, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { CommandError } from '../../cli/exit.ts'
import { readTextIfAny, removeIfAny, writeSynced } from '../../runtime/durable-file.ts'
import { errnoOf } from '../../runtime/edge-error.ts'
import { makeFolder } from '../../runtime/make-folder.ts'

/** Who holds a lock. Nulls where the system has no /proc. */
export interface LockOwner {
  readonly pid: number
  /** Clock ticks from boot to the start of the process. */
  readonly started: string | null
  readonly boot: string | null
  readonly pidNamespace: string | null
}

export interface DirectoryLock {
  release(): Promise<void>
}

const attemptsMax = 100

export async function lockDirectory(directory: string): Promise<DirectoryLock> {
  const folder = join(directory, 'lock')
  await makeFolder(folder, 0o700)
  const owner = await ownerOf(process.pid)
  const draft = join(folder, `draft-${process.pid}-${process.hrtime.bigint()}`)
  try {
    await writeSynced(draft, `${JSON.stringify(owner)}\n`)
    for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
      const number = await tryToTake(folder, draft, owner)
      if (number !== null) return { release: () => release(folder, number) }
    }
  } finally {
    await removeIfAny(draft)
  }
  throw new CommandError(`${directory}: others keep taking its lock; start again`)
}

/** The number that was taken; null where another process was faster. Refuses a held lock. */
async function tryToTake(folder: string, draft: string, self: LockOwner): Promise<number | null> {
  const highest = await highestNumber(folder)
  if (highest > 0) await refuseIfHeld(folder, highest, self)
  return takeNumber(folder, draft, highest + 1)
}

/** Takes a number that was seen to be next, however long ago: null where that is no longer so. */
export async function takeNumber(
  folder: string,
  draft: string,
  mine: number,
): Promise<number | null> {
  try {
    await link(draft, join(folder, nameOf(mine)))
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return null
    throw error
  }
  if ((await highestNumber(folder)) > mine) {
    await removeIfAny(join(folder, nameOf(mine)))
    return null
  }
  await sweep(folder, mine)
  return mine
}

async function refuseIfHeld(folder: string, number: number, self: LockOwner): Promise<void> {
  const path = join(folder, nameOf(number))
  const text = await readTextIfAny(path)
  if (text === null || text === '') return
  const owner = parseOwner(text)
  if (owner === null)
    throw new CommandError(
      `${path}: unreadable; if no couponguard runs on this directory, remove it`,
    )
  if (owner.boot !== null && self.boot !== null && owner.boot !== self.boot) return
  if (owner.pidNamespace !== self.pidNamespace)
    throw new CommandError(
      `${path}: held by process ${owner.pid} of another container; if that has ended, remove it`,
    )
  if (await isAlive(owner))
    throw new CommandError(
      `${folder}: held by process ${owner.pid}; stop it, or use another data directory`,
    )
}

/**
 * The file stays, so that numbers never start again; empty means free, and needs no room on disk.
 */
function release(folder: string, number: number): Promise<void> {
  return truncate(join(folder, nameOf(number)))
}

/** Removes what the holders before left. A draft is another's only while its process lives. */
async function sweep(folder: string, mine: number): Promise<void> {
  for (const name of await readdir(folder)) {
    const draft = /^draft-(\d+)-/.exec(name)
    const number = Number.parseInt(name, 10)
    const stale = draft === null ? number < mine : !processExists(Number(draft[1]))
    if (stale) await removeIfAny(join(folder, name))
  }
}

async function highestNumber(folder: string): Promise<number> {
  const numbers = (await readdir(folder)).filter((name) => /^\d{6,}$/.test(name)).map(Number)
  return Math.max(0, ...numbers)
}

const nameOf = (number: number) => String(number).padStart(6, '0')

function parseOwner(text: string): LockOwner | null {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null) return null
    const { pid, started, boot, pidNamespace } = Object.assign(
      { pid: null, started: null, boot: null, pidNamespace: null },
      value,
    )
    const texts: unknown[] = [started, boot, pidNamespace]
    if (!Number.isSafeInteger(pid) || pid === null) return null
    if (!texts.every((part) => part === null || typeof part === 'string')) return null
    return { pid, started, boot, pidNamespace }
  } catch {
    return null
  }
}

async function ownerOf(pid: number): Promise<LockOwner> {
  const stat = await processStat(pid)
  return {
    pid,
    started: stat === null ? null : stat.started,
    boot: await orNull(() => readFile('/proc/sys/kernel/random/boot_id', 'utf8')),
    pidNamespace: await orNull(() => readlink('/proc/self/ns/pid')),
  }
}

async function isAlive(owner: LockOwner): Promise<boolean> {
  if (!processExists(owner.pid)) return false
  const stat = await processStat(owner.pid)
  if (stat === null) return processExists(owner.pid)
  // A zombie has ended; only its parent has not looked yet.
  if (stat.state === 'Z' || stat.state === 'X') return false
  return owner.started === null || stat.started === owner.started
}

function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return errnoOf(error) === 'EPERM'
  }
}

/**
 * State and start of a process from /proc/PID/stat; its name, the second field, may hold anything.
 */
async function processStat(pid: number): Promise<{ state: string; started: string } | null> {
  const text = await orNull(() => readFile(`/proc/${pid}/stat`, 'utf8'))
  if (text === null) return null
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const [state, started] = [fields[0], fields[19]]
  return state === undefined || started === undefined ? null : { state, started }
}

async function orNull(read: () => Promise<string>): Promise<string | null> {
  try {
    return (await read()).trim()
  } catch {
    return null
  }
}
