/**
 * A role that works on shards: the membership in its group, and one runner per shard that is ours.
 * After each rebalance all runners end before any begins, so no shard is worked on twice in one
 * process. A client that gave up is replaced; what cannot be mended is told once, and all ends.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Admin, Kafka } from 'kafkajs'
import type { Clock } from '../../runtime/clock.ts'
import { EdgeError } from '../../runtime/edge-error.ts'
import type { Metrics } from '../../runtime/metrics.ts'
import { unlessDry } from '../../runtime/run-dry.ts'
import { kafkaError } from './client.ts'
import { DriftGate } from './drift-gate.ts'
import { keepTogether } from './keep-together.ts'
import { type TopicPlace, transactionalIdOf } from './shard-epoch.ts'
import { type AssignedShard, ShardGroup } from './shard-group.ts'
import { ShardRunner, type ShardState, type ShardWork } from './shard-runner.ts'

export type RoleState =
  | { readonly kind: 'joining' | 'absorbing' | 'running' | 'ended' }
  | { readonly kind: 'paused'; readonly reason: string }

export interface ShardRoleOptions {
  readonly kafka: Kafka
  /** Connected. */
  readonly admin: Admin
  readonly groupId: string
  /** Input topics without prefix. */
  readonly topics: readonly string[]
  readonly topicPrefix: string
  readonly clock: Clock
  readonly metrics: Pick<Metrics, 'lag' | 'stage' | 'transaction'>
  readonly batchMessagesMax: number
  /** Works only while it owns every shard; refuses to start beside another. */
  readonly needsEveryShard: boolean
  /** See DriftGate. */
  readonly driftMs?: number | undefined
  /** See KeepTogetherParts; null where no other worker has shards. */
  readonly exchangePlaces: ((ours: ReadonlyMap<number, number>) => Promise<number>) | null
  /** See RunnerOptions. */
  prepare(): Promise<void>
  newWork(shard: number, committed: readonly TopicPlace[]): ShardWork
  onState(state: RoleState): void
  onRetentionLoss(place: TopicPlace, low: number): void
  onFatal(error: unknown): void
}

export interface ShardRole {
  /** Ends after the commits under way and leaves the group. */
  stop(): Promise<void>
}

const rejoinAfterMs = 1_000

export async function startShardRole(options: ShardRoleOptions): Promise<ShardRole> {
  const role = new RunningRole(options)
  try {
    await role.join()
  } catch (error) {
    await role.stop()
    throw error
  }
  return role
}

class RunningRole implements ShardRole {
  readonly #options: ShardRoleOptions
  #group: ShardGroup | null = null
  #runners = new Map<number, ShardRunner>()
  #states = new Map<number, ShardState>()
  #ended: Promise<void> = Promise.resolve()
  #ownedEvery = false
  readonly #gate: DriftGate
  readonly #keptTogether: Promise<void>
  readonly #closing = new AbortController()
  #stopping = false

  constructor(options: ShardRoleOptions) {
    const { clock, driftMs, exchangePlaces } = options
    this.#options = options
    this.#gate = new DriftGate(driftMs, exchangePlaces !== null)
    const parts = { gate: this.#gate, clock }
    this.#keptTogether =
      exchangePlaces === null
        ? Promise.resolve()
        : keepTogether({ ...parts, exchange: exchangePlaces }, this.#closing.signal)
  }

  async join(): Promise<void> {
    const { kafka, groupId, topics, topicPrefix, onState } = this.#options
    onState({ kind: 'joining' })
    const group = new ShardGroup({
      kafka,
      groupId,
      topics,
      topicPrefix,
      onAssigned: (shards) => this.#assigned(shards),
      onFetched: (shard) => this.#runners.get(shard)?.fetched(),
      onFailed: (error) => {
        this.#rejoin(error).catch((failure: unknown) => this.#fail(failure))
      },
    })
    this.#group = group
    await group.join()
  }

  async stop(): Promise<void> {
    this.#stopping = true
    this.#endRunners()
    await this.#ended
    await this.#group?.leave()
    this.#closing.abort()
    await this.#keptTogether
    this.#options.onState({ kind: 'ended' })
  }

  #endRunners(): void {
    const ending = [...this.#runners.values()].map((runner) => runner.end())
    this.#runners = new Map()
    this.#states = new Map()
    this.#ended = Promise.all([this.#ended, ...ending]).then(() => undefined)
  }

  #assigned(shards: readonly AssignedShard[]): void {
    this.#endRunners()
    if (this.#stopping) return
    if (!this.#options.needsEveryShard) {
      this.#run(shards)
      return
    }
    const before = this.#ended
    this.#ended = before.then(async () => {
      if (await this.#isEvery(shards)) this.#run(shards)
    })
    this.#ended.catch((error: unknown) => this.#fail(error))
  }

  #run(shards: readonly AssignedShard[]): void {
    const { kafka, admin, groupId, clock, metrics, batchMessagesMax, newWork, prepare } =
      this.#options
    const group = this.#group!
    for (const assigned of shards) {
      const { shard } = assigned
      const options = {
        assigned,
        epoch: { kafka, admin, groupId, transactionalId: transactionalIdOf(groupId, shard) },
        gate: this.#gate,
        clock,
        metrics,
        batchMessagesMax,
        prepare,
        newWork: (committed: readonly TopicPlace[]) => newWork(shard, committed),
        seek: group.seek.bind(group),
        makeRoom: group.makeRoom.bind(group),
        onState: (state: ShardState) => this.#shardState(shard, state),
        onRetentionLoss: this.#options.onRetentionLoss,
        onFatal: (error: unknown) => this.#fail(error),
      }
      this.#states.set(shard, { kind: 'starting' })
      this.#runners.set(shard, new ShardRunner(options, this.#ended))
    }
    this.#tellState()
  }

  /** Another member holds shards: a newcomer is refused, who was here first waits for them. */
  async #isEvery(shards: readonly AssignedShard[]): Promise<boolean> {
    const { admin, topics, topicPrefix, groupId, onState } = this.#options
    const names = topics.map((topic) => topicPrefix + topic)
    const known = await admin.fetchTopicMetadata({ topics: names }).catch((error: unknown) => {
      throw kafkaError(error)
    })
    const every = Math.max(...known.topics.map(({ partitions }) => partitions.length))
    const owns = shards.length === every
    const reason = `group ${groupId} has another member: windows in memory need every shard`
    if (!owns && !this.#ownedEvery)
      throw new EdgeError('group-shared', `${reason}; stop it or use --store redis`, false)
    this.#ownedEvery = true
    if (!owns) onState({ kind: 'paused', reason })
    return owns
  }

  #shardState(shard: number, state: ShardState): void {
    if (!this.#states.has(shard)) return
    this.#states.set(shard, state)
    this.#tellState()
  }

  #tellState(): void {
    const states = [...this.#states.values()]
    const paused = states.find((state) => state.kind === 'paused')
    const busy = states.some(({ kind }) => kind === 'starting' || kind === 'absorbing')
    this.#options.onState(paused ?? { kind: busy ? 'absorbing' : 'running' })
  }

  async #rejoin(error: EdgeError): Promise<void> {
    this.#endRunners()
    if (this.#stopping) return
    if (!error.retriable) return this.#fail(error)
    this.#options.onState({ kind: 'paused', reason: error.message })
    await this.#group?.leave()
    await sleep(rejoinAfterMs)
    if (this.#stopping) return
    await this.join().catch((failure: unknown) =>
      failure instanceof EdgeError ? this.#rejoin(failure) : this.#fail(failure),
    )
  }

  #fail(error: unknown): void {
    if (this.#stopping) return
    const { onFatal } = this.#options
    unlessDry(this.stop()).then(() => onFatal(error), onFatal)
  }
}
