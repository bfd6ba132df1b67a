/**
 * Kafka for tests and for `npm run stack`: one node in KRaft mode, broker and controller in one
 * JVM (heap 512 MB at most, about 400 MB in all, up in 3 s). Topics are not made by themselves.
 * `startKafka(server.settings)` brings a stopped one back on its ports with its data. What is asked
 * of `secure` opens a second listener; the first stays open, for the test's own hand.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Kafka, logLevel } from 'kafkajs'
import { requireJava } from './available.ts'
import type { CertificateFiles } from './certificates.ts'
import { fetchBundle } from './maven.ts'
import { onFreePorts, type RunningServer, startServer } from './running.ts'

export interface KafkaSettings {
  /** Takes data, configuration and log; made where it is missing. */
  readonly folder: string
  /** Those of the data in the folder; without them it is made anew, on free ports. */
  readonly ports?: KafkaPorts
  readonly secure?: KafkaSecurity
  /** Further lines of server.properties, such as `{ 'message.max.bytes': '2000000' }`. */
  readonly config?: Readonly<Record<string, string>>
  /** Default 512. */
  readonly heapMaxMb?: number
  /**
   * Compiles quickly rather than well: half the CPU time at start. For tests that load it little,
   * never for measuring.
   */
  readonly shortLived?: boolean
  readonly detached?: boolean
}

export interface KafkaPorts {
  readonly plain: number
  readonly controller: number
  readonly secure: number
}

/** At least one of the two: TLS, SASL or SASL over TLS. */
export interface KafkaSecurity {
  readonly tls?: CertificateFiles
  /** Who may come in, by PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512. Set when the data is new. */
  readonly users?: readonly KafkaUser[]
}

export interface KafkaUser {
  readonly name: string
  readonly password: string
}

export interface KafkaServer extends RunningServer {
  /** `127.0.0.1:port`, without encryption or password. */
  readonly brokers: string
  /** The second listener; null where `secure` was not asked for. */
  readonly secureBrokers: string | null
  /** Start it again with these: same ports, same data. */
  readonly settings: KafkaSettings & { readonly ports: KafkaPorts }
}

const host = '127.0.0.1'
const heapMaxMbDefault = 512
const clusterId = Buffer.from('couponguard-kafka').subarray(0, 16).toString('base64url')
const mechanisms = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const
export const kafkaVersion = '4.1.1'
const bundle = {
  name: `kafka-${kafkaVersion}`,
  artifacts: [
    { coordinates: `org.apache.kafka:kafka_2.13:${kafkaVersion}` },
    { coordinates: `org.apache.kafka:kafka-tools:${kafkaVersion}` },
    { coordinates: 'org.apache.logging.log4j:log4j-slf4j-impl:2.24.3' },
    { coordinates: 'org.apache.logging.log4j:log4j-core:2.24.3' },
  ],
}

/** Throws Unavailable where there is no Java or no Maven to fetch it with. */
export async function startKafka(settings: KafkaSettings): Promise<KafkaServer> {
  const java = requireJava()
  const classPath = join(fetchBundle(bundle), '*')
  const { ports } = settings
  if (ports !== undefined) return startOn({ ...settings, ports }, java, classPath)
  return onFreePorts(3, ([plain, controller, secure]) => {
    rmSync(dataOf(settings), { recursive: true, force: true })
    const free = { plain: plain!, controller: controller!, secure: secure! }
    return startOn({ ...settings, ports: free }, java, classPath)
  })
}

async function startOn(
  settings: KafkaSettings & { readonly ports: KafkaPorts },
  java: string,
  classPath: string,
): Promise<KafkaServer> {
  const { ports } = settings
  mkdirSync(settings.folder, { recursive: true })
  const configFile = join(settings.folder, 'server.properties')
  writeFileSync(configFile, configOf(settings), { mode: 0o600 })
  if (!existsSync(join(dataOf(settings), 'meta.properties'))) {
    const words = [
      ...quickly,
      '-cp',
      classPath,
      'kafka.tools.StorageTool',
      'format',
      '--standalone',
    ]
    const users = settings.secure?.users?.flatMap(scramOf) ?? []
    execFileSync(java, [...words, '-t', clusterId, '-c', configFile, ...users], { stdio: 'pipe' })
  }
  const brokers = `${host}:${ports.plain}`
  const running = await startServer({
    name: 'kafka',
    command: java,
    args: [...jvmWords(settings), '-cp', classPath, 'kafka.Kafka', configFile],
    cwd: settings.folder,
    logFile: join(settings.folder, 'kafka.log'),
    ready: () => answers(brokers),
    detached: settings.detached ?? false,
  })
  const secureBrokers = settings.secure === undefined ? null : `${host}:${ports.secure}`
  return { ...running, brokers, secureBrokers, settings }
}

const dataOf = ({ folder }: KafkaSettings): string => join(folder, 'data')

const quickly = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC']
const well = ['-XX:+UseG1GC', '-XX:MaxGCPauseMillis=20', '-XX:InitiatingHeapOccupancyPercent=35']

const jvmWords = ({ heapMaxMb, shortLived }: KafkaSettings): readonly string[] => [
  `-Xmx${heapMaxMb ?? heapMaxMbDefault}m`,
  ...(shortLived === true ? quickly : well),
  '-Djava.awt.headless=true',
  '-Dlog4j2.level=WARN',
]

/** That the broker is registered, not only that its port is open. */
async function answers(brokers: string): Promise<boolean> {
  const kafka = new Kafka({
    brokers: [brokers],
    connectionTimeout: 1_000,
    requestTimeout: 2_000,
    retry: { retries: 0 },
    logLevel: logLevel.NOTHING,
  })
  const admin = kafka.admin()
  try {
    await admin.connect()
    return (await admin.describeCluster()).brokers.length === 1
  } finally {
    await admin.disconnect()
  }
}

function configOf(settings: KafkaSettings & { readonly ports: KafkaPorts }): string {
  const { ports, secure, config } = settings
  const listeners = [
    `PLAIN://${host}:${ports.plain}`,
    ...(secure === undefined ? [] : [`SECURE://${host}:${ports.secure}`]),
  ].join(',')
  const protocols = `PLAIN:PLAINTEXT,CONTROLLER:PLAINTEXT,SECURE:${protocolOf(secure)}`
  const values = {
    'process.roles': 'broker,controller',
    'node.id': '1',
    'controller.quorum.bootstrap.servers': `${host}:${ports.controller}`,
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAIN',
    listeners: `${listeners},CONTROLLER://${host}:${ports.controller}`,
    'advertised.listeners': listeners,
    'listener.security.protocol.map': protocols,
    'log.dirs': dataOf(settings),
    'auto.create.topics.enable': 'false',
    ...oneNodeOnly,
    ...(secure === undefined ? {} : securityOf(settings.folder, secure)),
    ...config,
  }
  return Object.entries(values)
    .map(([name, value]) => `${name}=${value.replaceAll('\\', '\\\\')}\n`)
    .join('')
}

/** One copy of everything, few internal partitions, no waiting for members that never come. */
const oneNodeOnly = {
  'default.replication.factor': '1',
  'min.insync.replicas': '1',
  'offsets.topic.replication.factor': '1',
  'offsets.topic.num.partitions': '4',
  'transaction.state.log.replication.factor': '1',
  'transaction.state.log.min.isr': '1',
  'transaction.state.log.num.partitions': '4',
  'share.coordinator.state.topic.replication.factor': '1',
  'share.coordinator.state.topic.min.isr': '1',
  'group.initial.rebalance.delay.ms': '0',
  // Tests of a worker that is lost would otherwise wait six seconds for it.
  'group.min.session.timeout.ms': '1000',
  'num.network.threads': '2',
  'num.io.threads': '4',
  'log.cleaner.dedupe.buffer.size': '16777216',
}

function protocolOf(secure: KafkaSecurity | undefined): string {
  if (secure?.users === undefined) return secure?.tls === undefined ? 'PLAINTEXT' : 'SSL'
  return secure.tls === undefined ? 'SASL_PLAINTEXT' : 'SASL_SSL'
}

function securityOf(folder: string, { tls, users }: KafkaSecurity): Record<string, string> {
  const listener = 'listener.name.secure'
  const values: Record<string, string> = {}
  if (tls !== undefined) {
    const keystore = join(folder, 'server-keystore.pem')
    const pem = [tls.keyFile, tls.certificateFile].map((file) => readFileSync(file, 'utf8'))
    writeFileSync(keystore, pem.join(''), { mode: 0o600 })
    values[`${listener}.ssl.keystore.type`] = 'PEM'
    values[`${listener}.ssl.keystore.location`] = keystore
  }
  if (users !== undefined) {
    const security = 'org.apache.kafka.common.security'
    const known = users.map(({ name, password }) => `user_${name}=${quoted(password)}`).join(' ')
    values['sasl.enabled.mechanisms'] = mechanisms.join(',')
    values[`${listener}.plain.sasl.jaas.config`] =
      `${security}.plain.PlainLoginModule required ${known};`
    for (const mechanism of mechanisms.slice(1))
      values[`${listener}.${mechanism.toLowerCase()}.sasl.jaas.config`] =
        `${security}.scram.ScramLoginModule required;`
  }
  return values
}

const quoted = (text: string): string => `"${text.replaceAll(/["\\]/g, '\\$&')}"`

const scramOf = ({ name, password }: KafkaUser): readonly string[] =>
  mechanisms
    .slice(1)
    .flatMap((mechanism) => ['--add-scram', `${mechanism}=[name=${name},password=${password}]`])
