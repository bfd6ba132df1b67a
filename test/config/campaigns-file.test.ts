/**
 * The campaigns file: facts for an event, and every problem of a bad file at once, with its place.
 *
 * proves: D12
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { loadCampaigns } from '../../src/config/campaigns-file.ts'
import type { CampaignFacts, Event } from '../../src/core/schema.gen.ts'
import { plainEvent } from '../support/plain-event.ts'

const directory = mkdtempSync(join(tmpdir(), 'campaigns-'))
afterAll(() => rmSync(directory, { recursive: true }))

function load(text: string | Uint8Array) {
  const path = join(directory, 'campaigns.yaml')
  writeFileSync(path, text)
  return loadCampaigns(path)
}

const good = `
campaigns:
  - id: c1
    category: catering
    stock: 500
    stores: [s1, s2]
    tiers:
      - { name: silver, minAmount: 5000 }
      - { name: gold, minAmount: 10000 }
    validFrom: 2026-02-01T00:00:00+08:00
    validTo: 1772000000000
    officialDomains: [example.com]
    identityRequired: true
    transferHopsMax: 2
  - id: bare
`

describe('facts', () => {
  const campaigns = load(good)

  test('of a campaign that says everything', () => {
    expect(campaigns.facts(plainEvent({ campaign: 'c1' }))).toEqual({
      validFrom: Date.UTC(2026, 0, 31, 16),
      validTo: 1_772_000_000_000,
      storeInScope: null,
      referrerOfficial: null,
      tierMinAmount: null,
      identityRequired: true,
      stock: 500,
      transferHopsMax: 2,
    })
  })

  test.each<[Partial<Event>, Partial<CampaignFacts>]>([
    [{ store: 's2' }, { storeInScope: true }],
    [{ store: 's3' }, { storeInScope: false }],
    [{ referrerDomain: 'example.com' }, { referrerOfficial: true }],
    [{ referrerDomain: 'pay.example.com' }, { referrerOfficial: true }],
    [{ referrerDomain: 'payexample.com' }, { referrerOfficial: false }],
    [{ referrerDomain: 'example.com.evil.com' }, { referrerOfficial: false }],
    [{ referrerDomain: 'com' }, { referrerOfficial: false }],
    [{ orderTier: 'gold' }, { tierMinAmount: 10_000 }],
    [{ orderTier: 'platinum' }, { tierMinAmount: null }],
    [
      { campaign: 'bare', store: 's9' },
      { storeInScope: true, stock: null },
    ],
    [{ campaign: 'bare', referrerDomain: 'x.com' }, { referrerOfficial: null }],
  ])('%o: %o', (event, expected) => {
    expect(campaigns.facts(plainEvent({ campaign: 'c1', ...event }))).toMatchObject(expected)
  })

  test('of an unknown campaign there are none', () => {
    expect(campaigns.facts(plainEvent({ campaign: 'constructor' }))).toBeNull()
    expect(['c1', 'bare', 'nope'].map(campaigns.categoryOf)).toEqual(['catering', null, null])
  })

  test('JSON says the same as YAML', () => {
    const json = load(JSON.stringify({ campaigns: campaigns.all }))
    expect(json.all).toEqual(campaigns.all)
  })
})

test('all problems at once, in the order of the file', () => {
  const text = `campaigns:
  - id: spring
    stock: -3
    stores: s1
    validFrom: 2026-02-01T00:00:00+08:00
    validTo: 2026-01-01T00:00:00+08:00
    stokc: 3
    transferHopsMax: 1.5
  - id: spring
    tiers: [{ name: gold, minAmount: "x" }, { name: gold, minAmount: 1 }]
    officialDomains: [Example.com]
    announcedPeaks: [{ from: tomorrow, to: 5 }, { from: 5, to: 5 }]
    identityRequired: maybe
  - category: 7
`
  let said = ''
  try {
    load(text)
  } catch (error) {
    said = (error as Error).message.replaceAll(join(directory, 'campaigns.yaml'), 'FILE')
  }
  expect(said.split('\n')).toEqual([
    'FILE: 14 problems',
    'FILE:3:12: campaigns.0.stock: must not be negative',
    'FILE:4:13: campaigns.0.stores: must be a list',
    'FILE:6:14: campaigns.0.validTo: must be after validFrom',
    'FILE:7:12: campaigns.0.stokc: is no field here; check its spelling',
    'FILE:8:22: campaigns.0.transferHopsMax: must be a whole number from 0 to 1000',
    'FILE:9:9: campaigns.1.id: is named again',
    'FILE:10:38: campaigns.1.tiers.0.minAmount: must be a whole number of at least 0',
    'FILE:10:53: campaigns.1.tiers.1.name: is named again',
    'FILE:11:23: campaigns.1.officialDomains.0: must be a domain in lower case, such as example.com',
    'FILE:12:30: campaigns.1.announcedPeaks.0.from: must be a time such as 2026-02-01T00:00:00+08:00, or milliseconds since 1970',
    'FILE:12:64: campaigns.1.announcedPeaks.1.to: must be after from',
    'FILE:13:23: campaigns.1.identityRequired: must be true or false',
    'FILE:14:5: campaigns.2.id: must be text of 1 to 128 characters',
    'FILE:14:15: campaigns.2.category: must be text of 1 to 128 characters',
  ])
})

test.each<[string, string | Uint8Array, RegExp]>([
  ['an empty file', '', /1:1: the file: must have a list under campaigns:/],
  ['another document', 'rules: []', /campaigns: must be a list/],
  ['broken YAML', 'campaigns: [', /campaigns\.yaml:\d+:\d+: /],
  ['bytes that are no UTF-8', Uint8Array.of(0xff, 0xfe, 0xfd), /is no UTF-8/],
  [
    'aliases that multiply',
    `a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\ncampaigns: [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]`,
    /alias/i,
  ],
])('%s is refused', (_, text, message) => {
  expect(() => load(text)).toThrow(message)
  expect(() => load(text)).toThrow(expect.objectContaining({ code: 1 }))
})

test('a missing file is named', () => {
  const path = join(directory, 'none.yaml')
  expect(() => loadCampaigns(path)).toThrow(`${basename(path)}: there is no such file`)
})
