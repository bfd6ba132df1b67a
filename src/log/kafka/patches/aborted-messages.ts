/**
 * Which messages of a fetch are committed. The broker lists aborted transactions in the order in
 * which they ended; the client takes the list for one in the order in which they began, and looks
 * at one entry a message. So where transactions of several producers lie between each other, as
 * those of all shards do in `risk.tallies`, it hands aborted messages on as if they were committed.
 *
 *     offset     0     1     2      3        4        5
 *                A     B     A    abort B  abort A    C        the broker says: B from 1, A from 0
 *
 * There the client waits for offset 1, drops B, and never sees that A was aborted: 0 comes through.
 */
import type { FetchedMessage, FilterAborted } from './internals.ts'

/** The control record that ends a transaction: version 0, type 0. A commit is of type 1. */
const isAbort = ({ key }: FetchedMessage): boolean =>
  key !== null && key.length >= 4 && key.readInt16BE(2) === 0

/** Messages of transactions that were not aborted; control records stay for the caller to drop. */
export const filterAborted: FilterAborted = ({ messages, abortedTransactions }) => {
  if (abortedTransactions === null || abortedTransactions.length === 0) return messages
  const coming = abortedTransactions
    .map(({ producerId, firstOffset }) => ({ producerId, firstOffset: Number(firstOffset) }))
    .sort((a, b) => a.firstOffset - b.firstOffset)
  const aborted = new Set<string>()
  let next = 0
  return messages.filter((message) => {
    const offset = Number(message.offset)
    for (; next < coming.length && coming[next]!.firstOffset <= offset; next += 1)
      aborted.add(coming[next]!.producerId)
    const { producerId, inTransaction } = message.batchContext
    if (message.isControlRecord) {
      if (isAbort(message)) aborted.delete(producerId)
      return true
    }
    return !(inTransaction && aborted.has(producerId))
  })
}
