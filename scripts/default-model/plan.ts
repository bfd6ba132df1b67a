/**
 * The plan of the model that comes with couponguard: which campaigns are generated for what. Seeds
 * are never shared between the three uses, and one kind of actor is in none of the campaigns that
 * it is trained or tuned on.
 */
import { type ActorKind, defaultMix, type Mix } from '../../src/generate/mix.ts'

export interface Campaign {
  readonly seed: number
  readonly scenario: 'attack' | 'clean'
  readonly mix: Mix
}

/** Kept out of training, calibration and the choice of thresholds. */
export const heldOut: ActorKind = 'account-takeover'

/** Rows of a campaign; two days. */
export const eventsPerCampaign = 200_000

const mixOf = (shares: Partial<Mix>): Mix => ({ ...defaultMix, ...shares })
const attack = (seed: number, shares: Partial<Mix> = {}): Campaign => ({
  seed,
  scenario: 'attack',
  mix: mixOf(shares),
})
const withMules = { 'top-up-mule': 12 }

/** Three of the usual mix and three that lean another way; mules are in all of them. */
export const trainedOn: readonly Campaign[] = [
  attack(1001, withMules),
  attack(1002, withMules),
  attack(1003, { ...withMules, 'device-farm': 30, 'gift-ring': 5, 'stolen-code': 5 }),
  attack(1004, { ...withMules, 'clockwork-script': 25, 'one-ip-batch': 5, 'code-walker': 20 }),
  attack(1005, { ...withMules, 'one-ip-batch': 30, 'proxy-pool': 25, 'cash-out-merchant': 5 }),
  attack(1006, withMules),
]

/** Calibrates the probabilities and chooses the thresholds. */
export const tunedOn: readonly Campaign[] = [
  attack(1101),
  attack(1102, withMules),
  attack(1103, { 'gift-ring': 25, 'device-farm': 8 }),
]

/** The usual mix, which by itself was neither trained nor tuned on with these seeds. */
export const unseenSeeds: readonly number[] = [2001, 2002, 2003, 2004, 2005]
export const unseen = (seeds = unseenSeeds): readonly Campaign[] => seeds.map((one) => attack(one))

/** With the kind that was held out, an eighth of the dishonest events. */
export const unseenKind: readonly Campaign[] = [2011, 2012, 2013, 2014].map((seed) =>
  attack(seed, { [heldOut]: 17, 'top-up-mule': 17 }),
)

/** Nobody is dishonest: whom the model would trouble. */
export const unseenClean: readonly Campaign[] = [{ ...attack(2021), scenario: 'clean' }]

/** As `--mix` would say it; what is as usual is not named. */
export function mixText({ scenario, mix }: Campaign): string {
  if (scenario === 'clean') return 'clean'
  const other = Object.entries(mix).filter(([kind, share]) => share !== usualShare(kind))
  if (other.length === 0) return 'usual'
  return other.map(([kind, share]) => `${kind} ${share}`).join(', ')
}

const usualShare = (kind: string) => new Map<string, number>(Object.entries(defaultMix)).get(kind)

/**
 * Large leaves and few splits: with smaller ones the forest knew careful actors of its own kinds
 * better (98.6 % recall beside the rules where this has 97.8), and a kind left out worse.
 */
export const forestSize = { trees: 100, depthMax: 10, leafRowsMin: 24, seed: 1 } as const

/**
 * How often a row is trained on. The model is a second opinion, so fraud that the rules let go
 * counts twice; of the honest rows that they let go a share is enough. With four times, and most of
 * the fraud that the rules catch left out, a device farm that it was never shown was caught at a
 * third instead of two thirds and more.
 */
export const rowWeights = { missedFraud: 2, caughtFraud: 1, honestFlagged: 1, honestShare: 0.125 }

/** As `evaluate` has them by default. */
export const costs = { missedFraud: 10, blockedUser: 50, review: 1 }

/** Above the 95 % that is promised, because a threshold fits best what it was chosen on. */
export const tuningLimits = { precisionMin: 0.957, blockedShareMax: 0.0005 }

/** What is asked on the unseen seeds. */
export const asked = {
  precision: 0.95,
  recall: 0.97,
  /** Or so many points above the rules alone at that precision. */
  pointsOverRules: 0.04,
  blockedShareMax: 0.001,
  pointsOnHeldOut: 0.2,
} as const
