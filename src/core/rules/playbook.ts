/**
 * A playbook in memory: rules, models, score bands, alerting policy, reports and time zone under
 * one version. `src/config/playbook-file.ts` reads it from YAML with all problems at once; a loaded
 * playbook is frozen and whole.
 */
import type { TimeZone } from '../event/time-zone.ts'
import type { Contribution } from '../schema.gen.ts'
import type { SignalRow } from '../signals/row.ts'
import type { SureMiss } from './sure-miss.ts'

/** allow < review < block; the strongest wins. */
export type ActedOutcome = 'allow' | 'review' | 'block'
export const outcomeRank: Readonly<Record<ActedOutcome, number>> = { allow: 0, review: 1, block: 2 }

/** The three tiers, cheap to dear, in the order in which they are judged and listed. */
export const tiers = ['device-ip', 'behaviour', 'blacklist'] as const
export type Tier = (typeof tiers)[number]

export type RuleVerdictName = 'hit' | 'miss' | 'absent' | 'doubtful' | 'failed'

/**
 * A condition compiled from CEL. Kleene logic: a known miss outweighs what is absent or doubtful.
 */
export type Condition = (row: SignalRow) => RuleVerdictName

export interface RuleExample {
  /** Signals by name; every signal not named is absent. */
  readonly signals: Readonly<Record<string, number | boolean | string>>
  /** What the rule must say of it. */
  readonly expect: 'hit' | 'near-miss'
}

export interface Rule {
  readonly id: string
  readonly tier: Tier
  /** Rows of the domain table that it serves, such as D7. */
  readonly serves: readonly string[]
  readonly mode: 'live' | 'shadow' | 'off'
  /** What a hit asks for; allow only adds its weight to the score. */
  readonly outcome: ActedOutcome
  /** What doubt asks for: review or block, never allow. */
  readonly onDoubt: 'review' | 'block'
  /** 0 to 100; the score is 100 × (1 − Π(1 − weight/100)) over the rules that hit. */
  readonly weight: number
  /** Share of users it acts on, in percent, by hash of the user. */
  readonly rolloutPercent: number
  /** The CEL text. */
  readonly when: string
  /** Places in the catalogue of the signals that the condition reads, in order of appearance. */
  readonly signals: readonly number[]
  readonly condition: Condition
  /** Where the condition need not be asked. */
  readonly sureMiss: SureMiss
  readonly advice: string | null
  readonly reason: { readonly code: string; readonly zh: string; readonly en: string }
  readonly examples: readonly RuleExample[]
}

/** What a playbook asks of a model, and when the model acts; a forest of `core/model/` is one. */
export interface PlaybookModel {
  readonly name: string
  /** Of all that its word depends on: forest, features, calibration; in hexadecimal. */
  readonly checksum: string
  readonly mode: 'live' | 'shadow'
  /** Probabilities of fraud from which an event is reviewed or blocked; Infinity: none is. */
  readonly reviewAt: number
  readonly blockAt: number
  /** Probabilities of fraud, 0 to 1, of the first `count` rows, into `out`. */
  score(rows: readonly SignalRow[], count: number, out: Float64Array): void
  /** What moved its output along the decision paths of a row, strongest first; cheap. */
  contributions(row: SignalRow): readonly Contribution[]
  /** Exactly how its output comes about, some milliseconds a row. */
  explain(row: SignalRow): ModelExplanation
}

export interface ModelExplanation {
  /** Calibrated, of fraud. */
  readonly probability: number
  /** What the model says on average, and of this row: base plus all that moved it. */
  readonly base: number
  readonly output: number
  /** Whether base, output and contributions are probabilities before calibration, or logits. */
  readonly unit: 'probability' | 'logit'
  /** SHAP values, strongest first. */
  readonly contributions: readonly Contribution[]
}

export interface AlertingPolicy {
  /** Raised above this share of abnormal redemptions, cleared below the second (D4). */
  readonly abnormalShareMax: number
  readonly clearShareMax: number
  readonly minRedemptions: number
  readonly minAbnormal: number
  readonly minAbnormalUsers: number
  /** While raised, redemptions of the scope with at least this score become review. */
  readonly reviewScoreMin: number
  /** Scopes watched per day; the rest are counted as KIND:other. */
  readonly scopesMax: number
  /** Redemptions over claims of the day that are usual for a channel (D10), as shares. */
  readonly channelBands: Readonly<
    Record<string, { readonly min: number; readonly max: number; readonly minClaims: number }>
  >
}

export interface Playbook {
  readonly name: string
  readonly version: string
  /** SHA-256 of the file, and of the models' checksums where there are any, in hexadecimal. */
  readonly hash: string
  readonly timeZone: TimeZone
  /** In order of tiers, then of the file. */
  readonly rules: readonly Rule[]
  /** At most one is live. */
  readonly models: readonly PlaybookModel[]
  /** Scores from which an event is reviewed or blocked whatever its rules ask for. */
  readonly score: { readonly reviewAt: number; readonly blockAt: number }
  readonly alerting: AlertingPolicy
  /** Money of a user and day, in minor units, from which the regulator is told (D22). */
  readonly reportAmountMin: number
}

/** Largest playbook that is loaded. */
export const rulesMax = 500
export const modelsMax = 8
export const playbookBytesMax = 1_048_576
