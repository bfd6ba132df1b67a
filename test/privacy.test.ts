/**
 * Nothing personal survives decoding (D23). Personal data is planted in every field that an event
 * can carry, in several spellings, over HTTP into a running `start` and through import, replay,
 * compare and explain; then every byte that couponguard wrote or said is searched for it, plainly
 * and as anybody might encode it. Dead letters are the one declared place of originals, and the
 * precise place of an event stays in its own field, out of the audit.
 *
 * proves: D7, D23
 */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { runCli, type Server, scratchFolder, startServer } from './support/run-cli.ts'

const names = [
  'user',
  'campaign',
  'couponType',
  'merchant',
  'store',
  'category',
  'channel',
  'currency',
  'transferId',
  'transferSender',
  'orderTier',
  'batchId',
] as const

/** Kinds of personal data; `n` makes each plant its own, so that a leak names its field. */
const kinds: Readonly<Record<string, (n: string) => string>> = {
  phone: (n) => `13800${n}77`,
  phoneWithSpaces: (n) => `139 01${n.slice(0, 2)} ${n.slice(2)}66`,
  phoneWithDashes: (n) => `+86 137-01${n.slice(0, 2)}-${n.slice(2)}55`,
  phoneInFullWidth: (n) =>
    `13600${n}44`.replace(/\d/g, (digit) => String.fromCodePoint(0xff10 + Number(digit))),
  mail: (n) => `wang.wei${n}@mail.example`,
  resident: (n) => `110105194912${n.slice(0, 2) === '00' ? '3' : '2'}1${n.slice(1)}X`,
  card: (n) => `622202${n}567890123`,
  cardWithSpaces: (n) => `6222 03${n.slice(0, 2)} ${n.slice(2)}99 8765 432`,
}

const fourDigits = (value: number) => String(value).padStart(4, '0').slice(-4)

interface Plant {
  readonly where: string
  readonly text: string
}

interface PlantedEvent {
  readonly event: Readonly<Record<string, unknown>>
  readonly plants: readonly Plant[]
}

const place = { lat: 31.230416071, lon: 121.473701093 }

/** One event with this kind of data in every name, and what only one field takes in its place. */
function planted(kind: string, index: number, occurredAt: number): PlantedEvent {
  const plants: Plant[] = []
  const plant = (where: string, text: string) => {
    plants.push({ where: `${where} (${kind})`, text })
    return text
  }
  const make = kinds[kind]!
  const number = (field: number) => fourDigits(index * 100 + field)
  const fields = Object.fromEntries(
    names.map((name, field) => [name, plant(name, make(number(field)))]),
  )
  const phone = plant('recipientPhone', `1350${fourDigits(index)}880`)
  const imei = plant('deviceAttributes.imei', `35311234567${fourDigits(index)}`)
  const code = plant('code', `SECRET${fourDigits(index)}CODE`)
  const query = plant('referrer query', `openid-secret-${index}`)
  return {
    plants,
    event: {
      ...fields,
      id: plant('id', make(number(50))),
      kind: index % 2 === 0 ? 'claim' : 'redemption',
      occurredAt,
      ...(index % 3 === 0
        ? { deviceFingerprint: plant('deviceFingerprint', `86753090${fourDigits(index)}123`) }
        : {
            deviceAttributes: {
              imei,
              mac: plant('deviceAttributes.mac', `a4:5e:60:c1:${fourDigits(index)}`),
            },
          }),
      ip: '203.0.113.7',
      code,
      referrer: `https://${plant('referrer user', `wang${index}`)}:pw@promo.example/p?phone=${phone}&q=${query}#${query}`,
      recipientPhone:
        index % 2 === 0 ? phone : `+86 ${phone.slice(0, 3)} ${phone.slice(3, 7)} ${phone.slice(7)}`,
      geo: { lat: place.lat + index / 1e6, lon: place.lon + index / 1e6 },
      stacked: [{ source: plant('stacked.source', make(number(60))), amount: 100 }],
      orderAmount: 6_000_000,
      couponAmount: 100,
    },
  }
}

const count = Object.keys(kinds).length
const allPlanted = (at: number) => Object.keys(kinds).map((kind, index) => planted(kind, index, at))

/** The forms in which a leak would still be one: as is, encoded, or under a hash without a key. */
function formsOf({ text }: Plant): readonly (readonly [form: string, bytes: Buffer])[] {
  const utf8 = Buffer.from(text, 'utf8')
  const digits = text.normalize('NFKC').replace(/^\+86/, '').replace(/[^\d]/g, '')
  const hashes = ['md5', 'sha1', 'sha256'].map((name) => createHash(name).update(utf8).digest())
  const forms: [string, Buffer][] = [
    ['as it is', utf8],
    ['in small letters', Buffer.from(text.toLowerCase())],
    ['in UTF-16', Buffer.from(text, 'utf16le')],
    ['in hexadecimal', Buffer.from(utf8.toString('hex'))],
    ['in base64', Buffer.from(utf8.toString('base64').replace(/=+$/, ''))],
    ['in base64url', Buffer.from(utf8.toString('base64url'))],
    ['in a URL', Buffer.from(encodeURIComponent(text))],
    ['in JSON', Buffer.from(JSON.stringify(text).slice(1, -1))],
    ['backwards', Buffer.from([...text].reverse().join(''))],
    ...hashes.flatMap((hash): [string, Buffer][] => [
      ['as a hash without a key', hash.subarray(0, 16)],
      ['as a hash without a key', Buffer.from(hash.toString('hex').slice(0, 32))],
    ]),
  ]
  if (digits.length >= 11) forms.push(['by its digits', Buffer.from(digits)])
  return forms
}

/** A fingerprint that is no SDK's is kept as its MD5: DESIGN says so. */
const isAllowed = ({ where }: Plant, form: string) =>
  where.startsWith('deviceFingerprint') && form === 'as a hash without a key'

interface Needle {
  readonly say: string
  readonly bytes: Buffer
}

/**
 * Looks for all needles at once, by their first four bytes: the console's database alone has tens
 * of megabytes. Gives what is said of those that are there.
 */
function newSearch(needles: readonly Needle[]): (bytes: Buffer) => readonly string[] {
  const byStart = new Map<number, Needle[]>()
  const mayStart = new Uint8Array(65_536)
  for (const needle of needles) {
    const start = needle.bytes.readUInt32LE(0)
    mayStart[start & 65_535] = 1
    byStart.set(start, [...(byStart.get(start) ?? []), needle])
  }
  return (bytes) => {
    const found = new Set<string>()
    for (let at = 0; at + 4 <= bytes.length; at += 1) {
      if (mayStart[bytes[at]! | (bytes[at + 1]! << 8)] === 0) continue
      for (const { say, bytes: needle } of byStart.get(bytes.readUInt32LE(at)) ?? [])
        if (bytes.subarray(at, at + needle.length).equals(needle)) found.add(say)
    }
    return [...found]
  }
}

function leakSearch(plants: readonly Plant[]) {
  const needles = plants.flatMap((plant) =>
    formsOf(plant)
      .filter(([form]) => !isAllowed(plant, form))
      .map(([form, text]) => ({
        say: `${plant.where} ${form}: ${plant.text}`,
        bytes: Buffer.from(text),
      })),
  )
  const search = newSearch(needles)
  return (what: string, bytes: Buffer) => search(bytes).map((say) => `${what} holds ${say}`)
}

/** The eight bytes of a coordinate, and its digits to about ten metres. */
const placeForms = Object.values(place).flatMap((degrees) =>
  Array.from({ length: count }, (_, index) => {
    const double = Buffer.alloc(8)
    double.writeDoubleLE(degrees + index / 1e6)
    return [
      double,
      Buffer.from(degrees.toFixed(4)),
      Buffer.from((degrees + index / 1e6).toFixed(4)),
    ]
  }).flat(),
)
const placeSearch = newSearch(placeForms.map((bytes) => ({ say: 'a place', bytes })))
const holdsPlace = (bytes: Buffer) => placeSearch(bytes).length > 0

function filesUnder(folder: string): { path: string; bytes: Buffer }[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({ path: path.slice(folder.length + 1), bytes: readFileSync(path) }))
}

describe('the search', () => {
  test('finds what it looks for, in every form', () => {
    const { plants } = planted('phoneWithDashes', 3, 0)
    const leaksIn = leakSearch(plants)
    for (const plant of plants)
      for (const [form, needle] of formsOf(plant)) {
        if (isAllowed(plant, form)) continue
        const bytes = Buffer.concat([Buffer.from('{"x":"'), needle, Buffer.from('"}')])
        expect(leaksIn('a file', bytes).length, `${plant.where} ${form}`).toBeGreaterThan(0)
      }
    const double = Buffer.alloc(9)
    double.writeDoubleLE(place.lat, 1)
    expect(holdsPlace(double)).toBe(true)
  })
})

async function post(server: Server, body: unknown): Promise<string> {
  const response = await fetch(`${server.url}/v1/events`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  return `${response.status} ${await response.text()}`
}

test('over HTTP into a data directory', async () => {
  const data = join(scratchFolder(), 'data')
  const server = await startServer(data)
  const events = allPlanted(Date.now() - 60_000)
  const plants = events.flatMap((one) => one.plants)
  const answers: string[] = []
  for (const { event } of events) {
    const answer = await post(server, { ...event, merchant2: 'unknown fields are passed over' })
    expect(answer).toMatch(/^200 .*"decided"/)
    answers.push(answer)
    // Repeats, conflicts and what cannot be read say nothing either.
    answers.push(await post(server, event))
    answers.push(await post(server, { ...event, orderAmount: 1 }))
    answers.push(await post(server, { ...event, ip: event.recipientPhone }))
    answers.push(await post(server, { ...event, kind: event.code }))
    answers.push(await post(server, { ...event, geo: event.code }))
    answers.push(await post(server, { ...event, occurredAt: 1, user: event.user }))
    answers.push(await post(server, [{ ...event, user: `${String(event.user)}\n` }]))
  }
  answers.push(
    await post(server, {
      id: 'visible',
      kind: 'claim',
      occurredAt: Date.now(),
      user: 'visible-user',
      campaign: 'c',
    }),
  )
  const { stdout, stderr, code } = await server.stop()
  expect(code).toBe(0)
  // A restart reads all of it back, and may say something as well.
  const again = await startServer(data)
  // The console tells of itself when it has read all that the log has.
  await vi.waitFor(() => expect(again.said().stdout).toContain('review console at'), {
    timeout: 60_000,
    interval: 100,
  })
  const second = await again.stop()

  const files = filesUnder(data)
  const kept = files.filter(({ path }) => !path.startsWith('dead-letters'))
  const said = { answers: answers.join('\n'), stdout, stderr, again: second.stdout + second.stderr }
  const leaksIn = leakSearch(plants)
  const leaks = [
    ...kept.flatMap(({ path, bytes }) => leaksIn(path, bytes)),
    ...Object.entries(said).flatMap(([name, text]) => leaksIn(name, Buffer.from(text))),
  ]
  expect(leaks).toEqual([])

  const holding = (needle: string) =>
    new Set(
      files.filter(({ bytes }) => bytes.includes(needle)).map(({ path }) => path.split('/')[0]),
    )
  expect(holding('visible-user')).toEqual(new Set(['audit', 'console', 'events']))
  expect(holding(plants[0]!.text)).toEqual(new Set(['dead-letters']))
  const places = files
    .filter(({ bytes }) => holdsPlace(bytes))
    .map(({ path }) => path.split('/')[0])
  expect(new Set(places)).toEqual(new Set(['events', 'dead-letters']))
  expect(Object.values(said).some((text) => holdsPlace(Buffer.from(text)))).toBe(false)
}, 180_000)

test('through import, replay, compare and explain', async () => {
  const folder = scratchFolder()
  const events = allPlanted(Date.UTC(2026, 2, 1, 4))
  const plants = events
    .flatMap((one) => one.plants)
    .filter(({ where }) => !where.startsWith('stacked'))
  const rows = events.flatMap(({ event }, index) => {
    const { geo, deviceAttributes, stacked: _, ...rest } = event
    const attributes = Object(deviceAttributes)
    const row = {
      ...rest,
      ...Object(geo),
      imei: attributes.imei ?? '',
      mac: attributes.mac ?? '',
      row: index,
    }
    const sum = -5
    return [row, { ...row, ip: rest.recipientPhone }, { ...row, orderAmount: sum }]
  })
  const texts = [...names, 'deviceFingerprint', 'ip', 'code', 'referrer', 'recipientPhone']
  const fields = [...texts, 'occurredAt', 'lat', 'lon', 'orderAmount', 'couponAmount']
  writeFileSync(join(folder, 'a.jsonl'), rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
  const reader = (field: string) => (texts.includes(field) ? 'orNull' : 'decimal')
  writeFileSync(
    join(folder, 'm.yaml'),
    `name: planted
format: jsonl
columns: [${[...fields, 'imei', 'mac', 'kind'].join(', ')}]
fields:
${fields.map((field) => `  ${field}: ${reader(field)}(${field})`).join('\n')}
  deviceAttributes: '{"imei": imei, "mac": mac}'
expand: [{ kind: claim, when: kind == "claim" }, { kind: redemption, when: kind == "redemption" }]
`,
  )
  const said: string[] = []
  const run = async (...words: string[]) => {
    const ran = await runCli(words, { cwd: folder })
    said.push(ran.stdout, ran.stderr)
    return ran
  }
  const words = ['import', 'a.jsonl', '--mapping', 'm.yaml', '--out', 'a.avro', '--json']
  const imported = await run(...words, '--max-rejects', '100%')
  expect([imported.code, JSON.parse(imported.stdout)], imported.stderr).toMatchObject([
    0,
    { events: count, rejected: 2 * count },
  ])
  for (const out of ['b.avro', 'c.avro']) await run('replay', 'a.avro', '--out', out, '--json')
  await run('compare', 'b.avro', 'c.avro')
  const rejudged = await run('replay', 'b.avro', '--rejudge', '--json')
  expect(JSON.parse(rejudged.stdout)).toMatchObject({ judged: count, differences: 0 })
  const other = join(folder, 'p.yaml')
  const playbook = readFileSync(join(import.meta.dirname, 'recordings', 'playbook.yaml'), 'utf8')
  writeFileSync(other, playbook)
  const different = await run('replay', 'b.avro', '--rejudge', '--playbook', other, '--json')
  for (const { eventKey } of JSON.parse(different.stdout).different)
    expect((await run('explain', 'b.avro', eventKey)).code).toBe(0)

  const recordings = ['a.avro', 'b.avro', 'c.avro'].map((path) => ({
    path,
    bytes: readFileSync(join(folder, path)),
  }))
  const leaksIn = leakSearch(plants)
  const leaks = [
    ...recordings.flatMap(({ path, bytes }) => leaksIn(path, bytes)),
    ...said.flatMap((text, index) => leaksIn(`output ${index}`, Buffer.from(text))),
  ]
  expect(leaks).toEqual([])
  expect(recordings.every(({ bytes }) => holdsPlace(bytes))).toBe(true)
  expect(said.join('').includes('promo.example')).toBe(true)
}, 120_000)
