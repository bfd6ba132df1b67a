/**
 * What is on offer: eight campaigns, their merchants and stores, and how coupons reach people. All
 * of it is fixed, whatever the seed, so that one campaigns file serves every generated recording.
 */
import { cities } from './places.ts'

export type Channel =
  | 'account-menu'
  | 'mini-program-popup'
  | 'group-share'
  | 'offline-scan'
  | 'gift-after-payment'

export interface Store {
  readonly id: string
  readonly merchant: string
  readonly city: number
  readonly lat: number
  readonly lon: number
}

export interface Tier {
  readonly name: string
  /** Least order and discount, in fen. */
  readonly minAmount: number
  readonly off: number
}

export interface Offer {
  readonly id: string
  readonly category: 'catering' | 'e-commerce' | 'local-services'
  readonly couponType: 'voucher' | 'top-up' | 'gift-card'
  readonly merchants: readonly string[]
  /** Stores by city; empty for what is sold online. */
  readonly stores: readonly (readonly Store[])[]
  /** Discounts by order amount, or the face values of cards and top-ups. */
  readonly tiers: readonly Tier[]
  readonly stock: number
  readonly identityRequired: boolean
  /** 0 where coupons may not be passed on. */
  readonly transferHopsMax: number
  /** Codes were printed beforehand, in blocks of ten thousand, instead of made at the claim. */
  readonly printedCodes: boolean
  readonly referrers: readonly string[]
}

export const officialDomains = ['mall.example', 'weixin.example'] as const

/** Stores of a merchant: one in every city, at fixed places up to 12 km from the centre. */
function storesOf(merchant: string): Store[] {
  const number = Number(merchant.slice(2))
  return cities.map((city, place) => ({
    id: `s-${number}-${String(place + 1).padStart(2, '0')}`,
    merchant,
    city: place,
    lat: Math.round((city.lat + (((number * 37 + place * 11) % 21) - 10) * 0.009) * 1e5) / 1e5,
    lon: Math.round((city.lon + (((number * 53 + place * 29) % 21) - 10) * 0.01) * 1e5) / 1e5,
  }))
}

interface Draft {
  readonly id: string
  readonly category: Offer['category']
  readonly couponType?: Offer['couponType']
  readonly merchants: readonly string[]
  readonly online?: boolean
  /** Yuan: least order and discount. */
  readonly tiers: readonly (readonly [number, number])[]
  readonly stock: number
  readonly identityRequired?: boolean
  readonly transferHopsMax?: number
  readonly printedCodes?: boolean
}

function offer(draft: Draft): Offer {
  const stores = draft.merchants.map(storesOf)
  return {
    id: draft.id,
    category: draft.category,
    couponType: draft.couponType ?? 'voucher',
    merchants: draft.merchants,
    stores: draft.online === true ? [] : cities.map((_, city) => stores.map((own) => own[city]!)),
    tiers: draft.tiers.map(([least, off]) => ({
      name: `over-${least}`,
      minAmount: least * 100,
      off: off * 100,
    })),
    stock: draft.stock,
    identityRequired: draft.identityRequired ?? false,
    transferHopsMax: draft.transferHopsMax ?? 0,
    printedCodes: draft.printedCodes ?? false,
    referrers: [
      `https://www.mall.example/c/${draft.id}`,
      `https://m.mall.example/c/${draft.id}?from=menu`,
      `https://weixin.example/mp/${draft.id}`,
    ],
  }
}

export const lunch = offer({
  id: 'lunch-voucher',
  category: 'catering',
  merchants: ['m-101', 'm-102', 'm-103', 'm-104'],
  tiers: [
    [30, 8],
    [60, 16],
    [120, 34],
  ],
  stock: 600_000,
  transferHopsMax: 1,
})
export const noodles = offer({
  id: 'noodle-leaflet',
  category: 'catering',
  merchants: ['m-111', 'm-112', 'm-113'],
  tiers: [
    [20, 5],
    [45, 11],
  ],
  stock: 400_000,
  printedCodes: true,
})
export const tea = offer({
  id: 'tea-after-payment',
  category: 'catering',
  merchants: ['m-121', 'm-122', 'm-123'],
  tiers: [
    [15, 4],
    [36, 9],
  ],
  stock: 400_000,
})
export const flashSale = offer({
  id: 'spring-flash',
  category: 'e-commerce',
  merchants: ['m-201', 'm-202', 'm-203', 'm-204'],
  online: true,
  tiers: [
    [99, 20],
    [199, 50],
    [399, 110],
  ],
  stock: 300_000,
})
export const homeGoods = offer({
  id: 'home-goods-share',
  category: 'e-commerce',
  merchants: ['m-211', 'm-212'],
  online: true,
  tiers: [
    [79, 15],
    [159, 36],
  ],
  stock: 400_000,
  transferHopsMax: 2,
})
export const giftCards = offer({
  id: 'gift-card-festival',
  category: 'e-commerce',
  couponType: 'gift-card',
  merchants: ['m-221', 'm-222'],
  online: true,
  tiers: [
    [0, 50],
    [0, 100],
    [0, 200],
  ],
  stock: 200_000,
  transferHopsMax: 2,
  printedCodes: true,
})
export const topUps = offer({
  id: 'phone-top-up',
  category: 'local-services',
  couponType: 'top-up',
  merchants: ['m-301'],
  online: true,
  tiers: [
    [10, 1],
    [20, 2],
    [30, 3],
    [50, 5],
    [100, 10],
  ],
  stock: 200_000,
  identityRequired: true,
})
export const cinema = offer({
  id: 'cinema-night',
  category: 'local-services',
  merchants: ['m-311', 'm-312'],
  tiers: [
    [40, 10],
    [80, 24],
  ],
  stock: 200_000,
})

export const offers = [
  lunch,
  noodles,
  tea,
  flashSale,
  homeGoods,
  giftCards,
  topUps,
  cinema,
] as const

/** A channel: its share of claims, what it offers, and how many of its claims are redeemed when. */
export interface ChannelHabit {
  readonly channel: Channel
  readonly share: number
  readonly flashShare: number
  readonly offers: readonly (readonly [Offer, number])[]
  /** Showings that end in a claim (D10 for the first two; the others are assumed). */
  readonly claimed: number
  /** Claims that end in a redemption (D10). */
  readonly redeemed: number
  /** Of those, how many are spent the same day, and after how long; the rest on later days. */
  readonly soon: number
  readonly soonMeanMs: number
}

const minutes = 60_000

export const channelHabits: readonly ChannelHabit[] = [
  {
    channel: 'account-menu',
    share: 0.3,
    flashShare: 0.15,
    offers: [
      [lunch, 55],
      [flashSale, 15],
      [topUps, 14],
      [cinema, 10],
      [giftCards, 6],
    ],
    claimed: 0.083,
    redeemed: 0.24,
    soon: 0.55,
    soonMeanMs: 25 * minutes,
  },
  {
    channel: 'mini-program-popup',
    share: 0.22,
    flashShare: 0.8,
    offers: [
      [lunch, 50],
      [flashSale, 36],
      [cinema, 8],
      [homeGoods, 6],
    ],
    claimed: 0.22,
    redeemed: 0.14,
    soon: 0.5,
    soonMeanMs: 30 * minutes,
  },
  {
    channel: 'group-share',
    share: 0.14,
    flashShare: 0.05,
    offers: [
      [homeGoods, 50],
      [giftCards, 25],
      [lunch, 25],
    ],
    claimed: 0.12,
    redeemed: 0.155,
    soon: 0.45,
    soonMeanMs: 25 * minutes,
  },
  {
    channel: 'offline-scan',
    share: 0.18,
    flashShare: 0,
    offers: [
      [noodles, 80],
      [tea, 10],
      [cinema, 10],
    ],
    claimed: 0.45,
    redeemed: 0.32,
    soon: 0.9,
    soonMeanMs: 9 * minutes,
  },
  {
    channel: 'gift-after-payment',
    share: 0.16,
    flashShare: 0,
    offers: [
      [tea, 70],
      [homeGoods, 15],
      [topUps, 5],
      [cinema, 10],
    ],
    claimed: 0.6,
    redeemed: 0.54,
    soon: 0.5,
    soonMeanMs: 25 * minutes,
  },
]
