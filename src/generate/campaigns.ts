/**
 * The campaigns of a generated recording in the shape that the platform tells us about them
 * (schemas/campaign.avsc). Ids, stores, tiers and domains never change; only the dates depend on
 * the run. `campaigns/demo.yaml` is the same without dates.
 */
import type { Campaign } from '../core/schema.gen.ts'
import { offers, officialDomains } from './market.ts'
import { dayMs, flashSales, minuteMs } from './rhythm.ts'

/** Room around an announced flash sale: people queue before it and linger after it. */
const peakMarginMs = 10 * minuteMs

export function campaignsWithoutDates(): Campaign[] {
  return offers.map((offer) => ({
    id: offer.id,
    category: offer.category,
    stock: offer.stock,
    exposures: null,
    stores: offer.stores
      .flat()
      .map((store) => store.id)
      .sort(),
    tiers: offer.tiers
      .filter((tier) => tier.minAmount > 0)
      .map(({ name, minAmount }) => ({ name, minAmount })),
    validFrom: null,
    validTo: null,
    officialDomains: [...officialDomains],
    identityRequired: offer.identityRequired,
    transferHopsMax: offer.transferHopsMax,
    announcedPeaks: [],
  }))
}

/** `startAt`: local midnight of the first day. Valid a week before and two weeks after the run. */
export function campaignsFor(startAt: number, days: number): Campaign[] {
  const announcedPeaks = Array.from({ length: days }, (_, day) =>
    flashSales.map((sale) => {
      const from = startAt + day * dayMs + sale.startMinute * minuteMs
      return { from: from - peakMarginMs, to: from + sale.minutes * minuteMs + peakMarginMs }
    }),
  ).flat()
  return campaignsWithoutDates().map((campaign) => ({
    ...campaign,
    validFrom: startAt - 7 * dayMs,
    validTo: startAt + (days + 14) * dayMs,
    announcedPeaks,
  }))
}
