/** People, their sessions, tokens of programs, and the audit log. */
import { z } from 'zod'
import { roles, timeMs, written } from './operation.ts'

export const personName = z
  .string()
  .min(1)
  .max(60)
  .regex(/^[\p{L}\p{N}][\p{L}\p{N} ._@-]*$/u, 'letters, digits, space and . _ @ - only')
export const languages = ['zh', 'en'] as const
/** argon2 takes any length; beyond this it is only work for us. */
export const passphrase = z.string().min(12).max(200)

export const personShape = z.object({
  name: z.string(),
  role: z.enum(roles),
  isDisabled: z.boolean(),
  createdAt: timeMs,
  lastSeenAt: timeMs.nullable(),
  lockedUntil: timeMs.nullable(),
  decided: z.number().int(),
})
export const personAdd = z.strictObject({
  name: personName,
  role: z.enum(roles),
  password: passphrase,
})
export const personChange = z.strictObject({
  role: z.enum(roles).optional(),
  isDisabled: z.boolean().optional(),
  password: passphrase.optional(),
})
export const tokenShape = z.object({
  id: z.string(),
  name: z.string(),
  role: z.enum(roles),
  createdAt: timeMs,
  createdBy: z.string(),
  lastUsedAt: timeMs.nullable(),
})
export const tokenAdd = z.strictObject({ name: personName, role: z.enum(roles) })

/** Who is signed in. `firstStart`: nobody exists yet; the setup code on the terminal is asked. */
export const sessionShape = z.object({
  person: z.object({ name: z.string(), role: z.enum(roles) }).nullable(),
  /** To be sent as x-csrf-token with everything that changes something. */
  csrf: z.string().nullable(),
  firstStart: z.boolean(),
  timeZone: z.string(),
  version: z.string(),
})
export const signInBody = z.strictObject({
  name: z.string().max(60),
  password: z.string().max(200),
})
export const firstStartBody = z.strictObject({
  code: z.string().max(100),
  name: personName,
  password: passphrase,
})
export const passwordBody = z.strictObject({ current: z.string().max(200), next: passphrase })

export const auditRow = z.object({
  id: z.number().int(),
  at: timeMs,
  person: z.string(),
  action: z.string(),
  /** What it was done to: a case, an entity, a person. */
  subject: z.string().nullable(),
  detail: z.string().nullable(),
  address: z.string().nullable(),
})
export const auditQuery = z.strictObject({
  person: z.string().max(60).optional(),
  action: z.string().max(60).optional(),
  subject: z.string().max(200).optional(),
  before: z.coerce.number().int().min(0).optional(),
  limit: z.coerce.number().int().min(1).max(500).optional(),
})
export const auditPage = z.object({
  rows: z.array(auditRow),
  isMore: z.boolean(),
  /** How far back it reaches (D6 asks for 180 days). */
  oldestAt: timeMs.nullable(),
})

export const savedFilter = z.object({ name: z.string(), query: z.string() })
export const filterBody = z.strictObject({ name: written(60).min(1), query: z.string().max(2_000) })
