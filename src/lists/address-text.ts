/**
 * Address text → numbers, at the pace of a stream: a reader allocates nothing per address and takes
 * about 50 ns for IPv4. It takes every spelling that core/event/address.ts takes, canonical or not,
 * and like there IPv4 mapped into IPv6 is IPv4. CIDR text is read for feeds and lists, off the hot
 * path.
 */
import { canonicalAddress } from '../core/event/address.ts'

/** 0 stands for what is no address. */
export type Family = 0 | 4 | 6

export interface AddressReader {
  /** The address of the last `read` that gave 4 (first word only) or 6 (all four, high to low). */
  readonly words: Uint32Array
  read(text: string): Family
}

/** A range of addresses: all that share the first `prefix` bits with `words`. */
export interface Cidr {
  readonly family: 4 | 6
  /** One word for IPv4, four for IPv6, high to low; bits below the prefix are 0. */
  readonly words: readonly number[]
  readonly prefix: number
}

const zero = 48
const dot = 46
const colon = 58
const groupCount = 8

export function newAddressReader(): AddressReader {
  const words = new Uint32Array(4)
  const groups = new Uint16Array(groupCount)
  return {
    words,
    read(text) {
      const v4 = readIpv4(text, 0)
      if (v4 >= 0) {
        words[0] = v4
        return 4
      }
      return readIpv6(text, groups) ? gather(groups, words) : 0
    },
  }
}

/** The address that starts at `from` and ends with the text, or -1. */
function readIpv4(text: string, from: number): number {
  const end = text.length
  if (end - from > 15 || end - from < 7) return -1
  let address = 0
  let parts = 0
  let octet = 0
  let digits = 0
  for (let at = from; at <= end; at += 1) {
    const digit = at === end ? dot - zero : text.charCodeAt(at) - zero
    if (digit >= 0 && digit <= 9) {
      if (digits > 0 && octet === 0) return -1
      octet = octet * 10 + digit
      digits += 1
      if (octet > 255) return -1
    } else if (digit === dot - zero && digits > 0 && parts < 4) {
      address = address * 256 + octet
      parts += 1
      octet = 0
      digits = 0
    } else {
      return -1
    }
  }
  return parts === 4 ? address : -1
}

/** Fills `groups`; the groups behind a `::` are moved to the end when their number is known. */
function readIpv6(text: string, groups: Uint16Array): boolean {
  const end = text.length
  if (end < 2 || end > 45) return false
  let count = 0
  let gap = -1
  let at = 0
  if (text.charCodeAt(0) === colon) {
    if (text.charCodeAt(1) !== colon) return false
    gap = 0
    at = 2
  }
  while (at < end) {
    if (count === groupCount) return false
    const groupEnd = endOfGroup(text, at)
    if (text.charCodeAt(groupEnd) === dot) {
      const tail = readIpv4(text, at)
      if (tail < 0 || count > groupCount - 2) return false
      groups[count] = tail >>> 16
      groups[count + 1] = tail & 0xffff
      count += 2
      break
    }
    if (groupEnd === at || groupEnd - at > 4) return false
    groups[count] = hexOf(text, at, groupEnd)
    count += 1
    if (groupEnd === end) break
    if (text.charCodeAt(groupEnd) !== colon || groupEnd + 1 === end) return false
    at = groupEnd + 1
    if (text.charCodeAt(at) === colon) {
      if (gap >= 0) return false
      gap = count
      at += 1
    }
  }
  return gap < 0 ? count === groupCount : openGap(groups, count, gap)
}

function endOfGroup(text: string, from: number): number {
  let at = from
  while (at < text.length && hexDigit(text.charCodeAt(at)) >= 0) at += 1
  return at
}

function hexOf(text: string, from: number, end: number): number {
  let value = 0
  for (let at = from; at < end; at += 1) value = value * 16 + hexDigit(text.charCodeAt(at))
  return value
}

function hexDigit(code: number): number {
  if (code >= zero && code <= 57) return code - zero
  if (code >= 97 && code <= 102) return code - 87
  return code >= 65 && code <= 70 ? code - 55 : -1
}

function openGap(groups: Uint16Array, count: number, gap: number): boolean {
  const missing = groupCount - count
  if (missing < 1) return false
  groups.copyWithin(gap + missing, gap, count)
  groups.fill(0, gap, gap + missing)
  return true
}

function gather(groups: Uint16Array, words: Uint32Array): 4 | 6 {
  for (let at = 0; at < 4; at += 1) words[at] = groups[at * 2]! * 0x10000 + groups[at * 2 + 1]!
  const mapped = words[0] === 0 && words[1] === 0 && words[2] === 0xffff
  if (mapped) words[0] = words[3]!
  return mapped ? 4 : 6
}

/** An address, or a range such as 10.0.0.0/8; bits below the prefix are cleared. */
export function parseCidr(text: string, reader = newAddressReader()): Cidr | null {
  const slash = text.indexOf('/')
  const address = slash < 0 ? text : text.slice(0, slash)
  const family = reader.read(address)
  if (family === 0) return null
  const bits = family === 4 ? 32 : 128
  const written = slash < 0 ? null : text.slice(slash + 1)
  if (written !== null && !/^(?:0|[1-9]\d{0,2})$/.test(written)) return null
  // A prefix behind mapped IPv4 counts the 96 bits before it.
  const shift = family === 4 && address.includes(':') ? 96 : 0
  const prefix = written === null ? bits : Number(written) - shift
  if (prefix < 0 || prefix > bits) return null
  const words = family === 4 ? [reader.words[0]!] : [...reader.words]
  return { family, prefix, words: words.map((word, at) => masked(word, prefix - at * 32)) }
}

function masked(word: number, bits: number): number {
  if (bits >= 32) return word
  return bits <= 0 ? 0 : (word & (0xffffffff << (32 - bits))) >>> 0
}

/** Canonical text; a range of one address is written without its prefix. */
export function formatCidr({ family, words, prefix }: Cidr): string {
  const halves = words.flatMap((word) => [word >>> 16, word & 0xffff])
  const text =
    family === 4
      ? halves.map((half) => `${half >> 8}.${half & 255}`).join('.')
      : canonicalAddress(halves.map((half) => half.toString(16)).join(':'))!
  return prefix === words.length * 32 ? text : `${text}/${prefix}`
}
