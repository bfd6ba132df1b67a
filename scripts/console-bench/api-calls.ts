/**
 * What a console is asked all day, through its real HTTP server, one request after another: pages
 * of the queue by every filter and in every order, searches, timelines with the heaviest entities
 * among them, counts, the overview, cases whole, verdicts with the next case. Values come from the
 * cases that are there, so that heavy and light ones are asked for alike.
 */
import { z } from 'zod'
import type { OperationName } from '../../src/console/api/operations.ts'
import type { Audit } from '../../src/core/schema.gen.ts'
import { seeded } from '../../test/support/seeded.ts'
import { type Figure, figureOf } from './figures.ts'
import type { Asked, RunningConsole } from './running-console.ts'
import { campaignOf, deviceOf, ipOf, merchantOf, userOf } from './synthetic-audits.ts'

type Ask = RunningConsole['ask']
type Query = NonNullable<Asked['query']>

interface Kind {
  readonly name: string
  readonly operation: OperationName
  /** The n-th request. */
  readonly given: (n: number) => Asked
  readonly p95Max: number | null
}

const asked = { queue: 100, timeline: 200 } as const
/** Ranks of entities that have the most cases. */
const heaviest = 20
const warmUpMax = 5

export interface Asking {
  readonly sample: readonly Audit[]
  /** Record time of the newest case. */
  readonly newestAt: number
}

export interface Measured {
  readonly name: string
  measure(ask: Ask, calls: number): Promise<Figure>
}

export const requestKinds = (asking: Asking): readonly Measured[] => [
  ...[...queueKinds(asking), ...searchKinds(asking), ...aroundKinds(asking)].map((kind) => {
    return { name: kind.name, measure: (ask: Ask, calls: number) => measureKind(ask, calls, kind) }
  }),
  { name: nextPage, measure: measureNextPages },
  { name: verdictAndNext, measure: measureVerdicts },
]

const nextPage = 'queue, a next page of 500'
const verdictAndNext = 'a verdict with the next case'

async function measureKind(ask: Ask, calls: number, kind: Kind): Promise<Figure> {
  const { name, operation, given, p95Max } = kind
  for (let n = 0; n < Math.min(warmUpMax, calls); n += 1) await ask(operation, given(calls + n))
  const took: number[] = []
  for (let n = 0; n < calls; n += 1) {
    const startedAt = performance.now()
    await ask(operation, given(n))
    took.push(performance.now() - startedAt)
  }
  return figureOf(name, took, p95Max === null ? null : { of: 'p95', limit: p95Max })
}

const dayMs = 86_400_000
const orders = ['risk', 'newest', 'oldest', 'money'] as const

/** The page asks for 100 rows first, and for open cases unless it is told otherwise. */
function queueKinds({ sample, newestAt }: Asking): readonly Kind[] {
  const chance = seeded(11)
  const one = () => chance.pick(sample)
  const rules = [...new Set(sample.flatMap(hitsOf))]
  const states = ['open', 'open', 'open', 'any', 'decided']
  const queue = (name: string, query: (n: number) => Query): Kind => ({
    name: `queue, ${name}`,
    operation: 'listCases',
    given: (n) => ({ query: { limit: 100, state: states[n % states.length]!, ...query(n) } }),
    p95Max: asked.queue,
  })
  const ordered = (n: number) => ({ order: orders[n % orders.length]! })
  return [
    queue('first page, four orders', ordered),
    queue('by outcome', (n) => ({ ...ordered(n), outcome: n % 2 === 0 ? 'review' : 'block' })),
    queue('by rule', (n) => ({ ...ordered(n), rule: rules[n % rules.length]! })),
    queue('by campaign', (n) => ({ ...ordered(n), campaign: campaignOf(n % 12) })),
    queue('by merchant', (n) => ({ ...ordered(n), merchant: merchantOf(chance.below(80)) })),
    queue('by channel', (n) => ({ ...ordered(n), channel: one().event.channel ?? 'app' })),
    queue('by score', (n) => {
      const scoreMin = chance.below(80)
      return { ...ordered(n), scoreMin, scoreMax: scoreMin + 5 + chance.below(20) }
    }),
    queue('by age', (n) => {
      const to = newestAt - chance.below(20) * dayMs
      return { ...ordered(n), from: to - Math.round(dayMs / (1 + chance.below(24))), to }
    }),
    queue('by assignee', (n) => ({
      ...ordered(n),
      assignee: ['me', 'nobody', 'reviewer-1', 'reviewer-9'][n % 4]!,
    })),
    queue('by rule and campaign', (n) => ({
      ...ordered(n),
      rule: rules[n % rules.length]!,
      campaign: campaignOf(chance.below(12)),
    })),
    queue('by campaign, merchant, score, age', (n) => ({
      ...ordered(n),
      campaign: campaignOf(chance.below(12)),
      merchant: merchantOf(chance.below(80)),
      scoreMin: chance.below(90),
      from: newestAt - 7 * dayMs,
    })),
    counting('counts, all open', () => ({ state: 'open' })),
    counting('counts, of a filter', (n) =>
      [
        { state: 'open', rule: rules[n % rules.length]! },
        { state: 'open', campaign: campaignOf(n % 12) },
        { state: 'any', merchant: merchantOf(chance.below(80)) },
        { state: 'open', scoreMin: chance.below(99) },
        { state: 'open', device: deviceOf(chance.below(heaviest)) },
      ].at(n % 5),
    ),
    { name: 'overview', operation: 'showOverview', given: () => ({}), p95Max: null },
  ]
}

const counting = (name: string, query: (n: number) => Query | undefined): Kind => ({
  name,
  operation: 'countCases',
  given: (n) => ({ query: query(n) ?? {} }),
  p95Max: null,
})

const hitsOf = ({ decision }: Audit) =>
  decision.results.flatMap(({ rule, mode, result }) =>
    mode === 'live' && result === 'hit' ? [rule] : [],
  )

/** Every fourth time one of the heaviest, now and then what is not there. */
function searchKinds({ sample }: Asking): readonly Kind[] {
  const chance = seeded(13)
  const of = (read: (audit: Audit) => string | null) => {
    const values = sample.flatMap((audit) => read(audit) ?? [])
    return () => (values.length === 0 ? 'nothing' : chance.pick(values))
  }
  const search = (name: string, text: () => string, heavy?: (rank: number) => string): Kind => ({
    name: `search, ${name}`,
    operation: 'listCases',
    given: (n) => {
      const isHeavy = heavy !== undefined && n % 4 === 0
      const found = isHeavy ? heavy(chance.below(heaviest)) : text()
      const looked = n % 10 === 9 ? `${found}-not-there` : found
      return { query: { limit: 100, state: n % 2 === 0 ? 'open' : 'any', search: looked } }
    },
    p95Max: asked.queue,
  })
  return [
    search(
      'user',
      of(({ event }) => event.user),
      userOf,
    ),
    search(
      'device',
      of(({ event }) => event.device),
      deviceOf,
    ),
    search(
      'address',
      of(({ event }) => event.ip),
      ipOf,
    ),
    search(
      'code',
      of(({ event }) => event.codeHash),
    ),
    search(
      'phone',
      of(({ event }) => event.phone),
    ),
    search(
      'event, start of a key',
      (() => {
        const key = of(({ decision }) => decision.eventKey)
        return () => key().slice(0, 4 + chance.below(28))
      })(),
    ),
    search('campaign, merchant, rule', () => {
      const audit = chance.pick(sample)
      return [audit.event.campaign, audit.event.merchant, hitsOf(audit)[0]][chance.below(3)] ?? 'x'
    }),
  ]
}

function aroundKinds({ sample }: Asking): readonly Kind[] {
  const chance = seeded(17)
  const entity = (n: number, isHeavy: boolean): Query => {
    const { event } = chance.pick(sample)
    const rank = chance.below(heaviest)
    if (n % 3 === 0) return { kind: 'user', value: isHeavy ? userOf(rank) : event.user }
    if (n % 3 === 1)
      return { kind: 'device', value: isHeavy ? deviceOf(rank) : (event.device ?? deviceOf(rank)) }
    return { kind: 'ip', value: isHeavy ? ipOf(rank) : (event.ip ?? ipOf(rank)) }
  }
  const around = (name: string, isHeavy: boolean, operation: OperationName): Kind => ({
    name,
    operation,
    given: (n) => ({ query: entity(n, isHeavy) }),
    p95Max: operation === 'showTimeline' ? asked.timeline : null,
  })
  const whole = (name: string, operation: OperationName): Kind => ({
    name,
    operation,
    given: () => ({ params: { key: chance.pick(sample).decision.eventKey } }),
    p95Max: null,
  })
  return [
    around('timeline, any entity', false, 'showTimeline'),
    around('timeline, the heaviest', true, 'showTimeline'),
    around('links, any entity', false, 'showLinks'),
    around('links, the heaviest', true, 'showLinks'),
    whole('a case whole', 'showCase'),
    whole('similar cases', 'similarCases'),
    whole('near misses', 'nearMisses'),
  ]
}

const page = z.object({
  rows: z.array(z.object({ key: z.string(), state: z.string() })),
  next: z.string().nullable(),
})

/** As the page does while somebody scrolls: 500 rows at a time, forty pages deep. */
async function measureNextPages(ask: Ask, calls: number): Promise<Figure> {
  const took: number[] = []
  const chance = seeded(19)
  while (took.length < calls) {
    const filter = chance.pick<Query>([{}, {}, { campaign: campaignOf(0) }, { outcome: 'review' }])
    const query = { ...filter, state: 'open', order: chance.pick(orders), limit: 500 }
    let after: string | null = null
    for (let depth = 0; depth < 40 && took.length < calls; depth += 1) {
      const startedAt = performance.now()
      const text: string = await ask('listCases', {
        query: after === null ? query : { ...query, after },
      })
      if (after !== null) took.push(performance.now() - startedAt)
      after = page.parse(JSON.parse(text)).next
      if (after === null) break
    }
  }
  return figureOf(nextPage, took, { of: 'p95', limit: asked.queue })
}

const answer = z.object({ next: z.object({ key: z.string() }).nullable() })

/** Each verdict takes the next case, on which the next verdict is given. */
async function measureVerdicts(ask: Ask, calls: number): Promise<Figure> {
  const query = { state: 'open', assignee: 'nobody', limit: 1 }
  const first = page.parse(JSON.parse(await ask('listCases', { query })))
  let key: string | null = first.rows[0]?.key ?? null
  const took: number[] = []
  for (let n = 0; n < calls && key !== null; n += 1) {
    const verdict = ['fraud', 'legitimate', 'inconclusive'][n % 3]
    const startedAt = performance.now()
    const text: string = await ask('decideCase', { params: { key }, query: {}, body: { verdict } })
    took.push(performance.now() - startedAt)
    key = answer.parse(JSON.parse(text)).next?.key ?? null
  }
  return figureOf(verdictAndNext, took)
}
