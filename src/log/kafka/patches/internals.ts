/**
 * The insides of kafkajs that the patches touch, with types. They are CommonJS and nothing promises
 * them, so they are looked at only where the installed version is the one that was read.
 */
import { createRequire } from 'node:module'
import { z } from 'zod'

const load = createRequire(import.meta.url)
const src = (path: string) => `kafkajs/src/${path}`

/** Grows a buffer of powers of two as it is written to. */
export interface Encoder {
  buf: Buffer
  offset: number
  readonly buffer: Buffer
  writeInt16(value: number): Encoder
  writeInt32(value: number): Encoder
  writeInt64(value: unknown): Encoder
  writeString(value: string | null): Encoder
}
export type EncoderClass = new (initialSize?: number) => Encoder

export interface Codec {
  compress(encoder: Encoder): Promise<Buffer>
}

export interface Message {
  readonly key?: unknown
  readonly value: unknown
  readonly timestamp?: unknown
  readonly headers?: unknown
}

export interface PartitionData {
  readonly partition: number
  readonly firstSequence?: number
  readonly messages: readonly Message[]
}

export interface ProduceOptions {
  readonly acks: number
  readonly timeout: number
  readonly transactionalId?: string | null
  readonly producerId?: unknown
  readonly producerEpoch?: number
  readonly compression?: number
  readonly topicData: readonly {
    readonly topic: string
    readonly partitions: readonly PartitionData[]
  }[]
}

export interface ProduceRequest {
  readonly apiKey: number
  readonly apiVersion: number
  encode(): Promise<Encoder>
}
export type NewProduceRequest = (options: ProduceOptions) => ProduceRequest

export interface Grouping {
  readonly topic: string
  readonly partitionMetadata: readonly unknown[]
  readonly messages: readonly Message[]
  readonly partitioner: (of: {
    topic: string
    partitionMetadata: readonly unknown[]
    message: Message
  }) => number
}
export type GroupMessages = (grouping: Grouping) => Record<number, Message[]>

export interface SocketRequest {
  readonly sentAt: number
  readonly requestTimeout: number
  timeoutRequest(): void
}

/** One connection's requests: in flight, or waiting for their turn. */
export interface RequestQueue {
  readonly inflight: ReadonlyMap<number, SocketRequest>
  readonly pending: readonly SocketRequest[]
  readonly throttledUntil: number
  readonly requestTimeout: number
  readonly enforceRequestTimeout: boolean
  throttleCheckTimeoutId: NodeJS.Timeout | null
  requestTimeoutIntervalId: NodeJS.Timeout | null | undefined
  isConnected(): boolean
  destroy(): void
  checkPendingRequests(): void
  scheduleCheckPendingRequests(): void
  scheduleRequestTimeoutCheck(): void
  sendSocketRequest(request: SocketRequest): void
}

/** What one fetch brought of a partition, before and after filtering. */
export interface FetchedBatch {
  readonly rawMessages: readonly unknown[]
  isEmpty(): boolean
  isEmptyDueToFiltering(): boolean
}

export interface Broker {
  addPartitionsToTxn(request: unknown): Promise<unknown>
  addOffsetsToTxn(request: unknown): Promise<unknown>
}

/** One socket to a broker, or none yet. */
export interface Connection {
  connect(): Promise<unknown>
}

export interface PooledBroker {
  isConnected(): boolean
  disconnect(): Promise<unknown>
}

/** The brokers that one producer, consumer or admin knows, by the number of their node. */
export interface BrokerPool {
  readonly brokers: Readonly<Record<string, PooledBroker>>
  disconnect(): Promise<void>
  removeBroker(place: { readonly host: string; readonly port: number }): void
}

export interface CoordinatorQuery {
  readonly groupId: string
  readonly coordinatorType: number
}

/** What one producer, consumer or admin knows of the brokers. */
export interface Cluster {
  findGroupCoordinatorMetadata(query: CoordinatorQuery): Promise<unknown>
}

/** A kind of request: what it is made of, by version. */
export interface RequestDefinition {
  protocol(version: object): (options: unknown) => object
}

/** A record of a fetch, control records included. */
export interface FetchedMessage {
  readonly offset: string
  readonly key: Buffer | null
  readonly isControlRecord: boolean
  readonly batchContext: { readonly producerId: string; readonly inTransaction: boolean }
}

export interface FetchedMessages {
  readonly messages: readonly FetchedMessage[]
  readonly abortedTransactions:
    | readonly { readonly producerId: string; readonly firstOffset: string }[]
    | null
}
export type FilterAborted = (fetched: FetchedMessages) => readonly FetchedMessage[]

export type Kafkajs = typeof import('kafkajs')

/** All of it, by the public name; a second call gives the same. */
export const loadKafkajs = (): Kafkajs => load('kafkajs')

/** As its package.json says. */
export function installedVersion(): string {
  const { version } = z.object({ version: z.string() }).parse(load('kafkajs/package.json'))
  return version
}

export const loadEncoder = (): EncoderClass => load(src('protocol/encoder'))
export const loadRequestQueue = (): { prototype: RequestQueue } => load(src('network/requestQueue'))
export const loadBatch = (): { prototype: FetchedBatch } => load(src('consumer/batch'))
export const loadBroker = (): { prototype: Broker } => load(src('broker'))
export const loadBrokerPool = (): { prototype: BrokerPool } => load(src('cluster/brokerPool'))
export const loadConnection = (): { prototype: Connection } => load(src('network/connection'))
export const loadCluster = (): { prototype: Cluster } => load(src('cluster'))
export const loadGroupMessages = (): GroupMessages => load(groupMessagesPath)
export const loadProduceRequest = (version: number): NewProduceRequest =>
  load(produceRequestPath(version))

/** Those that open a transaction at its coordinator. */
export function loadTransactionRequests(): readonly RequestDefinition[] {
  const { requests } = load(src('protocol/requests'))
  return [requests.AddPartitionsToTxn, requests.AddOffsetsToTxn]
}

/** Null where the client has no such compression built in. */
export function loadCodec(compression: number): Codec | null {
  const { lookupCodec } = load(src('protocol/message/compression'))
  return lookupCodec(compression)
}

export const groupMessagesPath = src('producer/groupMessagesPerPartition')
export const filterAbortedPath = src('consumer/filterAbortedMessages')
export const produceRequestPath = (version: number) =>
  src(`protocol/requests/produce/v${version}/request`)

/** Those that hold on to what they were given by the two paths above when they were loaded. */
const pathUsers = [
  'consumer/batch',
  'consumer/consumerGroup',
  'consumer/index',
  'producer/sendMessages',
  'producer/messageProducer',
  'producer/index',
  'index',
]

/** Puts another export in place of a module's; whoever requires it from now on gets that one. */
export function replaceExport(path: string, value: unknown): void {
  load(path)
  const module = load.cache[load.resolve(path)]
  if (module === undefined) throw new Error(`${path} is not in the cache of modules`)
  module.exports = value
}

/** Lets those modules be read again where somebody was earlier to load them. */
export function forgetPathUsers(): void {
  for (const path of [...pathUsers.map(src), 'kafkajs']) delete load.cache[load.resolve(path)]
}
