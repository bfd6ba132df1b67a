/**
 * CPU time of this process, all its threads, in microseconds: what a shared machine cannot stretch.
 */
export function cpuMicros(): number {
  const { user, system } = process.cpuUsage()
  return user + system
}

/** Three decimals are more than any of these figures is worth. */
export const rounded = (value: number) => Math.round(value * 1000) / 1000
