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
import type { Observation } from '../core/signals/observation.ts'
import { EdgeError } from '../runtime/edge-error.ts'
import { newSerial } from '../runtime/serial.ts'
import { RedisBatches } from './redis-batch.ts'
import type { RedisClient } from './redis-client.ts'
import { redisFailure } from './redis-failure.ts'
import { RedisKeys } from './redis-keys.ts'
import { RedisLogs } from './redis-logs.ts'
import { RedisNodes } from './redis-nodes.ts'
import { type Adopted, RedisStanding, type StoreState } from './redis-standing.ts'
import { Replicas } from './replicas.ts'
import type { Observed, SignalStore } from './signal-store.ts'

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

const copyBytesMaxDefault = 64 * 2 ** 20
/** Observations that go through Redis together. */
const batchMax = 1024

/** Who asked for observations that have not been sent yet. */
interface Waiting {
  readonly observations: readonly Observation[]
  resolve(observed: readonly Observed[]): void
  reject(error: unknown): void
}

export function newRedisStore(options: RedisStoreOptions): RedisStore {
  return new Store(options)
}

class Store implements RedisStore {
  readonly #nodes: RedisNodes
  readonly #standing: RedisStanding
  readonly #replicas: Replicas
  readonly #logs: RedisLogs
  readonly #batches: RedisBatches
  readonly #inTurn = newSerial()
  /** Counts failures: what was waiting behind one fails with it, so that order is kept. */
  #failures = 0
  readonly #waiting: Waiting[] = []
  #turnAsked = false
  #filling = false
  #storeId = ''

  constructor({ client, prefix = 'cg', copyBytesMax, newId }: RedisStoreOptions) {
    this.#nodes = new RedisNodes(client, new RedisKeys(prefix))
    this.#standing = new RedisStanding(this.#nodes, newId ?? randomId)
    this.#replicas = new Replicas(copyBytesMax ?? copyBytesMaxDefault)
    this.#logs = new RedisLogs(this.#nodes, this.#replicas)
    this.#batches = new RedisBatches(this.#nodes, this.#replicas, this.#logs)
  }

  observe(observations: readonly Observation[]): Promise<readonly Observed[]> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ observations, resolve, reject })
      this.#askForTurn()
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
      const inOrder = newSerial()
      const into = {
        absorb: (some: readonly Observation[]) => inOrder(() => this.#fillWith(some)),
      }
      try {
        await this.#standing.refill(() => fill(into))
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

  /** One turn at a time is asked for: who comes while it waits goes with it. */
  #askForTurn(): void {
    if (this.#turnAsked || this.#waiting.length === 0) return
    this.#turnAsked = true
    this.#inTurn(() => this.#observeWaiting()).catch((error: unknown) => this.#failed(error))
  }

  /** Callers that wait together go together, as if they had asked one after another. */
  async #observeWaiting(): Promise<void> {
    this.#turnAsked = false
    const together = this.#takeWaiting()
    this.#askForTurn()
    if (together.length === 0) return
    try {
      const [first, ...others] = together.map(({ observations }) => observations)
      const observed = await this.#observeAll(first!.concat(...others))
      let from = 0
      for (const { observations, resolve } of together) {
        resolve(observed.slice(from, from + observations.length))
        from += observations.length
      }
    } catch (error) {
      const failure = this.#failed(error)
      for (const { reject } of together) reject(failure)
    }
  }

  /** The first who waits, and who fits into the same batch with him. */
  #takeWaiting(): readonly Waiting[] {
    let size = 0
    let count = 0
    for (const { observations } of this.#waiting) {
      size += observations.length
      if (count > 0 && size > batchMax) break
      count += 1
    }
    return this.#waiting.splice(0, count)
  }

  async #observeAll(observations: readonly Observation[]): Promise<readonly Observed[]> {
    const observed: Observed[] = []
    for (let from = 0; from < observations.length; from += batchMax) {
      const some = observations.slice(from, from + batchMax)
      observed.push(...(await this.#batches.observe(some, await this.#adopted())))
    }
    return observed
  }

  async #fillWith(observations: readonly Observation[]): Promise<void> {
    if (!this.#filling) throw new EdgeError('store-lost', 'nobody is filling the store now', true)
    await this.#standing.renew()
    await this.#absorbAll(observations)
  }

  async #absorbAll(observations: readonly Observation[]): Promise<void> {
    for (let from = 0; from < observations.length; from += batchMax)
      await this.#batches.absorb(observations.slice(from, from + batchMax), this.#known())
  }

  /** One task at a time; what waited behind one that failed fails too. */
  #afterAll<T>(task: () => Promise<T>): Promise<T> {
    const failures = this.#failures
    return this.#inTurn(async () => {
      if (failures !== this.#failures) throw behindFailure()
      try {
        return await task()
      } catch (error) {
        throw this.#failed(error)
      }
    })
  }

  /** Takes note of a failure, and gives it in our words. */
  #failed(error: unknown): unknown {
    this.#failures += 1
    for (const { reject } of this.#waiting.splice(0)) reject(behindFailure())
    const failure = redisFailure(error)
    if (failure instanceof EdgeError && failure.code === 'store-lost') this.#forget()
    return failure
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
}

const lostBecause: Readonly<Record<Exclude<StoreState, 'ready'>, string>> = {
  empty: 'Redis holds no store: fill it from the topics (couponguard store rebuild)',
  changed: 'Redis was restarted or failed over and may lack events: fill it from the topics',
  filling: 'another worker is filling the store from the topics',
}

const behindFailure = () =>
  new EdgeError('redis-away', 'a batch before this one failed; send both again', true)

const randomId = () => randomBytes(8).toString('hex')
