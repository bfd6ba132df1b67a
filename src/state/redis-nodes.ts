/**
 * The servers behind a client, one or a cluster, and how calls get to them: to each server all of
 * its calls in one write, in order. A call of a script that a server does not know, as after a
 * restart, is sent again when all servers have been told the scripts.
 */
import { Cluster, Command, Pipeline, type Redis } from 'ioredis'
import { type CallParts, commandOf, type ScriptCall, scriptCall } from './redis-call.ts'
import type { RedisClient } from './redis-client.ts'
import { bucketCount, type RedisKeys } from './redis-keys.ts'
import { readScripts, type Scripts } from './redis-scripts.ts'

export class RedisNodes {
  readonly client: RedisClient
  readonly keys: RedisKeys
  readonly scripts: Scripts = readScripts()
  /** Buckets that say what the store is: on one server one speaks for all. */
  readonly speakers: readonly number[]
  readonly isCluster: boolean
  /** The cluster's slot of each bucket. */
  readonly #slots: readonly number[]

  constructor(client: RedisClient, keys: RedisKeys) {
    this.client = client
    this.keys = keys
    this.isCluster = client instanceof Cluster
    this.#slots = Array.from({ length: bucketCount }, (_, bucket) =>
      new Command('get', [keys.store(bucket)]).getSlot(),
    )
    this.speakers = this.isCluster ? Array.from({ length: bucketCount }, (_, at) => at) : [0]
  }

  /** The bucket whose word counts for a log's. */
  speakerOf(bucket: number): number {
    return this.isCluster ? bucket : 0
  }

  call(parts: CallParts): ScriptCall {
    return scriptCall(this.keys, parts)
  }

  /** Names the server that has a bucket. */
  serverOf(bucket: number): string {
    if (!(this.client instanceof Cluster)) return ''
    return this.client.slots[this.#slots[bucket]!]?.join() ?? ''
  }

  /**
   * Sends calls and gives their replies in the same order. Waits for all of them, then rejects with
   * the first failure.
   */
  async send(calls: readonly ScriptCall[]): Promise<readonly unknown[]> {
    const outcomes = await this.#sendOnce(calls)
    const unknown = calls.flatMap((call, index) => (isUnknown(outcomes[index]!) ? [call] : []))
    if (unknown.length > 0) {
      await this.loadScripts()
      const again = await this.#sendOnce(unknown)
      for (const [index, call] of unknown.entries()) outcomes[calls.indexOf(call)] = again[index]!
    }
    return outcomes.map((outcome) => {
      if (outcome.error !== null) throw outcome.error
      return outcome.reply
    })
  }

  async loadScripts(): Promise<void> {
    const bodies = Object.values(this.scripts).map(({ body }) => body)
    for (const server of this.primaries())
      await Promise.all(bodies.map((body) => server.script('LOAD', body)))
  }

  primaries(): readonly Redis[] {
    return this.client instanceof Cluster ? this.client.nodes('master') : [this.client]
  }

  async #sendOnce(calls: readonly ScriptCall[]): Promise<Outcome[]> {
    const { client } = this
    if (!(client instanceof Cluster)) {
      const replies = calls.map((call) => {
        const command = commandOf(call)
        client.sendCommand(command)
        return outcomeOf(command.promise)
      })
      return Promise.all(replies)
    }
    const byServer = new Map<string, ScriptCall[]>()
    for (const call of calls) {
      const server = this.serverOf(call.bucket)
      const some = byServer.get(server)
      if (some === undefined) byServer.set(server, [call])
      else some.push(call)
    }
    const outcomes = new Map<ScriptCall, Outcome>()
    await Promise.all(
      [...byServer.values()].map(async (some) => {
        const replies = await sendPipeline(client, some)
        for (const [index, call] of some.entries()) outcomes.set(call, replies[index]!)
      }),
    )
    return calls.map((call) => outcomes.get(call)!)
  }
}

type Outcome = { readonly error: Error | null; readonly reply: unknown }

const isUnknown = ({ error }: Outcome) => error?.message.startsWith('NOSCRIPT') ?? false

const failed = (error: unknown): Outcome => ({
  error: error instanceof Error ? error : new Error(String(error)),
  reply: null,
})

const outcomeOf = (reply: Promise<unknown>): Promise<Outcome> =>
  reply.then((given) => ({ error: null, reply: given }), failed)

async function sendPipeline(client: Cluster, calls: readonly ScriptCall[]): Promise<Outcome[]> {
  const pipeline = new Pipeline(client)
  for (const call of calls) pipeline.sendCommand(commandOf(call))
  try {
    const replies = await pipeline.exec()
    return calls.map((_, index) => {
      const [error, reply] = replies?.[index] ?? [new Error('Connection is closed.'), null]
      return { error, reply }
    })
  } catch (error) {
    return calls.map(() => failed(error))
  }
}
