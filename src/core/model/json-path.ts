/** Looks into JSON of others, whose form nothing promises; throws ForestError with the path. */
import { ForestError } from './forest.ts'

export type JsonRecord = Readonly<Record<string, unknown>>
type Path = readonly string[]

const isRecord = (value: unknown): value is JsonRecord =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const nameOf = (path: Path) => (path.length === 0 ? 'the model' : path.join('.'))

/** Undefined where nothing is there. */
export function at(json: unknown, path: Path): unknown {
  let value = json
  for (const key of path) value = isRecord(value) ? value[key] : undefined
  return value
}

export function recordAt(json: unknown, path: Path): JsonRecord {
  const value = at(json, path)
  if (isRecord(value)) return value
  throw new ForestError(`${nameOf(path)}: is no object`)
}

export function listAt(json: unknown, path: Path): readonly unknown[] {
  const value = at(json, path)
  if (Array.isArray(value)) return value
  throw new ForestError(`${nameOf(path)}: is no list`)
}

/** True and false count as 1 and 0. */
export function numbersAt(json: unknown, path: Path): readonly number[] {
  return listAt(json, path).map((one) => {
    if (typeof one === 'number' || typeof one === 'boolean') return Number(one)
    throw new ForestError(`${nameOf(path)}: holds something that is no number`)
  })
}
