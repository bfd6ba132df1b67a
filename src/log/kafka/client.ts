/**
 * The Kafka client of every role and command, and its failures in our words: one line that says
 * what to do, and whether trying the same again can help. Nothing here prints a password.
 */
import type { Kafka, KafkaConfig, Producer, SASLOptions } from 'kafkajs'
import type { KafkaConnection, SaslLogin } from '../../config/connections.ts'
import { EdgeError, errnoOf } from '../../runtime/edge-error.ts'
import { mendKafkajs } from './patches/mend.ts'

/** Takes what the client has to say; it repeats itself while a broker is away. */
export type KafkaLog = (level: 'warn' | 'error', line: string) => void

/**
 * Retries of one call: 20 ms, 40, 80 … up to 1 s, eight in all, some 3 s. The client's own default
 * starts at 300 ms, which shows in the tail of latency whenever a transaction is still completing;
 * whoever calls decides what to do when these are used up.
 */
const retry = { initialRetryTime: 20, maxRetryTime: 1_000, multiplier: 2, factor: 0.2, retries: 8 }
/** A host that drops packets would otherwise hold a call for the system's two minutes. */
const connectionTimeoutMs = 3_000
const authenticationTimeoutMs = 10_000
const requestTimeoutMs = 30_000

export function newKafkaClient(
  connection: KafkaConnection,
  clientId: string,
  log: KafkaLog = () => undefined,
): Kafka {
  const { brokers, tls, sasl } = connection
  const kafkajs = mendKafkajs()
  const config: KafkaConfig = {
    clientId,
    brokers: [...brokers],
    connectionTimeout: connectionTimeoutMs,
    authenticationTimeout: authenticationTimeoutMs,
    requestTimeout: requestTimeoutMs,
    retry,
    logLevel: kafkajs.logLevel.WARN,
    logCreator: logTo(log, kafkajs.logLevel.ERROR),
  }
  if (tls !== null) {
    const { ca, cert, key } = tls
    config.ssl = {
      ...(ca === null ? {} : { ca: [ca] }),
      ...(cert === null ? {} : { cert }),
      ...(key === null ? {} : { key }),
    }
  }
  if (sasl !== null) config.sasl = saslOptions(sasl)
  return new kafkajs.Kafka(config)
}

/** A producer outside transactions: what it sends is there once, and in order. */
export const newOrderedProducer = (kafka: Kafka): Producer =>
  kafka.producer({ idempotent: true, maxInFlightRequests: 1, allowAutoTopicCreation: false })

const logTo =
  (log: KafkaLog, errorLevel: number): NonNullable<KafkaConfig['logCreator']> =>
  () =>
  ({ level, log: { message, error, broker } }) => {
    const words = [message, error, broker].filter((word) => typeof word === 'string')
    log(level === errorLevel ? 'error' : 'warn', words.join(': '))
  }

function saslOptions({ mechanism, username, password }: SaslLogin): SASLOptions {
  switch (mechanism) {
    case 'plain':
      return { mechanism, username, password }
    case 'scram-sha-256':
      return { mechanism, username, password }
    case 'scram-sha-512':
      return { mechanism, username, password }
  }
}

const topicTypes = new Set(['UNKNOWN_TOPIC_OR_PARTITION', 'UNKNOWN_TOPIC_ID'])
const refusedTypes = new Set([
  'SASL_AUTHENTICATION_FAILED',
  'UNSUPPORTED_SASL_MECHANISM',
  'ILLEGAL_SASL_STATE',
])
/** The work of this epoch or generation is void; a new one may do it. */
const fencedTypes = new Set([
  'INVALID_PRODUCER_EPOCH',
  'PRODUCER_FENCED',
  'INVALID_PRODUCER_ID_MAPPING',
  'UNKNOWN_PRODUCER_ID',
  'OUT_OF_ORDER_SEQUENCE_NUMBER',
  'INVALID_TXN_STATE',
  'ILLEGAL_GENERATION',
  'UNKNOWN_MEMBER_ID',
  'FENCED_INSTANCE_ID',
])
const awayNames = new Set([
  'KafkaJSConnectionError',
  'KafkaJSConnectionClosedError',
  'KafkaJSRequestTimeoutError',
  'KafkaJSBrokerNotFound',
  'KafkaJSNoBrokerAvailableError',
  'KafkaJSGroupCoordinatorNotFound',
  'KafkaJSMetadataNotLoaded',
  'KafkaJSTopicMetadataNotLoaded',
  'KafkaJSTimeout',
  'KafkaJSLockTimeout',
])
const awayTypes = new Set([
  'BROKER_NOT_AVAILABLE',
  'LEADER_NOT_AVAILABLE',
  'GROUP_COORDINATOR_NOT_AVAILABLE',
  'NOT_CONTROLLER',
  'REQUEST_TIMED_OUT',
])

/** What kafkajs tells of an error, so far as it does. */
interface Told {
  readonly name: string
  readonly type: string | null
  readonly topic: string | null
  readonly broker: string | null
  readonly message: string
  readonly retriable: boolean
}

/** A failure of kafkajs as an EdgeError. Throws what is none: that is a defect. */
export function kafkaError(error: unknown): EdgeError {
  if (error instanceof EdgeError) return error
  const root = rootOf(error)
  const told = toldBy(root)
  if (told === null) {
    if (errnoOf(root) === null) throw error
    return away(String(root), error)
  }
  const { name, type, topic, message, broker, retriable } = told
  if (isCertificate(message))
    return refused(`its certificate is not trusted (${message}); check kafka.tls.caFile`, error)
  if (name === 'KafkaJSSASLAuthenticationError' || (type !== null && refusedTypes.has(type)))
    return refused(`user or password is wrong (${message}); check kafka.username`, error)
  if (type?.endsWith('AUTHORIZATION_FAILED') === true)
    return refused(`this user may not do that (${message}); ask for the right by ACL`, error)
  if (type !== null && topicTypes.has(type)) {
    const which = topic === null ? 'a topic' : `topic ${topic}`
    const line = `Kafka has not got ${which}; make it with: couponguard topics create`
    return new EdgeError('kafka-topic', line, false, error)
  }
  if (type !== null && fencedTypes.has(type))
    return new EdgeError('kafka-fenced', `another took over here (${message})`, false, error)
  if (awayNames.has(name) || (type !== null && awayTypes.has(type)))
    return away(broker === null ? message : `${broker}: ${message}`, error)
  return new EdgeError('kafka-failed', `Kafka says: ${message}`, retriable, error)
}

function away(why: string, cause: unknown): EdgeError {
  // A listener that wants TLS, or does not, hangs up without a word.
  const tls = why.endsWith('Closed connection') ? ', and kafka.tls as its listener has it' : ''
  const line = `Kafka does not answer (${why}); is it running, is kafka.brokers right${tls}?`
  return new EdgeError('kafka-away', line, true, cause)
}

const refused = (why: string, cause: unknown) =>
  new EdgeError('kafka-refused', `Kafka refuses: ${why}`, false, cause)

const isCertificate = (message: string) =>
  /self.signed|unable to (?:verify|get)|certificate|altname/i.test(message)

/** What made the client give up, under its layers of "retries exceeded". */
function rootOf(error: unknown): unknown {
  let root = error
  for (let depth = 0; depth < 8 && root instanceof Error; depth += 1) {
    const below = 'errors' in root && Array.isArray(root.errors) ? root.errors[0] : root.cause
    if (!(below instanceof Error)) return root
    root = below
  }
  return root
}

function toldBy(error: unknown): Told | null {
  if (!(error instanceof Error) || !error.name.startsWith('KafkaJS')) return null
  const text = (field: string): string | null => {
    const value: unknown = Reflect.get(error, field)
    return typeof value === 'string' ? value : null
  }
  return {
    name: error.name,
    type: text('type'),
    topic: text('topic'),
    broker: text('broker'),
    message: error.message,
    retriable: Reflect.get(error, 'retriable') === true,
  }
}
