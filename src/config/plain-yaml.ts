/**
 * A small YAML file as plain values, for what a schema checks afterwards. Slips in the YAML end in
 * one CommandError that shows them all; aliases are refused.
 */
import { CommandError } from '../cli/exit.ts'
import { formatPlace, formatProblem } from './source-caret.ts'
import { readSyntax } from './yaml-syntax.ts'

/**
 * Null for an empty file. `showLines` false: a slip is told without the line that it is on, which
 * may hold a password.
 */
export function readPlainYaml(text: string, path: string, showLines = true): unknown {
  const { document, slips } = readSyntax(text, path, true)
  if (document === null || slips.length > 0)
    throw new CommandError(slips.map(showLines ? formatProblem : formatPlace).join('\n'))
  try {
    return document.toJS({ maxAliasCount: 0 })
  } catch {
    throw new CommandError(`${path}: aliases (*name) are refused; write the value out`)
  }
}
