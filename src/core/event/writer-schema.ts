/**
 * The schema of whoever wrote a message → the resolver that reads it as our CouponEvent, or why it
 * cannot be. The schema comes from a registry that many may write to, so it is held to bounds: one
 * of a few hundred bytes can otherwise ask for 2^40 steps without a byte of data, as a record of
 * two records of two records and so on does. Costs some milliseconds; the caller keeps the answer.
 */
import avro from 'avsc'
import { boundedType } from './bounded-type.ts'
import { couponEventType } from './decode-avro.ts'
import { isTooDeep } from './json-depth.ts'
import { type Rejection, reject } from './rejection.ts'

export const schemaCharsMax = 262_144
/** Steps that a value may take without a byte of its own: nulls and records around records. */
const freeStepsMax = 64

/** How to read what a writer wrote; null where he wrote under our own schema, which is faster. */
export interface Reading {
  readonly resolver: avro.Resolver | null
}

export function resolveWriter(text: string): Reading | Rejection {
  if (text.length > schemaCharsMax)
    return incompatible(`is longer than ${schemaCharsMax} characters`)
  if (isTooDeep(text)) return incompatible('is nested too deeply')
  try {
    const schema: unknown = JSON.parse(text)
    if (!isSchema(schema)) return incompatible('is no Avro schema')
    const writer = boundedType(schema)
    const fault = faultOf(writer)
    if (fault !== null) return incompatible(fault)
    const isOurs = writer.equals(couponEventType)
    return { resolver: isOurs ? null : couponEventType.createResolver(writer) }
  } catch {
    return incompatible('cannot be read as a CouponEvent')
  }
}

const incompatible = (what: string) =>
  reject('incompatible-schema', `the schema that it was written under ${what}`)

/** avsc looks at the rest while it builds the type. */
const isSchema = (value: unknown): value is avro.Schema =>
  typeof value === 'string' || (typeof value === 'object' && value !== null)

/** Free steps of a value, and whether it always takes a byte. */
interface Cost {
  readonly free: number
  readonly takesBytes: boolean
}

const paid: Cost = { free: 0, takesBytes: true }

/** Null where reading or skipping a value costs at most some steps a byte. */
function faultOf(top: avro.Type): string | null {
  const known = new Map<avro.Type, Cost>()
  /** Records that are being walked, with the choices on the way to each. */
  const open = new Map<avro.Type, number>()
  let fault: string | null = null
  let choices = 0

  const inside = (type: avro.Type): Cost => {
    choices += 1
    const found = costOf(type)
    choices -= 1
    return found
  }

  const costOf = (type: avro.Type): Cost => {
    const before = known.get(type)
    if (before !== undefined) return before
    const opened = open.get(type)
    if (opened !== undefined) {
      if (opened === choices) fault ??= 'holds itself without an end'
      return paid
    }
    open.set(type, choices)
    const cost = partsOf(type)
    open.delete(type)
    if (cost.free > freeStepsMax) fault ??= 'takes too many steps for its bytes'
    known.set(type, cost)
    return cost
  }

  const itemsOf = (item: avro.Type): Cost => {
    if (!inside(item).takesBytes) fault ??= 'has items that take no bytes'
    return paid
  }

  const partsOf = (type: avro.Type): Cost => {
    const { types: kinds } = avro
    if (type instanceof kinds.RecordType) {
      const fields = type.fields.map((field) => costOf(field.type))
      return {
        free: fields.reduce((sum, { free }) => sum + free, 1),
        takesBytes: fields.some(({ takesBytes }) => takesBytes),
      }
    }
    if (type instanceof kinds.ArrayType) return itemsOf(type.itemsType)
    if (type instanceof kinds.MapType) {
      // A key takes a byte, whatever its value takes.
      inside(type.valuesType)
      return paid
    }
    if (type instanceof kinds.UnwrappedUnionType || type instanceof kinds.WrappedUnionType) {
      // The byte that names the branch pays for one step of it.
      const free = Math.max(1, ...type.types.map((branch) => inside(branch).free)) - 1
      return { free, takesBytes: true }
    }
    const isEmpty = type instanceof kinds.FixedType && type.size === 0
    return isEmpty || type instanceof kinds.NullType ? { free: 1, takesBytes: false } : paid
  }

  costOf(top)
  return fault
}
