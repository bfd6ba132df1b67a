/**
 * The campaigns of a generated recording in the shape that the platform tells us about them
 * (schemas/campaign.avsc). Ids, stores, tiers and domains never change; only dates and showings
 * depend on the run. `campaigns/demo.yaml` is the same without them.
 */
import type { Campaign } from '../core/schema.gen.ts'
import { daysFor } from './campaign-day.ts'
import { eventsPerClaim } from './honest.ts'
import { channelHabits, type Offer, offers, officialDomains } from './market.ts'
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

/**
 * How often an offer was shown to bring about its part of so many events, by the claim rates of the
 * channels that offer it. Flash sales and attacks bring more claims than that.
 */
function exposuresOf(offer: Offer, events: number): number {
  const shown = channelHabits.map((habit) => {
    const weights = habit.offers.map(([, weight]) => weight)
    const weight = habit.offers.find(([one]) => one === offer)?.[1] ?? 0
    return (habit.share * weight) / weights.reduce((sum, one) => sum + one, 0) / habit.claimed
  })
  return Math.round((events / eventsPerClaim) * shown.reduce((sum, one) => sum + one, 0))
}

/**
 * `startAt`: local midnight of the first day. `events` of the run, which say how many days it has.
 * Valid a week before and two weeks after the run.
 */
export function campaignsFor(startAt: number, events: number): Campaign[] {
  const days = daysFor(events)
  const announcedPeaks = Array.from({ length: days }, (_, day) =>
    flashSales.map((sale) => {
      const from = startAt + day * dayMs + sale.startMinute * minuteMs
      return { from: from - peakMarginMs, to: from + sale.minutes * minuteMs + peakMarginMs }
    }),
  ).flat()
  return campaignsWithoutDates().map((campaign, at) => ({
    ...campaign,
    exposures: exposuresOf(offers[at]!, events),
    validFrom: startAt - 7 * dayMs,
    validTo: startAt + (days + 14) * dayMs,
    announcedPeaks,
  }))
}
