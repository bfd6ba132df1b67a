/**
 * How deeply JSON nests, told from its text before it is parsed: what nests very deeply can be
 * parsed, but whatever walks it afterwards, as writing it again does, overflows the stack.
 */

/** An event needs four levels in an array; the rest is for fields of later versions. */
export const jsonDepthMax = 64

export function isTooDeep(text: string): boolean {
  let depth = 0
  let quoted = false
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at]
    if (char === '"') quoted = !quoted
    else if (quoted) at += char === '\\' ? 1 : 0
    else if (char === '[' || char === '{') depth += 1
    else if (char === ']' || char === '}') depth -= 1
    if (depth > jsonDepthMax) return true
  }
  return false
}
