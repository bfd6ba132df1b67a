/**
 * No socket that nobody closes. Where a connection was cut, the client forgets the broker behind
 * it; but a consumer goes on to send heartbeats through what it forgot, which connects again, and
 * stays open when the consumer has ended: the process does not end. And where several requests find
 * a connection cut, each opens a socket, of which only the last is kept.
 */
import type { BrokerPool, Connection, PooledBroker } from './internals.ts'

/** What a pool forgot is closed with it. Changes pools that exist already too. */
export function mendBrokerPool(prototype: BrokerPool): void {
  const { removeBroker, disconnect } = prototype
  const forgotten = new WeakMap<BrokerPool, Set<PooledBroker>>()
  prototype.removeBroker = function (place) {
    const kept = forgotten.get(this) ?? new Set()
    forgotten.set(this, kept)
    for (const broker of kept) if (!broker.isConnected()) kept.delete(broker)
    const before = Object.values(this.brokers)
    removeBroker.call(this, place)
    const left = new Set(Object.values(this.brokers))
    for (const broker of before) if (!left.has(broker)) kept.add(broker)
  }
  prototype.disconnect = async function () {
    await disconnect.call(this)
    const kept = forgotten.get(this) ?? []
    forgotten.delete(this)
    await Promise.all([...kept].map((broker) => broker.disconnect()))
  }
}

/** Changes connections that exist already too. */
export function mendConnection(prototype: Connection): void {
  const { connect } = prototype
  const underWay = new WeakMap<Connection, Promise<unknown>>()
  prototype.connect = function () {
    const known = underWay.get(this)
    if (known !== undefined) return known
    const connecting = connect.call(this).finally(() => underWay.delete(this))
    underWay.set(this, connecting)
    return connecting
  }
}
