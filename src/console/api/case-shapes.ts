/** Cases as the API gives them: rows of the queue, one case whole, and what is around it. */
import { z } from 'zod'
import { caseKey, timeMs, written } from './operation.ts'
import { penaltyShape } from './penalty-shapes.ts'

export const outcomes = ['allow', 'review', 'block'] as const
export const verdicts = ['fraud', 'legitimate', 'inconclusive'] as const
export type VerdictWord = (typeof verdicts)[number]
export const entityKinds = ['user', 'device', 'ip', 'phone', 'code', 'referrer'] as const
export type EntityKind = (typeof entityKinds)[number]
export const tiers = ['device-ip', 'behaviour', 'blacklist'] as const
/** `open`: waits for a person. `decided`: has a verdict that counts. */
export const caseStates = ['open', 'decided'] as const

const eventKinds = ['claim', 'redemption', 'reversal', 'unknown'] as const

/** A reason in the words of the rule that gives it. */
export const reasonShape = z.object({ code: z.string(), zh: z.string(), en: z.string() })

export const caseRow = z.object({
  key: caseKey,
  decisionId: z.string(),
  outcome: z.enum(outcomes),
  /** 0 to 100. */
  score: z.number().int(),
  kind: z.enum(eventKinds),
  occurredAt: timeMs,
  recordedAt: timeMs,
  user: z.string(),
  device: z.string().nullable(),
  ip: z.string().nullable(),
  campaign: z.string(),
  merchant: z.string().nullable(),
  channel: z.string().nullable(),
  category: z.string().nullable(),
  /** Minor units of the currency; null where nothing is known to be at stake. */
  amountAtStake: z.number().nullable(),
  currency: z.string().nullable(),
  /** Rules that hit and are live, strongest first, and the reason of the first. */
  rules: z.array(z.string()),
  reason: reasonShape.nullable(),
  state: z.enum(caseStates),
  verdict: z.enum(verdicts).nullable(),
  /** Names of people; null for nobody. */
  decidedBy: z.string().nullable(),
  decidedAt: timeMs.nullable(),
  /** Who has taken it, and until when the lock holds. */
  assignee: z.string().nullable(),
  lockedUntil: timeMs.nullable(),
  /** A lead asked for a second opinion: whoever gave the first verdict may not give it. */
  secondOpinion: z.boolean(),
  notes: z.number().int(),
})
export type CaseRow = z.infer<typeof caseRow>

const several = z.string().max(2_000).describe('One value, or several with commas between them.')

/** Filters of the queue, all of them texts of a URL. Absent means any. */
export const caseFilter = z.strictObject({
  state: z.enum([...caseStates, 'any']).optional(),
  outcome: several.optional(),
  rule: several.optional(),
  tier: several.optional(),
  campaign: several.optional(),
  merchant: several.optional(),
  channel: several.optional(),
  kind: several.optional(),
  verdict: several.optional(),
  user: z.string().max(200).optional(),
  device: z.string().max(200).optional(),
  ip: z.string().max(200).optional(),
  /** Also the value of any other entity, kept form, or the start of an event key. */
  search: z.string().max(200).optional(),
  scoreMin: z.coerce.number().int().min(0).max(100).optional(),
  scoreMax: z.coerce.number().int().min(0).max(100).optional(),
  /** Recorded within, in milliseconds since 1970. */
  from: z.coerce.number().int().min(0).optional(),
  to: z.coerce.number().int().min(0).optional(),
  /** A name, `me` or `nobody`. */
  assignee: z.string().max(100).optional(),
  alert: z.string().max(200).optional(),
  secondOpinion: z.enum(['true']).optional(),
  /** `risk`: score, then money. */
  order: z.enum(['risk', 'newest', 'oldest', 'money']).optional(),
})
export type CaseFilter = z.infer<typeof caseFilter>

export const casePageQuery = caseFilter.extend({
  limit: z.coerce.number().int().min(1).max(500).optional(),
  /** As the page before gave it. */
  after: z.string().max(300).optional(),
})

export const casePage = z.object({
  rows: z.array(caseRow),
  /** For the next page; null at the end. */
  next: z.string().nullable(),
})

const counted = z.array(z.object({ value: z.string(), count: z.number().int() }))
/** How many cases a filter leaves, and by what they differ: at most 50 values each, most first. */
export const caseCounts = z.object({
  total: z.number().int(),
  /** There are more than total: it, and the counts below, are of the first 10,000 found. */
  isCapped: z.boolean().optional(),
  outcome: counted,
  rule: counted,
  campaign: counted,
  merchant: counted,
  channel: counted,
  assignee: counted,
  /** Open cases of outcome review, whatever the filter, up to 100,000; the age of the oldest. */
  waiting: z.number().int(),
  oldestRecordedAt: timeMs.nullable(),
})

export const signalValue = z.object({
  signal: z.string(),
  value: z.union([z.number(), z.string()]).nullable(),
  saturated: z.boolean(),
})

export const ruleShape = z.object({
  rule: z.string(),
  tier: z.string().nullable(),
  mode: z.string(),
  result: z.enum(['hit', 'miss', 'absent', 'doubtful', 'failed', 'unknown']),
  outcome: z.string(),
  weight: z.number().nullable(),
  /** The condition as the playbook writes it; null where that playbook is not loaded here. */
  condition: z.string().nullable(),
  reason: reasonShape.nullable(),
  values: z.array(signalValue),
})

export const contribution = z.object({
  signal: z.string(),
  value: z.number().nullable(),
  /** How far it moved the probability: up is more suspicious. */
  moved: z.number(),
})

export const verdictShape = z.object({
  id: z.string(),
  verdict: z.enum(verdicts),
  reviewer: z.string(),
  reason: z.string().nullable(),
  at: timeMs,
  /** Taken back by an undo. */
  withdrawnAt: timeMs.nullable(),
  /** When it was in risk.reviews. */
  publishedAt: timeMs.nullable(),
})

export const noteShape = z.object({
  id: z.number().int(),
  author: z.string(),
  at: timeMs,
  text: z.string(),
})

/** What one entity of the case did, in numbers. */
export const entitySummary = z.object({
  kind: z.enum(entityKinds),
  value: z.string(),
  events: z.number().int(),
  /** There are more: the counts are of its newest 5,000 events. */
  isCapped: z.boolean().optional(),
  flagged: z.number().int(),
  users: z.number().int(),
  devices: z.number().int(),
  ips: z.number().int(),
  firstAt: timeMs.nullable(),
  lastAt: timeMs.nullable(),
  /** Lists it is on now. */
  lists: z.array(
    z.object({
      list: z.string(),
      source: z.string(),
      expiresAt: timeMs.nullable(),
      /** Of an address: the network that is on the list, where it is not the address itself. */
      range: z.string().nullable(),
    }),
  ),
})

export const caseWhole = z.object({
  row: caseRow,
  /** The event as it is kept; times in milliseconds, money in minor units. */
  event: z.record(z.string(), z.unknown()),
  playbook: z.string(),
  playbookVersion: z.string(),
  reasons: z.array(reasonShape),
  advice: z.array(z.string()),
  alertIds: z.array(z.string()),
  /** Those that did not miss. */
  rules: z.array(ruleShape),
  models: z.array(
    z.object({
      model: z.string(),
      mode: z.string(),
      probability: z.number(),
      outcome: z.string(),
      contributions: z.array(contribution),
    }),
  ),
  /** Every signal that has a value: the counts behind the rules. */
  signals: z.array(signalValue),
  entities: z.array(entitySummary),
  verdicts: z.array(verdictShape),
  notes: z.array(noteShape),
  /** Superseding decisions, oldest first. */
  superseding: z.array(
    z.object({
      id: z.string(),
      outcome: z.enum(outcomes),
      cause: z.string().nullable(),
      decidedBy: z.string().nullable(),
      recordedAt: timeMs,
    }),
  ),
  /** All that it ever led to, oldest first; where one is appealed against, it is the appeal. */
  penalties: z.array(penaltyShape),
})
export type CaseWhole = z.infer<typeof caseWhole>

/** Rules that missed narrowly: which comparison, by how much. */
export const nearMisses = z.object({
  rules: z.array(
    z.object({
      rule: z.string(),
      reason: reasonShape.nullable(),
      text: z.string(),
      values: z.array(signalValue),
    }),
  ),
})

/** One event of an entity, flagged or not. */
export const sighting = z.object({
  key: caseKey,
  kind: z.enum(eventKinds),
  occurredAt: timeMs,
  outcome: z.enum(outcomes),
  score: z.number().int(),
  user: z.string(),
  device: z.string().nullable(),
  ip: z.string().nullable(),
  campaign: z.string(),
  /** Minor units of the currency, which is null where it is not known. */
  amount: z.number().nullable(),
  currency: z.string().nullable(),
  verdict: z.enum(verdicts).nullable(),
})

export const timelineQuery = z.strictObject({
  kind: z.enum(['user', 'device', 'ip']),
  value: z.string().min(1).max(200),
  /** Only before this time. */
  before: z.coerce.number().int().min(0).optional(),
  limit: z.coerce.number().int().min(1).max(200).optional(),
})
export const timeline = z.object({
  summary: entitySummary,
  /** Newest first. */
  events: z.array(sighting),
  isMore: z.boolean(),
})

export const linkQuery = z.strictObject({
  kind: z.enum(['user', 'device', 'ip']),
  value: z.string().min(1).max(200),
})
/** Who shares what: nodes are users, devices and addresses; a link is that they met in events. */
export const linkGraph = z.object({
  nodes: z.array(
    z.object({
      id: z.string(),
      kind: z.enum(['user', 'device', 'ip']),
      value: z.string(),
      events: z.number().int(),
      flagged: z.number().int(),
      /** More around it than is shown. */
      isMore: z.boolean(),
    }),
  ),
  links: z.array(z.object({ from: z.string(), to: z.string(), events: z.number().int() })),
})
export type LinkGraph = z.infer<typeof linkGraph>

export const similarCases = z.object({
  /** What they have in common with this one: a rule, `device`, `ip`, `campaign`. */
  rows: z.array(z.object({ row: caseRow, shared: z.array(z.string()) })),
  /** Verdicts on all cases with the same first rule. */
  verdicts: z.object({
    fraud: z.number().int(),
    legitimate: z.number().int(),
    inconclusive: z.number().int(),
  }),
})

const listing = z.strictObject({
  kind: z.enum(entityKinds),
  /** Null: until it is removed. */
  expiresAt: timeMs.nullable(),
})

/** The verdict, with what is to be put on the block list at the same time. */
export const verdictBody = z.strictObject({
  verdict: z.enum(verdicts),
  reason: written(500).optional(),
  /** Entities of this case. */
  block: z.array(listing).max(6).optional(),
  /** Users, devices or addresses linked to the case, whatever the case itself has. */
  ring: z
    .array(z.strictObject({ kind: z.enum(['user', 'device', 'ip']), value: z.string().max(200) }))
    .max(200)
    .optional(),
  ringExpiresAt: timeMs.nullable().optional(),
})
export type VerdictBody = z.infer<typeof verdictBody>

export const verdictAnswer = z.object({
  verdict: verdictShape,
  /** The next open case by the filter that was sent along; null where none waits. */
  next: caseRow.nullable(),
})

export const bulkBody = z.strictObject({
  keys: z.array(caseKey).min(1).max(1_000),
  verdict: z.enum(verdicts),
  reason: written(500).optional(),
})
/** What a bulk verdict would do: those left out are locked by others or decided already. */
export const bulkPreview = z.object({
  decidable: z.number().int(),
  leftOut: z.array(
    z.object({ key: caseKey, why: z.enum(['locked', 'decided', 'unknown', 'own']) }),
  ),
  users: z.number().int(),
  /** For each currency, most first. */
  amountsAtStake: z.array(z.object({ currency: z.string().nullable(), amount: z.number() })),
  outcomes: z.object({ review: z.number().int(), block: z.number().int() }),
})
export const bulkAnswer = z.object({
  id: z.string(),
  decided: z.number().int(),
  leftOut: bulkPreview.shape.leftOut,
  /** Until then it can be taken back whole, and nothing of it is published before. */
  undoUntil: timeMs,
})
