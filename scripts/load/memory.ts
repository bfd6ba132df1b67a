/** What processes hold in memory over time, read from /proc, and whether that grows. */
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

export interface MemorySample {
  readonly atMs: number
  /** Resident bytes by process. */
  readonly bytes: ReadonlyMap<number, number>
}

const everyMs = 5_000

/** Until the signal; `pids` says whom to look at. */
export async function sampleMemory(
  pids: () => readonly number[],
  signal: AbortSignal,
): Promise<readonly MemorySample[]> {
  const samples: MemorySample[] = []
  while (!signal.aborted) {
    const bytes = new Map(pids().map((pid) => [pid, residentBytes(pid)]))
    samples.push({ atMs: performance.now(), bytes })
    await sleep(everyMs, undefined, { signal }).catch(() => undefined)
  }
  return samples
}

function residentBytes(pid: number): number {
  const found = /^VmRSS:\s*(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
  return Number(found?.[1] ?? Number.NaN) * 1024
}

export interface Growth {
  readonly pid: number
  readonly meanBytes: number
  /** By the line through the second half of the samples: growth over that half, to its mean. */
  readonly share: number
  /** Mean of each quarter of the samples: does the growth end? */
  readonly quarters: readonly number[]
}

export function growthOf(samples: readonly MemorySample[]): readonly Growth[] {
  const half = samples.slice(Math.floor(samples.length / 2))
  const pids = [...(half[0]?.bytes.keys() ?? [])]
  return pids.map((pid) => {
    const points = half.map(({ atMs, bytes }) => ({ x: atMs, y: bytes.get(pid) ?? Number.NaN }))
    const mean = (of: (point: { x: number; y: number }) => number) =>
      points.reduce((sum, point) => sum + of(point), 0) / points.length
    const [x, y] = [mean((point) => point.x), mean((point) => point.y)]
    const slope =
      mean((point) => (point.x - x) * (point.y - y)) / mean((point) => (point.x - x) ** 2)
    const span = points.at(-1)!.x - points[0]!.x
    return { pid, meanBytes: y, share: (slope * span) / y, quarters: quartersOf(samples, pid) }
  })
}

function quartersOf(samples: readonly MemorySample[], pid: number): readonly number[] {
  const count = samples.length / 4
  return [0, 1, 2, 3].map((quarter) => {
    const some = samples.slice(Math.floor(quarter * count), Math.floor((quarter + 1) * count))
    return some.reduce((sum, { bytes }) => sum + (bytes.get(pid) ?? Number.NaN), 0) / some.length
  })
}
