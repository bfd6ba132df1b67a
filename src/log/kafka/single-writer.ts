/**
 * The one writer of what people say: a transaction for each set of records, all of them or none.
 * Opening it fences whoever wrote under the same name before and ends what they left open, so that
 * what stands in the topics afterwards is all that ever will of it.
 */
import type { Kafka, Producer, TopicMessages } from 'kafkajs'
import { kafkaError } from './client.ts'
import { newKeyPartitioner } from './key-partitioner.ts'

export interface SingleWriter {
  /** Rejects with EdgeError; it is not known then what stands, and the writer is over. */
  write(messages: readonly TopicMessages[]): Promise<void>
  close(): Promise<void>
}

const transactionTimeoutMs = 15_000
const retry = { retries: 3, initialRetryTime: 20, maxRetryTime: 500 }

/** Throws EdgeError. */
export async function openSingleWriter(
  kafka: Kafka,
  transactionalId: string,
): Promise<SingleWriter> {
  const producer = kafka.producer({
    transactionalId,
    idempotent: true,
    maxInFlightRequests: 1,
    transactionTimeout: transactionTimeoutMs,
    allowAutoTopicCreation: false,
    createPartitioner: newKeyPartitioner,
    retry,
  })
  const close = async () => {
    await producer.disconnect().catch(() => undefined)
  }
  try {
    await producer.connect()
    // The first transaction asks for the producer's id: that is what fences.
    let next: Awaited<ReturnType<Producer['transaction']>> | null = await producer.transaction()
    return {
      close,
      async write(messages) {
        try {
          const transaction = next ?? (await producer.transaction())
          next = null
          await transaction.sendBatch({ topicMessages: [...messages] })
          await transaction.commit()
        } catch (error) {
          await close()
          throw kafkaError(error)
        }
      },
    }
  } catch (error) {
    await close()
    throw kafkaError(error)
  }
}
