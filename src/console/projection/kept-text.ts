/**
 * Text from outside as the database takes it: Postgres refuses U+0000, and a lone surrogate is no
 * UTF-8. Both become U+FFFD; what is longer than a column is cut. Whoever filters by such a text
 * must put it through the same, or would not find it.
 */

export const textMax = 256

export function keptText(text: string, max = textMax): string {
  const cut = text.length > max ? text.slice(0, max) : text
  return cut.replaceAll('\0', '\ufffd').toWellFormed()
}

export const keptOrNull = (text: string | null, max = textMax): string | null =>
  text === null ? null : keptText(text, max)
