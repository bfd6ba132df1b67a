/** The parts of a playbook file that are not rules: version, time zone, score bands, alerting. */
import type { TimeZone } from '../core/event/time-zone.ts'
import { didYouMean } from '../core/rules/nearest-name.ts'
import type { AlertingPolicy, Playbook } from '../core/rules/playbook.ts'
import { readServes } from './playbook-rule.ts'
import {
  asMap,
  asNumber,
  asText,
  type NumberRange,
  report,
  required,
  type YamlField,
  type YamlMap,
} from './yaml-reader.ts'
import { zoneTable } from './zone-table.ts'

const alertingKeys = [
  'serves',
  'abnormalShareMax',
  'clearShareMax',
  'minRedemptions',
  'minAbnormal',
  'minAbnormalUsers',
  'reviewScoreMin',
  'scopesMax',
  'channelBands',
] as const

const share: NumberRange = { min: 0, max: 1, whole: false }
const count: NumberRange = { min: 1, max: 1_000_000_000, whole: true }
const score: NumberRange = { min: 0, max: 100, whole: true }
const ratio: NumberRange = { min: 0, max: 1_000, whole: false }
const scopes: NumberRange = { min: 1, max: 1_000_000, whole: true }
/** A bound of 101 is never reached. */
const scoreBound: NumberRange = { min: 1, max: 101, whole: true }
const money: NumberRange = { min: 1, max: Number.MAX_SAFE_INTEGER, whole: true }

const channelsMax = 200

export function readAmount(field: YamlField | null): number {
  return field === null ? 0 : asNumber(field, money)
}

/** It ends up in the id of every decision, so it keeps to a few characters. */
export function readVersion(field: YamlField | null): string {
  if (field === null) return ''
  const { value, at } = asText(field)
  if (value !== '' && !/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(value)) {
    const shape = 'letters, digits, ".", "_" and "-", at most 64 characters'
    report(field.source, at, `version must be ${shape}`)
  }
  return value
}

export function readTimeZone(field: YamlField | null): TimeZone {
  const utc = 'UTC'
  if (field === null) return zoneTable(utc)
  const { value, at } = asText(field)
  if (value === '') return zoneTable(utc)
  try {
    return zoneTable(value)
  } catch {
    const near = didYouMean(value, Intl.supportedValuesOf('timeZone'))
    report(field.source, at, `unknown time zone ${value.slice(0, 64)}${near}`)
    return zoneTable(utc)
  }
}

export function readScore(field: YamlField | null): Playbook['score'] {
  if (field === null) return { reviewAt: 0, blockAt: 0 }
  const map = asMap(field, ['reviewAt', 'blockAt'])
  const [reviewAt, blockAt] = [
    numberOf(map, 'reviewAt', scoreBound),
    numberOf(map, 'blockAt', scoreBound),
  ]
  if (reviewAt !== null && blockAt !== null && reviewAt > blockAt) {
    const at = map.fields.get('reviewAt')!.at
    report(map.source, at, `reviewAt (${reviewAt}) must not be above blockAt (${blockAt})`)
  }
  return { reviewAt: reviewAt ?? 0, blockAt: blockAt ?? 0 }
}

/** Null where it is missing or wrong, which has been reported then. */
function numberOf(map: YamlMap, key: string, range: NumberRange): number | null {
  const field = required(map, key)
  if (field === null) return null
  const before = map.source.problems.length
  const value = asNumber(field, range)
  return map.source.problems.length === before ? value : null
}

export function readAlerting(field: YamlField | null): {
  readonly policy: AlertingPolicy
  readonly serves: readonly string[]
} {
  const map = field === null ? null : asMap(field, alertingKeys)
  const read = (key: string, range: NumberRange) =>
    map === null ? null : numberOf(map, key, range)
  const abnormalShareMax = read('abnormalShareMax', share)
  const clearShareMax = read('clearShareMax', share)
  if (abnormalShareMax !== null && clearShareMax !== null && clearShareMax >= abnormalShareMax) {
    const bound = `abnormalShareMax (${abnormalShareMax})`
    const message = `clearShareMax (${clearShareMax}) must be below ${bound}`
    report(map!.source, map!.fields.get('clearShareMax')!.at, message)
  }
  const policy = {
    abnormalShareMax: abnormalShareMax ?? 0,
    clearShareMax: clearShareMax ?? 0,
    minRedemptions: read('minRedemptions', count) ?? 0,
    minAbnormal: read('minAbnormal', count) ?? 0,
    minAbnormalUsers: read('minAbnormalUsers', count) ?? 0,
    reviewScoreMin: read('reviewScoreMin', score) ?? 0,
    scopesMax: read('scopesMax', scopes) ?? 0,
    channelBands: map === null ? {} : readChannelBands(map),
  }
  return { policy, serves: map === null ? [] : readServes(map) }
}

function readChannelBands(alerting: YamlMap): AlertingPolicy['channelBands'] {
  const field = alerting.fields.get('channelBands')
  if (field === undefined) return {}
  const channels = asMap(field, null)
  if (channels.fields.size > channelsMax) {
    report(field.source, field.at, `channelBands has at most ${channelsMax} channels`)
  }
  const bands: Record<string, { min: number; max: number; minClaims: number }> = {}
  for (const [channel, band] of channels.fields) {
    const map = asMap(band, ['min', 'max', 'minClaims'])
    const [min, max] = [numberOf(map, 'min', ratio), numberOf(map, 'max', ratio)]
    if (min !== null && max !== null && min >= max) {
      report(map.source, map.fields.get('min')!.at, `min (${min}) must be below max (${max})`)
    }
    bands[channel] = {
      min: min ?? 0,
      max: max ?? 0,
      minClaims: numberOf(map, 'minClaims', count) ?? 0,
    }
  }
  return bands
}
