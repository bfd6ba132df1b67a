/**
 * What the clients of one seed send, and when: new events, repeats of what was sent before, the
 * same id with other content, two requests at once, late and forged dates, and what no one can
 * read. It knows of each message what it is, and nothing of what the engine makes of it.
 */
import { createHash } from 'node:crypto'
import { decodeEvent } from '../../src/core/event/decode.ts'
import { publishedFromJson } from '../../src/core/event/decode-json.ts'
import type { Keys } from '../../src/core/event/keyed-hash.ts'
import type { Event } from '../../src/core/schema.gen.ts'
import type { SubmitResult } from '../../src/http/submit-result.ts'
import type { Chance } from '../support/seeded.ts'

/** One message as it goes over the wire; the same object again is a repeat. */
export interface Message {
  readonly published: unknown
  /** What has to be kept of it; null where it cannot be read. */
  readonly event: Event | null
  /** SHA-256 of its JSON. */
  readonly sha256: string
  /** always: it must be refused. never: it must not. perhaps: its date is near a limit. */
  readonly refused: 'always' | 'never' | 'perhaps'
}

export interface Request {
  readonly at: number
  readonly messages: readonly Message[]
  /** How long the client waits for an answer before it sends the same again. */
  readonly patienceMs: number
  /** Whether it stops asking after the first failure. */
  readonly givesUp: boolean
}

/** What a client sent, how often, and what it was told in the end: null where it gave up. */
export interface Exchange {
  readonly request: Request
  attempts: number
  results: readonly SubmitResult[] | null
}

export interface WorkloadOptions {
  readonly keys: Keys
  readonly startAt: number
  readonly messages: number
  /** Most of it by one user, from one address: caps are met, repeats are forgotten. */
  readonly hot: boolean
  /** After this time no pause is long. */
  readonly spanMs: number
}

const [secondMs, minuteMs, hourMs, dayMs] = [1_000, 60_000, 3_600_000, 86_400_000]

export function planRequests(chance: Chance, options: WorkloadOptions): Request[] {
  const writer = newWriter(chance, options)
  const requests: Request[] = []
  let now = options.startAt
  let sent = 0
  while (sent < options.messages) {
    now += pause(chance, options.hot || now > options.startAt + options.spanMs)
    const at = now
    const messages = Array.from({ length: sizeOf(chance) }, () => writer.next(at))
    const patienceMs = chance.between(500, 20_000)
    requests.push({ at, messages, patienceMs, givesUp: chance.in(0.05) })
    if (chance.in(0.15)) {
      const racing = messages.map((message) => (chance.in(0.2) ? writer.changed(message) : message))
      const raced = { at: at + chance.below(3), messages: racing, patienceMs, givesUp: false }
      requests.push(raced)
    }
    sent += messages.length
  }
  return requests.sort((a, b) => a.at - b.at)
}

const sizeOf = (chance: Chance) => (chance.in(0.6) ? 1 : chance.between(2, 12))

function pause(chance: Chance, short: boolean): number {
  const kind = chance.next()
  if (kind < 0.6) return chance.below(5 * secondMs)
  if (kind < 0.85 || short) return chance.below(2 * minuteMs)
  if (kind < 0.97) return chance.between(10 * minuteMs, 90 * minuteMs)
  return chance.between(5 * hourMs, 14 * hourMs)
}

type Published = Readonly<Record<string, unknown>>

function kindOf(draw: number): 'claim' | 'redemption' | 'reversal' {
  if (draw < 0.5) return 'redemption'
  return draw < 0.55 ? 'reversal' : 'claim'
}

function newWriter(chance: Chance, { keys, hot }: WorkloadOptions) {
  const sent: Message[] = []
  let serial = 0

  const messageOf = (published: unknown, refused: Message['refused'] = 'never'): Message => {
    const sha256 = createHash('sha256').update(JSON.stringify(published)).digest('hex')
    const read = publishedFromJson(published)
    const event = 'rejected' in read ? read : decodeEvent(read, keys)
    return { published, event: 'rejected' in event ? null : event, sha256, refused }
  }

  const fresh = (at: number): Published => {
    serial += 1
    const user = hot && chance.in(0.9) ? 'u-hot' : `u-${chance.below(14)}`
    const kind = kindOf(chance.next())
    const maybe = <T>(share: number, value: T) => (chance.in(share) ? value : undefined)
    return {
      id: `e${serial}`,
      kind,
      occurredAt: at - lateness(chance),
      user,
      campaign: `c-${chance.below(4)}`,
      deviceFingerprint: maybe(0.85, String(chance.below(7)).repeat(32)),
      ip: maybe(0.9, hot ? '203.0.113.1' : `203.0.113.${chance.below(5)}`),
      couponType: chance.pick(['voucher', 'top-up']),
      code: maybe(0.5, `SPRING00${chance.between(10, 30)}`),
      merchant: maybe(0.8, `m-${chance.below(4)}`),
      channel: maybe(0.7, chance.pick(['group-share', 'account-menu', 'offline-scan'])),
      category: 'catering',
      orderAmount: kind === 'claim' ? undefined : chance.between(100, 30_000),
      couponAmount: chance.between(100, 9_999),
      attempt: chance.in(0.1) ? 'wrong_code' : 'succeeded',
      geo: maybe(0.3, { lat: 31 + chance.next(), lon: 121 + chance.next() }),
      registeredAt: maybe(0.7, at - chance.below(3 * dayMs) - 4 * dayMs),
    }
  }

  const remember = (message: Message) => {
    if (message.event !== null && message.refused === 'never') sent.push(message)
    return message
  }

  const changed = (message: Message): Message => {
    if (message.event === null || message.refused !== 'never') return message
    serial += 1
    const other = chance.in(0.5) ? { couponAmount: 10_000 + serial } : { campaign: `c-x${serial}` }
    return remember(messageOf({ ...asFields(message.published), ...other }))
  }

  return {
    changed,
    next(at: number): Message {
      const kind = chance.next()
      const earlier = sent.length === 0 ? null : sent[recent(chance, sent.length)]!
      if (kind < 0.12 && earlier !== null) return earlier
      if (kind < 0.17 && earlier !== null) return changed(earlier)
      if (kind < 0.22) return messageOf(unreadable(chance, fresh(at)), 'always')
      const published = fresh(at)
      if (kind < 0.24 && earlier !== null) return remember(messageOf(reused(earlier, published)))
      if (kind < 0.26) return messageOf({ ...published, occurredAt: forged(chance, at) }, 'always')
      if (kind < 0.29)
        return messageOf({ ...published, occurredAt: nearLimit(chance, at) }, 'perhaps')
      return remember(messageOf(published))
    },
  }
}

/** Another event under an id of the same user: a conflict, or new once the id is forgotten. */
const reused = ({ event }: Message, published: Published): Published => ({
  ...published,
  id: event?.id,
  user: event?.user,
})

function asFields(value: unknown): Published {
  if (typeof value !== 'object' || value === null) throw new Error('an event is an object')
  return { ...value }
}

/** Mostly one of the last twenty. */
const recent = (chance: Chance, count: number) =>
  chance.in(0.7) ? Math.max(0, count - 1 - chance.below(20)) : chance.below(count)

/** At most three days, so that no retry makes an event too old to be taken. */
function lateness(chance: Chance): number {
  const kind = chance.next()
  if (kind < 0.75) return chance.below(2 * secondMs)
  if (kind < 0.87) return chance.between(15 * minuteMs, 30 * minuteMs)
  if (kind < 0.92) return chance.between(30 * minuteMs, 120 * minuteMs)
  // Around the horizon of the windows: two hours and ten minutes behind the watermark.
  if (kind < 0.97) return 130 * minuteMs + chance.between(-120, 120) * secondMs
  return chance.between(3 * hourMs, 3 * dayMs)
}

const forged = (chance: Chance, at: number) =>
  chance.pick([chance.below(dayMs), at + chance.between(30, 60) * dayMs, at - 8 * dayMs])

const nearLimit = (chance: Chance, at: number) =>
  at + chance.pick([5 * minuteMs, -7 * dayMs]) + chance.between(-60, 60) * secondMs

function unreadable(chance: Chance, published: Published): unknown {
  return chance.pick([
    null,
    17,
    [],
    { ...published, user: undefined },
    { ...published, kind: 'refund' },
    { ...published, couponAmount: -500 },
    { ...published, ip: 'nowhere' },
    { ...published, id: 'x'.repeat(200) },
    { ...published, geo: { lat: 91, lon: 0 } },
    { ...published, stacked: 'many' },
  ])
}
