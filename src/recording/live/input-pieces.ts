/**
 * A decision's inputs in pieces, and which of them make two decisions differ: a piece is put in the
 * place of the other's and the event is judged again. Pure; costs one judgement a piece that
 * differs.
 */
import type { Inputs } from '../../core/schema.gen.ts'
import { type DayName, dayNames, type LogName, logSpecs } from '../../core/signals/readings.ts'

/** `late` stands for lateness with all logs: the windows of a late event are not read. */
export type Piece =
  | 'lists'
  | 'address'
  | 'campaign-facts'
  | 'switch'
  | 'alerts'
  | 'repeatsSaturated'
  | 'late'
  | LogName
  | DayName

const plainPieces = {
  lists: 'lists',
  address: 'address',
  'campaign-facts': 'campaign',
  switch: 'switch',
  alerts: 'alerts',
  repeatsSaturated: 'repeatsSaturated',
} as const
const plainNames = ['lists', 'address', 'campaign-facts', 'switch', 'alerts'] as const

const logNames: readonly LogName[] = logSpecs.map(({ name }) => name)

export const isLogName = (piece: Piece): piece is LogName => logNames.some((one) => one === piece)
export const isDayName = (piece: Piece): piece is DayName => dayNames.some((one) => one === piece)

/** All numbers of inputs survive JSON, and its keys stand in the order of the schema. */
const same = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other)

/** Pieces that differ, in a fixed order. */
export function differingPieces(live: Inputs, now: Inputs): Piece[] {
  const facts = [...plainNames, 'repeatsSaturated' as const].filter(
    (piece) => !same(live[plainPieces[piece]], now[plainPieces[piece]]),
  )
  const isLate = live.late !== now.late
  const logs = logNames.filter((name) => !same(live.readings[name], now.readings[name]))
  const days = dayNames.filter((name) => !same(live.readings[name], now.readings[name]))
  return [...facts, ...(isLate ? (['late'] as const) : logs), ...days]
}

/** `base` with these pieces of `from`. */
function mixed(base: Inputs, from: Inputs, pieces: readonly Piece[]): Inputs {
  let [inputs, readings] = [base, base.readings]
  for (const piece of pieces) {
    if (piece === 'late') {
      inputs = { ...inputs, late: from.late }
      for (const name of logNames) readings = { ...readings, [name]: from.readings[name] }
    } else if (isLogName(piece) || isDayName(piece))
      readings = { ...readings, [piece]: from.readings[piece] }
    else inputs = { ...inputs, [plainPieces[piece]]: from[plainPieces[piece]] }
  }
  return { ...inputs, readings }
}

/**
 * Pieces of the live inputs that, put in place of the re-observed ones, give the live decision;
 * first those without which it is another. Null where not even all of them do.
 */
export function decisivePieces(
  live: Inputs,
  now: Inputs,
  givesLiveDecision: (inputs: Inputs) => boolean,
): readonly Piece[] | null {
  const differing = differingPieces(live, now)
  const decisive = differing.filter((piece) => !givesLiveDecision(mixed(live, now, [piece])))
  for (const piece of differing) {
    if (givesLiveDecision(mixed(now, live, decisive))) return decisive
    if (!decisive.includes(piece)) decisive.push(piece)
  }
  return givesLiveDecision(mixed(now, live, decisive)) ? decisive : null
}
