/** Carries out what is planned, lane by lane, until the time is over; counts what took place. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Fleet, Member, Place } from './fleet.ts'
import type { Deed, PlannedFault } from './plan.ts'
import type { BrokerProxy } from './proxy.ts'
import type { Servers } from './servers.ts'
import { type Hands, type Role, roleOf, type Strike, type Striking, strikes } from './strikes.ts'

export interface Attack {
  readonly fleet: Fleet
  readonly servers: Servers
  readonly proxy: BrokerProxy
  readonly hands: Hands
  readonly striking: Striking
  /** Told of each fault that takes place. */
  onFault(name: string): void
}

/** How long a strike waits for its moment. */
const strikePatienceMs = 12_000
/** How long a woken process and its stand-in are left to each other. */
const meetMs = 3_000

/** One lane, fault after fault, until the signal; the fault under way is seen through. */
export async function attack(
  faults: Iterable<PlannedFault>,
  on: Attack,
  ending: AbortSignal,
): Promise<void> {
  for (const fault of faults) {
    await sleep(fault.pauseMs, undefined, { signal: ending }).catch(() => undefined)
    if (ending.aborted) return
    if (await inject(fault, on)) on.onFault(fault.name)
  }
}

/** Whether it took place: a strike may not come to its moment, a victim may not be there. */
async function inject(fault: PlannedFault, on: Attack): Promise<boolean> {
  const { deed, lengthMs } = fault
  switch (deed.kind) {
    case 'kill':
    case 'leave':
    case 'doze':
    case 'freeze':
      return toMember(fault, deed, on)
    case 'join': {
      const place = on.fleet.add('worker')
      await sleep(lengthMs)
      await place.close()
      return true
    }
    case 'strike':
      return strikeOnce(fault, deed.strike, on)
    case 'restart':
    case 'crash':
    case 'stall': {
      const server = on.servers[deed.server]
      if (server === null) return false
      if (deed.kind === 'restart') await server.restart(lengthMs)
      else if (deed.kind === 'crash') await server.crash(lengthMs)
      else await server.freeze(lengthMs)
      return true
    }
    case 'failover':
      await on.servers.redis?.failOver()
      return on.servers.redis !== null
    case 'cut':
      on.proxy.cutAll()
      return true
  }
}

type MemberDeed = Extract<Deed, { readonly role: Role }>

async function toMember(
  fault: PlannedFault,
  { kind, role }: MemberDeed,
  { fleet, hands }: Attack,
): Promise<boolean> {
  const victim = pick(fleet.members(role), fault)
  if (victim === null) return false
  const { pid } = victim
  if (kind === 'kill') hands.kill(pid)
  else if (kind === 'leave') await victim.leave()
  else {
    hands.freeze(pid)
    await sleep(fault.lengthMs)
    hands.thaw(pid)
  }
  return true
}

async function strikeOnce(
  fault: PlannedFault,
  name: keyof typeof strikes,
  { fleet, striking }: Attack,
): Promise<boolean> {
  const strike: Strike = strikes[name]
  const struck = striking.strike(strike, fault.lengthMs, strikePatienceMs)
  // A moment after joining needs somebody who joins.
  if (strike.afterJoin === true) await pick(fleet.members(roleOf(strike)), fault)?.leave()
  return struck
}

/**
 * What is done to processes. Where the only one of its role is frozen, another is started, or the
 * frozen one would wake to find all as it was; it leaves again when both have met.
 */
export function newHands(fleet: Fleet): Hands {
  const standIns = new Map<number, Place>()
  return {
    kill: (pid) => fleet.kill(pid),
    freeze(pid) {
      const role = fleet.freeze(pid)
      if (role !== null && fleet.members(role).length === 0) standIns.set(pid, fleet.add(role))
    },
    thaw(pid) {
      fleet.thaw(pid)
      const standIn = standIns.get(pid)
      standIns.delete(pid)
      if (standIn === undefined) return
      sleep(meetMs).then(
        () => standIn.close(),
        () => undefined,
      )
    },
  }
}

function pick(members: readonly Member[], { victim }: PlannedFault): Member | null {
  return members[victim % Math.max(1, members.length)] ?? null
}
