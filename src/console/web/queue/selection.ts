/** Which rows are selected; pure. At most as many as can be decided at once. */
export const selectionMax = 1_000

export interface Selection {
  readonly keys: ReadonlySet<string>
  /** Where a range would begin. */
  readonly anchor: number | null
}
export const nothingSelected: Selection = { keys: new Set(), anchor: null }

interface Selectable {
  readonly key: string
  readonly state: string
}

export function toggleRow(
  { keys }: Selection,
  rows: readonly Selectable[],
  index: number,
): Selection {
  const row = rows[index]
  if (row === undefined) return { keys, anchor: null }
  const next = new Set(keys)
  if (!next.delete(row.key) && row.state === 'open' && next.size < selectionMax) next.add(row.key)
  return { keys: next, anchor: index }
}

/** All open rows between the anchor and here, both included, beside those selected already. */
export function selectRange(
  { keys, anchor }: Selection,
  rows: readonly Selectable[],
  index: number,
): Selection {
  const from = Math.min(anchor ?? index, index)
  const to = Math.max(anchor ?? index, index)
  return { keys: withOpen(keys, rows.slice(from, to + 1)), anchor: index }
}

export const selectAll = (rows: readonly Selectable[]): Selection => ({
  keys: withOpen(new Set(), rows),
  anchor: null,
})

function withOpen(keys: ReadonlySet<string>, rows: readonly Selectable[]): ReadonlySet<string> {
  const next = new Set(keys)
  for (const { key, state } of rows) {
    if (next.size >= selectionMax) break
    if (state === 'open') next.add(key)
  }
  return next
}
