/**
 * Makes what hides in a text visible: marks that turn its direction round, characters of no width
 * and controls are named by their code point instead of doing what they do.
 */
export interface Piece {
  readonly text: string
  /** `U+202E` for a character that is named instead of shown; else null. */
  readonly hidden: string | null
}

const misleading =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  // biome-ignore lint/suspicious/noMisleadingCharacterClass: each stands for itself
  /[\u0000-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\ud800-\udfff]|[\u{e0000}-\u{e0fff}]/gu

export function reveal(text: string): readonly Piece[] {
  const pieces: Piece[] = []
  let from = 0
  for (const match of text.matchAll(misleading)) {
    if (match.index > from) pieces.push({ text: text.slice(from, match.index), hidden: null })
    const code = match[0].codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')
    pieces.push({ text: match[0], hidden: `U+${code}` })
    from = match.index + match[0].length
  }
  if (from < text.length) pieces.push({ text: text.slice(from), hidden: null })
  return pieces
}

/** At most so many characters: the middle goes, since ids differ at both ends. */
export function clip(text: string, longest: number): string {
  const characters = [...text]
  if (characters.length <= longest) return text
  const head = Math.ceil((longest - 1) * 0.6)
  const tail = longest - 1 - head
  return `${characters.slice(0, head).join('')}…${characters.slice(-tail).join('')}`
}
