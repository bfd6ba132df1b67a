/** Generated rows through the real decoder, and the campaigns that go with them. */
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadCampaigns } from '../../src/config/campaigns-file.ts'
import { publishedTestKey } from '../../src/config/key-file.ts'
import { decodeKeys } from '../../src/core/event/decode.ts'
import { generateRows } from '../../src/generate/campaign-day.ts'
import { campaignsFor, campaignsWithoutDates } from '../../src/generate/campaigns.ts'
import { toRecordingRow } from '../../src/generate/recorded.ts'
import { dayMs } from '../../src/generate/rhythm.ts'

const root = path.join(import.meta.dirname, '..', '..')
const startAt = Date.UTC(2026, 2, 1, 16)
const keys = decodeKeys(publishedTestKey)
const options = { seed: 3, events: 60_000, scenario: 'attack', startAt } as const

describe('toRecordingRow', () => {
  const rows = [...generateRows(options)].map((row, offset) => toRecordingRow(row, offset, keys))

  it('decodes every event and refuses every broken message, for several reasons', () => {
    const reasons = new Set<string>()
    for (const { event, rejected, labels } of rows) {
      expect((event === null) === (rejected !== null)).toBe(true)
      if (rejected === null) continue
      expect(labels?.kind).toBe('malformed')
      expect(rejected.bytes?.length).toBeGreaterThan(0)
      reasons.add(rejected.reason)
    }
    expect([...reasons].sort()).toEqual([
      'bad-field',
      'invalid-utf8',
      'missing-field',
      'negative-amount',
      'not-json',
    ])
  })

  it('keeps honest people inside the rules of the campaigns', () => {
    const campaigns = new Map(
      campaignsFor(startAt, rows.length).map((campaign) => [campaign.id, campaign]),
    )
    for (const { event, labels } of rows) {
      if (event === null || labels?.fraud !== false || labels.kind === 'malformed') continue
      const campaign = campaigns.get(event.campaign)!
      if (event.store !== null) expect(campaign.stores).toContain(event.store)
      expect(event.transferHop ?? 0).toBeLessThanOrEqual(campaign.transferHopsMax!)
      expect(event.stacked.length).toBeLessThanOrEqual(4)
      if (event.referrerDomain !== null)
        expect(event.referrerDomain).toMatch(/(mall|weixin)\.example$/)
      if (campaign.identityRequired === true) expect(event.identityVerified).toBe(true)
      const tier = campaign.tiers.find(({ name }) => name === event.orderTier)
      if (tier !== undefined) expect(event.orderAmount).toBeGreaterThanOrEqual(tier.minAmount)
      expect(event.registeredAt).toBeLessThanOrEqual(event.occurredAt)
      expect(event.lastActiveAt).toBeLessThanOrEqual(event.occurredAt)
    }
  })
})

describe('campaigns/demo.yaml', () => {
  it('is what the code says', () => {
    expect(loadCampaigns(path.join(root, 'campaigns', 'demo.yaml')).all).toEqual(
      campaignsWithoutDates(),
    )
  })

  it('differs from a run’s campaigns only by dates and showings', () => {
    const dated = campaignsFor(startAt, 200_000)
    const bare = dated.map((campaign) => ({
      ...campaign,
      exposures: null,
      validFrom: null,
      validTo: null,
      announcedPeaks: [],
    }))
    expect(bare).toEqual(campaignsWithoutDates())
    expect(dated[0]?.announcedPeaks).toHaveLength(4)
    expect(dated[0]?.validTo).toBeGreaterThan(startAt + 2 * dayMs)
  })
})
