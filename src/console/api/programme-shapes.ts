/** What the console shows beside cases: alerts, the day as a whole, lists, dead letters. */
import { z } from 'zod'
import { caseRow, entityKinds, reasonShape } from './case-shapes.ts'
import { timeMs, written } from './operation.ts'

export const alertShape = z.object({
  /** Of the transition that raised it. */
  id: z.string(),
  condition: z.string(),
  /** `all`, `campaign/…`, `merchant/…`, `channel/…`. */
  scope: z.string(),
  /** Calendar day, as yyyymmdd in the playbook's time zone. */
  day: z.number().int(),
  state: z.enum(['raised', 'cleared', 'closed']),
  raisedAt: timeMs,
  clearedAt: timeMs.nullable(),
  closedAt: timeMs.nullable(),
  redemptions: z.number().int(),
  abnormal: z.number().int(),
  abnormalUsers: z.number().int(),
  share: z.number(),
  threshold: z.number(),
  acknowledgedBy: z.string().nullable(),
  acknowledgedAt: timeMs.nullable(),
  /** Redemptions that went to review because of it, and how many of them still wait. */
  escalated: z.number().int(),
  waiting: z.number().int(),
})
export type AlertShape = z.infer<typeof alertShape>

export const alertPage = z.object({ rows: z.array(alertShape) })

/** A scope's day: cumulated counts at the end of each bucket. */
export const sharePoint = z.object({
  at: timeMs,
  redemptions: z.number().int(),
  abnormal: z.number().int(),
  share: z.number(),
})
export const alertWhole = z.object({
  alert: alertShape,
  points: z.array(sharePoint),
  /** An alert is raised only with at least so many. */
  minimums: z.object({
    redemptions: z.number().int(),
    abnormal: z.number().int(),
    abnormalUsers: z.number().int(),
  }),
  reasons: z.array(z.object({ reason: reasonShape, count: z.number().int() })),
  samples: z.array(caseRow),
})

export const shareQuery = z.strictObject({
  scope: z.string().min(1).max(200),
  day: z.coerce.number().int().min(19700101).max(99991231).optional(),
})
export const shareDay = z.object({
  scope: z.string(),
  day: z.number().int(),
  points: z.array(sharePoint),
  threshold: z.number(),
  /** An alert is raised only with at least so many redemptions. */
  minimum: z.number().int(),
  /** Scopes with anything on that day, most redemptions first, at most 50. */
  scopes: z.array(z.string()),
})

export const overviewQuery = z.strictObject({
  /** Minutes of record time shown; the newest is the newest event's. */
  minutes: z.coerce.number().int().min(10).max(1_440).optional(),
  /**
   * The day of the figures, as 20260301. Without it: that of the newest event, or in its first
   * hour, which says little yet, the last one before it that has events.
   */
  day: z.coerce.number().int().min(20000101).max(99991231).optional(),
})
/** Whether the day of the newest event is on course to pass what may come unannounced (D9). */
export const peakNotice = z.object({
  day: z.number().int(),
  /** So far. */
  redemptions: z.number().int(),
  /** By the end of the day; null in its first minutes, where no day before is known. */
  forecast: z.number().int().nullable(),
  /** What it goes by: the days before, or the pace of the last hour. */
  basis: z.enum(['days', 'pace']).nullable(),
  /** How many days before, 7 at most. */
  days: z.number().int(),
  /** `past`: there are more than that already, whether or not they were announced. */
  state: z.enum(['quiet', 'announced', 'unannounced', 'past']),
  /** Announced peaks that begin in the day or have not ended; first ones first, at most 20. */
  announced: z.array(z.object({ campaign: z.string(), from: timeMs, to: timeMs })),
  /** Of the next 24 hours, as the days before had it. */
  busiest: z.object({ from: timeMs, redemptions: z.number().int() }).nullable(),
})

/** Of redemptions that were not blocked and name both amounts, in minor units. */
export const campaignReturn = z.object({
  currency: z.string().nullable(),
  redemptions: z.number().int(),
  orders: z.number().int(),
  coupons: z.number().int(),
  /** Order money for one of coupon money; null where coupons paid nothing. */
  ratio: z.number().nullable(),
})

export const overview = z.object({
  /** Newest record time that was projected; null before the first event. */
  asOf: timeMs.nullable(),
  /** Days with events before and after the one shown, nearest first. */
  dayBefore: z.number().int().nullable(),
  dayAfter: z.number().int().nullable(),
  /** How much time `flow` shows: an hour unless asked; 24 where the day shown is over. */
  minutes: z.number().int(),
  /** Per bucket of record time, up to the newest event, or to the end of the day asked for. */
  flow: z.array(
    z.object({
      at: timeMs,
      allow: z.number().int(),
      review: z.number().int(),
      block: z.number().int(),
    }),
  ),
  bucketMs: z.number().int(),
  /** The day shown. */
  today: z.object({
    day: z.number().int().nullable(),
    events: z.number().int(),
    redemptions: z.number().int(),
    abnormal: z.number().int(),
    share: z.number(),
    threshold: z.number(),
    /** Money of blocked events per currency, in its minor units; most first, at most 20. */
    blocked: z.array(z.object({ currency: z.string().nullable(), amount: z.number().int() })),
    /** Above this many in a day they must be announced beforehand (D9). */
    announcedAbove: z.number().int(),
  }),
  notice: peakNotice.nullable(),
  rules: z.array(
    z.object({
      rule: z.string(),
      reason: reasonShape.nullable(),
      hits: z.number().int(),
      /** Of cases with a verdict of fraud or legitimate. */
      fraud: z.number().int(),
      legitimate: z.number().int(),
      /** Null below one such verdict. */
      precision: z.number().nullable(),
    }),
  ),
  campaigns: z.array(
    z.object({
      campaign: z.string(),
      flagged: z.number().int(),
      events: z.number().int(),
      alert: z.boolean(),
      /** Null where the platform did not tell the figure it is made from. */
      claims: z.number().int(),
      claimRate: z.number().nullable(),
      redemptions: z.number().int(),
      redemptionRate: z.number().nullable(),
      secondRedemptionMs: z.number().nullable(),
      stockLeft: z.number().nullable(),
      stockEndsAt: timeMs.nullable(),
      /** The announced peak that runs or comes next. */
      nextPeak: z.object({ from: timeMs, to: timeMs }).nullable(),
      /** Per currency, most redemptions first, at most 5; empty where nothing is known. */
      returns: z.array(campaignReturn),
    }),
  ),
  lateness: z.object({ p50Ms: z.number(), p99Ms: z.number(), late: z.number().int() }),
  /** Records of the topics that the console has still to read; null where not known. */
  lag: z.number().int().nullable(),
  backlog: z.object({
    waiting: z.number().int(),
    oldestRecordedAt: timeMs.nullable(),
    takenByMe: z.number().int(),
    decidedToday: z.number().int(),
  }),
})
export type Overview = z.infer<typeof overview>

export const listEntryShape = z.object({
  id: z.string(),
  list: z.enum(['block', 'allow', 'watch']),
  kind: z.enum(entityKinds),
  /** In kept form: phones and codes as keyed hashes. */
  value: z.string(),
  source: z.string(),
  note: z.string().nullable(),
  addedAt: timeMs,
  addedBy: z.string().nullable(),
  expiresAt: timeMs.nullable(),
})
export const listQuery = z.strictObject({
  list: z.enum(['block', 'allow', 'watch']).optional(),
  kind: z.enum(entityKinds).optional(),
  search: z.string().max(200).optional(),
  after: z.string().max(400).optional(),
  limit: z.coerce.number().int().min(1).max(500).optional(),
})
export const listPage = z.object({
  rows: z.array(listEntryShape),
  next: z.string().nullable(),
  total: z.number().int(),
})
export const listAdd = z.strictObject({
  list: z.enum(['block', 'allow', 'watch']),
  kind: z.enum(entityKinds),
  /** As a person writes it; phones and codes are hashed before anything is kept. */
  value: z.string().min(1).max(200),
  note: written(500).optional(),
  expiresAt: timeMs.nullable(),
})
export const listRemove = z.strictObject({ id: z.string().min(1).max(400) })

export const deadLetterRow = z.object({
  id: z.string(),
  reason: z.string(),
  detail: z.string(),
  source: z.string(),
  partition: z.number().int(),
  offset: z.number().int(),
  recordedAt: timeMs,
  sha256: z.string(),
  bytesLength: z.number().int(),
  /** Id of the key it is encrypted with; its bytes cannot be shown then. */
  sealedBy: z.string().nullable(),
  redrivenAt: timeMs.nullable(),
  redrivenBy: z.string().nullable(),
})
export const deadLetterQuery = z.strictObject({
  reason: z.string().max(100).optional(),
  after: z.string().max(300).optional(),
  limit: z.coerce.number().int().min(1).max(500).optional(),
})
export const deadLetterPage = z.object({
  rows: z.array(deadLetterRow),
  next: z.string().nullable(),
  reasons: z.array(z.object({ value: z.string(), count: z.number().int() })),
})
export const deadLetterWhole = z.object({
  row: deadLetterRow,
  /** At most 64 KiB of the bytes, in base64; null where they are sealed or were not kept. */
  bytes: z.string().nullable(),
  headers: z.array(z.object({ name: z.string(), value: z.string() })),
})
export const redriveBody = z.union([
  z.strictObject({ id: z.string().min(1).max(300) }),
  z.strictObject({ reason: z.string().min(1).max(100) }),
])
/** Re-driven events go in again as they came; what is wrong with them still is refused again. */
export const redriveAnswer = z.object({
  redriven: z.number().int(),
  /** Those that cannot be: no bytes, not whole, or sealed. */
  leftOut: z.number().int(),
})
