/**
 * Which faults come, in which order and how long each lasts: from the seed alone. Each lane is a
 * sequence of its own, and the lanes run side by side: workers, monitors, servers. A lane deals its
 * faults like cards: all of them before any comes again, first those of the opening, so that a
 * short run has seen the worst.
 */
import type { Chance } from '../../test/support/seeded.ts'
import type { Role, StrikeName } from './strikes.ts'

export type Deed =
  | { readonly kind: 'kill' | 'leave' | 'doze' | 'freeze'; readonly role: Role }
  | { readonly kind: 'join' }
  | { readonly kind: 'strike'; readonly strike: StrikeName }
  | { readonly kind: 'restart' | 'crash' | 'stall'; readonly server: ServerName }
  | { readonly kind: 'failover' }
  | { readonly kind: 'cut' }

export type ServerName = 'kafka' | 'registry' | 'redis'

export interface PlannedFault {
  /** In words, as it is counted in the report. */
  readonly name: string
  readonly deed: Deed
  /** Quiet before it. */
  readonly pauseMs: number
  /** How long it lasts: down, frozen, a member more. */
  readonly lengthMs: number
  /** Picks the victim among those that are there. */
  readonly victim: number
}

interface Card {
  readonly name: string
  readonly deed: Deed
  readonly lengthMs: readonly [least: number, most: number]
}

export interface Lane {
  readonly name: string
  readonly pauseMs: readonly [least: number, most: number]
  readonly opening: readonly Card[]
  readonly others: readonly Card[]
}

/** Beyond the session of a member, which is 10 s. */
const beyondSessionMs = [11_500, 16_000] as const
const dozeMs = [500, 6_000] as const
const downMs = [500, 5_000] as const

const strikeCard = (strike: StrikeName): Card => ({
  name: strike,
  deed: { kind: 'strike', strike },
  lengthMs: beyondSessionMs,
})
const workerKilled: Card = {
  name: 'worker killed',
  deed: { kind: 'kill', role: 'worker' },
  lengthMs: [0, 0],
}
const workerJoined: Card = {
  name: 'worker joined and left',
  deed: { kind: 'join' },
  lengthMs: [4_000, 12_000],
}

const workers: Lane = {
  name: 'workers',
  pauseMs: [1_500, 6_000],
  opening: [
    workerKilled,
    strikeCard('killed after its commit, before the answer'),
    strikeCard('answer to a commit lost'),
    strikeCard('frozen before its commit, woken as a zombie'),
  ],
  others: [
    workerKilled,
    workerKilled,
    workerJoined,
    {
      name: 'worker left',
      deed: { kind: 'leave', role: 'worker' },
      lengthMs: [0, 0],
    },
    {
      name: 'worker frozen beyond its session, woken as a zombie',
      deed: { kind: 'freeze', role: 'worker' },
      lengthMs: beyondSessionMs,
    },
    {
      name: 'worker frozen for a moment',
      deed: { kind: 'doze', role: 'worker' },
      lengthMs: dozeMs,
    },
    strikeCard('killed before its commit'),
    strikeCard('commit lost on its way'),
    strikeCard('commit held back beyond the session'),
    strikeCard('killed between join and fence'),
    strikeCard('frozen between join and fence'),
    strikeCard('frozen between fence and reading'),
    strikeCard('answer to a fence lost'),
    strikeCard('killed before partitions join the transaction'),
    strikeCard('answer to partitions lost'),
    strikeCard('answer to records lost'),
    strikeCard('killed after its records'),
    strikeCard('answer to announced offsets lost'),
    strikeCard('offsets lost on their way'),
    strikeCard('answer to offsets lost'),
    strikeCard('killed after its offsets'),
  ],
}

const monitors: Lane = {
  name: 'monitors',
  pauseMs: [3_000, 9_000],
  opening: [
    {
      name: 'monitor killed',
      deed: { kind: 'kill', role: 'monitor' },
      lengthMs: [0, 0],
    },
    strikeCard('monitor killed after its commit, before the answer'),
  ],
  others: [
    {
      name: 'monitor left',
      deed: { kind: 'leave', role: 'monitor' },
      lengthMs: [0, 0],
    },
    {
      name: 'monitor frozen beyond its session, woken as a zombie',
      deed: { kind: 'freeze', role: 'monitor' },
      lengthMs: beyondSessionMs,
    },
    strikeCard('monitor killed before its commit'),
    strikeCard('monitor frozen before its commit, woken as a zombie'),
  ],
}

const serverCard = (
  name: string,
  kind: 'restart' | 'crash' | 'stall',
  server: ServerName,
): Card => ({ name, deed: { kind, server }, lengthMs: kind === 'stall' ? dozeMs : downMs })
const redisCards: readonly Card[] = [
  serverCard('Redis restarted, empty', 'restart', 'redis'),
  serverCard('Redis killed and started, empty', 'crash', 'redis'),
  serverCard('Redis frozen', 'stall', 'redis'),
  { name: 'Redis failed over', deed: { kind: 'failover' }, lengthMs: [0, 0] },
]

const servers: Lane = {
  name: 'servers',
  pauseMs: [7_000, 14_000],
  opening: [
    serverCard('broker restarted', 'restart', 'kafka'),
    serverCard('registry frozen', 'stall', 'registry'),
  ],
  others: [
    serverCard('broker killed and started', 'crash', 'kafka'),
    serverCard('broker frozen', 'stall', 'kafka'),
    serverCard('registry killed and started', 'crash', 'registry'),
    { name: 'all connections to the broker cut', deed: { kind: 'cut' }, lengthMs: [0, 0] },
  ],
}

export function lanes(withRedis: boolean): readonly Lane[] {
  const opening = withRedis ? [...servers.opening, redisCards.at(-1)!] : servers.opening
  const others = withRedis ? [...servers.others, ...redisCards] : servers.others
  return [workers, monitors, { ...servers, opening, others }]
}

/** Without end; equal chances give equal sequences. */
export function* deal(lane: Lane, chance: Chance): Generator<PlannedFault, never, undefined> {
  const { opening, others, pauseMs } = lane
  yield* plan(shuffled(opening, chance), pauseMs, chance)
  for (;;) yield* plan(shuffled([...others, ...opening], chance), pauseMs, chance)
}

function* plan(
  cards: readonly Card[],
  pauseMs: Lane['pauseMs'],
  chance: Chance,
): Generator<PlannedFault, void, undefined> {
  for (const { name, deed, lengthMs } of cards)
    yield {
      name,
      deed,
      pauseMs: chance.between(...pauseMs),
      lengthMs: chance.between(...lengthMs),
      victim: chance.below(1_000),
    }
}

function shuffled<T>(items: readonly T[], chance: Chance): T[] {
  const left = [...items]
  const dealt: T[] = []
  while (left.length > 0) dealt.push(...left.splice(chance.below(left.length), 1))
  return dealt
}
