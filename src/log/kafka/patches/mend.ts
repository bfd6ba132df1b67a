/**
 * kafkajs 2.2.4 mended where it is loaded: messages are grouped in one walk, requests to produce
 * are encoded into buffers that fit, idle connections sleep and cut ones are closed, transactions
 * ask and wait less, batches without a message are handed on, and aborted messages are not. None of
 * this changes what is written, but what is read as committed rests on it: another version is
 * refused. The package asks for this version exactly, so that it is raised with open eyes.
 */
import { EdgeError } from '../../../runtime/edge-error.ts'
import { filterAborted } from './aborted-messages.ts'
import { mendBrokerPool, mendConnection } from './connections.ts'
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
  loadBrokerPool,
  loadCluster,
  loadConnection,
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

/**
 * Mends what is loaded in this process, and gives it, to be used instead of an import of kafkajs,
 * which may have come too early; a second call changes nothing and gives the same. Throws where
 * another version is installed.
 */
export function mendKafkajs(version = installedVersion()): Kafkajs {
  if (version !== mendedVersion) throw new EdgeError('kafka-failed', notMended(version), false)
  if (loadGroupMessages() !== groupMessages) {
    const encoderClass = loadEncoder()
    for (const each of produceVersions) {
      const mended = mendProduceRequest(loadProduceRequest(each), encoderClass)
      replaceExport(produceRequestPath(each), mended)
    }
    mendRequestQueue(loadRequestQueue().prototype)
    mendConnection(loadConnection().prototype)
    mendBrokerPool(loadBrokerPool().prototype)
    mendTransactions(loadBroker().prototype, loadTransactionRequests())
    mendCoordinatorQueries(loadCluster().prototype)
    replaceExport(groupMessagesPath, groupMessages)
    replaceExport(filterAbortedPath, filterAborted)
    forgetPathUsers()
    mendControlBatches(loadBatch().prototype)
  }
  return loadKafkajs()
}

const notMended = (version: string) =>
  `kafkajs ${version} is installed, but only ${mendedVersion} is known not to hand on aborted ` +
  `messages once it is mended; install that: npm ci`
