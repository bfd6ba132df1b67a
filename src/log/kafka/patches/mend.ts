/**
 * kafkajs 2.2.4 mended where it is loaded: messages are grouped in one walk, requests to produce
 * are encoded into buffers that fit, idle connections sleep, transactions ask and wait less,
 * batches without a message are handed on, and aborted messages are not. None of this changes what
 * is written. Another version is used as it is, and said to be so; whether it still reads aborted
 * messages has then to be seen. The package asks for this version exactly, so that it is raised
 * with open eyes.
 */
import { filterAborted } from './aborted-messages.ts'
import { mendControlBatches } from './control-batches.ts'
import { groupMessages } from './group-messages.ts'
import {
  filterAbortedPath,
  forgetPathUsers,
  groupMessagesPath,
  installedVersion,
  type Kafkajs,
  loadBatch,
  loadBroker,
  loadCluster,
  loadEncoder,
  loadGroupMessages,
  loadKafkajs,
  loadProduceRequest,
  loadRequestQueue,
  loadTransactionRequests,
  produceRequestPath,
  replaceExport,
} from './internals.ts'
import { mendProduceRequest } from './produce-request.ts'
import { mendRequestQueue } from './request-queue.ts'
import { mendCoordinatorQueries, mendTransactions } from './transactions.ts'

/** The one whose sources were read. */
export const mendedVersion = '2.2.4'
/** Those that carry records of format v2: older brokers than 0.11 are served as before. */
const produceVersions = [3, 4, 5, 6, 7]

export interface Mended {
  /** To be used instead of an import of kafkajs, which may have come too early. */
  readonly kafkajs: Kafkajs
  /** Null where it is mended; else one line that says why not and what it costs. */
  readonly warning: string | null
}

/** Mends what is loaded in this process; a second call changes nothing and gives the same. */
export function mendKafkajs(version = installedVersion()): Mended {
  if (version !== mendedVersion) return { kafkajs: loadKafkajs(), warning: notMended(version) }
  if (loadGroupMessages() !== groupMessages) {
    const encoderClass = loadEncoder()
    for (const each of produceVersions) {
      const mended = mendProduceRequest(loadProduceRequest(each), encoderClass)
      replaceExport(produceRequestPath(each), mended)
    }
    mendRequestQueue(loadRequestQueue().prototype)
    mendTransactions(loadBroker().prototype, loadTransactionRequests())
    mendCoordinatorQueries(loadCluster().prototype)
    replaceExport(groupMessagesPath, groupMessages)
    replaceExport(filterAbortedPath, filterAborted)
    forgetPathUsers()
    mendControlBatches(loadBatch().prototype)
  }
  return { kafkajs: loadKafkajs(), warning: null }
}

const notMended = (version: string) =>
  `kafkajs ${version} is used as it is, only ${mendedVersion} is known well enough to be mended: ` +
  'sending is slower, idle connections use processor time, and aborted messages may be read'
