/** Where the servers are: file and environment, all problems at once, and no secret anywhere. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { CommandError } from '../../src/cli/exit.ts'
import {
  type Connections,
  describeConnections,
  loadConnections,
} from '../../src/config/connections.ts'
import { loadJudging } from '../../src/config/judging.ts'
import { keys } from '../core/event/published.ts'

const folder = mkdtempSync(join(tmpdir(), 'couponguard-connections-'))
afterAll(() => rmSync(folder, { recursive: true }))

const pem = '-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n'
mkdirSync(join(folder, 'secrets'))
writeFileSync(join(folder, 'secrets/kafka'), 'from-file\n')
writeFileSync(join(folder, 'secrets/empty'), '\n')
writeFileSync(join(folder, 'secrets/letters'), `${'5'.repeat(64)}\n`)
writeFileSync(join(folder, 'ca.pem'), pem)
writeFileSync(join(folder, 'no.pem'), 'hello')

const least = {
  COUPONGUARD_KAFKA_BROKERS: 'k1:9092, k2:9092',
  COUPONGUARD_REGISTRY_URL: 'http://r:8081/apis/ccompat/v7/',
}

function fileOf(yaml: string): string {
  const path = join(folder, 'config.yaml')
  writeFileSync(path, yaml)
  return path
}

function load(yaml: string | null, environment: Record<string, string> = {}): Connections {
  return loadConnections(yaml === null ? {} : { config: fileOf(yaml) }, environment)
}

/** The lines of what it ends with, without the folder of this run. */
function problems(yaml: string | null, environment: Record<string, string> = {}): string[] {
  try {
    load(yaml, environment)
  } catch (error) {
    if (!(error instanceof CommandError)) throw error
    return error.message.replaceAll(`${folder}/`, '').split('\ncouponguard: ')
  }
  return []
}

describe('from the environment alone', () => {
  test('the least there is', () => {
    expect(load(null, least)).toEqual({
      kafka: { brokers: ['k1:9092', 'k2:9092'], tls: null, sasl: null },
      registry: {
        url: 'http://r:8081/apis/ccompat/v7',
        username: null,
        password: null,
        tls: null,
        timeoutMs: 5_000,
      },
      redis: null,
      postgresUrl: null,
      topicPrefix: '',
      letterKey: null,
    })
  })

  test('everything', () => {
    const found = load(null, {
      ...least,
      COUPONGUARD_KAFKA_SASL: 'scram-sha-512',
      COUPONGUARD_KAFKA_USERNAME: 'guard',
      COUPONGUARD_KAFKA_PASSWORD_FILE: join(folder, 'secrets/kafka'),
      COUPONGUARD_KAFKA_TLS_CA_FILE: join(folder, 'ca.pem'),
      COUPONGUARD_REGISTRY_USERNAME: 'ru',
      COUPONGUARD_REGISTRY_PASSWORD: 'rp',
      COUPONGUARD_REGISTRY_TIMEOUT_MS: '900',
      COUPONGUARD_REDIS_NODES: 'a:7000,[::1]:7001',
      COUPONGUARD_REDIS_PASSWORD: 'xp',
      COUPONGUARD_REDIS_TLS: 'true',
      COUPONGUARD_REDIS_COPIES_MIB: '128',
      COUPONGUARD_POSTGRES_URL: 'postgres://u:p@db/guard',
      COUPONGUARD_TOPIC_PREFIX: 'eu.',
      COUPONGUARD_DEAD_LETTERS_KEY_FILE: join(folder, 'secrets/letters'),
    })
    expect(found.kafka).toEqual({
      brokers: ['k1:9092', 'k2:9092'],
      tls: { ca: pem, cert: null, key: null },
      sasl: { mechanism: 'scram-sha-512', username: 'guard', password: 'from-file' },
    })
    expect(found.registry).toMatchObject({ username: 'ru', password: 'rp', timeoutMs: 900 })
    expect(found.redis).toEqual({
      nodes: [
        { host: 'a', port: 7000 },
        { host: '::1', port: 7001 },
      ],
      cluster: true,
      database: 0,
      username: null,
      password: 'xp',
      tls: { ca: null, cert: null, key: null },
      copiesMib: 128,
    })
    expect(found.letterKey?.id).toMatch(/^[0-9a-f]{8}$/)
    expect([found.postgresUrl, found.topicPrefix]).toEqual(['postgres://u:p@db/guard', 'eu.'])
  })

  test('logins in addresses', () => {
    const found = load(null, {
      ...least,
      COUPONGUARD_REGISTRY_URL: 'https://ru:r%40p@r',
      COUPONGUARD_REDIS_URL: 'rediss://:xp@[::1]/3',
    })
    expect(found.registry).toMatchObject({ url: 'https://r', username: 'ru', password: 'r@p' })
    expect(found.redis).toMatchObject({
      nodes: [{ host: '::1', port: 6379 }],
      cluster: false,
      database: 3,
      username: null,
      password: 'xp',
      tls: { ca: null },
    })
  })
})

const yaml = `
playbook: p.yaml
kafka:
  brokers: [f1:9092]
  sasl: plain
  username: fu
  passwordFile: secrets/kafka
  tls: { caFile: ca.pem }
registry: { url: 'http://f:8081' }
redis: { url: 'redis://f' }
`

describe('from a file', () => {
  test('paths are relative to it, and what other commands read there is let be', () => {
    const { kafka } = load(yaml)
    expect(kafka.sasl).toEqual({ mechanism: 'plain', username: 'fu', password: 'from-file' })
    expect(kafka.tls?.ca).toBe(pem)
  })

  test.each<[name: string, value: string, expected: object]>([
    ['KAFKA_BROKERS', 'e:1', { kafka: { brokers: ['e:1'], sasl: { username: 'fu' } } }],
    ['KAFKA_PASSWORD', 'pw', { kafka: { sasl: { password: 'pw' } } }],
    ['KAFKA_TLS', 'false', { kafka: { tls: null } }],
    ['REGISTRY_URL', 'http://e', { registry: { url: 'http://e' } }],
    ['REDIS_NODES', 'e:1', { redis: { nodes: [{ host: 'e', port: 1 }], cluster: true } }],
  ])('%s in the environment wins', (name, value, expected) => {
    expect(load(yaml, { [`COUPONGUARD_${name}`]: value })).toMatchObject(expected)
  })
})

test('a command that judges lets them be in the file, and shows no line of it either', () => {
  const judging = (text: string) => loadJudging({ config: fileOf(text) }, keys)
  expect(judging(`${yaml.replace(/playbook.*/, '')}\nswitch: review`).facts.switchState()).toBe(
    'review',
  )
  expect(() => judging("kafka: { password: 'hunter2, x: 1 }")).toThrow(
    /^[^\n]*config.yaml:1:[^\n]*$/,
  )
})

describe('every problem at once', () => {
  test('in the file, with a place each, and never the line, which may hold a password', () => {
    const wrong = `
kafka:
  brokers: [one]
  sasl: gssapi
  pasword: x
registry: { url: 'ftp://r', timeoutMs: 5 }
`
    expect(problems(wrong)).toEqual([
      'config.yaml:3:13: kafka.brokers.0 must be host:port',
      'config.yaml:4:9: kafka.sasl must be plain, scram-sha-256 or scram-sha-512',
      'config.yaml:5:12: kafka.pasword is no setting; check its spelling',
      'config.yaml:6:18: registry.url must be an address such as http://host:port',
      'config.yaml:6:40: registry.timeoutMs must be from 100 to 60000',
    ])
  })

  test('what is missing names the variable that may give it', () => {
    expect(problems(null)).toEqual([
      'kafka.brokers is missing; set it in --config or by COUPONGUARD_KAFKA_BROKERS',
      'registry.url is missing; set it in --config or by COUPONGUARD_REGISTRY_URL',
    ])
  })

  test.each<[what: string, environment: Record<string, string>, expected: string[]]>([
    [
      'a broker without a port',
      { KAFKA_BROKERS: 'k1:9092,k2' },
      ['COUPONGUARD_KAFKA_BROKERS: kafka.brokers.1 must be host:port'],
    ],
    [
      'a password in both ways',
      { KAFKA_SASL: 'plain', KAFKA_USERNAME: 'u', KAFKA_PASSWORD: 'x', KAFKA_PASSWORD_FILE: 'y' },
      [
        'COUPONGUARD_KAFKA_PASSWORD_FILE: kafka.passwordFile stands beside password; give one of them',
      ],
    ],
    [
      'a login without a mechanism',
      { KAFKA_USERNAME: 'u' },
      [
        'kafka.sasl is missing; say which way to log in: plain, scram-sha-512; set it in --config or by COUPONGUARD_KAFKA_SASL',
      ],
    ],
    [
      'a mechanism without a login',
      { KAFKA_SASL: 'plain' },
      [
        'kafka.username is missing; set it in --config or by COUPONGUARD_KAFKA_USERNAME',
        'kafka.password is missing; set it in --config or by COUPONGUARD_KAFKA_PASSWORD',
      ],
    ],
    [
      'secrets and certificates that are not there, empty or none',
      {
        REGISTRY_PASSWORD_FILE: join(folder, 'gone'),
        REDIS_URL: 'redis://x',
        REDIS_PASSWORD_FILE: join(folder, 'secrets/empty'),
        KAFKA_TLS_CA_FILE: join(folder, 'no.pem'),
      },
      [
        'COUPONGUARD_KAFKA_TLS_CA_FILE: kafka.tls.caFile no.pem: is no PEM file',
        'COUPONGUARD_REGISTRY_PASSWORD_FILE: registry.passwordFile gone: there is no such file',
        'COUPONGUARD_REDIS_PASSWORD_FILE: redis.passwordFile secrets/empty: is empty',
      ],
    ],
    [
      'a key that is none',
      { DEAD_LETTERS_KEY_FILE: join(folder, 'secrets/kafka') },
      [
        'COUPONGUARD_DEAD_LETTERS_KEY_FILE: deadLetters.keyFile must hold 64 hexadecimal digits: openssl rand -hex 32',
      ],
    ],
    [
      'half a certificate',
      { KAFKA_TLS_CERT_FILE: join(folder, 'ca.pem') },
      ['kafka.tls must have certFile and keyFile, or neither'],
    ],
    [
      'a flag that is none',
      { KAFKA_TLS: 'yes' },
      ['COUPONGUARD_KAFKA_TLS: kafka.tls must be true, false or { caFile, certFile, keyFile }'],
    ],
    [
      'a number that is none',
      { REGISTRY_TIMEOUT_MS: '5s' },
      [
        'COUPONGUARD_REGISTRY_TIMEOUT_MS: registry.timeoutMs must be a whole number of milliseconds',
      ],
    ],
    [
      'more copies than there is room for',
      { REDIS_URL: 'redis://r', REDIS_COPIES_MIB: '5000' },
      ['COUPONGUARD_REDIS_COPIES_MIB: redis.copiesMib must be from 1 to 4096'],
    ],
    [
      'a prefix with a blank',
      { TOPIC_PREFIX: 'a b' },
      [
        'COUPONGUARD_TOPIC_PREFIX: topicPrefix must be at most 64 letters, digits, dots, dashes or underscores',
      ],
    ],
  ])('%s', (_, environment, expected) => {
    const named = Object.entries(environment).map(([name, value]) => [`COUPONGUARD_${name}`, value])
    expect(problems(null, { ...least, ...Object.fromEntries(named) })).toEqual(expected)
  })
})

describe('no secret is printed', () => {
  const secret = 'hunter2'
  test('in the line at start', () => {
    const found = load(null, {
      ...least,
      COUPONGUARD_KAFKA_SASL: 'plain',
      COUPONGUARD_KAFKA_USERNAME: 'who',
      COUPONGUARD_KAFKA_PASSWORD: secret,
      COUPONGUARD_KAFKA_TLS: 'true',
      COUPONGUARD_REGISTRY_URL: `https://who:${secret}@r:8081/path`,
      COUPONGUARD_REDIS_URL: `redis://:${secret}@x`,
      COUPONGUARD_POSTGRES_URL: `postgres://who:${secret}@db:5432/guard`,
    })
    expect(describeConnections(found)).toBe(
      'kafka k1:9092,k2:9092 (TLS, plain), registry r:8081 (login), redis x:6379 (login), postgres db:5432',
    )
  })

  test.each([
    ['KAFKA_PASSWORD', { KAFKA_PASSWORD: secret }],
    ['REGISTRY_URL', { REGISTRY_URL: `ftp://who:${secret}@r` }],
    ['REDIS_URL', { REDIS_URL: `http://who:${secret}@r` }],
    ['POSTGRES_URL', { POSTGRES_URL: `mysql://who:${secret}@r` }],
  ])('in a problem with %s', (_, environment) => {
    const named = Object.entries(environment).map(([name, value]) => [`COUPONGUARD_${name}`, value])
    const lines = problems(null, { ...least, ...Object.fromEntries(named) })
    expect(lines).not.toEqual([])
    expect(lines.join()).not.toContain(secret)
  })

  test.each([
    ['a password of the wrong type', `kafka: { brokers: [a:1], password: 77${1234} }`],
    ['an address of the wrong kind', `redis: { url: 'http://u:77${1234}@x' }`],
  ])('with the line of the file that holds %s', (_, text) => {
    expect(problems(text, least).join()).not.toContain('771234')
  })
})
