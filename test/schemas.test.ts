/**
 * The public contract of DESIGN §3 as far as the schemas can break it: every field is explained,
 * every enum has a way out for symbols of later versions, every added field can be left out, and
 * what is generated from the schemas is what they say. `frozen` says which fields had no default
 * when version 1 was laid down; a field that comes later must have one.
 *
 * proves: D13
 */
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import avsc from 'avsc'
import { describe, expect, test } from 'vitest'
import { schemas } from '../src/core/schema.gen.ts'

const root = join(import.meta.dirname, '..')

interface Field {
  readonly name: string
  readonly type: Schema
  readonly doc?: string
  readonly default?: unknown
}
interface Named {
  readonly type: Schema
  readonly name?: string
  readonly doc?: string
  readonly fields?: readonly Field[]
  readonly symbols?: readonly string[]
  readonly items?: Schema
  readonly values?: Schema
  readonly default?: unknown
  readonly logicalType?: string
}
type Schema = string | readonly Schema[] | Named

/** All named types of a schema, itself included. */
function namedTypes(schema: Schema): readonly Named[] {
  if (typeof schema === 'string') return []
  if (isUnion(schema)) return schema.flatMap(namedTypes)
  const inner = [...(schema.fields ?? []).map((field) => field.type), schema.items, schema.values]
  const below = [...inner, schema.type].flatMap((one) => (one === undefined ? [] : namedTypes(one)))
  return schema.name === undefined ? below : [schema, ...below]
}

const isUnion = (schema: Schema): schema is readonly Schema[] => Array.isArray(schema)
const files = readdirSync(join(root, 'schemas')).sort()
const read = (file: string): Named => JSON.parse(readFileSync(join(root, 'schemas', file), 'utf8'))
const types = [
  ...new Map(
    files.flatMap((file) => namedTypes(read(file)).map((one) => [one.name!, one])),
  ).values(),
]
const records = types.filter(({ type }) => type === 'record')
const enums = types.filter(({ type }) => type === 'enum')

/** The record of each topic; internal forms have no topic. */
const topics = {
  'coupon.claims': 'CouponEvent',
  'coupon.redemptions': 'CouponEvent',
  'risk.decisions': 'Decision',
  'risk.progress': 'Progress',
  'risk.audit': 'Audit',
  'risk.tallies': 'Tally',
  'risk.alerts': 'Alert',
  'risk.reviews': 'Review',
  'risk.lists': 'ListEntry',
  'risk.campaigns': 'Campaign',
  'risk.playbooks': 'Playbook',
  'risk.reports': 'Report',
  'risk.dead-letters': 'DeadLetter',
} as const
const withoutTopic = ['Event', 'Inputs', 'Readings', 'RecordingRow']

test('generating again changes nothing', () => {
  const words = ['--import', 'tsx', 'scripts/generate-types.ts', '--check']
  expect(() => execFileSync(process.execPath, words, { cwd: root, stdio: 'pipe' })).not.toThrow()
})

test('every topic of DESIGN §3 has a schema, and every schema has its place', () => {
  const placed = new Set<string>([...Object.values(topics), ...withoutTopic])
  expect(Object.keys(schemas).sort()).toEqual([...placed].sort())
  expect(files).toHaveLength(placed.size)
})

describe.each(Object.entries(schemas))('%s', (name, schema) => {
  test('parses on its own, and reads what it writes', () => {
    const type = avsc.Type.forSchema(JSON.parse(JSON.stringify(schema)))
    expect(type.name).toBe(`couponguard.${name}`)
    const value: unknown = type.random()
    const again: unknown = type.fromBuffer(type.toBuffer(value))
    expect(type.isValid(again), JSON.stringify(value)).toBe(true)
  })
})

test.each(records.map((record) => [record.name, record] as const))(
  '%s is explained',
  (_, record) => {
    const unexplained = record.fields!.filter(
      ({ doc }) => doc === undefined || !/^.{3,}\.$/s.test(doc),
    )
    expect(unexplained.map(({ name }) => name)).toEqual([])
    expect(record.doc).toMatch(/^.{10,}\.$/s)
  },
)

test.each(enums.map((one) => [one.name, one] as const))('%s has a way out', (_, one) => {
  expect(one.symbols).toContain('unknown')
  expect(one.default).toBe('unknown')
})

describe('units', () => {
  const isTime = (schema: Schema): boolean => {
    if (typeof schema === 'string') return false
    if (isUnion(schema)) return schema.some(isTime)
    return schema.logicalType === 'timestamp-millis'
  }
  const fields = records.flatMap(({ name, fields: all }) =>
    all!.map((field) => ({ path: `${name}.${field.name}`, ...field })),
  )

  test('times are timestamp-millis and say milliseconds', () => {
    const times = fields.filter(({ name, type }) => /(?:At|From|To)$/.test(name) || isTime(type))
    expect(times.length).toBeGreaterThan(20)
    const wrong = times.filter(({ type, doc }) => !isTime(type) || !/millisecond/.test(doc!))
    expect(wrong.map(({ path }) => path)).toEqual([])
  })

  test('money says minor units', () => {
    const money = fields.filter(({ name }) => /amount/i.test(name) && !/^\w+_/.test(name))
    expect(money.length).toBeGreaterThan(5)
    expect(money.filter(({ doc }) => !/minor unit/.test(doc!)).map(({ path }) => path)).toEqual([])
  })
})

/**
 * Fields without a default when version 1 was laid down, by record. Nothing may be added to one; a
 * record of its own may come, within a field that has a default.
 */
const frozen: Readonly<Record<string, readonly string[]>> = {
  Alert: [
    'id',
    'raisedId',
    'scope',
    'day',
    'at',
    'recordedAt',
    'claims',
    'redemptions',
    'abnormal',
    'abnormalUsers',
    'share',
    'threshold',
    'playbookVersion',
  ],
  Audit: ['recordedAt', 'source', 'partition', 'offset', 'event', 'inputs', 'decision'],
  Campaign: ['id'],
  Tier: ['name', 'minAmount'],
  Peak: ['from', 'to'],
  Contribution: ['signal', 'moved'],
  CouponEvent: ['id', 'kind', 'occurredAt', 'user', 'campaign'],
  Geo: ['lat', 'lon'],
  StackedCoupon: ['source', 'amount'],
  DeadLetter: ['reason', 'detail', 'sha256', 'source', 'partition', 'offset', 'recordedAt'],
  Decision: [
    'id',
    'eventKey',
    'eventId',
    'user',
    'occurredAt',
    'recordedAt',
    'campaign',
    'score',
    'abnormal',
    'playbook',
    'playbookVersion',
    'playbookHash',
  ],
  RuleResult: ['rule'],
  SignalValue: ['signal'],
  Reason: ['code', 'zh', 'en'],
  Event: ['id', 'kind', 'occurredAt', 'user', 'campaign'],
  Inputs: ['readings'],
  ListMatch: ['entry', 'source'],
  AddressFacts: ['feed', 'hosting', 'vpn', 'tor', 'listedBy'],
  ListEntry: ['value', 'source', 'addedAt'],
  ModelResult: ['model', 'probability'],
  Playbook: ['name', 'version', 'hash', 'text', 'publishedAt'],
  Progress: ['shard', 'offsets', 'recordedAt', 'playbookVersion'],
  PartitionOffset: ['topic', 'partition', 'nextOffset'],
  UserReadings: [
    'claims_1h',
    'claims_1d',
    'claims_7d',
    'redemptions_1h',
    'redemptions_1d',
    'redemptions_7d',
    'devices_1d',
    'devices_7d',
    'ips_1d',
    'ips_7d',
    'amount_1d',
    'amount_day',
    'small_top_ups_1h',
    'small_top_ups_1d',
    'gifts_1d',
    'failed_1h',
    'failed_1d',
  ],
  DeviceReadings: [
    'claims_10s',
    'claims_1h',
    'claims_1d',
    'claims_7d',
    'redemptions_1d',
    'users_1h',
    'users_1d',
    'users_7d',
    'fresh_users_1d',
    'fresh_users_7d',
    'ips_1d',
    'failed_1h',
  ],
  IpReadings: [
    'events_1m',
    'events_1h',
    'events_1d',
    'users_1m',
    'users_1h',
    'users_1d',
    'devices_1m',
    'devices_1h',
    'devices_1d',
    'claims_10s',
    'fresh_users_1h',
    'fresh_users_1d',
    'failed_1h',
  ],
  SubnetReadings: [
    'events_1m',
    'events_1h',
    'events_1d',
    'users_1m',
    'users_1h',
    'users_1d',
    'devices_1m',
    'devices_1h',
    'devices_1d',
    'claims_10s',
    'fresh_users_1h',
    'fresh_users_1d',
    'failed_1h',
  ],
  CodeReadings: ['uses_45d', 'users_45d', 'devices_45d', 'failed_1d'],
  PhoneReadings: ['top_ups_1d', 'top_ups_7d', 'users_1d', 'users_7d'],
  SenderReadings: ['gifts_day', 'gifts_1h', 'recipients_1d', 'recipients_7d'],
  ReturnedReadings: ['gifts_7d'],
  DayReadings: ['claims_day', 'redemptions_day'],
  RecordingRow: ['recordedAt', 'source', 'partition', 'offset'],
  Rejected: ['reason', 'sha256'],
  Labels: ['fraud'],
  Report: ['user', 'day', 'amount', 'threshold', 'eventKey', 'at'],
  Review: ['eventKey', 'decisionId', 'reviewer', 'at'],
  Tally: ['scope', 'day', 'claims', 'redemptions', 'abnormal', 'recordedAt', 'occurredAt'],
}

test.each(records.map((record) => [record.name!, record] as const))(
  '%s: what was added later can be left out',
  (name, record) => {
    const required = record
      .fields!.filter((field) => !('default' in field))
      .map((field) => field.name)
    expect(required.filter((field) => !(frozen[name] ?? []).includes(field))).toEqual([])
  },
)

test('what may be absent from an event is all but id, kind, occurredAt, user and campaign', () => {
  const { fields } = read('coupon-event.avsc')
  const required = fields!.filter((field) => !('default' in field)).map(({ name }) => name)
  expect(required).toEqual(['id', 'kind', 'occurredAt', 'user', 'campaign'])
})
