/**
 * Our registry client against a real registry, and beside the client of @kafkajs, which knows
 * nothing of ours: what one writes, the other reads, by the same ids. And two versions of the event
 * at once.
 *
 * proves: D13
 */
import { SchemaRegistry, SchemaType } from '@kafkajs/confluent-schema-registry'
import type { Schema } from 'avsc'
import avro from 'avsc'
import { describe, expect, inject, test } from 'vitest'
import { type CouponEvent, type Decision, schemas } from '../../src/core/schema.gen.ts'
import { newEventReader } from '../../src/log/kafka/event-reader.ts'
import { newRecordFramer } from '../../src/log/kafka/record-framer.ts'
import { subjectOf } from '../../src/log/kafka/topics.ts'
import { readFrame, writeFrame } from '../../src/log/kafka/wire-format.ts'
import { kept, keys, published, said } from '../core/event/published.ts'
import { sampleDecision, sampleEvent } from '../log/sample.ts'
import { newInstallation } from '../support/installation.ts'

const registryUrl = inject('registryUrl')
const installation = (name: string) => newInstallation(name, '127.0.0.1:1', registryUrl!)
const theirs = () => new SchemaRegistry({ host: registryUrl! })

interface RecordSchema {
  readonly type: 'record'
  readonly name: string
  readonly fields: readonly { readonly name: string; readonly type: Schema }[]
}
const ours: RecordSchema = JSON.parse(JSON.stringify(schemas.CouponEvent))
const note = { name: 'note', type: ['null', 'string'] as Schema, default: null }
const later = { ...ours, fields: [note, ...ours.fields] }
const clash = {
  ...ours,
  fields: ours.fields.map((field) => (field.name === 'id' ? { ...field, type: 'long' } : field)),
}

const row = { recordedAt: 1, source: 'events', partition: 0, offset: 0 }
const decision: Decision = {
  ...sampleDecision({ ...row, event: sampleEvent('e1') }),
  id: 'ab@v1',
  score: 7,
}

describe.skipIf(registryUrl === null)('the registry', () => {
  test("what @kafkajs's client wrote is read", async () => {
    const { prefix, registry } = installation('theirs')
    const subject = subjectOf(`${prefix}coupon.claims`)
    const id = await registry.register(subject, ours as Schema)
    const written = await theirs().encode(id, published({ merchant: 'm1' }))
    const [event] = await newEventReader(registry, keys).read([written])
    expect(kept(event!)).toMatchObject({ id: 'e1', user: 'u1', merchant: 'm1' })
  })

  test("what we write is read by @kafkajs's client", async () => {
    const { prefix, registry } = installation('ours')
    await registry.register(subjectOf(`${prefix}risk.decisions`), schemas.Decision)
    const ids = await registry.registeredIds(['risk.decisions'])
    const framed = newRecordFramer(ids).frame('risk.decisions', decision)
    const read: Decision = await theirs().decode(framed)
    expect(read).toMatchObject({ id: 'ab@v1', score: 7, reasons: decision.reasons })
    const frame = readFrame(framed)
    expect('rejected' in frame ? null : frame.schemaId).toBe(ids.get('risk.decisions'))
  })

  test('is given the same schema by both under the same id', async () => {
    const { prefix, registry } = installation('same')
    const subject = subjectOf(`${prefix}risk.alerts`)
    const id = await registry.register(subject, schemas.Alert)
    await registry.setCompatibility(subject)
    const schema = { type: SchemaType.AVRO as const, schema: JSON.stringify(schemas.Alert) }
    expect(await theirs().getRegistryIdBySchema(subject, schema)).toBe(id)
    expect(await registry.register(subject, schemas.Alert)).toBe(id)
    expect(await registry.idOf(subject, schemas.Alert)).toBe(id)
  })

  test('two versions of the event are read at once, each by its id', async () => {
    const { prefix, registry } = installation('two')
    const subject = subjectOf(`${prefix}coupon.claims`)
    const first = await registry.register(subject, ours as Schema)
    await registry.setCompatibility(subject)
    expect(await registry.incompatibilities(subject, later as Schema)).toEqual([])
    const second = await registry.register(subject, later as Schema)
    expect(second).not.toBe(first)
    const [a, b]: [CouponEvent, object] = [published({ id: 'a' }), { ...published(), note: 'x' }]
    const body = (schema: unknown, value: unknown) =>
      avro.Type.forSchema(JSON.parse(JSON.stringify(schema))).toBuffer(value)
    const read = await newEventReader(registry, keys).read([
      writeFrame(first, body(ours, a)),
      writeFrame(second, body(later, b)),
    ])
    expect(read.map((one) => kept(one).id)).toEqual(['a', 'e1'])
    expect(await registry.idOf(subject, ours as Schema)).toBe(first)
  })

  test('refuses what does not fit, and says why', async () => {
    const { prefix, registry } = installation('refuses')
    const subject = subjectOf(`${prefix}coupon.claims`)
    await registry.register(subject, ours as Schema)
    await registry.setCompatibility(subject)
    expect((await registry.incompatibilities(subject, clash as Schema)).join()).toMatch(/LONG/)
    await expect(registry.register(subject, clash as Schema)).rejects.toMatchObject({
      code: 'registry-failed',
      retriable: false,
      message: expect.stringMatching(/the registry says no \(409\): /),
    })
  })

  test('does not know: that is an answer', async () => {
    const { prefix, registry } = installation('unknown')
    const subject = subjectOf(`${prefix}nobody`)
    expect(await registry.schemaById(2_147_483_647)).toBeNull()
    expect(await registry.idOf(subject, schemas.Alert)).toBeNull()
    expect(await registry.compatibility(subject)).toBeNull()
    expect(await registry.versions(subject)).toEqual([])
    expect(await registry.incompatibilities(subject, schemas.Alert)).toEqual([])
    const unknown = writeFrame(2_147_483_647, Buffer.of(0))
    const [read] = await newEventReader(registry, keys).read([unknown])
    expect(said(read!)).toBe('unknown-schema: the registry has no schema 2147483647')
  })

  test('at a wrong path is an outage, not a schema that is not there', async () => {
    const { environment } = installation('path')
    const wrong = { ...environment, COUPONGUARD_REGISTRY_URL: `${registryUrl}/nowhere` }
    const { registry } = newInstallation('path', '127.0.0.1:1', wrong.COUPONGUARD_REGISTRY_URL)
    await expect(registry.schemaById(1)).rejects.toMatchObject({
      code: 'registry-failed',
      message: expect.stringMatching(/not as a schema registry does; check registry.url/),
    })
  })
})
