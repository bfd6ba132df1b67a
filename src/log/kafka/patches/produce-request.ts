/**
 * A request to produce, encoded into one buffer of its exact size. The bytes are those that the
 * client makes; for messages that it would refuse, or make something odd of, it is asked itself.
 */
import { systemClock } from '../../../runtime/clock.ts'
import { crc32c } from './crc32c.ts'
import {
  type Codec,
  type Encoder,
  type EncoderClass,
  loadCodec,
  type NewProduceRequest,
  type PartitionData,
  type ProduceOptions,
} from './internals.ts'
import { planRecords, type RecordsPlan, writeRecords } from './record-bytes.ts'

/** The same request, its bytes made here. */
export const mendProduceRequest =
  (original: NewProduceRequest, encoderClass: EncoderClass): NewProduceRequest =>
  (options) => {
    const request = original(options)
    const encode = async () => (await encodeExact(options, encoderClass)) ?? request.encode()
    return { ...request, encode }
  }

interface BatchPlan {
  readonly data: PartitionData
  readonly records: RecordsPlan
  /** Null where the records go as they are. */
  readonly compressed: Buffer | null
}

interface TopicPlan {
  readonly topic: string
  readonly batches: readonly BatchPlan[]
}

const headBytes = 61
/** Where the checksum stands in a batch, and where the bytes begin of which it is one. */
const [checksumAt, checkedAt] = [17, 21]
const [magic, transactionalFlag, codecMask] = [2, 16, 7]

async function encodeExact(
  options: ProduceOptions,
  encoderClass: EncoderClass,
): Promise<Encoder | null> {
  const compression = options.compression ?? 0
  const codec = compression === 0 ? null : loadCodec(compression)
  if (compression !== 0 && codec === null) return null
  const topics: TopicPlan[] = []
  for (const { topic, partitions } of options.topicData) {
    const batches: BatchPlan[] = []
    for (const data of partitions) {
      const records = planRecords(data.messages, systemClock.now())
      if (records === null) return null
      const compressed = codec === null ? null : await compress(records, codec, encoderClass)
      batches.push({ data, records, compressed })
    }
    topics.push({ topic, batches })
  }
  const { transactionalId, acks, timeout } = options
  const head = new encoderClass()
    .writeString(transactionalId ?? null)
    .writeInt16(acks)
    .writeInt32(timeout)
    .writeInt32(topics.length).buffer
  const buffer = Buffer.allocUnsafe(topics.reduce((sum, one) => sum + topicSize(one), head.length))
  const producerId = new encoderClass(8).writeInt64(options.producerId ?? -1).buffer
  let at = head.copy(buffer)
  for (const topic of topics) {
    at = writeTopicHead(buffer, at, topic)
    for (const batch of topic.batches) at = writeBatch(buffer, at, { batch, producerId, options })
  }
  return encoderOf(buffer, encoderClass)
}

/** What the client takes for an encoder that has just been filled. */
function encoderOf(buffer: Buffer, encoderClass: EncoderClass): Encoder {
  const encoder = new encoderClass(1)
  encoder.buf = buffer
  encoder.offset = buffer.length
  return encoder
}

function compress(plan: RecordsPlan, codec: Codec, encoderClass: EncoderClass): Promise<Buffer> {
  const records = Buffer.allocUnsafe(plan.bytes)
  writeRecords(plan, records, 0)
  return codec.compress(encoderOf(records, encoderClass))
}

const batchSize = ({ records, compressed }: BatchPlan) =>
  headBytes + (compressed === null ? records.bytes : compressed.length)

const topicSize = ({ topic, batches }: TopicPlan) =>
  2 + Buffer.byteLength(topic) + 4 + batches.reduce((sum, batch) => sum + 8 + batchSize(batch), 0)

function writeTopicHead(target: Buffer, at: number, { topic, batches }: TopicPlan): number {
  const length = Buffer.byteLength(topic)
  target.writeInt16BE(length, at)
  target.write(topic, at + 2, length, 'utf8')
  return target.writeInt32BE(batches.length, at + 2 + length)
}

interface BatchParts {
  readonly batch: BatchPlan
  readonly producerId: Buffer
  readonly options: ProduceOptions
}

function writeBatch(target: Buffer, at: number, parts: BatchParts): number {
  const { batch, producerId, options } = parts
  const { data, records, compressed } = batch
  const size = batchSize(batch)
  const start = target.writeInt32BE(size, target.writeInt32BE(data.partition, at))
  const attributes =
    ((options.compression ?? 0) & codecMask) | (options.transactionalId ? transactionalFlag : 0)
  let end = writeLong(target, start, 0)
  end = target.writeInt32BE(size - 12, end)
  end = target.writeInt32BE(0, end)
  end = target.writeInt8(magic, end) + 4
  end = target.writeInt16BE(attributes, end)
  end = target.writeInt32BE(records.messages.length - 1, end)
  end = writeLong(target, end, records.firstTimestamp)
  end = writeLong(target, end, records.maxTimestamp)
  end += producerId.copy(target, end)
  end = target.writeInt16BE(options.producerEpoch ?? 0, end)
  end = target.writeInt32BE(data.firstSequence ?? 0, end)
  end = target.writeInt32BE(records.messages.length, end)
  end =
    compressed === null ? writeRecords(records, target, end) : end + compressed.copy(target, end)
  target.writeUInt32BE(crc32c(target, start + checkedAt, end), start + checksumAt)
  return end
}

/** Whole numbers from 0 up to 2^53. */
const writeLong = (target: Buffer, at: number, value: number) =>
  target.writeUInt32BE(value % 2 ** 32, target.writeUInt32BE(Math.floor(value / 2 ** 32), at))
