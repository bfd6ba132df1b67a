/**
 * Time that passes only when nothing else can happen. Whoever waits sleeps in a queue; the next one
 * wakes when all that follows from the last has run its course. Equal seeds give equal orders, and
 * three days cost a second.
 */
export interface VirtualTime {
  /** Milliseconds since 1970-01-01T00:00Z. */
  now(): number
  sleep(ms: number): Promise<void>
  /** Wakes sleepers in order of time, then of falling asleep, until `done`. */
  runUntil(done: () => boolean): Promise<void>
}

interface Sleeper {
  readonly at: number
  readonly order: number
  readonly wake: () => void
}

/** Far more than any seed needs. */
const wakesMax = 500_000

export function newVirtualTime(startAt: number): VirtualTime {
  const sleepers: Sleeper[] = []
  let now = startAt
  let order = 0
  return {
    now: () => now,
    sleep: (ms) =>
      new Promise((resolve) => {
        order += 1
        insert(sleepers, { at: now + Math.max(0, ms), order, wake: resolve })
      }),
    async runUntil(done) {
      for (let wakes = 0; ; wakes += 1) {
        await settle()
        if (done()) return
        if (wakes > wakesMax) throw new Error('the simulation does not end')
        const next = sleepers.pop()
        if (next === undefined) throw new Error('the simulation stands still')
        now = next.at
        next.wake()
      }
    },
  }
}

/** Two turns of the loop: what wakes may itself ask for one. */
async function settle(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
  await new Promise((resolve) => setImmediate(resolve))
}

/** Keeps the earliest at the end. */
function insert(sleepers: Sleeper[], one: Sleeper): void {
  let low = 0
  let high = sleepers.length
  while (low < high) {
    const middle = (low + high) >> 1
    const other = sleepers[middle]!
    if (other.at > one.at || (other.at === one.at && other.order > one.order)) low = middle + 1
    else high = middle
  }
  sleepers.splice(low, 0, one)
}
