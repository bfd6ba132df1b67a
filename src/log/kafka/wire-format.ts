/**
 * The frame that Confluent's clients put before an Avro body:
 *
 *     00 | 00 00 00 07 | body
 *     magic  schema id   Avro, without a header of its own
 *
 * Ids are signed in Java, so a registry gives 1 to 2^31 - 1 and anything else is no frame of ours.
 */
import { type Rejection, reject } from '../../core/event/rejection.ts'

export const frameBytes = 5
const magicByte = 0
export const schemaIdMax = 0x7fffffff

export interface Frame {
  readonly schemaId: number
  /** A view of the message's bytes, not a copy. */
  readonly body: Buffer
}

/** Takes a message apart; null is a message without a value, which a producer may send. */
export function readFrame(value: Buffer | null): Frame | Rejection {
  if (value === null) return reject('bad-frame', 'message has no value')
  if (value.length < frameBytes)
    return reject('bad-frame', `message is shorter than its frame of ${frameBytes} bytes`)
  if (value[0] !== magicByte)
    return reject('bad-frame', `message starts with byte ${value[0]}, not with magic byte 0`)
  const schemaId = value.readInt32BE(1)
  if (schemaId < 1) return reject('bad-frame', `schema id ${schemaId} is none of a registry`)
  return { schemaId, body: value.subarray(frameBytes) }
}

export function writeFrame(schemaId: number, body: Uint8Array): Buffer {
  const framed = Buffer.allocUnsafe(frameBytes + body.length)
  writeFrameHead(framed, schemaId)
  framed.set(body, frameBytes)
  return framed
}

/** Fills the first five bytes, for writers that encode the body in place behind them. */
export function writeFrameHead(buffer: Buffer, schemaId: number): void {
  buffer[0] = magicByte
  buffer.writeInt32BE(schemaId, 1)
}
