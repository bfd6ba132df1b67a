/**
 * Timers of a connection only while there is something to wait for. The client sets one for
 * requests that are held back even where none is, at a time in the past: it fires 1,000 times a
 * second for ever (and warns of it on current Node). It also looks for requests without an answer
 * ten times a second where nothing is under way.
 */
import { systemClock } from '../../../runtime/clock.ts'
import type { RequestQueue } from './internals.ts'

/** How soon requests are looked at again that wait for others to be answered. */
const pendingCheckMs = 10

/** Changes queues that exist already too. */
export function mendRequestQueue(prototype: RequestQueue): void {
  const { sendSocketRequest, destroy } = prototype

  prototype.scheduleCheckPendingRequests = function () {
    if (this.pending.length === 0 || this.throttleCheckTimeoutId !== null) return
    const throttledMs = this.throttledUntil - systemClock.now()
    const check = () => {
      this.throttleCheckTimeoutId = null
      this.checkPendingRequests()
    }
    this.throttleCheckTimeoutId = setTimeout(check, throttledMs > 0 ? throttledMs : pendingCheckMs)
  }

  prototype.sendSocketRequest = function (request) {
    sendSocketRequest.call(this, request)
    awaitAnswers(this)
  }

  prototype.scheduleRequestTimeoutCheck = function () {
    if (!this.enforceRequestTimeout) return
    this.destroy()
    awaitAnswers(this)
  }

  prototype.destroy = function () {
    destroy.call(this)
    this.requestTimeoutIntervalId = null
  }
}

/** A request that is late is found within a tenth of the time that it had, and within a second. */
function awaitAnswers(queue: RequestQueue): void {
  if (!queue.enforceRequestTimeout || queue.inflight.size === 0) return
  if (queue.requestTimeoutIntervalId !== null && queue.requestTimeoutIntervalId !== undefined)
    return
  const everyMs = Math.min(Math.max(queue.requestTimeout / 10, 10), 1_000)
  queue.requestTimeoutIntervalId = setTimeout(() => {
    queue.requestTimeoutIntervalId = null
    const now = systemClock.now()
    for (const request of [...queue.inflight.values()])
      if (now - request.sentAt > request.requestTimeout) request.timeoutRequest()
    if (queue.isConnected()) awaitAnswers(queue)
    else queue.destroy()
  }, everyMs)
}
