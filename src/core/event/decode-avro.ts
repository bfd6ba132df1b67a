/**
 * Avro bytes → published event. The resolver is made once per writer schema and kept by the caller;
 * it drops fields that this version does not know and fills in defaults.
 */
import type avro from 'avsc'
import { type CouponEvent, schemas } from '../schema.gen.ts'
import { boundedType } from './bounded-type.ts'
import { messageBytesMax } from './decode-json.ts'
import { type Rejection, reject } from './rejection.ts'

export const couponEventType: avro.Type = boundedType(schemas.CouponEvent)

/** The body of a message, without the Confluent header; `resolver` is null for our own schema. */
export function decodeAvroBytes(
  bytes: Buffer,
  resolver: avro.Resolver | null,
): CouponEvent | Rejection {
  if (bytes.length > messageBytesMax)
    return reject('too-large', `message is larger than ${messageBytesMax} bytes`)
  try {
    const published: CouponEvent = couponEventType.fromBuffer(bytes, resolver ?? undefined, false)
    return published
  } catch {
    return reject('not-avro', 'message is not a CouponEvent in Avro, or is cut off')
  }
}
