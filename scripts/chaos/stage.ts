/**
 * What a run of processes on real servers needs before the first event: topics and schemas, a
 * playbook that raises alerts on a small day, and how the roles are started so that they find all.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Kafka, logLevel } from 'kafkajs'
import { schemas } from '../../src/core/schema.gen.ts'
import { newSchemaRegistry } from '../../src/log/kafka/schema-registry.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { makeOurTopics } from '../../test/support/kafka-day.ts'
import { inputTopics } from './audit/evidence.ts'
import { laterSchema, type SchemaIds } from './event-bytes.ts'
import type { FleetOptions } from './fleet.ts'

export const partitions = 6
export const group = 'couponguard'

interface Places {
  /** The publisher's and the auditor's way in. */
  readonly brokers: string
  readonly registryUrl: string
}

/** Topics and schemas under a prefix. */
export async function prepareTopics(
  { brokers, registryUrl }: Places,
  topicPrefix: string,
): Promise<SchemaIds> {
  const kafka = new Kafka({ clientId: 'stage', brokers: [brokers], logLevel: logLevel.NOTHING })
  const connection = { url: registryUrl, username: null, password: null, tls: null }
  const registry = newSchemaRegistry({ ...connection, timeoutMs: 10_000 }, systemClock, topicPrefix)
  const admin = kafka.admin()
  await admin.connect()
  try {
    await makeOurTopics({ admin, registry, topicPrefix }, partitions)
  } finally {
    await admin.disconnect()
  }
  const subjectOf = (topic: string) => `${topicPrefix}${topic}-value`
  for (const topic of inputTopics) await registry.register(subjectOf(topic), laterSchema)
  return {
    event: await registry.register(subjectOf('coupon.claims'), schemas.CouponEvent),
    laterEvent: await registry.register(subjectOf('coupon.claims'), laterSchema),
    other: await registry.register(subjectOf('risk.alerts'), schemas.Alert),
  }
}

const root = join(import.meta.dirname, '..', '..')

/** The default playbook with lower minimums: a day of some thousand events raises many alerts. */
export function writePlaybook(folder: string): string {
  const lower: readonly (readonly [RegExp, string])[] = [
    [/minRedemptions: \d+/, 'minRedemptions: 12'],
    [/minAbnormal: \d+/, 'minAbnormal: 2'],
    [/minAbnormalUsers: \d+/, 'minAbnormalUsers: 2'],
    [/minClaims: \d+/g, 'minClaims: 100'],
    [/reportAmountMin: \d+/, 'reportAmountMin: 40000'],
  ]
  let text = readFileSync(join(root, 'playbooks', 'default.yaml'), 'utf8')
  for (const [from, to] of lower) text = text.replace(from, to)
  const path = join(folder, 'playbook.yaml')
  writeFileSync(path, text)
  return path
}

export interface Started extends Places {
  /** The roles' way in. */
  readonly rolesBrokers: string
  readonly redisUrl: string | null
  readonly topicPrefix: string
  readonly playbookPath: string
  readonly store: 'memory' | 'redis'
  /** More words for a worker. */
  readonly workerWords: readonly string[]
  /** Takes the key and the logs of the roles. */
  readonly folder: string
}

export function fleetOptions(of: Started): FleetOptions {
  const { folder, store, playbookPath, redisUrl } = of
  const key = join(folder, 'key')
  writeFileSync(key, `${'5a'.repeat(32)}\n`, { mode: 0o600 })
  const redis = redisUrl === null ? {} : { COUPONGUARD_REDIS_URL: redisUrl }
  const run = ['run', '--key', key, '--group', group, '--playbook', playbookPath]
  return {
    programme: join(root, 'dist', 'main.js'),
    words: {
      worker: [...run, '--store', store, ...of.workerWords],
      monitor: ['monitor', '--playbook', playbookPath],
    },
    env: {
      COUPONGUARD_KAFKA_BROKERS: of.rolesBrokers,
      COUPONGUARD_REGISTRY_URL: of.registryUrl,
      COUPONGUARD_TOPIC_PREFIX: of.topicPrefix,
      ...redis,
    },
    folder: join(folder, 'roles'),
  }
}
