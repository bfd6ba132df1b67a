/**
 * A mapping held against the columns of a file: every expression is parsed and type-checked once,
 * and all problems are reported at once, unknown columns among them with those that the file has.
 */
import { type ASTNode, type Environment, ParseError } from '@marcbachmann/cel-js'
import { report, type YamlSource } from '../config/yaml-reader.ts'
import { childrenOf } from '../core/rules/cel.ts'
import { didYouMean } from '../core/rules/nearest-name.ts'
import { celTypesOf, type FieldKind, fieldKinds, requiredFields } from './mapped-fields.ts'
import {
  type CompiledExpansion,
  type CompiledExpression,
  type RowMapping,
  rowMapping,
} from './mapped-row.ts'
import {
  type Expansion,
  type Expression,
  type MappingFile,
  mappingError,
  type RowsFormat,
} from './mapping-file.ts'
import { mappingEnvironment, reservedNames } from './mapping-functions.ts'

/** A mapping held against these columns, with the problems met so far. */
export interface Compiler {
  readonly columns: readonly string[]
  /** The file whose columns these are, for messages. */
  readonly origin: string
  readonly environment: Environment
  /** The mapping's file, with the problems found in it. */
  readonly source: YamlSource
}

export const columnsMax = 1_000
const identifier = /^[A-Za-z_][A-Za-z0-9_]*$/

export function compileMapping(
  mapping: MappingFile,
  columns: readonly string[],
  origin: string,
): RowMapping {
  const { name, resolutionMs } = mapping
  const compiler = newCompiler(mapping, columns, origin)
  const lets = mapping.lets.map((expression) => compileLet(compiler, expression))
  const shared = mapping.fields.map((field) => compileField(compiler, field))
  const expand = mapping.expand.map((item) => compileExpansion(compiler, item, shared))
  const recordedAt =
    mapping.recordedAt === null ? null : compileAs(compiler, mapping.recordedAt, 'number')
  const labels = mapping.labels.map((label) =>
    compileAs(compiler, label, label.name === 'fraud' ? 'flag' : 'text'),
  )
  refuseProblems(compiler)
  return rowMapping({ name, columns, resolutionMs, lets, expand, recordedAt, labels })
}

export function newCompiler(
  mapping: RowsFormat,
  columns: readonly string[],
  origin: string,
): Compiler {
  // A mapping may meet several files: each has problems of its own.
  const source: YamlSource = { ...mapping.source, problems: [] }
  return { columns, origin, environment: environmentFor(mapping, columns), source }
}

/** Throws CommandError with all problems that were met, where there are any. */
export function refuseProblems({ source }: Compiler): void {
  if (source.problems.length > 0) throw mappingError(source.problems)
}

/** Every column that CEL can name is a variable; `row["any name"]` reaches them all. */
function environmentFor(mapping: RowsFormat, columns: readonly string[]): Environment {
  const environment = mappingEnvironment(mapping)
  environment.registerVariable('row', 'map<string, string>')
  for (const column of new Set(columns)) {
    if (identifier.test(column) && !reservedNames.has(column))
      environment.registerVariable(column, 'string')
  }
  return environment
}

function compileExpansion(
  compiler: Compiler,
  { kind, when, fields, at }: Expansion,
  shared: readonly CompiledExpression[],
): CompiledExpansion {
  const own = fields.map((field) => compileField(compiler, field))
  const ownNames = new Set(own.map(({ name }) => name))
  const all = [...shared.filter(({ name }) => !ownNames.has(name)), ...own]
  for (const required of requiredFields) {
    if (all.some(({ name }) => name === required)) continue
    const message = `the ${kind} has no field ${required}; add it to fields`
    report(compiler.source, at, message)
  }
  return { kind, when: when === null ? null : compileAs(compiler, when, 'flag'), fields: all }
}

function compileField(compiler: Compiler, expression: Expression): CompiledExpression {
  const { name, text } = expression
  const kind = fieldKinds.get(name)
  if (kind !== undefined) return compileAs(compiler, expression, kind)
  const message = `an event has no field ${name}${didYouMean(name, fieldKinds.keys())}`
  report(compiler.source, text.at, message)
  return { name, kind: 'text', evaluate: () => null }
}

/** A name of the mapping's own, which every expression after it can use. */
export function compileLet(compiler: Compiler, expression: Expression): CompiledExpression {
  const { name, text } = expression
  const { environment, columns } = compiler
  const taken = reservedNames.has(name) || columns.includes(name)
  if (!identifier.test(name) || taken || environment.hasVariable(name)) {
    const why = taken ? 'is taken by a column or by CEL' : 'is no new name of letters and digits'
    report(compiler.source, text.at, `let: ${name} ${why}`)
    return { name, kind: 'text', evaluate: () => null }
  }
  const { type, evaluate } = compile(compiler, expression)
  environment.registerVariable(name, type === 'null' ? 'dyn' : type)
  return { name, kind: 'text', evaluate }
}

export function compileAs(
  compiler: Compiler,
  expression: Expression,
  kind: FieldKind,
): CompiledExpression {
  const { type, evaluate } = compile(compiler, expression)
  if (!celTypesOf[kind].test(type)) {
    const { name, text } = expression
    const remedy = kind === 'number' && type === 'string' ? '; use whole(), minor() or time()' : ''
    const message = `${name} takes a ${kind}, this is a ${type}${remedy}`
    report(compiler.source, text.at, message)
  }
  return { name: expression.name, kind, evaluate }
}

interface Checked {
  /** What the type checker says; dyn after a problem, so that it is reported only once. */
  readonly type: string
  readonly evaluate: CompiledExpression['evaluate']
}

function compile(compiler: Compiler, expression: Expression): Checked {
  const { environment, source } = compiler
  const { value: text, placeOf } = expression.text
  const complain = (message: string, start: number) => report(source, placeOf(start), message)
  const failed: Checked = { type: 'dyn', evaluate: () => null }
  try {
    const parsed = environment.parse(text)
    const { valid, type, error } = parsed.check()
    if (!valid) {
      const unknown = error?.code === 'unknown_variable'
      const summary = error?.summary ?? 'not a valid expression'
      const message = unknown ? unknownColumn(compiler, summary.split(': ')[1] ?? '') : summary
      complain(message, error?.range?.start ?? 0)
      return failed
    }
    for (const { name, start } of rowColumns(parsed.ast)) {
      if (!compiler.columns.includes(name)) complain(unknownColumn(compiler, name), start)
    }
    return { type: type ?? 'dyn', evaluate: (context) => parsed(context) }
  } catch (error) {
    if (!(error instanceof ParseError)) throw error
    complain(error.summary, error.range?.start ?? 0)
    return failed
  }
}

function unknownColumn({ columns, origin }: Compiler, name: string): string {
  const shown = columns.slice(0, 30).map((column) => column.slice(0, 60))
  const rest = columns.length > 30 ? ` and ${columns.length - 30} more` : ''
  return `no column ${name}: ${origin} has ${shown.join(', ')}${rest}${didYouMean(name, columns)}`
}

/** Columns that are named as `row["..."]`. */
function* rowColumns(node: ASTNode): Generator<{ name: string; start: number }> {
  if (node.op === '[]') {
    const [target, key] = node.args
    if (target.op === 'id' && target.args === 'row' && key.op === 'value')
      yield { name: String(key.args), start: key.start }
  }
  for (const child of childrenOf(node)) yield* rowColumns(child)
}
