/**
 * One batch through Redis: to the users' logs first, which tell who is new, then to all others and
 * to the totals of the day. In between and at the end its records are played through the copies of
 * the logs, and read there.
 */

import type { UserReadings } from '../core/schema.gen.ts'
import { hasEntry } from '../core/signals/entry.ts'
import { hashSlots, type Observation } from '../core/signals/observation.ts'
import * as make from '../core/signals/readings.gen.ts'
import { dayScopesMax, type LogName, logSpecs } from '../core/signals/readings.ts'
import { EdgeError } from '../runtime/edge-error.ts'
import { type DayTotals, unknownTotals } from './day-counters.ts'
import {
  NumberBytes,
  plainRecordBytes,
  userKind,
  userRecordBytes,
  writePlainRecord,
  writeUserRecord,
} from './log-records.ts'
import type { ScriptCall } from './redis-call.ts'
import { type Countable, DayBatch } from './redis-days.ts'
import { kindOf } from './redis-keys.ts'
import { daySecondsToLive, type RedisLogs } from './redis-logs.ts'
import type { RedisNodes } from './redis-nodes.ts'
import type { Adopted } from './redis-standing.ts'
import type { Replicas } from './replicas.ts'
import type { Observed } from './signal-store.ts'
import { TouchedLogs } from './touched-logs.ts'
import { isFirst, isRepeat, readLog, type Sighted, sight, type Windows } from './windows.ts'

const dayAttemptsMax = 8
const otherLogs: readonly LogName[] = logSpecs
  .map(({ name }) => name)
  .filter((name) => name !== 'user')

const kindsOf: Readonly<Record<LogName, number>> = {
  user: kindOf('user'),
  device: kindOf('device'),
  ip: kindOf('ip'),
  subnet: kindOf('subnet'),
  code: kindOf('code'),
  phone: kindOf('phone'),
  sender: kindOf('sender'),
  returned: kindOf('returned'),
}

/** What is known of an event once its user's log was read. */
interface Known {
  readonly observation: Observation
  readonly sighted: Sighted
  readonly user: UserReadings | null
  /** Logs but the user's that it adds to. */
  readonly logs: readonly LogName[]
}

/** Takes batches of up to a thousand or so, one at a time. */
export class RedisBatches {
  readonly #nodes: RedisNodes
  readonly #replicas: Replicas
  readonly #logs: RedisLogs
  readonly #records = new NumberBytes()
  readonly #users = new TouchedLogs(userRecordBytes)
  readonly #others = new TouchedLogs(plainRecordBytes)

  constructor(nodes: RedisNodes, replicas: Replicas, logs: RedisLogs) {
    this.#nodes = nodes
    this.#replicas = replicas
    this.#logs = logs
  }

  async observe(
    observations: readonly Observation[],
    adopted: Adopted,
  ): Promise<readonly Observed[]> {
    const known = await this.#meetUsers(observations, adopted, true)
    const observed: Observed[] = []
    await this.#meetOthers(known, adopted, (one, days) => {
      observed.push(this.#readAll(one, days))
    })
    return observed
  }

  async absorb(observations: readonly Observation[], adopted: Adopted): Promise<void> {
    const known = await this.#meetUsers(observations, adopted, false)
    await this.#meetOthers(known, adopted, ({ observation, sighted, logs }) => {
      for (const name of logs)
        readLog(this.#replicas.windows[name], observation, !sighted.mayBeHeld, null)
    })
  }

  /** Appends to the users' logs and reads them. */
  async #meetUsers(
    observations: readonly Observation[],
    adopted: Adopted,
    reads: boolean,
  ): Promise<readonly Known[]> {
    const touched = this.#users
    touched.reset()
    for (const { hashes } of observations)
      touched.add(userKind, hashes[hashSlots.user]!, hashes[hashSlots.user + 1]!)
    touched.lay(this.#nodes.isCluster)
    this.#records.ensure(touched.bytes)
    for (let at = 0; at < observations.length; at += 1)
      writeUserRecord(this.#records, touched.placeOf(at), observations[at]!)
    const { horizon } = observations.at(-1)!
    await this.#logs.bring(touched, this.#records, { adopted, horizon, extra: [] })
    return this.#play(touched, () => observations.map((one) => this.#meetUser(one, reads)))
  }

  #meetUser(observation: Observation, reads: boolean): Known {
    const { user } = this.#replicas.windows
    const sighted = sight(user, this.#replicas.repeats, observation)
    const skip = isRepeat(sighted) || sighted.late
    const maker = reads ? make.makeUserReadings : null
    const readings = skip ? null : readLog(user, observation, !sighted.mayBeHeld, maker)
    return { observation, sighted, user: readings, logs: skip ? [] : logsOf(observation) }
  }

  /** Appends to all other logs and counts the day; `meet` then meets each event, in order. */
  async #meetOthers(
    known: readonly Known[],
    adopted: Adopted,
    meet: (one: Known, days: DayTotals) => void,
  ): Promise<void> {
    const touched = this.#layOthers(known)
    const { horizon } = known.at(-1)!.observation
    const counted = known.filter(({ sighted }) => !isRepeat(sighted)).map(countable)
    const days = new DayBatch(counted)
    const extra = counted.length === 0 ? [] : [this.#countCall(days, adopted)]
    const replies = await this.#logs.bring(touched, this.#records, { adopted, horizon, extra })
    const totals = counted.length === 0 ? [] : await this.#totals(days, replies[0], adopted)
    let next = 0
    this.#play(touched, () => {
      for (const one of known) meet(one, isRepeat(one.sighted) ? unknownTotals : totals[next++]!)
    })
    this.#replicas.rotate()
  }

  /** Writes the records of all logs but the users'. */
  #layOthers(known: readonly Known[]): TouchedLogs {
    const touched = this.#others
    touched.reset()
    for (const { observation, logs } of known)
      for (let at = 0; at < logs.length; at += 1) {
        const slot = this.#replicas.windows[logs[at]!].entitySlot
        const { hashes } = observation
        touched.add(kindsOf[logs[at]!], hashes[slot]!, hashes[slot + 1]!)
      }
    touched.lay(this.#nodes.isCluster)
    this.#records.ensure(touched.bytes)
    let record = 0
    for (const { observation, sighted, logs } of known)
      for (let at = 0; at < logs.length; at += 1) {
        const what = { name: logs[at]!, isNew: !sighted.mayBeHeld }
        writePlainRecord(this.#records, touched.placeOf(record), what, observation)
        record += 1
      }
    return touched
  }

  /** Lets a batch's own records play through the copies; half played they would be useless. */
  #play<T>(touched: TouchedLogs, play: () => T): T {
    try {
      const played = play()
      this.#logs.settle(touched)
      return played
    } catch (error) {
      this.#replicas.clear()
      this.#logs.clear()
      throw error
    }
  }

  #countCall(batch: DayBatch, adopted: Adopted): ScriptCall {
    const { keys, scripts } = this.#nodes
    return this.#nodes.call({
      script: scripts.count,
      bucket: 0,
      keys: [keys.newestDay(), ...batch.days.map((day) => keys.day(day))],
      args: [
        adopted.names.get(0)!,
        '1',
        batch.question(),
        `${dayScopesMax}`,
        `${daySecondsToLive}`,
      ],
    })
  }

  async #totals(batch: DayBatch, first: unknown, adopted: Adopted): Promise<readonly DayTotals[]> {
    let reply = first
    for (let attempt = 0; attempt < dayAttemptsMax; attempt += 1) {
      const totals = batch.answer(reply)
      if (totals !== null) return totals
      const replies = await this.#nodes.send([this.#countCall(batch, adopted)])
      reply = replies[0]
    }
    throw new EdgeError('busy', 'others keep counting the same events', true)
  }

  #readAll({ observation, sighted, user }: Known, days: DayTotals): Observed {
    const { sighting, firstPosition, saturated } = sighted.seen
    const base = { sighting, firstPosition, repeatsSaturated: saturated, late: sighted.late }
    if (isRepeat(sighted)) return { ...base, readings: null }
    const { device, ip, subnet, code, phone, sender, returned } = this.#replicas.windows
    const isNew = !sighted.mayBeHeld
    const read = <T>(log: Windows, maker: (values: Float64Array, cutAt: number | null) => T) =>
      sighted.late ? null : readLog(log, observation, isNew, maker)
    const readings = {
      user,
      device: read(device, make.makeDeviceReadings),
      ip: read(ip, make.makeIpReadings),
      subnet: read(subnet, make.makeSubnetReadings),
      code: read(code, make.makeCodeReadings),
      phone: read(phone, make.makePhoneReadings),
      sender: read(sender, make.makeSenderReadings),
      returned: read(returned, make.makeReturnedReadings),
      campaign: days.campaign,
      merchant: days.merchant,
      category: days.category,
      channel: days.channel,
    }
    return { ...base, readings }
  }
}

/** A repeat of an event that was counted is told by its position: see redis-days.ts. */
const countable = ({ observation, sighted }: Known): Countable => ({
  observation,
  mayCount: isFirst(sighted) || sighted.seen.sighting === 'redelivered',
})

/** Every list of logs that an event may have, so that none has to be made for each. */
const logLists: readonly (readonly LogName[])[] = Array.from(
  { length: 2 ** otherLogs.length },
  (_, mask) => otherLogs.filter((__, at) => (mask & (1 << at)) !== 0),
)

function logsOf(observation: Observation): readonly LogName[] {
  let mask = 0
  for (let at = 0; at < otherLogs.length; at += 1)
    if (hasEntry(otherLogs[at]!, observation)) mask |= 1 << at
  return logLists[mask]!
}
