/**
 * Laws of compiled conditions, on random ones: where every signal is there and exact, the answer is
 * that of the CEL library; and where signals are bounds or unknown, the answer holds whatever their
 * true values are: a hit stays a hit, and what could be a hit is never called a miss or absent.
 * What is settled at a glance is what the condition says.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { celEnvironment, parseCel, withDoubles } from '../../../src/core/rules/cel.ts'
import { compileCondition } from '../../../src/core/rules/compile.ts'
import type { Condition } from '../../../src/core/rules/playbook.ts'
import { glanceOf, isSettled } from '../../../src/core/rules/sure-miss.ts'
import {
  boolNames,
  condition,
  numberNames,
  numberValue,
  stringNames,
  textValue,
} from './conditions.ts'
import { type Cell, type Plain, rowOf } from './rows.ts'

const seed = Number(process.env.SEED ?? 20_240_207)
/** Enough to meet every operator in every place; RUNS=100000 looks harder. */
const runs = Number(process.env.RUNS ?? 6_000)
const timeoutMs = 10_000 + runs
const settings = (numRuns: number) => ({ seed, numRuns, endOnFailure: false })

function cellsOf(
  number: fc.Arbitrary<Cell>,
  bool: fc.Arbitrary<Cell>,
  text: fc.Arbitrary<Cell>,
): fc.Arbitrary<Readonly<Record<string, Cell>>> {
  const each = (names: readonly string[], cell: fc.Arbitrary<Cell>) =>
    Object.fromEntries(names.map((name) => [name, cell]))
  return fc.record({
    ...each(numberNames, number),
    ...each(boolNames, bool),
    ...each(stringNames, text),
  })
}

/** Null for the few that are refused, such as one that compares constants. */
function compiled(text: string): Condition | null {
  const result = compileCondition(text)
  return 'condition' in result ? result.condition : null
}

describe(`random conditions (SEED=${seed} npx vitest run test/core/rules)`, () => {
  test(
    'answer as the CEL library does, where all signals are exact',
    () => {
      const seen = { hit: 0, miss: 0, failed: 0, refused: 0 }
      const row = cellsOf(numberValue, fc.boolean(), textValue)
      fc.assert(
        fc.property(condition, row, (text, cells) => {
          const ours = compiled(text)
          if (ours === null) {
            seen.refused += 1
            return
          }
          const verdict = ours(rowOf(cells))
          expect(['hit', 'miss', 'failed']).toContain(verdict)
          seen[verdict as 'hit' | 'miss' | 'failed'] += 1
          if (verdict === 'failed') return
          expect(verdict, text).toBe(celSays(text, cells) ? 'hit' : 'miss')
        }),
        settings(runs),
      )
      expect(seen.hit).toBeGreaterThan(runs / 10)
      expect(seen.miss).toBeGreaterThan(runs / 10)
      expect(seen.failed).toBeGreaterThan(runs / 500)
      expect(seen.refused + seen.failed).toBeLessThan(runs / 2)
    },
    timeoutMs,
  )

  test(
    'hold for every value that an uncertain signal may have',
    () => {
      const seen: Record<string, number> = {}
      fc.assert(
        fc.property(condition, uncertainCells, completions, (text, cells, draws) => {
          const ours = compiled(text)
          if (ours === null) return
          const verdict = ours(rowOf(cells))
          seen[verdict] = (seen[verdict] ?? 0) + 1
          for (const draw of draws) {
            const truth = ours(rowOf(completed(cells, draw)))
            expect(truth, text).not.toBe('doubtful')
            if (verdict === 'hit') expect(truth, text).toBe('hit')
            if (verdict === 'miss' || verdict === 'absent') expect(truth, text).not.toBe('hit')
          }
        }),
        settings(runs),
      )
      for (const verdict of ['hit', 'miss', 'absent', 'doubtful']) {
        expect(seen[verdict], verdict).toBeGreaterThan(runs / 20)
      }
    },
    timeoutMs,
  )

  test(
    'are settled at a glance only where they miss or lack a signal',
    () => {
      const seen = { miss: 0, absent: 0 }
      fc.assert(
        fc.property(condition, uncertainCells, (text, cells) => {
          const ours = compileCondition(text)
          const row = rowOf(cells)
          if (!('condition' in ours) || !isSettled(glanceOf([ours.sureMiss]), 0, row)) return
          const verdict = ours.condition(row)
          expect(['miss', 'absent'], text).toContain(verdict)
          seen[verdict as 'miss' | 'absent'] += 1
        }),
        settings(runs),
      )
      expect(seen.miss).toBeGreaterThan(runs / 200)
      expect(seen.absent).toBeGreaterThan(runs / 200)
    },
    timeoutMs,
  )
})

function celSays(text: string, cells: Readonly<Record<string, Cell>>): boolean {
  const ast = parseCel(text)
  if (!('op' in ast)) throw new Error(ast.message)
  return celEnvironment.evaluate(withDoubles(text, ast).text, cells) === true
}

const orLack = (cell: fc.Arbitrary<Cell>) =>
  fc.oneof(
    { weight: 3, arbitrary: cell },
    { weight: 1, arbitrary: fc.constant<Cell>('absent!') },
    { weight: 1, arbitrary: fc.constant<Cell>('unknown!') },
  )
const uncertainNumber = fc.oneof(
  { weight: 3, arbitrary: orLack(numberValue) },
  { weight: 1, arbitrary: numberValue.map((atLeast): Cell => ({ atLeast })) },
)
const uncertainCells = cellsOf(uncertainNumber, orLack(fc.boolean()), orLack(textValue))

/** What an uncertain cell turns out to be: how much above its bound, or which value if any. */
const lackOr = (value: fc.Arbitrary<Plain>) => fc.oneof(value, fc.constant<Cell>('absent!'))
const draw = fc.record({
  above: fc.constantFrom(0, 0.5, 1, 5, 20, 1_000),
  number: lackOr(numberValue),
  bool: lackOr(fc.boolean()),
  text: lackOr(textValue),
})
const completions = fc.array(draw, { minLength: 6, maxLength: 6 })

function completed(
  cells: Readonly<Record<string, Cell>>,
  { above, number, bool, text }: typeof draw extends fc.Arbitrary<infer T> ? T : never,
): Record<string, Cell> {
  const settle = (name: string, cell: Cell): Cell => {
    if (typeof cell === 'object') return cell.atLeast + above
    if (cell !== 'unknown!') return cell
    return numberNames.includes(name) ? number : boolNames.includes(name) ? bool : text
  }
  return Object.fromEntries(Object.entries(cells).map(([name, cell]) => [name, settle(name, cell)]))
}
