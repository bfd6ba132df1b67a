/** Frames as a client and a broker write them, for tests of what listens in between. */

interface Request {
  readonly apiKey: number
  readonly correlation: number
  readonly clientId: string | null
  readonly firstText: string | null
}

export function requestFrame({ apiKey, correlation, clientId, firstText }: Request): Buffer {
  const head = Buffer.alloc(8)
  head.writeInt16BE(apiKey, 0)
  head.writeInt16BE(1, 2)
  head.writeInt32BE(correlation, 4)
  return withLength(Buffer.concat([head, textOf(clientId), textOf(firstText)]))
}

export function answerFrame(correlation: number, body: string): Buffer {
  const head = Buffer.alloc(4)
  head.writeInt32BE(correlation, 0)
  return withLength(Buffer.concat([head, Buffer.from(body)]))
}

function textOf(text: string | null): Buffer {
  const length = Buffer.alloc(2)
  length.writeInt16BE(text === null ? -1 : Buffer.byteLength(text), 0)
  return Buffer.concat([length, Buffer.from(text ?? '')])
}

function withLength(frame: Buffer): Buffer {
  const length = Buffer.alloc(4)
  length.writeInt32BE(frame.length, 0)
  return Buffer.concat([length, frame])
}
