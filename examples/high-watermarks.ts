/**
 * The high watermarks of a topic's partitions: where the next record will stand, whether those
 * before it are committed or not. Clients that read committed, and kafkajs always, answer with the
 * last stable offset instead, which lies before the first transaction that is still open. So this
 * asks the leaders itself: ListOffsets in its version 1, which knows no other answer.
 *
 * Without TLS and SASL, as the example is; a client that can ask with isolation level 0
 * (Java's Admin.listOffsets does, by default) needs none of this.
 */
import { once } from 'node:events'
import { connect } from 'node:net'
import type { Admin } from 'kafkajs'

const listOffsets = { key: 2, version: 1, clientId: 'subscriber' }
const latest = -1n
const waitMs = 10_000

/** By partition. Rejects where a leader does not answer; ask again. */
export async function highWatermarks(
  admin: Admin,
  topic: string,
): Promise<ReadonlyMap<number, number>> {
  const [{ topics }, { brokers }] = await Promise.all([
    admin.fetchTopicMetadata({ topics: [topic] }),
    admin.describeCluster(),
  ])
  const led = new Map<number, number[]>()
  for (const { leader, partitionId } of topics[0]?.partitions ?? [])
    led.set(leader, [...(led.get(leader) ?? []), partitionId])
  const answers = await Promise.all(
    [...led].map(async ([leader, partitions]) => {
      const broker = brokers.find(({ nodeId }) => nodeId === leader)
      if (broker === undefined) throw new Error(`no broker ${leader} leads ${topic} now`)
      return readAnswer(await ask(broker, requestOf(topic, partitions)))
    }),
  )
  return new Map(answers.flat())
}

async function ask({ host, port }: { host: string; port: number }, request: Buffer) {
  const socket = connect({ host, port, timeout: waitMs })
  socket.once('timeout', () => socket.destroy(new Error(`${host}:${port} does not answer`)))
  try {
    await once(socket, 'connect')
    socket.write(request)
    let answer = Buffer.alloc(0)
    for await (const part of socket) {
      answer = Buffer.concat([answer, part])
      if (answer.length >= 4 && answer.length >= 4 + answer.readInt32BE()) return answer
    }
    throw new Error(`${host}:${port} closed the connection`)
  } finally {
    socket.destroy()
  }
}

const int16 = (value: number) => Buffer.from([(value >> 8) & 255, value & 255])
function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}
function int64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigInt64BE(value)
  return bytes
}
const text = (value: string) => Buffer.concat([int16(Buffer.byteLength(value)), Buffer.from(value)])

/** Length, header (key, version, correlation id, client), replica -1, one topic, its partitions. */
function requestOf(topic: string, partitions: readonly number[]): Buffer {
  const { key, version, clientId } = listOffsets
  const body = Buffer.concat([
    ...[int16(key), int16(version), int32(0), text(clientId), int32(-1)],
    ...[int32(1), text(topic), int32(partitions.length)],
    ...partitions.flatMap((partition) => [int32(partition), int64(latest)]),
  ])
  return Buffer.concat([int32(body.length), body])
}

/** Length, correlation id, one topic, its partitions: number, error, time, offset. */
function readAnswer(answer: Buffer): [partition: number, offset: number][] {
  const partitions = 14 + answer.readInt16BE(12)
  return Array.from({ length: answer.readInt32BE(partitions) }, (_, index) => {
    const at = partitions + 4 + index * 22
    const error = answer.readInt16BE(at + 4)
    if (error !== 0) throw new Error(`the broker answers with error ${error}`)
    return [answer.readInt32BE(at), Number(answer.readBigInt64BE(at + 14))]
  })
}
