/**
 * Which redemptions of a recording become places, what goes with them, and that the file is
 * GeoJSON: parsed and counted here by rules of its own.
 *
 * proves: D7
 */
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Event, RecordingRow } from '../../src/core/schema.gen.ts'
import { dedupeHorizonMs } from '../../src/core/signals/observation.ts'
import {
  fateOf,
  type PlacesAsked,
  type PlacesWritten,
  placeKeptMs,
  writePlaces,
} from '../../src/recording/geojson.ts'
import { openRecording } from '../../src/recording/read.ts'
import { scratchFolder } from '../support/run-cli.ts'
import { decidedHeader, decidedRow, eventRow, rejectedRow, writeRecording } from './sample-rows.ts'

const now = Date.UTC(2026, 10, 26, 12)
const hour = 3_600_000
const shanghai = { lat: 31.2304, lon: 121.4737 }
const all: PlacesAsked = { from: null, to: null, campaign: null, outcome: null }

const redemption = (about: Partial<Event> = {}, index = 0): RecordingRow =>
  eventRow(index, { kind: 'redemption', geo: shanghai, occurredAt: now - hour, ...about })
/** A row judged by the default playbook; a device of 60 users is blocked. */
const judged = (users: number, about: Partial<Event> = {}) =>
  decidedRow(1, { users_1d: users }, { kind: 'redemption', geo: shanghai, ...about })

describe('what becomes of a row', () => {
  type Case = [says: string, row: RecordingRow, fate: string, asked?: Partial<PlacesAsked>]
  const cases: Case[] = [
    ['a redemption with a place', redemption(), 'written'],
    ['one without', redemption({ geo: null }), 'withoutPlace'],
    ['a claim', redemption({ kind: 'claim' }), 'claims'],
    ['a reversal', redemption({ kind: 'reversal' }), 'reversals'],
    ['a kind that nobody knows', redemption({ kind: 'unknown' }), 'unreadable'],
    ['what could not be read', rejectedRow(0), 'unreadable'],
    ['90 days ago', redemption({ occurredAt: now - placeKeptMs }), 'written'],
    ['a millisecond longer ago', redemption({ occurredAt: now - placeKeptMs - 1 }), 'tooOld'],
    ['asked for, but too old', redemption({ occurredAt: 0 }), 'tooOld', { from: 0 }],
    ['at the first moment', redemption(), 'written', { from: now - hour }],
    ['before it', redemption(), 'notAsked', { from: now - hour + 1 }],
    ['at the moment to end before', redemption(), 'notAsked', { to: now - hour }],
    ['before that', redemption(), 'written', { to: now - hour + 1 }],
    ['of the campaign', redemption({ campaign: 'c7' }), 'written', { campaign: 'c7' }],
    ['of another', redemption({ campaign: 'c70' }), 'notAsked', { campaign: 'c7' }],
    ['without a decision', redemption(), 'notAsked', { outcome: 'allow' }],
    ['with the outcome', judged(1, { occurredAt: now }), 'written', { outcome: 'allow' }],
    ['with another', judged(1, { occurredAt: now }), 'notAsked', { outcome: 'block' }],
    ['at a pole', redemption({ geo: { lat: -90, lon: 180 } }), 'written'],
    ['beyond it', redemption({ geo: { lat: 90.1, lon: 0 } }), 'unreadable'],
    ['beyond the date line', redemption({ geo: { lat: 0, lon: -180.1 } }), 'unreadable'],
    ['nowhere', redemption({ geo: { lat: Number.NaN, lon: 0 } }), 'unreadable'],
    ['at no time', redemption({ occurredAt: 8.64e15 + 1 }), 'unreadable'],
  ]
  test.each(cases)('%s', (_, row, fate, asked = {}) => {
    const is = fateOf(row, { ...all, ...asked }, now)
    expect(typeof is === 'string' ? is : 'written').toBe(fate)
  })

  test('longitude stands before latitude, and nothing personal goes with it', () => {
    const about = { geo: { lat: 31.23040012, lon: 121.4737 }, phone: 'f00d', ip: '203.0.113.9' }
    expect(
      fateOf(redemption({ ...about, merchant: 'm1', device: 'd'.repeat(32) }), all, now),
    ).toEqual({
      type: 'Feature',
      id: expect.stringMatching(/^[0-9a-f]{32}$/),
      geometry: { type: 'Point', coordinates: [121.4737, 31.2304] },
      properties: {
        event: 'e0',
        time: '2026-11-26T11:00:00.000Z',
        user: 'u0',
        campaign: expect.any(String),
        merchant: 'm1',
        store: null,
        channel: null,
        attempt: 'succeeded',
        outcome: null,
      },
    })
  })
})

async function written(rows: Iterable<RecordingRow>, asked: Partial<PlacesAsked> = {}) {
  const folder = scratchFolder()
  const [path, out] = [join(folder, 'r.avro'), join(folder, 'places.geojson')]
  await writeRecording(path, rows, decidedHeader)
  const recording = await openRecording(path)
  const options = { recording, asked: { ...all, ...asked }, out, now, onRows: () => undefined }
  const counts = await writePlaces(options)
  return { counts, out, folder, text: readFileSync(out, 'utf8') }
}

interface Shape {
  readonly type: string
  readonly geometry: { readonly type: string; readonly coordinates: readonly number[] }
}

/** RFC 7946, sections 3 and 4, as far as Points go. */
function pointsOf(text: string): readonly [number, number][] {
  const { type, features, ...rest } = JSON.parse(text)
  expect([type, rest]).toEqual(['FeatureCollection', {}])
  return features.map((feature: Shape) => {
    expect(Object.keys(feature).sort()).toEqual(['geometry', 'id', 'properties', 'type'])
    expect([feature.type, feature.geometry.type]).toEqual(['Feature', 'Point'])
    const [lon, lat, ...more] = feature.geometry.coordinates
    expect(more).toEqual([])
    expect(lon! >= -180 && lon! <= 180 && lat! >= -90 && lat! <= 90).toBe(true)
    return [lon, lat]
  })
}

const sumOf = (counts: PlacesWritten) => Object.values(counts).reduce((a, b) => a + b, 0)

describe('the file', () => {
  test('is a FeatureCollection of what is asked for, and every row is counted once', async () => {
    const rows = Array.from({ length: 5_000 }, (_, at) =>
      at % 10 === 0
        ? rejectedRow(at)
        : redemption({ geo: at % 3 === 0 ? null : { lat: at / 100, lon: -at / 50 } }, at),
    )
    const { counts, text } = await written(rows)
    const expected = rows.flatMap(({ event }) =>
      event?.geo ? [[event.geo.lon, event.geo.lat]] : [],
    )
    expect(pointsOf(text)).toEqual(expected)
    expect([counts.redemptions, counts.unreadable, sumOf(counts)]).toEqual([
      expected.length,
      500,
      rows.length,
    ])
    expect(new Set(JSON.parse(text).features.map(({ id }: { id: string }) => id)).size).toBe(
      expected.length,
    )
  })

  test('without any is an empty collection', async () => {
    const { counts, text } = await written([redemption({ occurredAt: now - 91 * 24 * hour })])
    expect([pointsOf(text), counts.tooOld]).toEqual([[], 1])
  })

  test('has a redemption once, however often it was published within the horizon', async () => {
    const again = (afterMs: number): RecordingRow => ({
      ...redemption(),
      recordedAt: now - 3 * dedupeHorizonMs + afterMs,
    })
    const times = [0, 1, dedupeHorizonMs, dedupeHorizonMs + 1, 2 * dedupeHorizonMs]
    const { counts, text } = await written(times.map(again))
    expect([pointsOf(text).length, counts.repeats]).toEqual([2, 3])
  })

  test('is for its owner only, and nothing else is left beside it', async () => {
    const { out, folder } = await written([redemption()])
    expect(statSync(out).mode & 0o777).toBe(0o600)
    expect(readdirSync(folder).sort()).toEqual(['places.geojson', 'r.avro'])
  })

  test('says what was good where the recording is damaged', async () => {
    const rows = Array.from({ length: 2_500 }, (_, at) => redemption({}, at))
    const { out, folder } = await written(rows)
    const path = join(folder, 'r.avro')
    const bytes = readFileSync(path)
    writeFileSync(path, bytes.subarray(0, bytes.length - 20))
    const recording = await openRecording(path)
    const counts = await writePlaces({ recording, asked: all, out, now, onRows: () => undefined })
    expect(recording.problem()).toMatch(/cut off after row 2,000 of 2,500/)
    expect([counts.redemptions, pointsOf(readFileSync(out, 'utf8')).length]).toEqual([2_000, 2_000])
  })

  test('is not begun where a folder is in its place', async () => {
    const { folder } = await written([redemption()])
    const recording = await openRecording(join(folder, 'r.avro'))
    const options = { recording, asked: all, out: folder, now, onRows: () => undefined }
    await expect(writePlaces(options)).rejects.toThrow(/exists and is not a plain file/)
    expect(existsSync(`${folder}.${process.pid}.partial`)).toBe(false)
  })
})
