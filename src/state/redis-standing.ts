/**
 * Whether Redis holds what it is taken for. Each bucket has a name of the store in it: how far it
 * is, its id, and the lineage of the server (lua/store.lua). Every script looks at that name first,
 * so nobody reads or writes a store that was emptied, that failed over to a replica which may lack
 * the last writes, or that somebody else has filled anew since.
 *
 *     absent ──refill──▶ filling ──filled──▶ ready ──restart, failover──▶ changed ──refill──▶ …
 */
import { EdgeError } from '../runtime/edge-error.ts'
import type { ScriptCall } from './redis-call.ts'
import { redisFailure } from './redis-failure.ts'
import type { RedisNodes } from './redis-nodes.ts'

/**
 * - ready: filled, and nothing has happened to it since.
 * - empty: never filled, emptied, or left by whoever was filling it.
 * - changed: restarted, failed over or moved since it was filled, or filled by a version that lays
 *   logs out otherwise: it may lack something.
 * - filling: somebody is filling it.
 */
export type StoreState = 'ready' | 'empty' | 'changed' | 'filling'

/** A store as one client knows it. */
export interface Adopted {
  readonly id: string
  /** What each bucket says of it; see RedisNodes.speakers. */
  readonly names: ReadonlyMap<number, string>
  /** A stamp that no other call of any client has. */
  nextStamp(): number
}

/**
 * How logs are laid out as bytes (log-records.ts), at the head of every store's id: to whoever lays
 * them out otherwise the store has changed. To be raised whenever the layout is.
 */
const layout = '2-'
const fillerLeaseMs = 60_000
const clientsMax = 2 ** 21
const callsMax = 2 ** 32
const scanCount = 1000

interface Name {
  readonly told: string | null
  readonly lineage: string
}

export class RedisStanding {
  readonly #nodes: RedisNodes
  readonly #newId: () => string
  #adopted: Adopted | null = null

  constructor(nodes: RedisNodes, newId: () => string) {
    this.#nodes = nodes
    this.#newId = newId
  }

  /** Null until a check found the store ready, and since it was found lost. */
  get adopted(): Adopted | null {
    return this.#adopted
  }

  forget(): void {
    this.#adopted = null
  }

  /** Looks at all servers. What it finds ready is what calls go to from then on. */
  async check(): Promise<StoreState> {
    await this.#nodes.loadScripts()
    for (const server of this.#nodes.primaries()) checkServer(await server.info())
    const names = await this.#look()
    const state = await this.#stateOf([...names.values()])
    if (state !== 'ready') this.#adopted = null
    else await this.#adopt(new Map([...names].map(([bucket, { told }]) => [bucket, told!])))
    return state
  }

  /**
   * Takes the store over: names it as being filled, which locks out everybody else, empties it, and
   * when `fill` is done names it ready. Throws `busy` where somebody else is filling it.
   */
  async refill(fill: () => Promise<void>): Promise<void> {
    const { client, keys } = this.#nodes
    const id = `${layout}${this.#newId()}`
    const taken = await client.set(keys.filler(), id, 'PX', fillerLeaseMs, 'NX')
    if (taken === null) throw new EdgeError('busy', 'another worker is filling the store', true)
    this.#adopted = null
    try {
      await this.#nodes.loadScripts()
      const filling = await this.#stamp(['filling', id], null)
      await this.#empty()
      await this.#adopt(filling)
      await fill()
      await this.#adopt(await this.#stamp(['ready', id], filling))
    } catch (error) {
      this.#adopted = null
      throw error
    } finally {
      await client.del(keys.filler()).catch(() => 0)
    }
  }

  /** Says that the filling goes on. */
  async renew(): Promise<void> {
    await this.#nodes.client.pexpire(this.#nodes.keys.filler(), fillerLeaseMs)
  }

  async #look(): Promise<ReadonlyMap<number, Name>> {
    const { speakers, scripts, keys } = this.#nodes
    const calls = speakers.map((bucket) =>
      this.#nodes.call({ script: scripts.look, bucket, args: [] }),
    )
    const replies = await this.#nodes.send(calls)
    return new Map(
      speakers.map((bucket, index) => [bucket, nameOf(replies[index], keys.store(bucket))]),
    )
  }

  async #stateOf(names: readonly Name[]): Promise<StoreState> {
    const { client, keys } = this.#nodes
    if (names.every(({ told }) => told === null)) return 'empty'
    if (names.some(({ told }) => told?.startsWith('filling ') ?? false))
      return (await client.exists(keys.filler())) === 1 ? 'filling' : 'empty'
    const [id = '', ...others] = new Set(names.map(({ told }) => told?.split(' ')[1]))
    const same = names.every(({ told, lineage }) => told?.split(' ')[2] === lineage)
    return id.startsWith(layout) && others.length === 0 && same ? 'ready' : 'changed'
  }

  /** Names the store; where it had a name before, only if that is still so. Gives its names. */
  async #stamp(
    [state, id]: readonly [state: string, id: string],
    before: ReadonlyMap<number, string> | null,
  ): Promise<ReadonlyMap<number, string>> {
    const { speakers, scripts } = this.#nodes
    const calls = speakers.map((bucket): ScriptCall => {
      const args = [state, id, before?.get(bucket) ?? '']
      return this.#nodes.call({ script: scripts.stamp, bucket, args })
    })
    const replies = await this.#nodes.send(calls)
    return new Map(speakers.map((bucket, index) => [bucket, String(replies[index])]))
  }

  async #adopt(names: ReadonlyMap<number, string>): Promise<void> {
    const known = this.#adopted
    if (known !== null && [...names].every(([bucket, name]) => known.names.get(bucket) === name))
      return
    const { client, keys } = this.#nodes
    const [, id = ''] = names.get(0)!.split(' ')
    const number = (await client.incr(keys.clients())) % clientsMax
    let calls = 0
    const nextStamp = () => {
      calls += 1
      if (calls === callsMax) throw new EdgeError('store-lost', 'too many calls', true)
      return number * callsMax + calls
    }
    this.#adopted = { id, names, nextStamp }
  }

  async #empty(): Promise<void> {
    const { keys } = this.#nodes
    for (const server of this.#nodes.primaries()) {
      let cursor = '0'
      do {
        const [next, found] = await server.scan(cursor, 'MATCH', keys.pattern(), 'COUNT', scanCount)
        const dropped = found.filter((key) => !keys.outlives(key))
        await Promise.all(dropped.map((key) => server.unlink(key)))
        cursor = next
      } while (cursor !== '0')
    }
  }
}

function nameOf(reply: unknown, key: string): Name {
  if (!Array.isArray(reply) || reply.length !== 2) throw new TypeError(`no answer about ${key}`)
  const [told, lineage]: readonly unknown[] = reply
  return { told: told === null ? null : String(told), lineage: String(lineage) }
}

/** Throws where a server can never hold the store as it is set up, or does not lead now. */
function checkServer(info: string): void {
  const of = (field: string) => new RegExp(`^${field}:(.*)$`, 'm').exec(info)?.[1]?.trim() ?? ''
  const [major] = of('redis_version').split('.')
  if (Number(major) < 7)
    throw new EdgeError('redis-failed', `Redis ${of('redis_version')} is older than 7`, false)
  if (of('role') !== 'master') throw redisFailure(new Error('READONLY this server is a replica'))
  const policy = of('maxmemory_policy')
  if (of('maxmemory') !== '0' && policy !== 'noeviction') {
    const say = `Redis drops keys when it is full (maxmemory-policy ${policy}), and windows would read low unseen: set it to noeviction`
    throw new EdgeError('redis-failed', say, false)
  }
}
