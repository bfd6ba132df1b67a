/**
 * Transactions with five requests instead of nine, and without a stumble at their start. The client
 * asks four times in each who its coordinators are; here the answer holds for a second. And where
 * the broker is still completing the last transaction, the client fails (`sendOffsets`) or logs an
 * error, refreshes its metadata and waits `initialRetryTime` (`send`); here the request, which had
 * no effect, is sent again in a few milliseconds.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { systemClock } from '../../../runtime/clock.ts'
import type { Broker, Cluster, CoordinatorQuery, RequestDefinition } from './internals.ts'

/**
 * A coordinator that has moved is noticed that much later: until then its requests fail, as they do
 * now for as long as a move takes, and whoever sent them begins anew.
 */
const knownForMs = 1_000
/** As the client counts them. */
const transactionCoordinator = 1
const [firstWaitMs, waitMsMax, waitMsTotal] = [2, 20, 2_000]

/** Changes brokers that exist already too. */
export function mendTransactions(prototype: Broker, definitions: readonly RequestDefinition[]) {
  const { addPartitionsToTxn, addOffsetsToTxn } = prototype
  prototype.addPartitionsToTxn = function (request) {
    return untilCompleted(() => addPartitionsToTxn.call(this, request))
  }
  prototype.addOffsetsToTxn = function (request) {
    return untilCompleted(() => addOffsetsToTxn.call(this, request))
  }
  // What is tried again is no error to be logged; what is given up is thrown, and logged there.
  for (const definition of definitions) {
    const { protocol } = definition
    definition.protocol = (version) => {
      const request = protocol(version)
      return (options) => ({ ...request(options), logResponseError: false })
    }
  }
}

async function untilCompleted<T>(send: () => Promise<T>): Promise<T> {
  const until = systemClock.now() + waitMsTotal
  for (let waitMs = firstWaitMs; ; waitMs = Math.min(waitMs * 2, waitMsMax)) {
    try {
      return await send()
    } catch (error) {
      const busy = error instanceof Error && 'type' in error ? error.type : null
      if (busy !== 'CONCURRENT_TRANSACTIONS' || systemClock.now() >= until) throw error
      await sleep(waitMs)
    }
  }
}

/** Changes clusters that exist already too, of transactional producers only. */
export function mendCoordinatorQueries(prototype: Cluster): void {
  const { findGroupCoordinatorMetadata } = prototype
  const known = new WeakMap<
    Cluster,
    Map<string, { readonly at: number; readonly found: unknown }>
  >()
  prototype.findGroupCoordinatorMetadata = async function (query) {
    const ofThis = known.get(this) ?? new Map()
    // A consumer asks when it joins, which is when it has reason to doubt.
    if (query.coordinatorType === transactionCoordinator) known.set(this, ofThis)
    const key = keyOf(query)
    const last = ofThis.get(key)
    const now = systemClock.now()
    if (last !== undefined && now >= last.at && now < last.at + knownForMs) return last.found
    const found = await findGroupCoordinatorMetadata.call(this, query)
    ofThis.set(key, { at: now, found })
    return found
  }
}

const keyOf = ({ groupId, coordinatorType }: CoordinatorQuery) => `${coordinatorType} ${groupId}`
