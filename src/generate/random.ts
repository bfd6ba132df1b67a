/**
 * A small seeded generator (sfc32): integer arithmetic only, so equal seeds give equal streams on
 * every machine. Streams are forked by label, which keeps one part of the simulation from moving
 * another: a further draw for a device never changes tomorrow's weather. Costs 16 bytes of state
 * and a few nanoseconds a draw. Not for secrets.
 */

export interface Random {
  /** The next 32 bits, as an unsigned integer. */
  word(): number
  /** At least 0 and below 1. */
  unit(): number
  /** A whole number, at least 0 and below `bound`. */
  below(bound: number): number
  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number
  chance(probability: number): boolean
  pick<T>(items: readonly T[]): T
  /** A whole number with an exponential distribution. */
  exponential(mean: number): number
  /** About normal: mean 0, deviation 1, never beyond 3.5 (the sum of four draws). */
  bell(): number
  /** A stream of its own, named by a number. */
  fork(label: number): Random
}

const mix = (a: number, b: number): number => {
  let h = Math.imul(a ^ (b >>> 15) ^ (b << 7), 0x2c1b3c6d) ^ Math.imul(b, 0x297a2d39)
  h = Math.imul(h ^ (h >>> 12), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

export function newRandom(seed: number): Random {
  const low = seed >>> 0
  const high = Math.floor(seed / 2 ** 32) >>> 0
  return stream(mix(low, 0x9e3779b9), mix(high, low))
}

function stream(seedA: number, seedB: number): Random {
  let a = seedA | 0
  let b = seedB | 0
  let c = mix(seedA, seedB) | 0
  let d = 1
  const word = (): number => {
    const sum = (((a + b) | 0) + d) | 0
    d = (d + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (((c << 21) | (c >>> 11)) + sum) | 0
    return sum >>> 0
  }
  for (let round = 0; round < 8; round += 1) word()
  const unit = () => word() / 2 ** 32
  const below = (bound: number) => Math.floor(unit() * bound)
  return {
    word,
    unit,
    below,
    between: (lowest, highest) => lowest + below(highest - lowest + 1),
    chance: (probability) => unit() < probability,
    pick: (items) => {
      const item = items[below(items.length)]
      if (item === undefined) throw new Error('nothing to pick from')
      return item
    },
    exponential: (mean) => Math.floor(-Math.log(1 - unit()) * mean),
    bell: () => (unit() + unit() + unit() + unit() - 2) * 1.7320508,
    fork: (label) => stream(mix(seedA, label >>> 0), mix(label >>> 0, seedB)),
  }
}

/** Picks a place by weight: a table of running sums, made once. */
export function weighted(weights: readonly number[]): (random: Random) => number {
  const sums: number[] = []
  let total = 0
  for (const weight of weights) {
    total += weight
    sums.push(total)
  }
  return (random) => {
    const at = random.unit() * total
    let place = 0
    while (place < sums.length - 1 && at >= sums[place]!) place += 1
    return place
  }
}

const base64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const base36 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ'
const scratch = Buffer.alloc(32)

/**
 * A pseudonymous openid: `o` and 27 characters of base64url. Flat strings: ropes cost ten times.
 */
export function openid(random: Random): string {
  scratch[0] = 0x6f
  for (let place = 1; place < 28; place += 5) {
    let bits = random.word()
    for (let next = place; next < place + 5 && next < 28; next += 1) {
      scratch[next] = base64.charCodeAt(bits & 63)
      bits >>>= 6
    }
  }
  return scratch.toString('latin1', 0, 28)
}

/** 32 hexadecimal digits, as the SDK's MD5 has. */
export function fingerprint(random: Random): string {
  for (let place = 0; place < 16; place += 4) scratch.writeUInt32LE(random.word(), place)
  return scratch.toString('hex', 0, 16)
}

/** Characters of a coupon code: upper-case letters and digits. */
export function codeText(random: Random, length: number): string {
  for (let place = 0; place < length; place += 1) {
    scratch[place] = base36.charCodeAt(random.below(36))
  }
  return scratch.toString('latin1', 0, length)
}

/** Four hexadecimal digits: a group of an IPv6 address. */
export const hexGroup = (random: Random): string => (0x1000 + random.below(0xf000)).toString(16)
