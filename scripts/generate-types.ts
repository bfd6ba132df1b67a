/**
 * Writes schemas/readings.avsc from the table of readings, then src/core/schema.gen.ts from all of
 * schemas/: one TypeScript type per named Avro type with its documentation, and one self-contained
 * schema per record for the registry and for avsc. `--check` writes nothing and exits 1 on a
 * difference.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { dayNames, dayReadings, logSpecs, type Reading } from '../src/core/signals/readings.ts'

type Schema = string | Schema[] | NamedSchema
interface NamedSchema {
  type: Schema
  name?: string
  namespace?: string
  doc?: string
  default?: unknown
  fields?: Field[]
  symbols?: string[]
  items?: Schema
  values?: Schema
  logicalType?: string
}
interface Field {
  name: string
  type: Schema
  doc: string
  default?: unknown
}

const root = join(import.meta.dirname, '..')
const timestamp: NamedSchema = { type: 'long', logicalType: 'timestamp-millis' }
const order = [
  'coupon-event',
  'event',
  'readings',
  'inputs',
  'decision',
  'audit',
  'progress',
  'tally',
  'alert',
  'review',
  'list-entry',
  'campaign',
  'playbook',
  'report',
  'dead-letter',
  'recording-row',
]

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)

function readingField({ name, measure, doc, before }: Reading): Field {
  if (before === 'zero') return { name, type: 'long', default: 0, doc }
  if (before === 'absent') return { name, type: ['null', 'long'], default: null, doc }
  const counted = ['count', 'distinct', 'sum', 'day-count', 'day-sum', 'match'].includes(
    measure.kind,
  )
  return counted
    ? { name, type: 'long', doc }
    : { name, type: ['null', 'double'], default: null, doc }
}

function readingsSchema(): NamedSchema {
  const cutAt: Field = {
    name: 'cutAt',
    type: ['null', timestamp],
    default: null,
    doc: 'Largest event time, in milliseconds, that the log has cut; a window that reaches below it is a lower bound.',
  }
  const logs = logSpecs.map(
    ({ name, readings, cap, parties }): Field => ({
      name,
      type: [
        'null',
        {
          type: 'record',
          name: `${capital(name)}Readings`,
          doc: `From a log of at most ${cap} entries; a: ${parties.a}, b: ${parties.b}.`,
          fields: [cutAt, ...readings.map(readingField)],
        },
      ],
      default: null,
      doc: `Null where the event names no ${name}.`,
    }),
  )
  const days = dayNames.map(
    (name, index): Field => ({
      name,
      type: [
        'null',
        index > 0
          ? 'DayReadings'
          : {
              type: 'record',
              name: 'DayReadings',
              doc: 'Counts of a calendar day in the time zone of the playbook.',
              fields: dayReadings.map((field) => ({
                name: field,
                type: 'long',
                doc: `${capital(field.slice(0, -4))} of the day that did not fail.`,
              })),
            },
      ],
      default: null,
      doc: `Null where the event names no ${name}.`,
    }),
  )
  return {
    type: 'record',
    name: 'Readings',
    namespace: 'couponguard',
    doc: 'What the windows held when the event was observed, per log.',
    fields: [...logs, ...days],
  }
}

const load = (name: string): NamedSchema =>
  name === 'readings'
    ? readingsSchema()
    : JSON.parse(readFileSync(join(root, 'schemas', `${name}.avsc`), 'utf8'))

const named = new Map<string, NamedSchema>()
function collect(schema: Schema): void {
  if (typeof schema === 'string') return
  if (Array.isArray(schema)) {
    schema.forEach(collect)
    return
  }
  if (schema.name !== undefined) named.set(schema.name, schema)
  for (const field of schema.fields ?? []) collect(field.type)
  for (const inner of [schema.items, schema.values, schema.type])
    if (inner !== undefined) collect(inner)
}

/** The schema with each named type written out at its first use, as a registry wants it. */
function selfContained(schema: Schema, seen: Set<string>): Schema {
  if (typeof schema === 'string') {
    const found = named.get(schema)
    return found === undefined || seen.has(schema) ? schema : selfContained(found, seen)
  }
  if (Array.isArray(schema)) return schema.map((part) => selfContained(part, seen))
  if (schema.name !== undefined) {
    if (seen.has(schema.name)) return schema.name
    seen.add(schema.name)
  }
  const result: NamedSchema = { ...schema }
  if (schema.fields)
    result.fields = schema.fields.map((field) => ({
      ...field,
      type: selfContained(field.type, seen),
    }))
  if (schema.items) result.items = selfContained(schema.items, seen)
  if (schema.values) result.values = selfContained(schema.values, seen)
  return result
}

function typeText(schema: Schema): string {
  if (Array.isArray(schema)) return schema.map(typeText).join(' | ')
  if (typeof schema !== 'string') {
    if (schema.name !== undefined) return schema.name
    if (schema.type === 'array')
      return `readonly ${typeText(schema.items!).includes('|') ? `(${typeText(schema.items!)})` : typeText(schema.items!)}[]`
    if (schema.type === 'map') return `Readonly<Record<string, ${typeText(schema.values!)}>>`
    return typeText(schema.type)
  }
  const primitive: Record<string, string> = {
    string: 'string',
    long: 'number',
    int: 'number',
    double: 'number',
    boolean: 'boolean',
    bytes: 'Uint8Array',
    null: 'null',
  }
  return primitive[schema] ?? schema
}

function declaration(schema: NamedSchema): string {
  const name = schema.name!
  const doc = schema.doc === undefined ? '' : `/** ${schema.doc} */\n`
  if (schema.type === 'enum')
    return `${doc}export type ${name} = ${schema.symbols!.map((symbol) => `'${symbol}'`).join(' | ')}\n`
  const fields = schema.fields!.map(
    (field) => `  /** ${field.doc} */\n  ${field.name}: ${typeText(field.type)}\n`,
  )
  return `${doc}export interface ${name} {\n${fields.join('')}}\n`
}

const write = process.argv.includes('--check') ? compare : writeFileSync
let stale = 0
function compare(path: string, text: string): void {
  if (existsSync(path) && readFileSync(path, 'utf8') === text) return
  console.error(`${path}: not what the schemas give; run: npx tsx scripts/generate-types.ts`)
  stale += 1
}

const roots = order.map(load)
roots.forEach(collect)
const files = readdirSync(join(root, 'schemas')).filter((file) => file !== 'readings.avsc')
const unlisted = files.filter((file) => !order.includes(file.replace('.avsc', '')))
if (unlisted.length > 0)
  throw new Error(`schemas not listed in scripts/generate-types.ts: ${unlisted.join(', ')}`)
write(join(root, 'schemas/readings.avsc'), `${JSON.stringify(readingsSchema(), null, 2)}\n`)
const constants = roots.map(
  (schema) => `  ${schema.name!}: ${JSON.stringify(selfContained(schema, new Set()))},\n`,
)
write(
  join(root, 'src/core/schema.gen.ts'),
  [
    "// Made from schemas/ by scripts/generate-types.ts; do not edit.\n\nimport type { Schema } from 'avsc'\n",
    ...[...named.values()].map(declaration),
    `/** Every record as a self-contained Avro schema. */\nexport const schemas: Readonly<Record<SchemaName, Schema>> = {\n${constants.join('')}}\n`,
    `export type SchemaName =${roots.map((schema) => `\n  | '${schema.name!}'`).join('')}\n`,
  ].join('\n'),
)

const nullable = (reading: Reading) => Array.isArray(readingField(reading).type)

/** A count is made a small integer, which needs no memory of its own; money may be larger. */
function madeOf(reading: Reading, value: string): string {
  if (nullable(reading)) return `orNull(${value})`
  return ['sum', 'day-sum'].includes(reading.measure.kind) ? value : `${value} | 0`
}

/** Straight-line code between arrays and records: a loop over names costs ten times as much. */
function readingsCode(): string {
  const parts = logSpecs.map(({ name, readings }) => {
    const type = `${capital(name)}Readings`
    const made = readings.map(
      (reading, place) => `    ${reading.name}: ${madeOf(reading, `v[${place}]!`)},\n`,
    )
    const filled = readings.map((reading, place) => {
      const to = place === 0 ? 'at' : `at + ${place}`
      return `  out[${to}] = r.${reading.name}${nullable(reading) ? ' ?? Number.NaN' : ''}\n`
    })
    return [
      `export function make${type}(v: Float64Array, cutAt: number | null): ${type} {\n`,
      `  return {\n    cutAt,\n${made.join('')}  }\n}\n\n`,
      `export function fill${type}(r: ${type}, out: Float64Array, at: number): void {\n`,
      `${filled.join('')}}\n`,
    ].join('')
  })
  const types = logSpecs.map(({ name }) => `${capital(name)}Readings`)
  return [
    '// Made from src/core/signals/readings.ts by scripts/generate-types.ts; do not edit.\n',
    `import type { ${types.join(', ')} } from '../schema.gen.ts'\n`,
    'const orNull = (value: number) => (Number.isNaN(value) ? null : value)\n',
    ...parts,
  ].join('\n')
}
write(join(root, 'src/core/signals/readings.gen.ts'), readingsCode())

/** Records that are written for every event: each gets straight-line code of its own. */
const writtenOften = ['Event', 'Readings', 'Inputs', 'Decision', 'Audit']

/** Named types of a schema that stand in it by name or in full, itself included. */
function namesIn(schema: Schema): string[] {
  if (typeof schema === 'string') {
    const found = named.get(schema)
    return found === undefined ? [] : namesIn(found)
  }
  if (Array.isArray(schema)) return schema.flatMap(namesIn)
  const inner = [...(schema.fields ?? []).map(({ type }) => type), schema.items, schema.values]
  const below = [...inner, schema.type].flatMap((one) => (one === undefined ? [] : namesIn(one)))
  return schema.name === undefined ? below : [...below, schema.name]
}

/** The statement that writes a value of a type. */
function writeStatement(schema: Schema, value: string): string {
  if (Array.isArray(schema)) {
    if (JSON.stringify(schema) === '["null","double","string"]') return `writeAny(tap, ${value})`
    const [none, some] = schema
    if (schema.length !== 2 || none !== 'null') throw new Error('only ["null", T] can be written')
    return `if (writeIsThere(tap, ${value})) ${writeStatement(some!, value)}`
  }
  if (typeof schema !== 'string') {
    if (schema.name !== undefined) return writeStatement(schema.name, value)
    if (schema.type !== 'array') return writeStatement(schema.type, value)
    return `writeItems(tap, ${value}, ${itemWriter(schema.items!)})`
  }
  const primitive: Record<string, string> = {
    string: 'writeText',
    long: 'writeLong',
    int: 'writeLong',
    double: 'writeDouble',
    boolean: 'writeBoolean',
  }
  if (primitive[schema] !== undefined) return `${primitive[schema]}(tap, ${value})`
  return named.get(schema)?.type === 'enum'
    ? `writeSymbol(tap, symbolsOf${schema}, ${value})`
    : `write${schema}(tap, ${value})`
}

/** The function that writes an item: of records and texts alone. */
function itemWriter(items: Schema): string {
  if (Array.isArray(items)) throw new Error('no items of a union are written')
  if (items === 'string') return 'writeText'
  return `write${typeof items === 'string' ? items : items.name!}`
}

function writerCode(name: string): string {
  const { type, symbols, fields } = named.get(name)!
  if (type === 'enum') {
    const places = symbols!.map((symbol, place) => `  ${symbol}: ${place},\n`)
    return `const symbolsOf${name}: Readonly<Record<${name}, number>> = {\n${places.join('')}}\n`
  }
  const lines = fields!.map((field) => `  ${writeStatement(field.type, `v.${field.name}`)}\n`)
  return `function write${name}(tap: Tap, v: ${name}): void {\n${lines.join('')}}\n`
}

function writersCode(): string {
  const names = [...new Set(writtenOften.flatMap(namesIn))]
  const writers = writtenOften.map((name) => `  ${name}: write${name},\n`)
  return [
    '// Made from schemas/ by scripts/generate-types.ts; do not edit.\n',
    `import { type Tap, writeAny, writeBoolean, writeDouble, writeIsThere, writeItems, writeLong, writeSymbol, writeText } from './event/avro-tap.ts'\nimport type { ${names.join(', ')} } from './schema.gen.ts'\n`,
    ...names.map(writerCode),
    `/** Writes a record as avsc does, byte for byte: see avro-tap.ts. */\nexport const recordWriters = {\n${writers.join('')}}\n`,
  ].join('\n')
}
write(join(root, 'src/core/record-writers.gen.ts'), writersCode())
process.exitCode = stale > 0 ? 1 : 0
