/**
 * Making coupons and orders. Most codes are made at the claim, at random, and live a week; printed
 * codes come in blocks of ten thousand and are handed out nearly in order, a block to a store, so
 * neighbours in a queue hold neighbouring codes.
 */
import type { Channel, Offer, Store, Tier } from './market.ts'
import type { Coupon, Order } from './published.ts'
import { codeText, type Random } from './random.ts'
import { dayMs } from './rhythm.ts'

const blockLength = 10_000
/** Blocks of gift cards on sale at a time. */
const cardBlocks = 24
const codeLifeMs = 7 * dayMs
const printedLifeMs = 120 * dayMs

export interface Codes {
  /** The code of a coupon that is claimed now. */
  next(offer: Offer, store: Store | null, random: Random): string
  /** The beginning of a block of cards that exists and is in use. */
  cardBlock(random: Random): string
}

export const tailOf = (place: number): string => String(place % blockLength).padStart(4, '0')

export function newCodes(root: Random): Codes {
  const leaflets = new Map<string, { head: string; place: number }>()
  const cards = Array.from({ length: cardBlocks }, () => `GC${codeText(root, 6)}`)
  let cardsSold = 0
  /**
   * Cards are sold all over a block and never twice: the stride has no factor in common with it.
   */
  const nextCard = () => {
    const place = Math.floor(cardsSold / cards.length)
    const head = cards[cardsSold % cards.length]!
    cardsSold += 1
    if (place === blockLength - 1) cards[cards.indexOf(head)] = `GC${codeText(root, 6)}`
    return head + tailOf(place * 7_919)
  }
  const nextLeaflet = (store: Store, random: Random) => {
    const block = leaflets.get(store.id) ?? { head: '', place: blockLength }
    leaflets.set(store.id, block)
    block.place += random.between(1, 3)
    if (block.place >= blockLength) {
      block.head = `LF${codeText(random, 6)}`
      block.place = random.below(2_000)
    }
    return block.head + tailOf(block.place)
  }
  return {
    cardBlock: (random) => random.pick(cards),
    next: (offer, store, random) => {
      if (!offer.printedCodes) return codeText(random, 12)
      return store === null ? nextCard() : nextLeaflet(store, random)
    },
  }
}

export interface CouponDraft {
  readonly offer: Offer
  readonly channel: Channel
  readonly store: Store | null
  readonly at: number
}

export function newCoupon(codes: Codes, draft: CouponDraft, random: Random): Coupon {
  const { offer, store, at } = draft
  const tier = random.pick(offer.tiers)
  const printed = offer.printedCodes
  return {
    offer,
    channel: draft.channel,
    code: codes.next(offer, store, random),
    issuedAt: printed ? at - random.between(5, 60) * dayMs : at,
    expiresAt: at + (printed ? printedLifeMs : codeLifeMs),
    merchant: store === null ? random.pick(offer.merchants) : store.merchant,
    store,
    worth: tier.off,
    transfer: null,
    batchId: null,
    packageAmount: null,
  }
}

const noStack: Order['stacked'] = []
const stackSources = ['platform', 'bank', 'merchant-card', 'points'] as const

/** Up to four others, each from another source: what an order may stack (D14). */
function usualStack(random: Random, amount: number): Order['stacked'] {
  if (random.chance(0.88)) return noStack
  const count = random.chance(0.7) ? 1 : random.between(2, 4)
  return stackSources.slice(0, count).map((source) => ({
    source,
    amount: Math.round((amount * random.between(2, 6)) / 10_000) * 100 + 100,
  }))
}

/** What an ordinary customer buys with a coupon. */
export function usualOrder(coupon: Coupon, random: Random): Order {
  const { offer } = coupon
  const plain = { phone: null, numberKind: null, portedAt: null, attempt: 'succeeded' } as const
  if (offer.couponType === 'gift-card') {
    const amount = Math.round(coupon.worth * (0.8 + random.exponential(900) / 1_000))
    const couponPays = Math.min(coupon.worth, amount)
    return { ...plain, amount, couponPays, tier: null, stacked: noStack }
  }
  const tier = tierByHabit(offer.tiers, random)
  if (offer.couponType === 'top-up') {
    const couponPays = tier.off
    return { ...plain, amount: tier.minAmount, couponPays, tier: tier.name, stacked: noStack }
  }
  const amount = Math.round(tier.minAmount * (1 + random.exponential(300) / 1_000))
  const reached = offer.tiers.findLast((step) => step.minAmount <= amount) ?? tier
  return {
    ...plain,
    amount,
    couponPays: reached.off,
    tier: reached.name,
    stacked: usualStack(random, amount),
  }
}

/** People mostly take the small steps. */
function tierByHabit(tiers: readonly Tier[], random: Random): Tier {
  const place = Math.min(random.below(tiers.length), random.below(tiers.length + 1))
  return tiers[place]!
}

/** A top-up of a number: nearly all are mobile, some virtual, and a third of those fail (D14). */
export function topUpOrder(coupon: Coupon, phone: string, at: number, random: Random): Order {
  const order = { ...usualOrder(coupon, random), phone, numberKind: 'mobile' } as const
  const draw = random.unit()
  if (draw < 0.035) {
    const attempt = random.chance(0.35) ? 'declined' : 'succeeded'
    return { ...order, numberKind: 'virtual', attempt }
  }
  if (draw < 0.037) return { ...order, numberKind: 'roaming', attempt: 'declined' }
  if (draw < 0.04) return { ...order, portedAt: at - random.between(1, 29) * dayMs }
  return draw < 0.08 ? { ...order, portedAt: at - random.between(31, 900) * dayMs } : order
}
