/**
 * Random histories for the oracle: few entities, so that logs fill to their caps, and times that
 * are made to hurt: equal, exactly one span apart, at the edges of days and of the horizon, late by
 * minutes or by days, ahead by almost five minutes. Events come again at their own place, as
 * duplicates at another and under an id that is taken. One seed gives one history.
 */
import type { Attempt, Event, Geo } from '../../src/core/schema.gen.ts'
import { horizonAt, type Placed } from './placed.ts'
import { plainEvent } from './plain-event.ts'
import { type Chance, seeded } from './seeded.ts'

export interface History {
  readonly seed: number
  readonly zone: string
  readonly placed: readonly Placed[]
}

const second = 1_000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour
const spans = [10 * second, minute, hour, day, 7 * day, 45 * day]

/** Largest step from one event to the next. */
const paces = [0, 40, 5 * second, 40 * second, 2 * minute, hour, day]
/** Zones, and what is about their offset, to find the edges of their days. */
const zones = [
  { zone: 'Asia/Shanghai', offset: 8 * hour },
  { zone: 'America/New_York', offset: -4 * hour },
  { zone: 'Europe/London', offset: 0 },
] as const
/** A week before clocks change in New York and in London. */
const firstAt = Date.UTC(2026, 2, 1, 12)

const device = (number: number) => `${number}`.padStart(32, '0a1b2c3d')
const devices = [null, device(1), device(2), device(3), device(4), device(5)]
const ips = [
  null,
  '203.0.113.7',
  '203.0.113.8',
  '198.51.100.1',
  '2001:db8:1:2::7',
  '2001:db8:1:2:a::',
  '2001:db8::1',
]
const attempts: readonly Attempt[] = [
  'succeeded',
  'succeeded',
  'succeeded',
  'unknown',
  'wrong_code',
  'wrong_input',
  'expired',
  'declined',
]
const amounts = [null, null, 0, 1, 50_00, 50_01, 123_45, 1e13]

interface World {
  readonly chance: Chance
  readonly pace: number
  readonly dayOffset: number
  readonly users: readonly string[]
  /** Share of events by the first user, and of those at the first address. */
  readonly spam: number
  readonly crowd: number
  readonly placed: Placed[]
  clock: number
  watermark: number
  nextId: number
  nextTail: number
  nextPosition: number
}

export function newHistory(seed: number, events: number): History {
  const chance = seeded(seed)
  const { zone, offset } = chance.pick(zones)
  const world: World = {
    chance,
    pace: chance.pick(paces),
    dayOffset: offset,
    users: Array.from({ length: chance.between(1, 8) }, (_, index) => `user ${index}`),
    spam: chance.pick([0, 0, 0.5, 0.95]),
    crowd: chance.pick([0, 0, 0.7]),
    placed: [],
    clock: firstAt,
    watermark: Number.NEGATIVE_INFINITY,
    nextId: 0,
    nextTail: 0,
    nextPosition: 0,
  }
  while (world.placed.length < events) step(world)
  return { seed, zone, placed: world.placed }
}

function step(world: World): void {
  const { chance, placed, pace } = world
  world.clock += chance.below(pace + 1)
  if (chance.in(0.001)) world.clock += chance.pick(spans)
  if (placed.length === 0 || chance.in(0.8)) put(world, newEvent(world))
  else repeat(world)
}

/** Something that came before comes again: a moment ago mostly, sometimes long ago. */
function repeat(world: World): void {
  const { chance, placed } = world
  const back = chance.below(Math.min(placed.length, chance.pick([3, 40, 4000])))
  const earlier = placed[placed.length - 1 - back]!
  const kind = chance.below(4)
  if (kind === 0) put(world, { ...earlier.event })
  else if (kind === 1) put(world, { ...earlier.event, campaign: 'another' })
  else if (kind === 2) again(world, earlier)
  else for (const one of placed.slice(-chance.between(2, 12))) again(world, one)
}

/** A new place in the log; the partitions' record times run up to ten minutes apart. */
function put(world: World, event: Event): void {
  const { chance } = world
  const lag = chance.in(0.1) ? chance.below(10 * minute) : 0
  const recordedAt = Math.max(world.clock - lag, event.occurredAt - 5 * minute)
  world.watermark = Math.max(world.watermark, recordedAt)
  world.nextPosition += 1
  const horizon = horizonAt(world.watermark)
  world.placed.push({ event, recordedAt, position: world.nextPosition, horizon })
}

/** The same place again, as after a crash, when the horizon may have moved on. */
function again({ placed, watermark }: World, earlier: Placed): void {
  placed.push({ ...earlier, horizon: horizonAt(watermark) })
}

function newEvent(world: World): Event {
  const { chance, users, spam, crowd } = world
  const user = chance.in(spam) ? users[0]! : chance.pick(users)
  const occurredAt = eventTime(world)
  const code = chance.in(0.7) ? codeOf(world) : { codeHash: null, codeBlock: null, codeTail: null }
  world.nextId += 1
  return plainEvent({
    // Now and then an id that others use, and one that user and id glued together would share.
    id: chance.in(0.02) ? chance.pick(['same', '1', ' 0']) : `event ${world.nextId}`,
    kind: chance.pick(['claim', 'claim', 'redemption', 'redemption', 'reversal']),
    occurredAt,
    user,
    campaign: chance.pick(['spring', 'autumn']),
    couponType: chance.pick([null, 'voucher', 'top-up']),
    device: chance.pick(devices),
    ip: chance.in(crowd) ? '203.0.113.7' : chance.pick(ips),
    ...code,
    phone: chance.pick([null, 'phone 1', 'phone 2']),
    transferSender: chance.in(0.5) ? null : chance.pick(users),
    merchant: chance.pick([null, 'm1', 'm2']),
    category: chance.pick([null, 'catering']),
    channel: chance.pick([null, 'group-share', 'account-menu']),
    attempt: chance.pick(attempts),
    orderAmount: chance.pick(amounts),
    couponAmount: chance.pick(amounts),
    registeredAt: chance.pick([
      null,
      occurredAt - day,
      occurredAt - day + 1,
      occurredAt,
      occurredAt + 1,
    ]),
    geo: placeOf(chance),
  })
}

/** Codes of two blocks; often the next one in order. */
function codeOf(world: World): Pick<Event, 'codeHash' | 'codeBlock' | 'codeTail'> {
  const { chance, crowd } = world
  if (chance.in(crowd / 2)) return { codeHash: 'block 0 7', codeBlock: 'block 0', codeTail: 7 }
  world.nextTail = chance.in(0.6) ? world.nextTail + chance.between(-1, 4) : chance.below(60)
  const codeBlock = `block ${chance.below(2)}`
  if (chance.in(0.05)) return { codeHash: `${codeBlock} odd`, codeBlock, codeTail: null }
  const codeTail = Math.abs(world.nextTail) % 60
  return { codeHash: `${codeBlock} ${codeTail}`, codeBlock, codeTail }
}

function placeOf(chance: Chance): Geo | null {
  if (chance.in(0.3)) return null
  const cell = (from: number, cells: number) => from + chance.below(cells) * 0.01 + 0.0043
  if (chance.in(0.02)) return { lat: -89.5043, lon: cell(-179.9, 3) }
  return { lat: cell(31.2, 4), lon: cell(121.4, 4) }
}

/** Event times, most of them just before now, the others where windows have their edges. */
function eventTime({ chance, clock, placed, dayOffset, watermark }: World): number {
  const earlier = placed.length === 0 ? clock : chance.pick(placed.slice(-300)).event.occurredAt
  const off = chance.between(-1, 1)
  const oldest = clock - 7 * day
  const times: readonly (() => number)[] = [
    () => earlier + (chance.in(0.5) ? 0 : off),
    () => earlier + chance.pick(spans) + off,
    () => earlier - chance.pick(spans) + off,
    () => Math.floor((clock + dayOffset) / day) * day - dayOffset + off,
    () => (placed.length === 0 ? clock : horizonAt(watermark) + off),
    () => clock - chance.below(2 * hour + 10 * minute),
    () => clock - chance.below(3 * minute),
    () => clock - chance.between(2 * hour, 7 * day),
    () => oldest + hour,
    () => clock + 5 * minute - second,
  ]
  if (chance.in(0.55)) return clock - chance.below(20) * chance.pick([0, 1, 1_000])
  const at = chance.pick(times)()
  return at < oldest || at > clock + 5 * minute ? clock : at
}
