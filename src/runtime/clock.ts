/** The one place that reads the machine's clock. Everything else is given a Clock or a time. */

export interface Clock {
  /** Milliseconds since 1970-01-01T00:00Z. */
  now(): number
}

export const systemClock: Clock = { now: () => Date.now() }
