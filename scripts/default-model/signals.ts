/**
 * What the default model looks at: signals that mean the same in another programme. Left out is
 * what would teach it the simulation instead: its size, its prices, its clock, and what no honest
 * person of it ever does but real ones do.
 */
import { featureNames } from '../../src/core/model/features.ts'

interface LeftOut {
  readonly why: string
  readonly signals: readonly string[]
}

export const leftOut: readonly LeftOut[] = [
  {
    why: 'how much goes on in a whole programme, and so the hour of the simulated day',
    signals: [
      'campaign_claims_day',
      'campaign_redemptions_day',
      'merchant_claims_day',
      'merchant_redemptions_day',
      'category_claims_day',
      'category_redemptions_day',
      'channel_claims_day',
      'channel_redemptions_day',
      'channel_redemption_rate_day',
      'stock_used',
      'local_hour',
    ],
  },
  {
    why: 'money, which depends on currency and prices; the simulated actors ring up a few amounts',
    signals: [
      'order_amount',
      'coupon_amount',
      'package_amount',
      'user_amount_1d',
      'user_amount_day',
      'is_enterprise',
    ],
  },
  {
    why: 'what no honest person of the simulation does, and rules look at already',
    signals: ['referrer_official', 'identity_missing', 'coupon_share'],
  },
  {
    why: 'constants of the simulation: how old its codes, accounts and numbers are, who is verified',
    signals: [
      'code_age_days',
      'code_expired',
      'account_age_days',
      'identity_verified',
      'number_ported_days',
    ],
  },
  {
    why: 'refunds, which the campaigns that it was trained on do not have',
    signals: [
      'is_reversal',
      'user_reversals_7d',
      'user_reversals_45d',
      'user_redemptions_45d',
      'code_reversals_45d',
    ],
  },
  {
    why: 'what the rules of a campaign say, the same for all events of the simulation',
    signals: ['store_in_scope', 'tier_reached', 'campaign_open'],
  },
  {
    why: 'address feeds, which the simulation runs without',
    signals: ['ip_is_hosting', 'ip_is_vpn', 'ip_is_tor', 'ip_listed_by'],
  },
]

const out = new Set(leftOut.flatMap(({ signals }) => signals))

export const lookedAt: readonly string[] = featureNames.filter((name) => !out.has(name))
