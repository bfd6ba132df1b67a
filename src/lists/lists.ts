/**
 * The block, allow and watch lists, indexed by kind and value (D3). Values are in kept form: phones
 * and codes as keyed hashes, so an event is looked up as it is. A range of addresses covers its
 * addresses, a domain its subdomains; of nested entries of one list the narrowest speaks.
 *
 * A match costs one map look-up per kind that has entries at all: nothing without entries, about
 * 50 ns with addresses only, 300 ns with all kinds. Whether an entry still holds is asked against a
 * time that is handed in. An entry comes and goes at the cost of one look-up, so that a list can be
 * followed while it is used; only ranges of addresses are built anew, when `settle` is called.
 * serves: D3
 */
import type { Event, ListEntry, ListKind, ListMatch, ListName } from '../core/schema.gen.ts'
import { type AddressRanges, buildAddressRanges } from './address-ranges.ts'
import { parseCidr } from './address-text.ts'

export const matchesMax = 16
/** Strongest first. */
export const listNames = ['block', 'allow', 'watch'] as const satisfies readonly ListName[]
export const listKinds = [
  'user',
  'device',
  'ip',
  'phone',
  'code',
  'referrer',
] as const satisfies readonly ListKind[]

export interface Lists {
  readonly size: number
  /** The entries that the event meets and that hold at `at`: strongest first, at most 16. */
  match(event: Event, at: number): readonly ListMatch[]
  /** Every entry that covers a value in kept form, narrowest first, expired ones included. */
  covering(kind: ListKind, value: string): readonly ListEntry[]
}

/** Lists that change while they are used. */
export interface LiveLists extends Lists {
  /** Takes an entry; it replaces the one of the same id. */
  put(entry: ListEntry): void
  /** Takes away the entry of an id, if there is one. */
  remove(id: string): void
  /**
   * Ranges of addresses that were put or removed count from here on; costs some 6 us for each range
   * there is. False where none had changed.
   */
  settle(): boolean
}

/** The key of an entry: a later entry with the same id replaces it. */
export const entryId = ({ list, kind, value }: Pick<ListEntry, 'list' | 'kind' | 'value'>) =>
  `${list}/${kind}/${value}`

interface Held {
  readonly entry: ListEntry
  readonly match: ListMatch
  readonly rank: number
  /** First moment at which it no longer holds. */
  readonly until: number
}

/** Entries for one value or range, narrowest first. */
type Group = readonly Held[]

const ranks: Readonly<Record<ListName, number>> = { block: 0, allow: 1, watch: 2, unknown: 3 }

const nothing: readonly ListMatch[] = Object.freeze([])
const nobody: Group = []

export function indexLists(entries: readonly ListEntry[]): Lists {
  const lists = newLiveLists()
  for (const entry of entries) lists.put(entry)
  lists.settle()
  return lists
}

export function newLiveLists(): LiveLists {
  const byId = new Map<string, Held>()
  const [users, devices, phones] = [newValues(), newValues(), newValues()]
  const [codes, referrers, addresses] = [newValues(), newValues(), newValues()]
  const byKind = { user: users, device: devices, phone: phones, code: codes, referrer: referrers }
  const ranges = new Set<Held>()
  let settled: AddressGroups | null = null
  let rangesChanged = false

  const placeOf = ({ entry: { kind, value } }: Held): Values | null => {
    if (kind === 'unknown') return null
    if (kind !== 'ip') return byKind[kind]
    return value.includes('/') ? null : addresses
  }
  const isRange = ({ entry: { kind, value } }: Held) => kind === 'ip' && value.includes('/')
  const remove = (id: string) => {
    const held = byId.get(id)
    if (held === undefined) return
    byId.delete(id)
    placeOf(held)?.remove(held)
    if (ranges.delete(held)) rangesChanged = true
  }
  const atAddress = (ip: string): Group => {
    const one = addresses.get(ip) ?? nobody
    const around = settled?.at(ip) ?? nobody
    return around.length === 0 ? one : one.length === 0 ? around : [...one, ...around]
  }

  return {
    get size() {
      return byId.size
    },
    match(event, at) {
      if (byId.size === 0) return nothing
      const { user, device, ip, phone, codeHash, referrerDomain } = event
      let found: Held[] | null = null
      if (users.size() > 0) found = meet(found, users.get(user), at)
      if (devices.size() > 0 && device !== null) found = meet(found, devices.get(device), at)
      if ((addresses.size() > 0 || settled !== null) && ip !== null)
        found = meet(found, atAddress(ip), at)
      if (phones.size() > 0 && phone !== null) found = meet(found, phones.get(phone), at)
      if (codes.size() > 0 && codeHash !== null) found = meet(found, codes.get(codeHash), at)
      if (referrers.size() > 0 && referrerDomain !== null)
        found = meet(found, domainGroup(referrers, referrerDomain), at)
      return found === null ? nothing : strongest(found)
    },
    covering(kind, value) {
      if (kind === 'unknown') return []
      if (kind === 'ip') return atAddress(value).map(({ entry }) => entry)
      const group = kind === 'referrer' ? domainGroup(referrers, value) : byKind[kind].get(value)
      return (group ?? nobody).map(({ entry }) => entry)
    },
    put(entry) {
      const held = toHeld(entry)
      remove(entryId(entry))
      byId.set(entryId(entry), held)
      placeOf(held)?.add(held)
      if (!isRange(held)) return
      ranges.add(held)
      rangesChanged = true
    },
    remove,
    settle() {
      if (!rangesChanged) return false
      settled = groupByAddress([...ranges])
      rangesChanged = false
      return true
    },
  }
}

function toHeld(entry: ListEntry): Held {
  const { list, kind, source, expiresAt } = entry
  return {
    entry,
    match: Object.freeze({ entry: entryId(entry), list, kind, source }),
    rank: ranks[list],
    until: expiresAt ?? Number.POSITIVE_INFINITY,
  }
}

/** Entries of one kind by their value. */
interface Values {
  size(): number
  get(value: string): Group | undefined
  add(held: Held): void
  remove(held: Held): void
}

function newValues(): Values {
  const groups = new Map<string, Group>()
  return {
    size: () => groups.size,
    get: (value) => groups.get(value),
    add(held) {
      const { value } = held.entry
      const group = groups.get(value)
      groups.set(value, group === undefined ? [held] : [...group, held])
    },
    remove(held) {
      const { value } = held.entry
      const group = (groups.get(value) ?? nobody).filter((one) => one !== held)
      if (group.length === 0) groups.delete(value)
      else groups.set(value, group)
    },
  }
}

interface AddressGroups {
  at(ip: string): Group
}

/** The ranges' value is the place of a group; where ranges nest, the group of both. */
function groupByAddress(held: readonly Held[]): AddressGroups | null {
  if (held.length === 0) return null
  const groups: Group[] = [nobody]
  const ranges = held.flatMap((one) => {
    const cidr = parseCidr(one.entry.value)
    return cidr === null ? [] : [{ ...cidr, value: groups.push([one]) - 1 }]
  })
  const found: AddressRanges = buildAddressRanges(
    ranges,
    (outer, inner) => groups.push([...groups[inner]!, ...groups[outer]!]) - 1,
  )
  return { at: (ip) => groups[found.find(ip)]! }
}

/** Entries for the domain and for each domain above it. */
function domainGroup(referrers: Values, domain: string): Group | undefined {
  let group = referrers.get(domain)
  for (let dot = domain.indexOf('.'); dot >= 0; dot = domain.indexOf('.', dot + 1)) {
    const above = referrers.get(domain.slice(dot + 1))
    if (above !== undefined) group = group === undefined ? above : [...group, ...above]
  }
  return group
}

/** Adds of each list the narrowest entry that holds. */
function meet(found: Held[] | null, group: Group | undefined, at: number): Held[] | null {
  if (group === undefined || group.length === 0) return found
  let all = found
  let seen = 0
  for (const one of group) {
    const bit = 1 << one.rank
    if (one.until <= at || (seen & bit) !== 0) continue
    seen |= bit
    if (all === null) all = [one]
    else all.push(one)
  }
  return all
}

function strongest(found: Held[]): readonly ListMatch[] {
  if (found.length > 1) found.sort((a, b) => a.rank - b.rank)
  return found.slice(0, matchesMax).map(({ match }) => match)
}

/**
 * What an event meets in two sets of lists. Of two entries with one id that of `first` counts.
 * Nearly always one of the two is empty.
 */
export function bothMatches(
  first: readonly ListMatch[],
  second: readonly ListMatch[],
): readonly ListMatch[] {
  if (second.length === 0) return first
  if (first.length === 0) return second
  const ids = new Set(first.map(({ entry }) => entry))
  return [...first, ...second.filter(({ entry }) => !ids.has(entry))]
    .sort((a, b) => ranks[a.list] - ranks[b.list])
    .slice(0, matchesMax)
}
