/** What could not be taken, as a record for risk.dead-letters. */
import { sha256Hex } from './core/event/keyed-hash.ts'
import { type Rejection, reject } from './core/event/rejection.ts'
import type { DeadLetter } from './core/schema.gen.ts'
import type { LoggedEvent } from './log/stream.ts'

/** Bytes of the original that a dead letter keeps. */
export const deadLetterBytesMax = 262_144
const deadLetterKeyBytesMax = 4_096

/** Where and when a message came in. */
export interface MessagePlace {
  readonly source: string
  readonly partition: number
  readonly offset: number
  readonly recordedAt: number
  /** Where the log has keys. */
  readonly key?: Uint8Array | null
}

/** For a message that could not be decoded: the one place that holds its bytes. */
export function bytesLetter(
  rejection: Rejection,
  bytes: Uint8Array,
  place: MessagePlace,
): DeadLetter {
  return letter(
    rejection,
    {
      // Avro takes a Buffer and nothing else, and throws: one odd message would end every worker.
      bytes: Buffer.from(bytes.subarray(0, deadLetterBytesMax)),
      sha256: sha256Hex(bytes),
      key: keptKey(place.key ?? null),
    },
    place,
  )
}

/** For an event that was decoded and then refused: its kept form says enough, so only its hash. */
export function eventLetter(rejection: Rejection, logged: LoggedEvent): DeadLetter {
  const sha256 = sha256Hex(new TextEncoder().encode(JSON.stringify(logged.event)))
  return letter(rejection, { bytes: null, sha256, key: null }, logged)
}

export function conflictLetter(logged: LoggedEvent, firstPosition: number): DeadLetter {
  const first = firstPosition % 2 ** 40
  return eventLetter(
    reject('conflicting-id', `the id was used with other content at offset ${first}`),
    logged,
  )
}

/** A key of ours is a user's name; one that is no key of anybody is not kept. */
const keptKey = (key: Uint8Array | null) =>
  key !== null && key.length <= deadLetterKeyBytesMax ? Buffer.from(key) : null

type Content = Pick<DeadLetter, 'bytes' | 'sha256' | 'key'>

function letter({ reason, detail }: Rejection, content: Content, place: MessagePlace): DeadLetter {
  const { source, partition, offset, recordedAt } = place
  return {
    reason,
    detail,
    ...content,
    source,
    partition,
    offset,
    recordedAt,
    headers: {},
    sealedBy: null,
  }
}

/** Why a letter cannot be sent again; null where it can. */
export function obstacleOf({ bytes, sha256, sealedBy }: DeadLetter): string | null {
  if (sealedBy !== null) {
    const which = /^[0-9a-f]{8}$/.test(sealedBy) ? `key ${sealedBy}` : 'a key'
    return `its bytes are encrypted with ${which}; give that by deadLetters.keyFile`
  }
  if (bytes === null)
    return 'it was read and then refused, so its bytes were not kept; sending it again changes nothing'
  if (sha256Hex(bytes) !== sha256)
    return `only its first ${bytes.length} bytes were kept; it must be published anew at its source`
  return null
}
