/**
 * Text from data, such as the name of a kind of actor, made harmless for where it is shown: in HTML
 * and SVG no mark-up, on a terminal no control characters.
 */

/** For text and for attributes in quotes. */
export function escaped(text: string): string {
  return printable(text).replace(/[&<>"']/g, (one) => `&#${one.charCodeAt(0)};`)
}

/** What neither terminal nor page can take for anything but text. */
export const printable = (text: string): string =>
  text.replace(/[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu, '?')

const charsMax = 40

/** Printable, and cut where it would push a table apart. */
export function shortened(text: string): string {
  const characters = [...printable(text)]
  if (characters.length <= charsMax) return characters.join('')
  return `${characters.slice(0, charsMax - 1).join('')}…`
}
