/**
 * The signal store in Redis, which many workers share. Redis keeps the order: each log is a string
 * to which a script appends what a batch adds, whatever it means. What it means is worked out here,
 * by the code of the memory store, on copies of the logs (replicas.ts, windows.ts): so the two
 * agree reading by reading, and a further signal costs Redis nothing.
 *
 *     batch ─▶ append to the users' logs ─▶ who is first, a repeat, late? what has the user done?
 *           └▶ append to the other logs, count the day ─▶ all other readings
 *
 * Two round trips a batch. A crash in between leaves events that their users know and other logs do
 * not: they come again, are known for what they are, and are put where they are missing.
 */
import { randomBytes } from 'node:crypto'
import type { UserReadings } from '../core/schema.gen.ts'
import { hasEntry } from '../core/signals/entry.ts'
import { hashSlots, type Observation } from '../core/signals/observation.ts'
import * as make from '../core/signals/readings.gen.ts'
import { dayScopesMax, type LogName, logSpecs } from '../core/signals/readings.ts'
import { EdgeError } from '../runtime/edge-error.ts'
import { newSerial } from '../runtime/serial.ts'
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
import type { RedisClient } from './redis-client.ts'
import { type Countable, DayBatch } from './redis-days.ts'
import { redisFailure } from './redis-failure.ts'
import { kindOf, RedisKeys } from './redis-keys.ts'
import { daySecondsToLive, RedisLogs } from './redis-logs.ts'
import { RedisNodes } from './redis-nodes.ts'
import { type Adopted, RedisStanding, type StoreState } from './redis-standing.ts'
import { Replicas } from './replicas.ts'
import type { Observed, SignalStore } from './signal-store.ts'
import { TouchedLogs } from './touched-logs.ts'
import { isFirst, isRepeat, readLog, type Sighted, sight, type Windows } from './windows.ts'

export interface RedisStoreOptions {
  /** Connected or not; the store does not close it. It must have no key prefix of its own. */
  readonly client: RedisClient
  /** In front of every key: small letters, digits and hyphens. */
  readonly prefix?: string
  /** About the most bytes of the copies of logs that are held in this process. */
  readonly copyBytesMax?: number
  /** A name that no store had before. */
  readonly newId?: () => string
}

export interface RedisStore extends SignalStore {
  /**
   * Looks whether Redis holds the store: to be asked at start, and when a call was rejected with
   * `store-lost`. Any answer but `ready` means that somebody has to fill it before judging goes on.
   */
  check(): Promise<StoreState>
  /**
   * Empties the store and has it filled by absorbing what the topics hold; meanwhile nobody else
   * reads or writes it. Rejects with `busy` where another worker is filling it.
   */
  refill(fill: (into: Pick<SignalStore, 'absorb'>) => Promise<void>): Promise<void>
  /** Bytes held for copies of logs. */
  copyBytes(): number
}

const copyBytesMaxDefault = 256 * 2 ** 20
/** Observations that go through Redis together. */
const batchMax = 1024
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

export function newRedisStore(options: RedisStoreOptions): RedisStore {
  return new Store(options)
}

class Store implements RedisStore {
  readonly #nodes: RedisNodes
  readonly #standing: RedisStanding
  readonly #replicas: Replicas
  readonly #logs: RedisLogs
  readonly #records = new NumberBytes()
  readonly #users = new TouchedLogs(userRecordBytes)
  readonly #others = new TouchedLogs(plainRecordBytes)
  readonly #inTurn = newSerial()
  /** Counts failures: what was waiting behind one fails with it, so that order is kept. */
  #failures = 0
  #filling = false
  #storeId = ''

  constructor({ client, prefix = 'cg', copyBytesMax, newId }: RedisStoreOptions) {
    this.#nodes = new RedisNodes(client, new RedisKeys(prefix))
    this.#standing = new RedisStanding(this.#nodes, newId ?? randomId)
    this.#replicas = new Replicas(copyBytesMax ?? copyBytesMaxDefault)
    this.#logs = new RedisLogs(this.#nodes, this.#replicas)
  }

  observe(observations: readonly Observation[]): Promise<readonly Observed[]> {
    return this.#afterAll(async () => {
      const observed: Observed[] = []
      for (let from = 0; from < observations.length; from += batchMax)
        observed.push(...(await this.#observeBatch(observations.slice(from, from + batchMax))))
      return observed
    })
  }

  absorb(observations: readonly Observation[]): Promise<void> {
    return this.#afterAll(async () => {
      await this.#adopted()
      await this.#absorbAll(observations)
    })
  }

  async check(): Promise<StoreState> {
    try {
      return await this.#standing.check()
    } catch (error) {
      throw redisFailure(error)
    }
  }

  refill(fill: (into: Pick<SignalStore, 'absorb'>) => Promise<void>): Promise<void> {
    return this.#afterAll(async () => {
      this.#filling = true
      try {
        await this.#standing.refill(() => fill({ absorb: (some) => this.#fillWith(some) }))
      } finally {
        this.#filling = false
      }
    })
  }

  copyBytes(): number {
    return this.#replicas.bytes
  }

  async close(): Promise<void> {
    await this.#inTurn(() => Promise.resolve())
    this.#forget()
  }

  async #fillWith(observations: readonly Observation[]): Promise<void> {
    if (!this.#filling) throw new EdgeError('store-lost', 'nobody is filling the store now', true)
    await this.#standing.renew()
    await this.#absorbAll(observations)
  }

  async #absorbAll(observations: readonly Observation[]): Promise<void> {
    for (let from = 0; from < observations.length; from += batchMax)
      await this.#absorbBatch(observations.slice(from, from + batchMax))
  }

  /** One task at a time; what waited behind one that failed fails too. */
  #afterAll<T>(task: () => Promise<T>): Promise<T> {
    const failures = this.#failures
    return this.#inTurn(async () => {
      if (failures !== this.#failures)
        throw new EdgeError('redis-away', 'a batch before this one failed; send both again', true)
      try {
        return await task()
      } catch (error) {
        this.#failures += 1
        const failure = redisFailure(error)
        if (failure instanceof EdgeError && failure.code === 'store-lost') this.#forget()
        throw failure
      }
    })
  }

  #forget(): void {
    this.#standing.forget()
    this.#replicas.clear()
    this.#logs.clear()
  }

  /** The store to work with; looks for it where it is not known yet. */
  async #adopted(): Promise<Adopted> {
    if (this.#standing.adopted === null) {
      const state = await this.#standing.check()
      if (state !== 'ready') throw new EdgeError('store-lost', lostBecause[state], true)
    }
    return this.#known()
  }

  #known(): Adopted {
    const { adopted } = this.#standing
    if (adopted === null) throw new EdgeError('store-lost', lostBecause.changed, true)
    if (adopted.id !== this.#storeId) {
      this.#replicas.clear()
      this.#logs.clear()
      this.#storeId = adopted.id
    }
    return adopted
  }

  async #observeBatch(observations: readonly Observation[]): Promise<readonly Observed[]> {
    const adopted = await this.#adopted()
    const known = await this.#meetUsers(observations, adopted, true)
    const observed: Observed[] = []
    await this.#meetOthers(known, adopted, (one, days) => {
      observed.push(this.#readAll(one, days))
    })
    return observed
  }

  async #absorbBatch(observations: readonly Observation[]): Promise<void> {
    const adopted = this.#known()
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

const lostBecause: Readonly<Record<Exclude<StoreState, 'ready'>, string>> = {
  empty: 'Redis holds no store: fill it from the topics (couponguard store rebuild)',
  changed: 'Redis was restarted or failed over and may lack events: fill it from the topics',
  filling: 'another worker is filling the store from the topics',
}

const randomId = () => randomBytes(8).toString('hex')

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
