/**
 * Events as two generations of publishers write them: by the schema of today, and by a later one
 * with a field more. Which of the two an event gets depends on its id alone, so that what is sent
 * twice is the same twice.
 */
import avro, { type Schema } from 'avsc'
import { z } from 'zod'
import { couponEventType } from '../../src/core/event/decode-avro.ts'
import { type CouponEvent, schemas } from '../../src/core/schema.gen.ts'

const today = z.looseObject({ fields: z.array(z.unknown()) }).parse(schemas.CouponEvent)
const more = { name: 'note', type: ['null', 'string'], default: null, doc: 'Nobody reads it yet.' }

/** A compatible successor of CouponEvent. */
export const laterSchema: Schema = JSON.parse(
  JSON.stringify({ ...today, fields: [...today.fields, more] }),
)
const laterType = avro.Type.forSchema(laterSchema)

export interface SchemaIds {
  readonly event: number
  readonly laterEvent: number
  /** A schema of something else, which the registry knows. */
  readonly other: number
}

export function eventBytes(event: CouponEvent, ids: SchemaIds): Buffer {
  return isLater(event)
    ? framed(ids.laterEvent, laterType.toBuffer({ ...event, note: `of ${event.id}` }))
    : framed(ids.event, couponEventType.toBuffer(event))
}

export function framed(id: number, body: Buffer): Buffer {
  const head = Buffer.alloc(5)
  head.writeInt32BE(id, 1)
  return Buffer.concat([head, body])
}

function isLater({ id }: CouponEvent): boolean {
  let sum = 0
  for (let at = 0; at < id.length; at += 1) sum += id.charCodeAt(at)
  return sum % 3 === 0
}
