/**
 * Just enough of Kafka's protocol to see what passes: both ways a frame is four bytes of length and
 * that many of body. A request's body begins with what it asks for and by which client, an answer's
 * with the number of its request.
 *
 *     length(4) | api key(2) | version(2) | correlation(4) | client id(2 + n) | …
 *     length(4) | correlation(4) | …
 */

export const apiKeys = {
  produce: 0,
  joinGroup: 11,
  syncGroup: 14,
  initProducerId: 22,
  addPartitionsToTxn: 24,
  addOffsetsToTxn: 25,
  endTxn: 26,
  txnOffsetCommit: 28,
} as const

export interface RequestHead {
  readonly apiKey: number
  readonly correlation: number
  /** Empty where the client names itself not. */
  readonly clientId: string
  /**
   * First field of the body where it is a text, as with all requests of a transaction: null where
   * there is none.
   */
  readonly firstText: string | null
}

const lengthBytes = 4
const headBytes = 8
/** Larger than anything a broker takes or gives here. */
const frameBytesMax = 64 * 2 ** 20

/** Cuts a stream of chunks into whole frames, their four bytes of length included. */
export class FrameCutter {
  #parts: Buffer[] = []
  #bytes = 0

  push(chunk: Buffer): Buffer[] {
    this.#parts.push(chunk)
    this.#bytes += chunk.length
    const frames: Buffer[] = []
    for (let frame = this.#take(); frame !== null; frame = this.#take()) frames.push(frame)
    return frames
  }

  #take(): Buffer | null {
    if (this.#bytes < lengthBytes) return null
    if (this.#parts[0]!.length < lengthBytes) this.#parts = [Buffer.concat(this.#parts)]
    const length = this.#parts[0]!.readInt32BE(0)
    if (length < 0 || length > frameBytesMax) throw new Error(`no frame of Kafka: length ${length}`)
    const whole = lengthBytes + length
    if (this.#bytes < whole) return null
    const all = this.#parts.length === 1 ? this.#parts[0]! : Buffer.concat(this.#parts)
    this.#parts = all.length === whole ? [] : [all.subarray(whole)]
    this.#bytes -= whole
    return all.subarray(0, whole)
  }
}

export function readRequest(frame: Buffer): RequestHead {
  const idAt = lengthBytes + headBytes
  const idLength = Math.max(0, frame.readInt16BE(idAt))
  const bodyAt = idAt + 2 + idLength
  return {
    apiKey: frame.readInt16BE(lengthBytes),
    correlation: frame.readInt32BE(lengthBytes + 4),
    clientId: frame.toString('utf8', idAt + 2, bodyAt),
    firstText: textAt(frame, bodyAt),
  }
}

export const readCorrelation = (frame: Buffer): number => frame.readInt32BE(lengthBytes)

function textAt(frame: Buffer, at: number): string | null {
  if (frame.length < at + 2) return null
  const length = frame.readInt16BE(at)
  return length < 0 || frame.length < at + 2 + length
    ? null
    : frame.toString('utf8', at + 2, at + 2 + length)
}
