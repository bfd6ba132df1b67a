/**
 * Blows at the worst moments: each names a request of a transaction and what happens to the process
 * or its connection just before the broker gets it, or just before the process gets the answer. One
 * is armed for a role at a time and strikes once, at the first process that comes to that moment.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { apiKeys, type RequestHead } from './frames.ts'
import type { Verdict, Watcher } from './proxy.ts'

export interface Strike {
  readonly api: keyof typeof apiKeys
  /** request: the broker has not got it yet. answer: it has done it, the process has not heard. */
  readonly at: 'request' | 'answer'
  /**
   * kill: SIGKILL, nothing passes. cut: the connection closes. freeze: SIGSTOP beyond the session,
   * then SIGCONT, and only then it passes. hold: it passes as late, the process stays awake.
   */
  readonly deed: 'kill' | 'cut' | 'freeze' | 'hold'
  /** Only to a process that was given its shards since the strike was armed. */
  readonly afterJoin?: boolean
  readonly role?: Role
}

export type Role = 'worker' | 'monitor'

/** In words, as they are counted in the report. */
export const strikes = {
  'killed before its commit': { api: 'endTxn', at: 'request', deed: 'kill' },
  'killed after its commit, before the answer': { api: 'endTxn', at: 'answer', deed: 'kill' },
  'commit lost on its way': { api: 'endTxn', at: 'request', deed: 'cut' },
  'answer to a commit lost': { api: 'endTxn', at: 'answer', deed: 'cut' },
  'frozen before its commit, woken as a zombie': { api: 'endTxn', at: 'request', deed: 'freeze' },
  'commit held back beyond the session': { api: 'endTxn', at: 'request', deed: 'hold' },
  'killed between join and fence': {
    api: 'initProducerId',
    at: 'request',
    deed: 'kill',
    afterJoin: true,
  },
  'frozen between join and fence': {
    api: 'initProducerId',
    at: 'request',
    deed: 'freeze',
    afterJoin: true,
  },
  'frozen between fence and reading': {
    api: 'initProducerId',
    at: 'answer',
    deed: 'freeze',
    afterJoin: true,
  },
  'answer to a fence lost': { api: 'initProducerId', at: 'answer', deed: 'cut', afterJoin: true },
  'killed before partitions join the transaction': {
    api: 'addPartitionsToTxn',
    at: 'request',
    deed: 'kill',
  },
  'answer to partitions lost': { api: 'addPartitionsToTxn', at: 'answer', deed: 'cut' },
  'answer to records lost': { api: 'produce', at: 'answer', deed: 'cut' },
  'killed after its records': { api: 'produce', at: 'answer', deed: 'kill' },
  'answer to announced offsets lost': { api: 'addOffsetsToTxn', at: 'answer', deed: 'cut' },
  'offsets lost on their way': { api: 'txnOffsetCommit', at: 'request', deed: 'cut' },
  'answer to offsets lost': { api: 'txnOffsetCommit', at: 'answer', deed: 'cut' },
  'killed after its offsets': { api: 'txnOffsetCommit', at: 'answer', deed: 'kill' },
  'monitor killed before its commit': {
    api: 'endTxn',
    at: 'request',
    deed: 'kill',
    role: 'monitor',
  },
  'monitor killed after its commit, before the answer': {
    api: 'endTxn',
    at: 'answer',
    deed: 'kill',
    role: 'monitor',
  },
  'monitor frozen before its commit, woken as a zombie': {
    api: 'endTxn',
    at: 'request',
    deed: 'freeze',
    role: 'monitor',
  },
} as const satisfies Record<string, Strike>

export type StrikeName = keyof typeof strikes

/** What a strike does to a process. */
export interface Hands {
  kill(pid: number): void
  freeze(pid: number): void
  thaw(pid: number): void
}

export interface Striking {
  readonly watcher: Watcher
  /** Resolves with whether it struck within `patienceMs`, once all of it is over. */
  strike(strike: Strike, lengthMs: number, patienceMs: number): Promise<boolean>
}

interface Armed {
  readonly strike: Strike
  readonly lengthMs: number
  readonly joined: Set<number>
  struck(): void
  over(): void
}

export const roleOf = ({ role }: Strike): Role => role ?? 'worker'

export function newStriking(hands: Hands): Striking {
  const armed = new Map<Role, Armed>()

  const meet = async (head: RequestHead, at: Strike['at']): Promise<Verdict> => {
    const who = processOf(head)
    const mine = who === null ? undefined : armed.get(who.role)
    if (who === null || mine === undefined) return 'pass'
    if (at === 'answer' && head.apiKey === apiKeys.syncGroup) mine.joined.add(who.pid)
    if (!isMoment(mine, { head, at, who })) return 'pass'
    armed.delete(who.role)
    mine.struck()
    const verdict = await deal(mine, who.pid, hands)
    mine.over()
    return verdict
  }

  return {
    watcher: {
      request: (head) => meet(head, 'request'),
      answer: (head) => meet(head, 'answer'),
    },
    strike(strike, lengthMs, patienceMs) {
      const role = roleOf(strike)
      return new Promise((resolve) => {
        const timer = setTimeout(() => {
          armed.delete(role)
          resolve(false)
        }, patienceMs)
        armed.set(role, {
          strike,
          lengthMs,
          joined: new Set(),
          struck: () => clearTimeout(timer),
          over: () => resolve(true),
        })
      })
    },
  }
}

async function deal({ strike, lengthMs }: Armed, pid: number, hands: Hands): Promise<Verdict> {
  switch (strike.deed) {
    case 'kill':
      hands.kill(pid)
      return 'cut'
    case 'cut':
      return 'cut'
    case 'freeze':
      hands.freeze(pid)
      await sleep(lengthMs)
      hands.thaw(pid)
      return 'pass'
    case 'hold':
      await sleep(lengthMs)
      return 'pass'
  }
}

interface Moment {
  readonly head: RequestHead
  readonly at: Strike['at']
  readonly who: Process
}

function isMoment({ strike, joined }: Armed, { head, at, who }: Moment): boolean {
  return (
    at === strike.at &&
    head.apiKey === apiKeys[strike.api] &&
    // A producer asks for an id without a transaction as well, which fences nobody.
    head.firstText !== null &&
    (strike.afterJoin !== true || joined.has(who.pid))
  )
}

interface Process {
  readonly role: Role
  readonly pid: number
}

/** Roles name themselves with their process: `couponguard-worker-4711`. */
function processOf({ clientId }: RequestHead): Process | null {
  const found = /^couponguard-(worker|monitor)-(\d+)$/.exec(clientId)
  if (found === null) return null
  return { role: found[1] === 'monitor' ? 'monitor' : 'worker', pid: Number(found[2]) }
}
