/** An alert as one line for a person, on stderr. */
import { localDate, offsetMsAt, type TimeZone } from '../core/event/time-zone.ts'
import type { Alert } from '../core/schema.gen.ts'
import { dayMs } from '../core/signals/readings.ts'

export function alertLine(alert: Alert, zone: TimeZone): string {
  const { transition, condition, scope, day, share, threshold, abnormal, redemptions, claims } =
    alert
  const percent = (value: number) => `${(value * 100).toFixed(2)} %`
  const what =
    condition === 'channel_band'
      ? `${percent(share)} of ${claims} claims redeemed, usual limit ${percent(threshold)}`
      : `${abnormal} of ${redemptions} redemptions abnormal, ${percent(share)}, limit ${percent(threshold)}`
  return `ALERT ${transition} ${printable(scope)} on ${localDate(day)} at ${clockTime(alert.at, zone)}: ${what}`
}

/** Local time of day, to the second. */
function clockTime(at: number, zone: TimeZone): string {
  const seconds = Math.floor(localMsOfDay(at, zone) / 1000)
  const two = (value: number) => String(value).padStart(2, '0')
  return `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`
}

function localMsOfDay(at: number, zone: TimeZone): number {
  const local = at + offsetMsAt(zone, at)
  return local - Math.floor(local / dayMs) * dayMs
}

/** A scope carries names that an event chose: nothing in it may steer a terminal. */
const printable = (text: string) => text.replace(/[^\p{L}\p{N}\p{P}\p{S} ]/gu, '?')
