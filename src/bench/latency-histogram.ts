/**
 * Latencies by the million in a few kilobytes: buckets that are 1/128 of their own size wide, so
 * that every quantile is right within 0.8 %, never too low. Shape and idea of HdrHistogram.
 */

export interface LatencyHistogram {
  /** Milliseconds; below a microsecond counts as one, above 19 hours as that. */
  record(ms: number): void
  readonly count: number
  /** The latency in milliseconds that this share of all, from 0 to 1, did not exceed. */
  quantile(share: number): number
  /** Exact. */
  readonly maxMs: number
}

export interface LatencySummary {
  readonly count: number
  readonly p50: number
  readonly p90: number
  readonly p99: number
  readonly p999: number
  readonly max: number
}

/** Below this many microseconds each has its bucket; above, each doubling has half as many. */
const exactBelow = 256
const halfBits = 7
const doublings = 28
const microsMax = exactBelow * 2 ** doublings - 1

export function newLatencyHistogram(): LatencyHistogram {
  const counts = new Float64Array(exactBelow + doublings * (exactBelow / 2))
  let [count, maxMs] = [0, 0]
  return {
    record(ms) {
      const micros = Math.min(Math.max(Math.ceil(ms * 1_000), 1), microsMax)
      counts[bucketOf(micros)]! += 1
      count += 1
      if (ms > maxMs) maxMs = ms
    },
    quantile(share) {
      const rank = Math.max(Math.ceil(share * count), 1)
      let seen = 0
      for (let bucket = 0; bucket < counts.length; bucket += 1) {
        seen += counts[bucket]!
        if (seen >= rank) return Math.min(lastMicrosOf(bucket) / 1_000, maxMs)
      }
      return 0
    },
    get count() {
      return count
    },
    get maxMs() {
      return maxMs
    },
  }
}

export function summaryOf(histogram: LatencyHistogram): LatencySummary {
  const { count, maxMs } = histogram
  const at = (share: number) => Math.round(histogram.quantile(share) * 100) / 100
  const max = Math.round(maxMs * 100) / 100
  return { count, p50: at(0.5), p90: at(0.9), p99: at(0.99), p999: at(0.999), max }
}

/** 0 to 255 as they are; 256 to 511 in twos, 512 to 1,023 in fours … */
function bucketOf(micros: number): number {
  if (micros < exactBelow) return micros
  const doubling = Math.floor(Math.log2(micros)) - halfBits
  return (doubling << halfBits) + Math.floor(micros / 2 ** doubling)
}

function lastMicrosOf(bucket: number): number {
  if (bucket < exactBelow) return bucket
  const doubling = (bucket >> halfBits) - 1
  const place = bucket - (doubling << halfBits)
  return (place + 1) * 2 ** doubling - 1
}
