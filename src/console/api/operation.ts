/**
 * What one operation of the console's API is: method, path, who may call it, what goes in and what
 * comes out. One table of them (operations.ts) is what the server registers, what its OpenAPI
 * description is made from, what the page calls and what the tests of rights walk through, so none
 * of the four can drift from another.
 */
import { z } from 'zod'

/** Weakest first; each may do all that those before it may. `service` is a token of a program. */
export const roles = ['viewer', 'reviewer', 'lead', 'administrator'] as const
export type Role = (typeof roles)[number]

export interface Operation {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Parameters as `:name`; their values are texts of at most 200 characters. */
  readonly path: string
  /** `anybody`: also who is not signed in. */
  readonly least: Role | 'anybody'
  /** Said in the description, and in the audit log where `audited`. */
  readonly says: string
  /** Written to the audit log: everything that changes something, and looking up a person. */
  readonly audited: boolean
  readonly query?: z.ZodObject
  readonly body?: z.ZodType
  readonly answer: z.ZodType
}

const refusalShape = z.object({
  error: z.object({
    reason: z.string(),
    detail: z.string(),
    /** Which fields of the request are wrong, and how. */
    fields: z.array(z.object({ path: z.string(), detail: z.string() })).optional(),
  }),
})
/** The body of every answer from 400. */
export type Refused = z.infer<typeof refusalShape>
export { refusalShape }

/** 32 hexadecimal digits: the event key names the case everywhere. */
export const caseKey = z.string().regex(/^[0-9a-f]{32}$/)
/** Milliseconds since 1970. */
export const timeMs = z.number().int().min(0)
export const nothing = z.strictObject({})
export const done = z.object({ done: z.literal(true) })

/** Text that a person writes: no control characters but line breaks. */
export const written = (longest: number) =>
  z
    .string()
    .max(longest)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
    .regex(/^[^\u0000-\u0009\u000b-\u001f\u007f]*$/, 'control characters are not taken')

export const v1 = '/api/v1'
/** What most operations that look have in common, and those that change something. */
export const reads = { method: 'GET', audited: false } as const
export const changes = { method: 'POST', audited: true, answer: done } as const
