/**
 * A model in a playbook: with the thresholds and the mode that the playbook gives it. Scores rows
 * in blocks of its own room, and says why: cheaply of flagged rows, exactly where somebody asks.
 */
import type { PlaybookModel } from '../rules/playbook.ts'
import type { Contribution } from '../schema.gen.ts'
import { putFeatures } from './features.ts'
import { type Model, newScoringRoom, scoreRows, scoreSignals } from './model.ts'
import { newTreeShap } from './tree-shap.ts'

/** Sees what a model looked at, row after row; the arrays are overwritten by the next rows. */
export type OnScored = (values: Float64Array, probabilities: Float64Array, count: number) => void

export interface Acting {
  readonly mode: PlaybookModel['mode']
  readonly reviewAt: number
  readonly blockAt: number
}

/** Rows that it has room for; more are scored in parts. */
const roomRows = 128

export function newPlaybookModel(
  model: Model,
  acting: Acting,
  onScored: OnScored | null = null,
): PlaybookModel {
  const room = newScoringRoom(model, roomRows)
  const one = newScoringRoom(model)
  const moved = new Float64Array(model.features.length)
  const isBoosted = model.forest.link === 'logistic'
  let treeShap: ReturnType<typeof newTreeShap> | null = null
  return {
    name: model.name,
    checksum: model.checksum,
    ...acting,
    score(rows, count, out) {
      for (let from = 0; from < count; from += roomRows) {
        const part = from === 0 ? rows : rows.slice(from)
        const size = Math.min(roomRows, count - from)
        scoreRows(model, part, size, room)
        out.set(room.out.subarray(0, size), from)
        onScored?.(room.values, room.out, size)
      }
    },
    contributions(row) {
      putFeatures(row, model.places, one.values, 0)
      model.contributor.contributions(one.values, moved)
      return strongestFirst(model.features, one.values, moved)
    },
    explain(row) {
      treeShap ??= newTreeShap(model.forest)
      const probability = scoreSignals(model, row, one)
      const { base, values } = treeShap(one.values)
      return {
        probability,
        base,
        output: values.reduce((sum, value) => sum + value, base),
        unit: isBoosted ? 'logit' : 'probability',
        contributions: strongestFirst(model.features, one.values, values),
      }
    },
  }
}

/** Those that moved anything; the row is only read. */
function strongestFirst(
  features: readonly string[],
  values: Float64Array,
  moved: Float64Array,
): readonly Contribution[] {
  const named: Contribution[] = []
  for (const [index, signal] of features.entries()) {
    if (moved[index] === 0) continue
    const value = Number.isNaN(values[index]!) ? null : values[index]!
    named.push({ signal, value, moved: moved[index]! })
  }
  return named.sort((a, b) => Math.abs(b.moved) - Math.abs(a.moved))
}
