/**
 * Load at a constant rate, whatever becomes of it: event n is due n / rate seconds after the start,
 * and its latency counts from then, also where the sender itself was late. So a stall shows in
 * every event that it delayed (nothing is omitted by coordination), and one that never comes out
 * shows as lost.
 */
import { type LatencySummary, newLatencyHistogram, summaryOf } from './latency-histogram.ts'

export interface OpenLoopOptions {
  /** Events a second. */
  readonly rate: number
  /** How long is measured. */
  readonly seconds: number
  /** Before that: the same load, unmeasured, until what is loaded has warmed up. */
  readonly warmupSeconds: number
  /** What falls due in this time is sent together; waiting for it is part of the latency. */
  readonly lingerMs: number
  /** How long to wait for the last after they were sent. */
  readonly drainMsMax: number
  /** Sends events `from` up to, not including, `to`; rejecting ends the run. */
  send(from: number, to: number): Promise<void>
  /** Milliseconds that never go back. */
  nowMs(): number
  sleep(ms: number): Promise<void>
}

export interface OpenLoopResult {
  readonly rate: number
  readonly seconds: number
  /** Events of the measured time. */
  readonly events: number
  readonly lost: number
  /** Seen once more than they should, of all events. */
  readonly doubled: number
  readonly latencyMs: LatencySummary
  /** How late the sender itself was at worst: much of it means that its own figure is too. */
  readonly senderLateMsMax: number
}

export interface OpenLoop {
  /** To be told of every committed result. */
  seen(sequence: number): void
  run(): Promise<OpenLoopResult>
}

export function newOpenLoop(options: OpenLoopOptions): OpenLoop {
  const { rate, warmupSeconds, seconds, nowMs } = options
  const firstMeasured = Math.round(rate * warmupSeconds)
  const total = firstMeasured + Math.round(rate * seconds)
  const counts = new Uint8Array(total)
  const histogram = newLatencyHistogram()
  let [startMs, measuredSeen, doubled] = [0, 0, 0]
  return {
    seen(sequence) {
      if (counts[sequence] === undefined) return
      counts[sequence] += 1
      if (counts[sequence] > 1) doubled += 1
      else if (sequence >= firstMeasured) {
        measuredSeen += 1
        histogram.record(nowMs() - startMs - (sequence * 1_000) / rate)
      }
    },
    async run() {
      startMs = nowMs()
      const senderLateMsMax = await sendAll(options, startMs, total)
      const events = total - firstMeasured
      const untilMs = nowMs() + options.drainMsMax
      while (measuredSeen < events && nowMs() < untilMs) await options.sleep(5)
      const latencyMs = summaryOf(histogram)
      return {
        rate,
        seconds,
        events,
        lost: events - measuredSeen,
        doubled,
        latencyMs,
        senderLateMsMax,
      }
    },
  }
}

/** One sending does not wait for another: the rate is the rate. Gives the worst lateness. */
async function sendAll(options: OpenLoopOptions, startMs: number, total: number): Promise<number> {
  const { rate, lingerMs, send, nowMs, sleep } = options
  const underWay = new Set<Promise<void>>()
  let [sent, lateMsMax] = [0, 0]
  let failed = false
  while (sent < total && !failed) {
    await sleep(lingerMs)
    const elapsedMs = nowMs() - startMs
    const due = Math.min(Math.floor((elapsedMs * rate) / 1_000) + 1, total)
    if (due <= sent) continue
    lateMsMax = Math.max(lateMsMax, elapsedMs - (sent * 1_000) / rate)
    const sending = send(sent, due)
    underWay.add(sending)
    sending.then(
      () => underWay.delete(sending),
      () => {
        failed = true
      },
    )
    sent = due
  }
  await Promise.all(underWay)
  return Math.round(lateMsMax * 100) / 100
}
