/**
 * JSON Schema → values that meet it, for the shapes that the API's description uses. What it does
 * not know it refuses, so that a new kind of shape is not silently left out.
 */
import fc from 'fast-check'

export interface JsonSchema {
  readonly [key: string]: unknown
}

const isObject = (value: unknown): value is JsonSchema =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const numberOr = (value: unknown, other: number) => (typeof value === 'number' ? value : other)
const objectsOf = (value: unknown): readonly JsonSchema[] =>
  Array.isArray(value) ? value.filter(isObject) : []

/** Texts that people and attackers send; cut to what the schema allows. */
export const hostileTexts = [
  "'; DROP TABLE person; --",
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  '\u202egnp.exe',
  '../../../../etc/passwd',
  '%00%2e%2e%2f',
  '{{7*7}}',
  '👩‍👩‍👧‍👦'.repeat(9),
  '券'.repeat(60),
  '\\u0000\\',
  'a,b,,c,',
  '1e309',
  '-0',
  'constructor',
  '__proto__',
]

export function fromSchema(schema: JsonSchema): fc.Arbitrary<unknown> {
  const { type } = schema
  if ('const' in schema) return fc.constant(schema.const)
  if (Array.isArray(schema.enum)) return fc.constantFrom(...schema.enum)
  if (Array.isArray(schema.anyOf)) return fc.oneof(...objectsOf(schema.anyOf).map(fromSchema))
  if (Array.isArray(type))
    return fc.oneof(...type.map((one: unknown) => fromSchema({ ...schema, type: one })))
  switch (type) {
    case 'null':
      return fc.constant(null)
    case 'boolean':
      return fc.boolean()
    case 'integer':
    case 'number':
      return numberFrom(schema)
    case 'string':
      return stringFrom(schema)
    case 'array':
      return arrayFrom(schema)
    case 'object':
      return objectFrom(schema)
    case undefined:
      return fc.jsonValue({ maxDepth: 1 })
  }
  throw new Error(`a schema of a kind not known here: ${JSON.stringify(schema)}`)
}

function numberFrom(schema: JsonSchema): fc.Arbitrary<number> {
  const min = numberOr(schema.minimum, Number.MIN_SAFE_INTEGER)
  const max = numberOr(schema.maximum, Number.MAX_SAFE_INTEGER)
  const edges = fc.constantFrom(min, max)
  if (schema.type === 'integer')
    return fc.oneof(fc.integer({ min, max: max }).map(Math.trunc), edges)
  return fc.double({ min, max, noNaN: true, noDefaultInfinity: true })
}

const letter = fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz0123456789')
const hexDigit = fc.constantFrom(...'0123456789abcdef')

function stringFrom(schema: JsonSchema): fc.Arbitrary<string> {
  const minLength = numberOr(schema.minLength, 0)
  const most = numberOr(schema.maxLength, 40)
  const maxLength = Math.max(minLength, Math.min(most, 24))
  const { pattern } = schema
  if (pattern === '^[0-9a-f]{32}$')
    return fc.string({ unit: hexDigit, minLength: 32, maxLength: 32 })
  const shape = typeof pattern === 'string' ? new RegExp(pattern, 'u') : null
  const fits = (text: string) =>
    text.length >= minLength && text.length <= most && (shape?.test(text) ?? true)
  const letters = fc.string({ unit: letter, minLength: Math.max(1, minLength), maxLength })
  const edges = [
    'x'.repeat(most),
    ...hostileTexts.map((text) => text.slice(0, most).toWellFormed()),
  ]
  const known = fc.constantFrom(...edges.filter(fits))
  // Where a pattern lets little pass, filtering at random would search for long.
  if (shape !== null) return fc.oneof(letters, known)
  return fc.oneof(fc.string({ unit: 'binary', minLength, maxLength }), letters, known)
}

function arrayFrom(schema: JsonSchema): fc.Arbitrary<unknown> {
  const minLength = numberOr(schema.minItems, 0)
  const maxLength = Math.min(numberOr(schema.maxItems, 4), minLength + 4)
  const items = isObject(schema.items) ? schema.items : {}
  return fc.array(fromSchema(items), { minLength, maxLength })
}

function objectFrom(schema: JsonSchema): fc.Arbitrary<unknown> {
  const properties = isObject(schema.properties) ? schema.properties : null
  if (properties === null) {
    const values = isObject(schema.additionalProperties) ? schema.additionalProperties : {}
    return fc.dictionary(fc.constantFrom('user', 'code', 'note'), fromSchema(values))
  }
  const required = Array.isArray(schema.required) ? schema.required.map(String) : []
  const shape = Object.entries(properties).map(
    ([key, value]) => [key, fromSchema(isObject(value) ? value : {})] as const,
  )
  return fc.record(Object.fromEntries(shape), { requiredKeys: required })
}
