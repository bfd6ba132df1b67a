/** Everything in a topic, as a consumer with `read_committed` sees it. */
import type { Kafka } from 'kafkajs'

/** Values of all messages below the topic's last stable offset of now, in order. */
export async function readAll(kafka: Kafka, topic: string): Promise<string[]> {
  const values = await readValues(kafka, topic)
  return values.map((value) => value.toString('utf8'))
}

export async function readValues(kafka: Kafka, topic: string): Promise<Buffer[]> {
  const admin = kafka.admin()
  await admin.connect()
  const ends = await admin.fetchTopicOffsets(topic)
  await admin.disconnect()
  const missing = new Map(
    ends.filter(({ low, high }) => Number(high) > Number(low)).map((end) => [end.partition, end]),
  )
  const rows: { partition: number; offset: number; value: Buffer }[] = []
  if (missing.size === 0) return []
  const consumer = kafka.consumer({ groupId: `read-${topic}-${process.hrtime.bigint()}` })
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  await new Promise<void>((resolve, reject) => {
    consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload: { partition, lastOffset } }) => {
      const end = missing.get(partition)
      if (end !== undefined && Number(lastOffset) + 1 >= Number(end.high)) missing.delete(partition)
      if (missing.size === 0) resolve()
    })
    consumer
      .run({
        autoCommit: false,
        eachBatch: async ({ batch }) => {
          for (const { offset, value } of batch.messages) {
            const { partition } = batch
            rows.push({ partition, offset: Number(offset), value: value ?? Buffer.alloc(0) })
          }
        },
      })
      .catch(reject)
  })
  await consumer.disconnect()
  rows.sort((a, b) => a.partition - b.partition || a.offset - b.offset)
  return rows.map(({ value }) => value)
}
