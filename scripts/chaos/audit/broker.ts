/**
 * A connection to the one broker for two questions: how far a partition reaches, and what bytes it
 * holds from an offset on, committed or not. The requests are the oldest that Kafka 4.1 answers.
 */
import { connect, type Socket } from 'node:net'
import { FrameCutter } from '../frames.ts'

export interface Fetched {
  /** First offset beyond what is there. */
  readonly end: number
  readonly bytes: Buffer
}

export interface Broker {
  fetch(topic: string, partition: number, offset: number): Promise<Fetched>
  close(): void
}

const [fetchKey, fetchVersion] = [1, 4]
const clientId = 'chaos-auditor'
const answerMaxMs = 30_000
const fetchBytes = 8 * 2 ** 20

export async function connectBroker(brokers: string): Promise<Broker> {
  const [host, port] = brokers.split(':')
  const socket = connect(Number(port), host)
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve)
    socket.once('error', reject)
  })
  const answers = newAnswers(socket)
  let correlation = 0
  return {
    async fetch(topic, partition, offset) {
      correlation += 1
      socket.write(fetchRequest({ topic, partition, offset, correlation }))
      return fetchAnswer(await answers.next(), `${topic}/${partition}`)
    },
    close: () => socket.destroy(),
  }
}

/** One at a time: a question is asked when the one before was answered. */
function newAnswers(socket: Socket) {
  const cutter = new FrameCutter()
  const frames: Buffer[] = []
  let failure: Error | null = null
  let wake: () => void = () => undefined
  socket.on('data', (chunk: Buffer) => {
    frames.push(...cutter.push(chunk))
    wake()
  })
  socket.on('error', (error) => {
    failure = error
  })
  socket.on('close', () => {
    failure ??= new Error('the broker closed the connection')
    wake()
  })
  return {
    async next(): Promise<Buffer> {
      const timer = setTimeout(() => socket.destroy(), answerMaxMs)
      while (frames.length === 0 && failure === null)
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      clearTimeout(timer)
      const frame = frames.shift()
      if (frame === undefined) throw failure ?? new Error('no answer')
      return frame
    },
  }
}

interface Question {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly correlation: number
}

function fetchRequest({ topic, partition, offset, correlation }: Question): Buffer {
  const parts = [
    int16(fetchKey),
    int16(fetchVersion),
    int32(correlation),
    text(clientId),
    int32(-1), // not a replica
    int32(100), // waits so many milliseconds
    int32(0), // for so many bytes
    int32(fetchBytes),
    Buffer.from([0]), // committed or not
    int32(1),
    text(topic),
    int32(1),
    int32(partition),
    int64(offset),
    int32(fetchBytes),
  ]
  const body = Buffer.concat(parts)
  return Buffer.concat([int32(body.length), body])
}

/** After length and correlation: throttle, one topic by name, one partition of it. */
function fetchAnswer(frame: Buffer, place: string): Fetched {
  let at = 4 + 4 + 4 + 4
  at += 2 + frame.readInt16BE(at)
  at += 4 + 4
  const error = frame.readInt16BE(at)
  if (error !== 0) throw new Error(`${place} cannot be read: error ${error}`)
  const end = Number(frame.readBigInt64BE(at + 2))
  at += 2 + 8 + 8
  const aborted = Math.max(0, frame.readInt32BE(at))
  at += 4 + aborted * 16
  const length = Math.max(0, frame.readInt32BE(at))
  return { end, bytes: frame.subarray(at + 4, at + 4 + length) }
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeInt16BE(value)
  return bytes
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}

function int64(value: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigInt64BE(BigInt(value))
  return bytes
}

const text = (of: string): Buffer => Buffer.concat([int16(Buffer.byteLength(of)), Buffer.from(of)])
