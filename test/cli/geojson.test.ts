/**
 * `geojson` on the built command: a generated day of yesterday, judged, and its places counted by
 * reading the recording with nothing but avsc.
 *
 * proves: D7
 */
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import avro from 'avsc'
import { afterAll, expect, test } from 'vitest'
import { systemClock } from '../../src/runtime/clock.ts'
import { problemLines, runCli, runWell } from '../support/run-cli.ts'

const folder = mkdtempSync(join(tmpdir(), 'couponguard-geojson-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const place = (name: string) => join(folder, name)
const [day, decided, out] = [place('day.avro'), place('decided.avro'), place('places.geojson')]
const dateAgo = (days: number) =>
  new Date(systemClock.now() - days * 86_400_000).toISOString().slice(0, 10)

interface Counted {
  readonly kind: string
  readonly campaign: string
  readonly hasPlace: boolean
  readonly outcome: string | null
  readonly id: string
}

async function countedIn(path: string): Promise<Counted[]> {
  const rows: Counted[] = []
  const decoder = avro.createFileDecoder(path)
  decoder.on('data', ({ event, decision }) => {
    const branch = (value: Record<string, unknown> | null, name: string) => value?.[name] ?? value
    const [kept, made] = [
      branch(event, 'couponguard.Event'),
      branch(decision, 'couponguard.Decision'),
    ]
    if (kept === null) return
    const { kind, campaign, geo, user, id, occurredAt } = kept as Record<string, unknown>
    const outcome = (made as { outcome?: string } | null)?.outcome ?? null
    rows.push({
      ...{ kind: `${kind}`, campaign: `${campaign}`, hasPlace: geo !== null, outcome },
      id: `${user} ${id} ${occurredAt}`,
    })
  })
  await once(decoder, 'end')
  return rows
}

/** Those of different events: a generated day publishes some twice. */
const distinct = (rows: readonly Counted[]) => new Set(rows.map(({ id }) => id)).size
const featuresIn = (path: string): { properties: Record<string, unknown> }[] =>
  JSON.parse(readFileSync(path, 'utf8')).features

test('a day of yesterday becomes as many points as it has redemptions with a place', async () => {
  const words = ['--seed', '7', '--events', '6000', '--start', dateAgo(2)]
  await runWell(['generate', ...words, '--out', day])
  await runWell(['replay', day, '--out', decided])
  const rows = await countedIn(decided)
  const expected = rows.filter(({ kind, hasPlace }) => kind === 'redemption' && hasPlace)
  expect(expected.length).toBeGreaterThan(500)

  const { stdout } = await runWell(['geojson', decided, '--out', out])
  expect(featuresIn(out)).toHaveLength(distinct(expected))
  expect(stdout).toMatch(
    /places\.geojson: [\d,]+ redemptions with their place; left out: .* claims/,
  )

  const blocked = place('blocked.geojson')
  await runWell(['geojson', decided, '--out', blocked, '--outcome', 'block'])
  const ofBlock = expected.filter(({ outcome }) => outcome === 'block')
  expect(ofBlock.length).toBeGreaterThan(10)
  expect(featuresIn(blocked)).toHaveLength(distinct(ofBlock))

  const { campaign } = expected[0]!
  const { stdout: said } = await runWell([
    ...['geojson', decided, '--out', blocked, '--campaign', campaign, '--json'],
  ])
  const ofCampaign = distinct(expected.filter((each) => each.campaign === campaign))
  expect(JSON.parse(said)).toMatchObject({ out: blocked, redemptions: ofCampaign })
}, 180_000)

test('an old day gives no place, and says so', async () => {
  const old = place('old.avro')
  await runWell([
    'generate',
    '--seed',
    '7',
    '--events',
    '2000',
    '--start',
    dateAgo(120),
    '--out',
    old,
  ])
  const { stdout } = await runWell([
    'geojson',
    old,
    '--out',
    out,
    '--from',
    dateAgo(150).concat('T00:00Z'),
  ])
  expect(stdout).toMatch(/: 0 redemptions with their place; left out: .* older than 90 days/)
  expect(featuresIn(out)).toEqual([])
})

test.each([
  [['geojson', 'nosuch.avro', '--out', 'x'], 1, 'nosuch.avro: no such file or folder'],
  [['geojson', day, '--out', 'x', '--outcome', 'block'], 1, 'holds no decisions to choose by'],
  [['geojson', day, '--out', '/'], 1, '/: exists and is not a plain file; choose another --out'],
  [['geojson', day, '--out', 'nosuch/x'], 1, 'nosuch/x: no such file or folder'],
  [['geojson', day, '--out', 'x', '--from', 'monday'], 2, '--from monday: is no time such as'],
  [['geojson', day, '--out', 'x', '--from', '1d', '--to', '2d'], 2, '--to: must be after --from'],
])('%j is one line', async (words, code, line) => {
  const ran = await runCli(words, { cwd: folder })
  expect(problemLines(ran)).toEqual([expect.stringContaining(line)])
  expect(ran.code).toBe(code)
  expect(existsSync(place('x'))).toBe(false)
})
