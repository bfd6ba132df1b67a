/**
 * Real data through the built commands: three public data sets become recordings and are judged,
 * and on real clicks the flags fall where the bursts are. Read from ../shared/data; missing is a
 * failure.
 *
 * proves: D1
 */
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, describe, expect, test } from 'vitest'
import { openRecording } from '../../src/recording/read.ts'
import { repoRoot, runWell, sharedData } from '../support/run-cli.ts'

const folder = mkdtempSync(join(tmpdir(), 'couponguard-real-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const hourMs = 3_600_000

const sets: [name: string, file: string, events: number][] = [
  ['ad_clicks', 'ad_clicks/clicks.csv.gz', 100_227],
  ['coupon_claims', 'coupon_claims/claims.csv.gz', 113_640],
  ['offer_log', 'offer_log/transcript.csv.gz', 109_856],
]

function dataFile(file: string): string {
  const path = join(sharedData, file)
  expect(existsSync(path), `${path} is missing: see README.md there`).toBe(true)
  return path
}

describe.each(sets)('%s', (name, file, events) => {
  const recording = join(folder, `${name}.avro`)
  const decided = join(folder, `${name}-decided.avro`)

  test('is imported and judged whole; nothing of it is too late for its own windows', async () => {
    const mapping = join(repoRoot, 'mappings', `${name}.yaml`)
    await runWell(['import', dataFile(file), '--mapping', mapping, '--out', recording])
    const { stdout } = await runWell(['replay', recording, '--json', '--out', decided])
    const { decisions, late, deadLetters, duplicates } = JSON.parse(stdout)
    const { allow, review, block } = decisions
    expect(allow + review + block).toBe(events)
    expect({ deadLetters, duplicates, late }).toEqual({ deadLetters: 0, duplicates: 0, late: 0 })
    // Real customers, nearly all of them honest.
    expect((review + block) / events).toBeLessThan(0.05)
  }, 120_000)

  test('re-judged, its output has no difference', async () => {
    const { stdout } = await runWell(['replay', decided, '--rejudge', '--json'])
    expect(JSON.parse(stdout)).toMatchObject({ judged: events, differences: 0 })
  }, 120_000)
})

test('a second replay of real clicks gives the same bytes', async () => {
  const again = join(folder, 'again.avro')
  await runWell(['replay', join(folder, 'ad_clicks.avro'), '--out', again])
  expect(readFileSync(again).equals(readFileSync(join(folder, 'ad_clicks-decided.avro')))).toBe(
    true,
  )
}, 120_000)

interface Click {
  readonly at: number
  readonly ip: string
  readonly device: string
  readonly flagged: boolean
  /** Signals that the rules which hit have named, where it is flagged. */
  readonly signals: readonly string[]
}

async function clicks(): Promise<Click[]> {
  const all: Click[] = []
  const recording = await openRecording(join(folder, 'ad_clicks-decided.avro'))
  for await (const rows of recording.rows())
    for (const { event, decision } of rows) {
      if (event === null || decision === null) throw new Error('a click without a decision')
      const hits = decision.results.filter(
        ({ result, mode }) => result === 'hit' && mode === 'live',
      )
      all.push({
        at: event.occurredAt,
        ip: event.ip ?? '',
        device: event.device ?? '',
        flagged: decision.outcome !== 'allow',
        signals: hits.flatMap(({ values }) => values.map(({ signal }) => signal)),
      })
    }
  return all
}

describe('flags on real clicks', () => {
  test('the 20 addresses with the busiest hour are over-represented at least tenfold', async () => {
    const all = await clicks()
    const hours = new Map<string, number>()
    const busiest = new Map<string, number>()
    for (const { ip, at } of all) {
      const hour = `${ip} ${Math.floor(at / hourMs)}`
      hours.set(hour, (hours.get(hour) ?? 0) + 1)
      busiest.set(ip, Math.max(busiest.get(ip) ?? 0, hours.get(hour)!))
    }
    const top = new Set(
      [...busiest]
        .sort((a, b) => b[1] - a[1])
        .slice(0, 20)
        .map(([ip]) => ip),
    )
    expect(Math.max(...busiest.values())).toBe(28)
    const share = (of: readonly Click[]) => of.filter(({ ip }) => top.has(ip)).length / of.length
    const flagged = all.filter((click) => click.flagged)
    console.log(
      `${flagged.length} flagged; of them ${(share(flagged) * 100).toFixed(1)} % from the busiest 20, ` +
        `of all ${(share(all) * 100).toFixed(1)} %: ${(share(flagged) / share(all)).toFixed(1)} times`,
    )
    expect(flagged.length).toBeGreaterThanOrEqual(50)
    expect(share(flagged) / share(all)).toBeGreaterThanOrEqual(10)
  }, 60_000)

  test('no flag comes from a common device model alone', async () => {
    const models = modelsByHandset()
    const all = (await clicks()).map((click) => ({ ...click, model: models.get(click.device)! }))
    expect(all.filter(({ model }) => model === undefined)).toEqual([])
    const byModel = new Map<string, (typeof all)[number][]>()
    for (const click of all) {
      const of = byModel.get(click.model)
      if (of === undefined) byModel.set(click.model, [click])
      else of.push(click)
    }
    expect(byModel.size).toBeGreaterThan(250)
    const common = [...byModel].filter(([, of]) => of.length >= 0.01 * all.length)
    expect(common.length).toBeGreaterThan(10)
    // A model that many people have is flagged no more than a busy address makes it.
    for (const [model, of] of common) {
      const share = of.filter(({ flagged }) => flagged).length / of.length
      expect(share, `share of flags of model ${model}`).toBeLessThan(0.02)
    }
    // Each flag rests on how often something happened, at one address or to one user.
    const frequent = /^(user|device|ip|subnet)_(events|claims|redemptions|users|devices|gap|code)/
    const others = all.filter(
      (one) => one.flagged && !one.signals.some((name) => frequent.test(name)),
    )
    expect(others).toEqual([])
  }, 60_000)
})

/** What device and os an event's fingerprint was made of: mappings/ad_clicks.yaml says how. */
function modelsByHandset(): ReadonlyMap<string, string> {
  const md5 = (text: string) => createHash('md5').update(text).digest('hex')
  const text = gunzipSync(readFileSync(dataFile('ad_clicks/clicks.csv.gz'))).toString('utf8')
  const models = new Map<string, string>()
  for (const line of text.trimEnd().split('\n').slice(1)) {
    const [ip, , device, os] = line.split(',')
    models.set(md5(`${ip}-${device}-${os}`), `${device}-${os}`)
  }
  return models
}
