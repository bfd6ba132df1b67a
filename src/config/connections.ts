/**
 * Where Kafka, the registry, Redis and Postgres are, and how to log in: from the YAML that --config
 * names and from the environment, which wins. Every problem is told at once, in the file with its
 * place, in the environment by the variable's name. A secret may be given as such or as a file
 * that holds it; none is ever printed.
 *
 *     kafka: { brokers: [kafka-1:9093], sasl: scram-sha-512, username: guard,
 *              passwordFile: secrets/kafka, tls: { caFile: ca.pem } }
 *     registry: { url: https://registry:8081 }
 *     redis: { url: rediss://redis:6379, copiesMib: 64 }
 *     deadLetters: { keyFile: secrets/dead-letters }
 */
import { z } from 'zod'
import { CommandError } from '../cli/exit.ts'
import { type LetterKey, newLetterKey } from '../letter-seal.ts'
import { readSecret, readTls, type Tls } from './connection-files.ts'
import {
  type Environment,
  gatherSettings,
  type Settings,
  type SettingsOptions,
} from './connection-settings.ts'

export type { Tls } from './connection-files.ts'

export interface SaslLogin {
  readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512'
  readonly username: string
  readonly password: string
}

export interface KafkaConnection {
  /** host:port of some brokers; the others are learned from them. */
  readonly brokers: readonly string[]
  /** Null: without TLS. */
  readonly tls: Tls | null
  readonly sasl: SaslLogin | null
}

export interface RegistryConnection {
  /** Without a slash at the end and without a login. */
  readonly url: string
  readonly username: string | null
  readonly password: string | null
  readonly tls: Tls | null
  /** A request that takes longer counts as no answer. */
  readonly timeoutMs: number
}

export interface RedisConnection {
  /** One node: standalone or a primary. Several: a cluster that is found from them. */
  readonly nodes: readonly { readonly host: string; readonly port: number }[]
  readonly cluster: boolean
  readonly database: number
  readonly username: string | null
  readonly password: string | null
  readonly tls: Tls | null
  /** Most memory for copies of its logs in this process, in MiB; null: the store's own bound. */
  readonly copiesMib: number | null
}

export interface Connections {
  readonly kafka: KafkaConnection
  readonly registry: RegistryConnection
  /** Null where none is configured. */
  readonly redis: RedisConnection | null
  readonly postgresUrl: string | null
  /** Stands before the name of every topic, subject, group and transactional id. */
  readonly topicPrefix: string
  /** What the bytes of dead letters are encrypted with; null: they are not. */
  readonly letterKey: LetterKey | null
}

const text = z.string('must be a text; put it in quotes').min(1, 'is empty')
const hostPort = text.regex(/^(?:\[[0-9a-fA-F:.]+\]|[\w.-]+):\d{1,5}$/, {
  error: 'must be host:port',
})
const hosts = z.array(hostPort, 'must be a list of host:port').min(1, 'is empty')
const url = (schemes: readonly string[]) =>
  text.refine((given) => schemes.some((scheme) => hasScheme(given, scheme)), {
    error: `must be an address such as ${schemes[0]}//host:port`,
  })
const secret = {
  username: text.optional(),
  password: text.optional(),
  passwordFile: text.optional(),
}
const tlsSchema = z
  .union(
    [
      z.boolean(),
      z.strictObject({
        caFile: text.optional(),
        certFile: text.optional(),
        keyFile: text.optional(),
      }),
    ],
    'must be true, false or { caFile, certFile, keyFile }',
  )
  .default(false)

export const settingsSchema = z.strictObject({
  kafka: z.strictObject({
    brokers: hosts,
    sasl: z
      .enum(['plain', 'scram-sha-256', 'scram-sha-512'], {
        error: 'must be plain, scram-sha-256 or scram-sha-512',
      })
      .optional(),
    ...secret,
    tls: tlsSchema,
  }),
  registry: z.strictObject({
    url: url(['http:', 'https:']),
    ...secret,
    tls: tlsSchema,
    timeoutMs: z
      .int('must be a whole number of milliseconds')
      .min(100, 'must be from 100 to 60000')
      .max(60_000, 'must be from 100 to 60000')
      .default(5_000),
  }),
  redis: z
    .strictObject({
      url: url(['redis:', 'rediss:']).optional(),
      nodes: hosts.optional(),
      ...secret,
      tls: tlsSchema,
      copiesMib: z
        .int('must be a whole number of MiB')
        .min(1, 'must be from 1 to 4096')
        .max(4_096, 'must be from 1 to 4096')
        .optional(),
    })
    .optional(),
  postgres: z
    .strictObject({
      url: url(['postgres:', 'postgresql:']).optional(),
      urlFile: text.optional(),
    })
    .optional(),
  topicPrefix: z
    .string('must be a text')
    .regex(/^[\w.-]{0,64}$/, 'must be at most 64 letters, digits, dots, dashes or underscores')
    .default(''),
  deadLetters: z.strictObject({ keyFile: text.optional() }).optional(),
})
type Checked = z.infer<typeof settingsSchema>

function hasScheme(given: string, scheme: string): boolean {
  return URL.canParse(given) && new URL(given).protocol === scheme
}

/** Throws one CommandError with a line for each problem. */
export function loadConnections(
  options: SettingsOptions,
  environment: Environment = process.env,
): Connections {
  const settings = gatherSettings(options, environment)
  const read = settingsSchema.safeParse(settings.values)
  for (const issue of read.error?.issues ?? []) settings.report(issue)
  const connections = read.success ? connectionsOf(read.data, settings) : null
  const lines = settings.problems()
  if (connections !== null && lines.length === 0) return connections
  throw new CommandError(lines.join('\ncouponguard: '))
}

const redisSchema = z.object({ redis: settingsSchema.shape.redis })

/** Redis alone, for whoever has no Kafka; null where none is configured. Throws CommandError. */
export function loadRedis(
  options: SettingsOptions,
  environment: Environment = process.env,
): RedisConnection | null {
  const settings = gatherSettings(options, environment)
  const read = redisSchema.safeParse(settings.values)
  for (const issue of read.error?.issues ?? []) settings.report(issue)
  const given = read.success ? read.data.redis : undefined
  const redis = given === undefined ? null : redisOf(given, settings)
  const lines = settings.problems()
  if (lines.length > 0) throw new CommandError(lines.join('\ncouponguard: '))
  return redis
}

const postgresSchema = z.object({ postgres: settingsSchema.shape.postgres })

/** Postgres alone, for whoever needs no Kafka. Throws CommandError where none is configured. */
export function loadPostgresUrl(
  options: SettingsOptions,
  environment: Environment = process.env,
): string {
  const settings = gatherSettings(options, environment)
  const read = postgresSchema.safeParse(settings.values)
  for (const issue of read.error?.issues ?? []) settings.report(issue)
  const given = read.success ? read.data.postgres : undefined
  const found = given === undefined ? null : postgresOf(given, settings)
  const lines = settings.problems()
  if (lines.length > 0) throw new CommandError(lines.join('\ncouponguard: '))
  if (found === null) throw new CommandError(noPostgres)
  return found
}

export const noPostgres =
  'no Postgres is configured: set COUPONGUARD_POSTGRES_URL, or postgres.urlFile in --config'

function connectionsOf(checked: Checked, settings: Settings): Connections {
  const { kafka, registry, redis, postgres, topicPrefix, deadLetters } = checked
  return {
    kafka: kafkaOf(kafka, settings),
    registry: registryOf(registry, settings),
    redis: redis === undefined ? null : redisOf(redis, settings),
    postgresUrl: postgres === undefined ? null : postgresOf(postgres, settings),
    topicPrefix,
    letterKey: letterKeyOf(deadLetters?.keyFile, settings),
  }
}

function letterKeyOf(keyFile: string | undefined, settings: Settings): LetterKey | null {
  if (keyFile === undefined) return null
  const at = ['deadLetters', 'keyFile']
  const digits = readSecret(keyFile, at, settings) ?? ''
  if (/^[0-9a-f]{64}$/.test(digits)) return newLetterKey(Buffer.from(digits, 'hex'))
  if (digits !== '') settings.say(at, 'must hold 64 hexadecimal digits: openssl rand -hex 32')
  return null
}

function kafkaOf(given: Checked['kafka'], settings: Settings): KafkaConnection {
  const { brokers, sasl, username } = given
  const password = passwordOf('kafka', given, settings)
  const tls = readTls(given.tls, ['kafka', 'tls'], settings)
  if (sasl === undefined) {
    if (username !== undefined || password !== null)
      settings.say(['kafka', 'sasl'], 'is missing; say which way to log in: plain, scram-sha-512')
    return { brokers, tls, sasl: null }
  }
  if (username === undefined) settings.say(['kafka', 'username'], 'is missing')
  if (password === null) settings.say(['kafka', 'password'], 'is missing')
  return {
    brokers,
    tls,
    sasl: { mechanism: sasl, username: username ?? '', password: password ?? '' },
  }
}

function registryOf(given: Checked['registry'], settings: Settings): RegistryConnection {
  const address = new URL(given.url)
  const login = loginOf('registry', given, address, settings)
  address.username = ''
  address.password = ''
  const tls = readTls(given.tls, ['registry', 'tls'], settings)
  const { timeoutMs } = given
  return { url: address.href.replace(/\/+$/, ''), ...login, tls, timeoutMs }
}

function redisOf(given: NonNullable<Checked['redis']>, settings: Settings): RedisConnection {
  const { nodes } = given
  if ((given.url === undefined) === (nodes === undefined))
    settings.say(['redis'], 'must have either url or nodes')
  const address = given.url === undefined ? null : new URL(given.url)
  const login = loginOf('redis', given, address, settings)
  const told = readTls(given.tls, ['redis', 'tls'], settings)
  const tls = told ?? (address?.protocol === 'rediss:' ? { ca: null, cert: null, key: null } : null)
  const database = address === null ? '' : address.pathname.slice(1)
  if (!/^\d{0,4}$/.test(database)) settings.say(['redis', 'url'], 'must end in a database number')
  const one = { host: unbracketed(address?.hostname ?? ''), port: Number(address?.port || 6379) }
  return {
    nodes: nodes === undefined ? [one] : nodes.map(hostAndPort),
    cluster: nodes !== undefined,
    database: Number(database),
    ...login,
    tls,
    copiesMib: given.copiesMib ?? null,
  }
}

function postgresOf(given: NonNullable<Checked['postgres']>, settings: Settings): string | null {
  const { urlFile } = given
  if ((given.url === undefined) === (urlFile === undefined))
    settings.say(['postgres'], 'must have either url or urlFile')
  if (urlFile === undefined) return given.url ?? null
  return readSecret(urlFile, ['postgres', 'urlFile'], settings)
}

interface GivenLogin {
  readonly username?: string | undefined
  readonly password?: string | undefined
  readonly passwordFile?: string | undefined
}

/** What is said beside the address wins over what is said in it. */
function loginOf(part: string, given: GivenLogin, address: URL | null, settings: Settings) {
  const decoded = (from: string | undefined) =>
    from === undefined || from === '' ? null : decodeURIComponent(from)
  return {
    username: given.username ?? decoded(address?.username),
    password: passwordOf(part, given, settings) ?? decoded(address?.password),
  }
}

function passwordOf(
  part: string,
  { password, passwordFile }: GivenLogin,
  settings: Settings,
): string | null {
  if (password !== undefined && passwordFile !== undefined)
    settings.say([part, 'passwordFile'], 'stands beside password; give one of them')
  if (password !== undefined) return password
  if (passwordFile === undefined) return null
  return readSecret(passwordFile, [part, 'passwordFile'], settings)
}

const unbracketed = (host: string) => host.replace(/^\[(.*)\]$/, '$1')

function hostAndPort(node: string): { host: string; port: number } {
  const colon = node.lastIndexOf(':')
  return { host: unbracketed(node.slice(0, colon)), port: Number(node.slice(colon + 1)) }
}

/** For the line at start: hosts, and whether TLS and a login are used. No user, no secret. */
export function describeConnections(connections: Connections): string {
  const { kafka, registry, redis, postgresUrl } = connections
  const how = (tls: Tls | null, login: string | null) =>
    [tls === null ? null : 'TLS', login].filter((word) => word !== null)
  const part = (name: string, where: string, words: readonly string[]) =>
    `${name} ${where}${words.length === 0 ? '' : ` (${words.join(', ')})`}`
  const parts = [
    part('kafka', kafka.brokers.join(','), how(kafka.tls, kafka.sasl?.mechanism ?? null)),
    part(
      'registry',
      new URL(registry.url).host,
      how(registry.tls, registry.username === null ? null : 'login'),
    ),
  ]
  if (redis !== null) {
    const where = redis.nodes.map(({ host, port }) => `${host}:${port}`).join(',')
    const login = redis.password === null ? null : 'login'
    parts.push(part(redis.cluster ? 'redis cluster' : 'redis', where, how(redis.tls, login)))
  }
  if (postgresUrl !== null) parts.push(`postgres ${new URL(postgresUrl).host}`)
  return parts.join(', ')
}
