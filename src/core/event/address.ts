/**
 * Addresses in one canonical text, so that no spelling of an address gets a window of its own:
 * dotted IPv4, or IPv6 as RFC 5952 writes it. IPv4 mapped into IPv6 is IPv4.
 */

const ipv4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/

/** Eight groups written out, none of them 0 or led by 0: nothing can be written shorter. */
const ipv6InFull = /^(?:[1-9a-f][0-9a-f]{0,3}:){7}[1-9a-f][0-9a-f]{0,3}$/

/** The canonical text, or null where the text is no address. */
export function canonicalAddress(text: string): string | null {
  if (ipv4.test(text) || ipv6InFull.test(text)) return text
  const groups = parseIpv6(text)
  if (groups === null) return null
  const mapped = groups[5] === 0xffff && groups.slice(0, 5).every((group) => group === 0)
  return mapped ? dotted(groups[6]!, groups[7]!) : compressed(groups)
}

/** Four groups written out, the last of them not 0: a /64 is just those and `::`. */
const fourGroups = /^(?:[0-9a-f]+:){3}[1-9a-f][0-9a-f]*(?=:)/

/** The /24 of an IPv4 address, the /64 of an IPv6 address; takes canonical text. */
export function subnetOf(canonical: string): string {
  if (!canonical.includes(':')) return `${canonical.slice(0, canonical.lastIndexOf('.'))}.0/24`
  const written = fourGroups.exec(canonical)
  if (written !== null) return `${written[0]}::/64`
  const groups = parseIpv6(canonical)!
  return `${compressed([...groups.slice(0, 4), 0, 0, 0, 0])}/64`
}

/** Eight 16-bit groups, or null. A zone (%eth0) is no part of an address here. */
export function parseIpv6(text: string): number[] | null {
  if (text.length > 45 || !text.includes(':')) return null
  const halves = withHexTail(text).split('::')
  if (halves.length > 2) return null
  const head = parseGroups(halves[0]!)
  const tail = halves.length === 2 ? parseGroups(halves[1]!) : []
  if (head === null || tail === null) return null
  const missing = 8 - head.length - tail.length
  if (halves.length === 1 ? missing !== 0 : missing < 1) return null
  return [...head, ...new Array<number>(missing).fill(0), ...tail]
}

/** ::ffff:1.2.3.4 written in groups; a wrong tail is left and fails as a group. */
function withHexTail(text: string): string {
  const at = text.lastIndexOf(':') + 1
  const tail = text.slice(at)
  if (!ipv4.test(tail)) return text
  const [a, b, c, d] = tail.split('.').map(Number) as [number, number, number, number]
  return `${text.slice(0, at)}${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`
}

function parseGroups(text: string): number[] | null {
  if (text === '') return []
  const groups = text.split(':')
  return groups.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))
    ? groups.map((group) => Number.parseInt(group, 16))
    : null
}

const dotted = (high: number, low: number) => `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`

/** The longest run of two or more zero groups, the first of equals, becomes `::`. */
function compressed(groups: readonly number[]): string {
  let best = { at: -1, length: 1 }
  for (let at = 0; at < 8; at += 1) {
    let length = 0
    while (at + length < 8 && groups[at + length] === 0) length += 1
    if (length > best.length) best = { at, length }
  }
  const text = (part: readonly number[]) => part.map((group) => group.toString(16)).join(':')
  if (best.at < 0) return text(groups)
  return `${text(groups.slice(0, best.at))}::${text(groups.slice(best.at + best.length))}`
}
