/**
 * The memory log on a bad disk. Writes fail and leave the log as it was, until the next start finds
 * one of them done all the same (a rename in doubt); reads come short; any step may be the last.
 * Every commit is noted with what it held, which is how the auditor knows the batches.
 */
import type { Progress } from '../../src/core/schema.gen.ts'
import { type EmbeddedLog, nextOffsetOf } from '../../src/log/embedded-log.ts'
import { type MemoryLogState, newMemoryLogState, openMemoryLog } from '../../src/log/memory-log.ts'
import type { Outputs } from '../../src/log/stream.ts'
import { EdgeError } from '../../src/runtime/edge-error.ts'
import type { Machine, World } from './machine.ts'

/** A batch as it was committed: rows from `from` up to, not including, `to`. */
export interface Commit {
  readonly from: number
  readonly to: number
  readonly outputs: Outputs
  readonly progress: Progress
}

type Late = () => Promise<unknown>

/** What survives the process. */
export interface Disk {
  readonly log: MemoryLogState
  readonly commits: Commit[]
  fullUntil: number
  /** Failed writes that may turn out to be done, unless a later write takes them back first. */
  readonly inDoubt: { append: Late | null; commit: Late | null }
}

export function newDisk(): Disk {
  const inDoubt = { append: null, commit: null }
  return { log: newMemoryLogState(), commits: [], fullUntil: 0, inDoubt }
}

export async function openFaultyLog(
  disk: Disk,
  world: World,
  machine: Machine,
): Promise<EmbeddedLog> {
  const { append, commit } = disk.inDoubt
  if (append !== null && world.chance.in(0.5)) await append()
  if (commit !== null && world.chance.in(0.5)) await commit()
  forget(disk, 'append', 'commit')
  const inner = openMemoryLog(disk.log)
  const write = writing(disk, world, machine)

  const keep = async (outputs: Outputs, progress: Progress) => {
    const from = disk.log.nextOffset
    await inner.commit(outputs, progress)
    disk.commits.push({ from, to: nextOffsetOf(progress), outputs, progress })
  }

  return {
    repairs: [],
    async append(events, recordedAt) {
      // Of an append that nobody was told of, any part may be found.
      const part = events.slice(0, world.chance.between(0, events.length))
      const late = () => inner.append(part, recordedAt)
      return write('append', { late, now: () => inner.append(events, recordedAt) })
    },
    async commit(outputs, progress) {
      const now = () => keep(outputs, progress)
      return write('commit', { late: now, now })
    },
    async read(max) {
      await machine.step('before read')
      if (machine.strikes(world.faults.readFails, 'read failed'))
        throw new EdgeError('log-io', 'the disk failed', true)
      const short = machine.strikes(world.faults.shortRead, 'short read')
      const rows = await inner.read(short ? Math.min(max, world.chance.between(1, 8)) : max)
      await machine.step('after read')
      return rows
    },
    async auditAt(offset) {
      await machine.step('audit look-up')
      if (machine.strikes(world.faults.readFails, 'read failed'))
        throw new EdgeError('log-io', 'the disk failed', true)
      return inner.auditAt(offset)
    },
    committed: () => inner.committed(),
    endOffset: () => inner.endOffset(),
    async *history() {
      for await (const rows of inner.history()) {
        await machine.step('rebuild windows')
        yield rows
      }
    },
    async *readOutputs(topic) {
      for await (const rows of inner.readOutputs(topic)) {
        await machine.step('rebuild alerts')
        yield rows
      }
    },
    followOutputs: (topic, from) => inner.followOutputs(topic, from),
    dropExpired: (now) => inner.dropExpired(now),
    close: () => inner.close(),
  }
}

function forget(disk: Disk, ...writes: readonly ('append' | 'commit')[]): void {
  for (const write of writes) disk.inDoubt[write] = null
}

interface Write<T> {
  readonly now: () => Promise<T>
  /** The same, when it is found done only by the next start. */
  readonly late: Late
}

function writing(disk: Disk, world: World, machine: Machine) {
  const { chance, time } = world
  const fails = (kind: string) => {
    const full = time.now() < disk.fullUntil
    if (full) machine.strikes(1, `${kind} on a full disk`)
    else if (machine.strikes(world.faults.diskFull, 'disk filled up'))
      disk.fullUntil = time.now() + chance.between(500, 60_000)
    return full || machine.strikes(world.faults.writeFails, `${kind} failed`)
  }
  return async <T>(kind: 'append' | 'commit', { now, late }: Write<T>): Promise<T> => {
    await machine.step(`before ${kind}`)
    forget(disk, kind)
    if (fails(kind)) {
      const doubt = machine.strikes(world.faults.inDoubt, `${kind} left in doubt`)
      disk.inDoubt[kind] = doubt ? late : null
      throw new EdgeError('log-full', 'the disk is full', true)
    }
    if (chance.in(world.faults.crash / 2)) {
      disk.inDoubt[kind] = late
      return machine.die(`in ${kind}`)
    }
    const result = await now()
    await machine.step(`after ${kind}`)
    return result
  }
}
