/**
 * Address feeds: which addresses belong to data centres, VPN providers and Tor, and how many public
 * lists name an address as bad. All feeds together are one map of ranges, so an event's facts cost
 * one look-up and no allocation, about 100 ns, however many feeds there are.
 *
 * A feed is text: an address or CIDR range a line, `#` begins a comment, and a feed of bad
 * addresses may name, behind a tab, on how many lists each stands (as ipsum does).
 */
import { createHash } from 'node:crypto'
import { basename } from 'node:path'
import type { AddressFacts } from '../core/schema.gen.ts'
import { type AddressRange, buildAddressRanges } from './address-ranges.ts'
import { type AddressReader, type Cidr, newAddressReader, parseCidr } from './address-text.ts'
import { newRejects, type Rejects } from './rejects.ts'
import { readLines } from './text-lines.ts'

export const feedKinds = ['hosting', 'vpn', 'tor', 'bad'] as const
export type FeedKind = (typeof feedKinds)[number]

export interface FeedRange extends Cidr {
  /** How many lists name it; 1 but in a feed of bad addresses. */
  readonly count: number
}

export interface Feed {
  readonly kind: FeedKind
  /** Who it comes from: the name of the file without its endings. */
  readonly source: string
  readonly ranges: readonly FeedRange[]
  readonly rejects: Rejects
}

export interface FeedPath {
  readonly path: string
  readonly kind: FeedKind
}

export interface AddressFeeds {
  /** Null where there is no ip or no feed. */
  facts(ip: string | null): AddressFacts | null
  /**
   * SHA-256 of what the feeds say of every address, in hexadecimal; null where there is no feed.
   */
  readonly hash: string | null
}

/** Most lists that one address can be named by; more counts as this many. */
const listedByMax = 0xffff
/** How the facts of an address share one number: three flags, then the count of lists. */
const hostingBit = 1
const vpnBit = 2
const torBit = 4
const countShift = 3
const flagMask = 7

export function isFeedKind(text: string): text is FeedKind {
  return feedKinds.some((kind) => kind === text)
}

/** The kind that a file's name tells, or null. */
export function feedKindOf(path: string): FeedKind | null {
  const name = basename(path).toLowerCase()
  if (/data-?_?cent(?:er|re)|hosting/.test(name)) return 'hosting'
  if (/vpn/.test(name)) return 'vpn'
  if (/(?:^|[^a-z])tor(?:exit|[^a-z]|$)/.test(name)) return 'tor'
  return /ipsum|(?:^|[^a-z])bad(?:[^a-z]|$)/.test(name) ? 'bad' : null
}

export const sourceOf = (path: string) =>
  basename(path).replace(/(?:\.(?:txt|csv|list|netset|gz))+$/, '')

export function readFeed({ path, kind }: FeedPath, countMin = 1): Feed {
  const ranges: FeedRange[] = []
  const rejects = newRejects(path)
  const reader = newAddressReader()
  for (const { number, text } of readLines(path)) {
    if (text === '' || text?.startsWith('#')) continue
    rejects.lines += 1
    const range = text === null ? null : parseFeedLine(text, reader)
    if (range === null) rejects.add(number, 'is no address or CIDR range')
    else if (range.count >= countMin) ranges.push(range)
  }
  return { kind, source: sourceOf(path), ranges, rejects }
}

/** `ADDRESS[/PREFIX]`, behind it a count or a comment. */
function parseFeedLine(line: string, reader: AddressReader): FeedRange | null {
  const [address = '', written] = line.split(/[\t ,;]+/, 2)
  const cidr = parseCidr(address, reader)
  if (cidr === null) return null
  if (written === undefined || !/^\d+$/.test(written)) return { ...cidr, count: 1 }
  return { ...cidr, count: Math.min(Math.max(Number(written), 1), listedByMax) }
}

export function loadFeeds(paths: readonly FeedPath[]): AddressFeeds {
  return buildFeeds(paths.map((path) => readFeed(path)))
}

export function buildFeeds(feeds: readonly Pick<Feed, 'kind' | 'ranges'>[]): AddressFeeds {
  if (feeds.length === 0) return { facts: () => null, hash: null }
  const ranges = buildAddressRanges(feeds.flatMap(packed), combine)
  const hash = createHash('sha256').update(ranges.bytes()).digest('hex')
  // One frozen object per combination of facts that occurs: a few dozen.
  const known = new Map<number, AddressFacts>()
  return {
    hash,
    facts(ip) {
      if (ip === null) return null
      const value = ranges.find(ip)
      const facts = known.get(value)
      if (facts !== undefined) return facts
      const made = unpacked(value, hash)
      known.set(value, made)
      return made
    },
  }
}

function packed({ kind, ranges }: Pick<Feed, 'kind' | 'ranges'>): AddressRange[] {
  const flag = { hosting: hostingBit, vpn: vpnBit, tor: torBit, bad: 0 }[kind]
  return ranges.map(({ family, words, prefix, count }) => ({
    family,
    words,
    prefix,
    value: kind === 'bad' ? count << countShift : flag,
  }))
}

const combine = (outer: number, inner: number) =>
  ((outer | inner) & flagMask) |
  (Math.max(outer >>> countShift, inner >>> countShift) << countShift)

function unpacked(value: number, feed: string): AddressFacts {
  return Object.freeze({
    feed,
    hosting: (value & hostingBit) !== 0,
    vpn: (value & vpnBit) !== 0,
    tor: (value & torBit) !== 0,
    listedBy: value >>> countShift,
  })
}
