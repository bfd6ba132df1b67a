/**
 * The campaigns file: what the platform tells us about its campaigns, in YAML or JSON, and the
 * facts that an event is held against (D12). A file is taken whole or refused with every problem at
 * once, each with line and column.
 *
 *     campaigns:
 *       - id: spring
 *         category: catering
 *         stores: [s1, s2]
 *         tiers: [{ name: gold, minAmount: 10000 }]
 *         validFrom: 2026-02-01T00:00:00+08:00
 *         officialDomains: [example.com]
 */
import { readFileSync, statSync } from 'node:fs'
import { type Document, isNode, type ParsedNode } from 'yaml'
import { z } from 'zod'
import { CommandError } from '../cli/exit.ts'
import type { Campaign, CampaignFacts, Event } from '../core/schema.gen.ts'
import { formatProblem } from './source-caret.ts'
import { readSyntax } from './yaml-syntax.ts'

export interface Campaigns {
  readonly all: readonly Campaign[]
  /** Null where it is not known. */
  byId(id: string): Campaign | null
  /** Null where the campaign is not known. */
  facts(event: Event): CampaignFacts | null
  /** Null where the campaign or its category is not known. */
  categoryOf(campaign: string): string | null
}

const fileBytesMax = 64 * 1024 * 1024
const campaignsMax = 100_000
const problemsMax = 50

const said = 'must be text of 1 to 128 characters'
const name = z.string(said).min(1, said).max(128, said)
const whole = z.int('must be a whole number of at least 0').min(0, 'must not be negative')
const timeSaid = 'must be a time such as 2026-02-01T00:00:00+08:00, or milliseconds since 1970'
const hops = 'must be a whole number from 0 to 1000'
const domain = z
  .string('must be a domain')
  .max(253)
  .regex(/^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/, 'must be a domain in lower case, such as example.com')
const time = z
  .union([whole, z.iso.datetime({ offset: true, error: timeSaid })], {
    error: timeSaid,
  })
  .transform((at) => (typeof at === 'number' ? at : Date.parse(at)))
const listOf = <T extends z.ZodType>(item: T, max: number) =>
  z.array(item, 'must be a list').max(max, `must hold at most ${max}`)

const peakSchema = z.strictObject({ from: time, to: time }, 'must have from and to')
const tierSchema = z.strictObject({ name, minAmount: whole }, 'must have name and minAmount')
const campaignSchema = z.strictObject(
  {
    id: name,
    category: name.nullable().default(null),
    stock: whole.nullable().default(null),
    exposures: whole.nullable().default(null),
    stores: listOf(name, 100_000).default([]),
    tiers: listOf(tierSchema, 64).default([]),
    validFrom: time.nullable().default(null),
    validTo: time.nullable().default(null),
    officialDomains: listOf(domain, 1_000).default([]),
    identityRequired: z.boolean('must be true or false').nullable().default(null),
    transferHopsMax: z.int(hops).min(0, hops).max(1_000, hops).nullable().default(null),
    announcedPeaks: listOf(peakSchema, 1_000).default([]),
  },
  'must be a campaign with an id',
)
const fileSchema = z.strictObject(
  { campaigns: listOf(campaignSchema, campaignsMax) },
  'must have a list under campaigns:',
)

type Path = readonly (string | number)[]
interface Problem {
  readonly at: Path
  readonly say: string
}

export function loadCampaigns(path: string): Campaigns {
  const text = readText(path)
  const { source, document, slips } = readSyntax(text, path, true)
  if (document === null || slips.length > 0) throw problems(path, slips.map(formatProblem))
  const place = (offset: number) => {
    const { line, col } = source.lines.linePos(offset)
    return `${path}:${line}:${col}`
  }
  const written = writtenIn(document, path)
  const parsed = fileSchema.safeParse(written)
  const found = [
    ...(parsed.error?.issues ?? []).flatMap(fieldProblems),
    ...relationProblems(written),
  ]
  if (parsed.success && found.length === 0) return indexCampaigns(parsed.data.campaigns)
  const placed = found.map(({ at, say }) => ({ offset: offsetOf(document, at), at, say }))
  placed.sort((a, b) => a.offset - b.offset)
  throw problems(
    path,
    placed.map(({ offset, at, say }) => `${place(offset)}: ${at.join('.') || 'the file'}: ${say}`),
  )
}

/** The parser refuses aliases that would multiply into more than memory holds. */
function writtenIn(document: Document.Parsed<ParsedNode>, path: string): unknown {
  try {
    return document.toJS()
  } catch (error) {
    const why = error instanceof Error ? error.message : 'unknown failure'
    throw new CommandError(`${path}: ${why}; write the aliases out`)
  }
}

function readText(path: string): string {
  try {
    if (statSync(path).size > fileBytesMax) {
      throw new CommandError(`${path}: is larger than 64 MiB; split it`)
    }
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path))
  } catch (error) {
    if (error instanceof CommandError) throw error
    const code = error instanceof Error && 'code' in error ? error.code : null
    if (code === 'ENOENT') throw new CommandError(`${path}: there is no such file; check the path`)
    if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') {
      throw new CommandError(`${path}: is no UTF-8; save it as UTF-8`)
    }
    throw new CommandError(`${path}: cannot be read (${code ?? 'unknown failure'})`)
  }
}

/** One issue may speak of several unknown keys: each is a problem of its own. */
function fieldProblems(issue: z.core.$ZodIssue): readonly Problem[] {
  const at = issue.path.filter((part) => typeof part !== 'symbol')
  if (issue.code !== 'unrecognized_keys') return [{ at, say: issue.message }]
  return issue.keys.map((key) => ({
    at: [...at, key],
    say: 'is no field here; check its spelling',
  }))
}

/** What fields say of each other, looked at also where other fields are wrong. */
function relationProblems(written: unknown): readonly Problem[] {
  const campaigns = listIn(written, 'campaigns')
  return [
    ...repeats(campaigns, 'id').map((at) => ({
      at: ['campaigns', at, 'id'],
      say: 'is named again',
    })),
    ...campaigns.flatMap((campaign, index) => [
      ...disorder(campaign, 'validFrom', 'validTo', ['campaigns', index]),
      ...repeats(listIn(campaign, 'tiers'), 'name').map((at) => ({
        at: ['campaigns', index, 'tiers', at, 'name'],
        say: 'is named again',
      })),
      ...listIn(campaign, 'announcedPeaks').flatMap((peak, at) =>
        disorder(peak, 'from', 'to', ['campaigns', index, 'announcedPeaks', at]),
      ),
    ]),
  ]
}

const valueIn = (from: unknown, field: string): unknown =>
  typeof from === 'object' && from !== null ? Reflect.get(from, field) : undefined

function listIn(from: unknown, field: string): readonly unknown[] {
  const list = valueIn(from, field)
  return Array.isArray(list) ? list : []
}

function repeats(items: readonly unknown[], field: string): readonly number[] {
  const seen = new Set<unknown>()
  return items.flatMap((item, at) => {
    const text = valueIn(item, field)
    const again = typeof text === 'string' && seen.has(text)
    seen.add(text)
    return again ? [at] : []
  })
}

function disorder(item: unknown, first: string, after: string, at: Path): readonly Problem[] {
  const from = time.safeParse(valueIn(item, first))
  const to = time.safeParse(valueIn(item, after))
  if (!from.success || !to.success || from.data < to.data) return []
  return [{ at: [...at, after], say: `must be after ${first}` }]
}

/** Where the file says it, or where the nearest thing around it stands. */
function offsetOf(document: Document.Parsed<ParsedNode>, path: Path): number {
  for (let length = path.length; length >= 0; length -= 1) {
    const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true)
    if (isNode(node) && node.range) return node.range[0]
  }
  return 0
}

function problems(path: string, lines: readonly string[]): CommandError {
  const [first] = lines
  if (lines.length === 1) return new CommandError(first!)
  const rest = lines.length - problemsMax
  const more = rest > 0 ? [`and ${rest} more`] : []
  return new CommandError(
    [`${path}: ${lines.length} problems`, ...lines.slice(0, problemsMax), ...more].join('\n'),
  )
}

/** A campaign as facts() wants it: sets instead of lists. */
interface Known {
  readonly campaign: Campaign
  readonly stores: ReadonlySet<string>
  readonly domains: ReadonlySet<string>
  readonly tiers: ReadonlyMap<string, number>
}

export function indexCampaigns(all: readonly Campaign[]): Campaigns {
  const campaigns = newLiveCampaigns()
  for (const campaign of all) campaigns.put(campaign)
  return campaigns
}

/** Campaigns that change while they are used. */
export interface LiveCampaigns extends Campaigns {
  /** Takes a campaign; it replaces the one of the same id. */
  put(campaign: Campaign): void
  /** Takes away a campaign, if it is there. */
  remove(id: string): void
}

export function newLiveCampaigns(): LiveCampaigns {
  const known = new Map<string, Known>()
  return {
    get all() {
      return [...known.values()].map(({ campaign }) => campaign)
    },
    byId: (id) => known.get(id)?.campaign ?? null,
    categoryOf: (id) => known.get(id)?.campaign.category ?? null,
    facts(event) {
      const found = known.get(event.campaign)
      return found === undefined ? null : factsOf(found, event)
    },
    put: (campaign) => {
      known.set(campaign.id, toKnown(campaign))
    },
    remove: (id) => {
      known.delete(id)
    },
  }
}

function toKnown(campaign: Campaign): Known {
  return {
    campaign,
    stores: new Set(campaign.stores),
    domains: new Set(campaign.officialDomains),
    tiers: new Map(campaign.tiers.map((tier) => [tier.name, tier.minAmount])),
  }
}

function factsOf({ campaign, stores, domains, tiers }: Known, event: Event): CampaignFacts {
  const { validFrom, validTo, identityRequired, stock, transferHopsMax } = campaign
  const { store, referrerDomain, orderTier } = event
  return {
    validFrom,
    validTo,
    storeInScope: store === null ? null : stores.size === 0 || stores.has(store),
    referrerOfficial:
      referrerDomain === null || domains.size === 0 ? null : covers(domains, referrerDomain),
    tierMinAmount: orderTier === null ? null : (tiers.get(orderTier) ?? null),
    identityRequired,
    stock,
    transferHopsMax,
  }
}

/** A domain covers itself and its subdomains: pay.example.com, but not payexample.com. */
function covers(domains: ReadonlySet<string>, domainOfEvent: string): boolean {
  if (domains.has(domainOfEvent)) return true
  for (let dot = domainOfEvent.indexOf('.'); dot >= 0; dot = domainOfEvent.indexOf('.', dot + 1)) {
    if (domains.has(domainOfEvent.slice(dot + 1))) return true
  }
  return false
}
