/** What one user, device or address did, newest first, and the graph of who shares what with it. */
import type { LinkGraph } from '../api/case-shapes.ts'
import type { Queries } from '../database.ts'
import type { Handlers } from '../handlers.ts'
import type { ConsoleParts } from '../parts.ts'
import { keptText } from '../projection/kept-text.ts'
import { sightingColumns, summaryOf } from './entities.ts'

type Around = Pick<Handlers, 'showTimeline' | 'showLinks'>
type EventRow = Awaited<ReturnType<Handlers['showTimeline']>>['events'][number]

const limitDefault = 50
/** Events of one moment that a page shows beyond its limit, so that none falls between two. */
const tiesMax = 1_000

export function newAround({ database }: ConsoleParts): Around {
  return {
    async showTimeline({ query, at }) {
      const { kind, value, limit = limitDefault, before = null } = query
      const [summary, events] = await Promise.all([
        summaryOf(database, { kind, value }, at),
        eventsOf(database, {
          column: sightingColumns[kind],
          value: keptText(value),
          before,
          limit,
        }),
      ])
      const last = events.at(-1)
      const isMore = last !== undefined && (summary.firstAt ?? 0) < last.occurredAt
      return { summary, events: [...events], isMore }
    },
    async showLinks({ query: { kind, value } }) {
      return linksAround(database, kind, keptText(value))
    },
  }
}

interface Wanted {
  readonly column: string
  readonly value: string
  readonly before: number | null
  readonly limit: number
}

function eventsOf(
  database: Queries,
  { column, value, before, limit }: Wanted,
): Promise<readonly EventRow[]> {
  return database.query<EventRow>(
    `SELECT s.key, s.kind, s.occurred_at AS "occurredAt", s.outcome, s.score, s.user_name AS user,
       s.device, s.ip, s.campaign, s.amount, s.currency, c.verdict
     FROM (
       SELECT * FROM (
         SELECT * FROM sightings
         WHERE ${column} = $1 AND ($2::bigint IS NULL OR occurred_at < $2::bigint)
         ORDER BY occurred_at DESC FETCH FIRST ${limit} ROWS WITH TIES
       ) AS page LIMIT ${limit + tiesMax}
     ) AS s LEFT JOIN cases c ON c.key = s.key
     ORDER BY s.occurred_at DESC, s.key DESC`,
    [value, before],
  )
}

const nodeKinds = ['user', 'device', 'ip'] as const
type NodeKind = (typeof nodeKinds)[number]

/** Newest events of the middle, entities it met that are asked in turn, events of each of them. */
const middleEvents = 500
const neighboursMax = 24
const neighbourEvents = 60
const nodesMax = 80

interface Met {
  readonly user: string
  readonly device: string | null
  readonly ip: string | null
  readonly outcome: string
  readonly key: string
}

async function linksAround(database: Queries, kind: NodeKind, value: string): Promise<LinkGraph> {
  const middle = await metBy(database, kind, [value], middleEvents)
  const near = new Map<string, { kind: NodeKind; value: string; events: number }>()
  for (const met of middle)
    for (const one of partsOf(met)) {
      if (one.kind === kind && one.value === value) continue
      const id = idOf(one)
      const found = near.get(id) ?? { ...one, events: 0 }
      found.events += 1
      near.set(id, found)
    }
  const asked = [...near.values()].sort((a, b) => b.events - a.events).slice(0, neighboursMax)
  const further = await Promise.all(
    nodeKinds.map((one) => {
      const values = asked.filter((node) => node.kind === one).map((node) => node.value)
      return metBy(database, one, values, neighbourEvents)
    }),
  )
  const events = new Map([...middle, ...further.flat()].map((met) => [met.key, met]))
  return graphOf([...events.values()], { kind, value }, asked.length < near.size)
}

/** The newest events of each of the values. */
async function metBy(
  database: Queries,
  kind: NodeKind,
  values: readonly string[],
  limit: number,
): Promise<readonly Met[]> {
  if (values.length === 0) return []
  return database.query<Met>(
    `SELECT m.* FROM unnest($1::text[]) AS v(value) CROSS JOIN LATERAL (
       SELECT key, user_name AS user, device, ip, outcome FROM sightings
       WHERE ${sightingColumns[kind]} = v.value ORDER BY occurred_at DESC LIMIT ${limit}) AS m`,
    [values],
  )
}

type Part = { readonly kind: NodeKind; readonly value: string }
const idOf = ({ kind, value }: Part) => `${kind}:${value}`
const partsOf = (met: Met): readonly Part[] =>
  nodeKinds.flatMap((kind) => {
    const value = met[kind]
    return value === null ? [] : [{ kind, value }]
  })

function graphOf(events: readonly Met[], middle: Part, isCut: boolean): LinkGraph {
  const nodes = new Map<string, LinkGraph['nodes'][number]>()
  const links = new Map<string, LinkGraph['links'][number]>()
  for (const met of events) {
    const parts = partsOf(met)
    for (const part of parts) {
      const id = idOf(part)
      const node = nodes.get(id) ?? { id, ...part, events: 0, flagged: 0, isMore: false }
      node.events += 1
      if (met.outcome !== 'allow') node.flagged += 1
      nodes.set(id, node)
    }
    for (const [at, from] of parts.entries())
      for (const to of parts.slice(at + 1)) {
        const key = `${idOf(from)} ${idOf(to)}`
        const link = links.get(key) ?? { from: idOf(from), to: idOf(to), events: 0 }
        link.events += 1
        links.set(key, link)
      }
  }
  const first = idOf(middle)
  const shown = [...nodes.values()]
    .sort((a, b) => Number(b.id === first) - Number(a.id === first) || b.events - a.events)
    .slice(0, nodesMax)
  const ids = new Set(shown.map(({ id }) => id))
  const kept = [...links.values()].filter(({ from, to }) => ids.has(from) && ids.has(to))
  const cut = new Set<string>()
  for (const { from, to } of links.values()) {
    if (!ids.has(to)) cut.add(from)
    if (!ids.has(from)) cut.add(to)
  }
  const isMore = (id: string, events: number) =>
    cut.has(id) || (id === first ? isCut || events >= middleEvents : events >= neighbourEvents)
  return {
    nodes: shown.map((node) => ({ ...node, isMore: isMore(node.id, node.events) })),
    links: kept,
  }
}
