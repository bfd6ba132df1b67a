/**
 * Rows for the tests of rules, by signal name: a value is exact, the rest say how far to trust it.
 */
import { catalogue, signalIndex } from '../../../src/core/signals/catalogue.ts'
import {
  absent,
  atLeast,
  exact,
  newSignalRow,
  type SignalRow,
  type SignalState,
  unknown,
} from '../../../src/core/signals/row.ts'

export type Plain = number | boolean | string
export type Cell = Plain | { readonly atLeast: number } | 'absent!' | 'unknown!'

export function rowOf(cells: Readonly<Record<string, Cell>>): SignalRow {
  const row = newSignalRow(catalogue.length)
  for (const [name, cell] of Object.entries(cells)) put(row, name, cell)
  return row
}

function put(row: SignalRow, name: string, cell: Cell): void {
  const index = signalIndex.get(name)
  if (index === undefined) throw new Error(`no signal ${name}`)
  const set = (state: SignalState, value: Plain | null) => {
    row.states[index] = state
    if (typeof value === 'string') row.strings[index] = value
    else if (value !== null) row.numbers[index] = Number(value)
  }
  if (cell === 'absent!') set(absent, null)
  else if (cell === 'unknown!') set(unknown, null)
  else if (typeof cell === 'object') set(atLeast, cell.atLeast)
  else set(exact, cell)
}
