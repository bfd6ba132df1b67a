/**
 * Messages that nobody may judge, one kind after the other: what a careless or hostile publisher
 * sends. Each says in a header for what reason it must be refused, which only the auditor reads.
 */
import type { Message } from 'kafkajs'
import { couponEventType } from '../../src/core/event/decode-avro.ts'
import type { CouponEvent } from '../../src/core/schema.gen.ts'
import { plantedHeader } from './audit/evidence.ts'
import { framed, type SchemaIds } from './event-bytes.ts'

interface Spoiled {
  readonly reason: string
  readonly value: Buffer | null
}

/** No registry gives so many ids here. */
const unknownId = 900_001
const tooLargeBytes = 1_100_000

type Spoil = (event: CouponEvent, ids: SchemaIds) => Spoiled

const spoils: readonly Spoil[] = [
  (event) => ({ reason: 'bad-frame', value: Buffer.from(JSON.stringify(event)) }),
  () => ({ reason: 'bad-frame', value: null }),
  () => ({ reason: 'bad-frame', value: Buffer.from([0, 0, 0]) }),
  (event) => ({ reason: 'unknown-schema', value: framed(unknownId, bodyOf(event)) }),
  (event, { other }) => ({ reason: 'incompatible-schema', value: framed(other, bodyOf(event)) }),
  (event, ids) => ({ reason: 'not-avro', value: framed(ids.event, bodyOf(event).subarray(0, -9)) }),
  (event, ids) => {
    const more = Buffer.concat([bodyOf(event), Buffer.from('more')])
    return { reason: 'not-avro', value: framed(ids.event, more) }
  },
  (event, ids) => {
    const body = Buffer.from(bodyOf(event))
    body[body.indexOf(event.user) + 3] = 0xff
    return { reason: 'invalid-utf8', value: framed(ids.event, body) }
  },
  spoiledField('bad-field', { kind: 'unknown' }),
  spoiledField('bad-field', { ip: 'somewhere' }),
  spoiledField('bad-field', { campaign: 'c'.repeat(129) }),
  spoiledField('missing-field', { user: '' }),
  spoiledField('negative-amount', { couponAmount: -500 }),
]

function spoiledField(reason: string, wrong: Partial<CouponEvent>): Spoil {
  return (event, ids) => ({ reason, value: framed(ids.event, bodyOf({ ...event, ...wrong })) })
}

const bodyOf = (event: CouponEvent): Buffer => couponEventType.toBuffer(event)

/** The `count`th spoiled message, made from an event; one in 50 is too large. */
export function spoiledMessage(
  event: CouponEvent,
  count: number,
  ids: SchemaIds,
): Message & { readonly value: Buffer | null } {
  const named = { ...event, id: `${event.id}-spoiled-${count}` }
  const { reason, value } =
    count % 50 === 25
      ? { reason: 'too-large', value: framed(ids.event, Buffer.alloc(tooLargeBytes, 1)) }
      : spoils[count % spoils.length]!(named, ids)
  return { key: event.user, value, headers: { [plantedHeader]: reason } }
}
