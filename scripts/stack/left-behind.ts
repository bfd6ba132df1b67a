/**
 * What a test run has left running or listening. The lists of processes and ports from before are
 * held against those of after; what is new counts if it is ours, by the mark in its environment or
 * by a working folder in the run's own, so that a neighbour on the same machine may start what he
 * likes. A new port counts unless a process that is not ours is seen to hold it.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { systemClock } from '../../src/runtime/clock.ts'
import { listPorts, listProcesses, type PortSeen, type ProcessSeen, socketsOf } from './machine.ts'

export interface MachineState {
  readonly processes: readonly ProcessSeen[]
  readonly ports: readonly PortSeen[]
}

export interface TestRun {
  /** `NAME=value` that every process of the run has in its environment. */
  readonly mark: string
  /** Temporary folder of the run, where its servers work. */
  readonly folder: string
}

const endMaxMsDefault = 10_000

/** Null on a system without /proc. */
export function observeMachine(): MachineState | null {
  const processes = listProcesses()
  return processes === null ? null : { processes, ports: listPorts() }
}

/**
 * One line for each process and port; empty as soon as nothing is left. What has been asked to end
 * may take `endMaxMs`.
 */
export async function leftBehind(
  before: MachineState,
  run: TestRun,
  endMaxMs = endMaxMsDefault,
): Promise<readonly string[]> {
  const until = systemClock.now() + endMaxMs
  for (;;) {
    const left = leftNow(before, run)
    if (left.length === 0 || systemClock.now() > until) return left
    await sleep(100)
  }
}

function leftNow(before: MachineState, run: TestRun): readonly string[] {
  const now = observeMachine()
  if (now === null) return []
  const known = new Set(before.processes.map(nameOf))
  const ours = now.processes.filter((one) => !known.has(nameOf(one)) && isOf(run, one))
  const knownPorts = new Set(before.ports.map(({ port }) => port))
  const newPorts = now.ports.filter(({ port }) => !knownPorts.has(port))
  const ownPids = new Set(ours.map(({ pid }) => pid))
  const foreign = new Set(
    newPorts.length === 0
      ? []
      : now.processes.filter(({ pid }) => !ownPids.has(pid)).flatMap(({ pid }) => socketsOf(pid)),
  )
  return [
    ...ours.map(({ pid, command }) => `process ${pid}: ${command.slice(0, 120)}`),
    ...newPorts
      .filter(({ inode, uid }) => !foreign.has(inode) && mayBeOurs(uid))
      .map(({ port }) => `port ${port}`),
  ]
}

const nameOf = ({ pid, startedAt }: ProcessSeen): string => `${pid} ${startedAt}`

function isOf({ mark, folder }: TestRun, { environment, folder: works }: ProcessSeen): boolean {
  const marked = environment?.split('\0').includes(mark) ?? false
  return marked || works === folder || (works?.startsWith(`${folder}/`) ?? false)
}

const mayBeOurs = (uid: number): boolean => {
  const own = process.getuid?.()
  return own === 0 || own === uid
}
