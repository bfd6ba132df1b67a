/**
 * Batches that hold only control records or aborted messages come to the handler as well, empty.
 * The client steps over them in silence, so that whoever counts offsets by what it was given would
 * take the next batch for one that left a gap, and a partition's end would never be reached.
 */
import type { FetchedBatch } from './internals.ts'

/**
 * Changes what the client makes from now on; an answer without any record is empty as before. What
 * counts as empty due to filtering follows from it: nothing.
 */
export function mendControlBatches(prototype: FetchedBatch): void {
  prototype.isEmpty = function () {
    return this.rawMessages.length === 0
  }
}
