/** A rule's condition cut into pieces, with the values of its signals beside their names; pure. */
export interface ConditionPiece {
  readonly text: string
  /** The value put in, where the piece is a signal that has one. */
  readonly value: string | null
}

export function piecesOf(
  condition: string,
  values: ReadonlyMap<string, string>,
): readonly ConditionPiece[] {
  const pieces: ConditionPiece[] = []
  let plain = ''
  // Quoted text first, so that a word in it is not taken for a signal.
  for (const [text] of condition.matchAll(/"[^"]*"|'[^']*'|[A-Za-z_]\w*|[^A-Za-z_"']+|["']/g)) {
    const value = values.get(text)
    if (value === undefined) {
      plain += text
      continue
    }
    if (plain !== '') pieces.push({ text: plain, value: null })
    plain = ''
    pieces.push({ text, value })
  }
  return plain === '' ? pieces : [...pieces, { text: plain, value: null }]
}
