/**
 * A first look at a text, one pass, that settles nearly all of them: whether it may be personal
 * (personal.ts looks closer then) or is not printable ASCII. One step a character through a table:
 * in pseudonyms digits and letters take turns as they like, and a branch on each that the processor
 * guesses wrong costs as much as the rest of the look, three times over.
 *
 *     state ── digit ──▶ one more digit ── 11th, or 4th of a second group ──▶ suspicious
 *           ── space, point, dash after three digits or more ──▶ a second group begins
 */

/** What a first look at a text finds: the larger says more against it. */
export const looks = { ordinary: 0, suspicious: 1, unprintable: 2 } as const

const asciiCount = 128
/** Digits in a row that make a text suspicious, and how many after a separator after how many. */
const longRow = 11
const [groupBefore, groupAfter] = [3, 4]

/** States: digits in a row so far, the same in a second group, suspicious, unprintable. */
const secondGroup = longRow
const suspicious = secondGroup + groupAfter
const unprintable = suspicious + 1

/** Begins of the row of the next state, by the row of a state and a character. */
const steps = Uint16Array.from({ length: (unprintable + 1) * asciiCount }, (_, at) => {
  const next = nextOf(Math.trunc(at / asciiCount), at % asciiCount)
  return next * asciiCount
})

function nextOf(state: number, unit: number): number {
  if (state === unprintable || unit < 0x20 || unit > 0x7e) return unprintable
  if (state === suspicious || unit === 0x40) return suspicious
  const digits = state < secondGroup ? state : state - secondGroup
  if (unit >= 0x30 && unit <= 0x39) {
    const isLast = digits + 1 === (state < secondGroup ? longRow : groupAfter)
    return isLast ? suspicious : state + 1
  }
  const separates = unit === 0x20 || unit === 0x2d || unit === 0x2e
  return separates && digits >= groupBefore ? secondGroup : 0
}

export function lookOf(text: string): number {
  let row = 0
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at)
    if (unit >= asciiCount) return looks.unprintable
    row = steps[row + unit]!
  }
  if (row < suspicious * asciiCount) return looks.ordinary
  return row === suspicious * asciiCount ? looks.suspicious : looks.unprintable
}
