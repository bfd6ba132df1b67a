/**
 * The places of redemptions as GeoJSON (RFC 7946): one FeatureCollection with a Point for each
 * redemption of a recording that has a place, [longitude, latitude] on WGS 84, a feature a line.
 *
 * A place is kept 90 days. So one whose redemption happened longer ago than that, by the clock of
 * now, is left out, however old the recording is, and no option brings it back. Nothing personal
 * goes with a place but the pseudonym of its user: no address, device, phone or code. Claims and
 * reversals are left out, and a redemption that was published again within the dedupe horizon
 * counts once.
 *
 * Memory: a block of rows, and the keys of what was written within two horizons (some 52 hours of
 * record time), about 100 bytes each. The file grows beside its place and is renamed when it is
 * whole; only its owner may read it.
 * serves: D7
 */
import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises'
import { CommandError } from '../cli/exit.ts'
import { eventKeyOf } from '../core/event/keyed-hash.ts'
import type { Event, Geo, Outcome, RecordingRow } from '../core/schema.gen.ts'
import { dedupeHorizonMs } from '../core/signals/observation.ts'
import { dayMs } from '../core/signals/readings.ts'
import { writeFully } from '../runtime/durable-file.ts'
import { removeAtEnd } from '../runtime/remove-at-end.ts'
import { fileProblem } from './file-problem.ts'
import type { Recording } from './read.ts'

/** How long the place of a redemption is kept. */
export const placeKeptMs = 90 * dayMs

/** What is asked for; null: all. */
export interface PlacesAsked {
  /** Event time in milliseconds: the first, and the one to end before. */
  readonly from: number | null
  readonly to: number | null
  readonly campaign: string | null
  /** Of the decision in the recording. */
  readonly outcome: Outcome | null
}

/** What became of the rows, each counted once. */
export interface PlacesWritten {
  readonly redemptions: number
  readonly withoutPlace: number
  /** Older than 90 days. */
  readonly tooOld: number
  readonly repeats: number
  /** Another time, campaign or outcome than asked for. */
  readonly notAsked: number
  readonly claims: number
  readonly reversals: number
  /** Rows without an event, or with a place or time that cannot be. */
  readonly unreadable: number
}

type Fate = keyof PlacesWritten

export interface PlacesOptions {
  readonly recording: Recording
  readonly asked: PlacesAsked
  readonly out: string
  /** The time of now, in milliseconds. */
  readonly now: number
  onRows(done: number): void
}

const start = '{"type":"FeatureCollection","features":['
const end = '\n]}\n'

/**
 * Writes the file; rows before a damage are in it, see `recording.problem()`. Throws a CommandError
 * where nothing can be written.
 */
export async function writePlaces(options: PlacesOptions): Promise<PlacesWritten> {
  const { out } = options
  const existing = await stat(out).catch(() => null)
  if (existing !== null && !existing.isFile())
    throw new CommandError(`${out}: exists and is not a plain file; choose another --out`)
  const partial = `${out}.${process.pid}.partial`
  const forgetPartial = removeAtEnd(partial)
  try {
    const counts = await writeSyncedTo(partial, options)
    await rename(partial, out)
    return counts
  } catch (error) {
    await rm(partial, { force: true })
    throw fileProblem(out, error)
  } finally {
    forgetPartial()
  }
}

async function writeSyncedTo(path: string, options: PlacesOptions): Promise<PlacesWritten> {
  const file = await open(path, 'w', 0o600)
  try {
    const counts = await writeFeatures(file, options)
    await file.sync()
    return counts
  } finally {
    await file.close()
  }
}

async function writeFeatures(
  file: FileHandle,
  { recording, asked, now, onRows }: PlacesOptions,
): Promise<PlacesWritten> {
  const counts = {
    ...{ redemptions: 0, withoutPlace: 0, tooOld: 0, repeats: 0, notAsked: 0 },
    ...{ claims: 0, reversals: 0, unreadable: 0 },
  }
  const seen = new RecentKeys()
  let [position, done] = [0, 0]
  const put = async (text: string) => {
    const bytes = Buffer.from(text)
    await writeFully(file, bytes, position)
    position += bytes.length
  }
  await put(start)
  for await (const rows of recording.rows()) {
    let text = ''
    for (const row of rows) {
      const fate = fateOf(row, asked, now)
      if (typeof fate === 'string') {
        counts[fate] += 1
      } else if (!seen.isNew(fate.id, row.recordedAt)) {
        counts.repeats += 1
      } else {
        text += `${counts.redemptions === 0 ? '\n' : ',\n'}${JSON.stringify(fate)}`
        counts.redemptions += 1
      }
    }
    if (text !== '') await put(text)
    done += rows.length
    onRows(done)
  }
  await put(end)
  return counts
}

export interface Feature {
  readonly type: 'Feature'
  /** The event key: the publisher's id alone may be another user's, too. */
  readonly id: string
  readonly geometry: {
    readonly type: 'Point'
    /** Longitude, latitude, in degrees. */
    readonly coordinates: readonly [number, number]
  }
  readonly properties: {
    readonly event: string
    /** ISO 8601, UTC. */
    readonly time: string
    readonly user: string
    readonly campaign: string
    readonly merchant: string | null
    readonly store: string | null
    readonly channel: string | null
    /** How it ended upstream; unknown counts as succeeded. */
    readonly attempt: string
    /** Null where the recording has no decision of it. */
    readonly outcome: Outcome | null
  }
}

const placeless = { claim: 'claims', reversal: 'reversals', unknown: 'unreadable' } as const

/** Its feature, or why it is left out. `now` in milliseconds. */
export function fateOf(
  { event, decision }: Pick<RecordingRow, 'event' | 'decision'>,
  asked: PlacesAsked,
  now: number,
): Feature | Exclude<Fate, 'redemptions' | 'repeats'> {
  if (event === null) return 'unreadable'
  if (event.kind !== 'redemption') return placeless[event.kind]
  const outcome = decision?.outcome ?? null
  if (!isAsked(event, outcome, asked)) return 'notAsked'
  const { geo, occurredAt } = event
  if (geo === null) return 'withoutPlace'
  if (!isOnEarth(geo) || Math.abs(occurredAt) > timeMax) return 'unreadable'
  if (occurredAt < now - placeKeptMs) return 'tooOld'
  const { id, user, campaign, merchant, store, channel, attempt } = event
  const time = new Date(occurredAt).toISOString()
  return {
    type: 'Feature',
    id: decision?.eventKey ?? eventKeyOf(user, id, occurredAt),
    geometry: { type: 'Point', coordinates: [degrees(geo.lon), degrees(geo.lat)] },
    properties: { event: id, time, user, campaign, merchant, store, channel, attempt, outcome },
  }
}

function isAsked(event: Event, outcome: Outcome | null, asked: PlacesAsked): boolean {
  const { occurredAt, campaign } = event
  return (
    (asked.from === null || occurredAt >= asked.from) &&
    (asked.to === null || occurredAt < asked.to) &&
    (asked.campaign === null || campaign === asked.campaign) &&
    (asked.outcome === null || outcome === asked.outcome)
  )
}

/** The last moment that a date can name. */
const timeMax = 8.64e15

const isOnEarth = ({ lat, lon }: Geo) => Math.abs(lat) <= 90 && Math.abs(lon) <= 180

/** Six digits are some ten centimetres, and all that RFC 7946 advises. */
const degrees = (angle: number) => Math.round(angle * 1e6) / 1e6

/** Which keys came within the dedupe horizon; forgets by halves, so that it stays small. */
class RecentKeys {
  #newer = new Map<string, number>()
  #older = new Map<string, number>()
  #since = Number.NEGATIVE_INFINITY

  /** `at` is record time, in milliseconds; it does not go back. */
  isNew(key: string, at: number): boolean {
    if (at - this.#since > dedupeHorizonMs) {
      this.#older = this.#newer
      this.#newer = new Map()
      this.#since = at
    }
    const before = this.#newer.get(key) ?? this.#older.get(key)
    if (before !== undefined && at - before <= dedupeHorizonMs) return false
    this.#newer.set(key, at)
    return true
  }
}
