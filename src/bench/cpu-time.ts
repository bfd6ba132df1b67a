/**
 * CPU time of this process, all its threads, in microseconds: what a shared machine cannot stretch.
 */
import { readFileSync } from 'node:fs'

export function cpuMicros(): number {
  const { user, system } = process.cpuUsage()
  return user + system
}

/** Three decimals are more than any of these figures is worth. */
export const rounded = (value: number) => Math.round(value * 1000) / 1000

/**
 * Processor time of another process so far, in seconds. Linux tells it in hundredths; elsewhere, or
 * where there is no such process, it is NaN.
 */
export function cpuSecondsOf(pid: number): number {
  try {
    // The name of the program, in brackets, may hold anything.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')
    return (Number(fields[11]) + Number(fields[12])) / 100
  } catch {
    return Number.NaN
  }
}
