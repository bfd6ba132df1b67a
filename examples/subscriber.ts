/**
 * What a coupon platform does with the word of couponguard: holds back what is to be reviewed or
 * blocked, follows later words on the same event, and takes silence for consent once the engine is
 * past an event. It needs nothing of couponguard but its topics. docs/subscribers.md has the why.
 *
 *     COUPONGUARD_KAFKA_BROKERS=127.0.0.1:9092 COUPONGUARD_REGISTRY_URL=http://127.0.0.1:8081 \
 *       npx tsx examples/subscriber.ts my-group
 *
 * It prints a line for each thing that a platform would do.
 */
import { SchemaRegistry } from '@kafkajs/confluent-schema-registry'
import { type EachBatchPayload, Kafka, type KafkaMessage, logLevel } from 'kafkajs'
import { highWatermarks } from './high-watermarks.ts'

const { env, argv } = process
const prefix = env.COUPONGUARD_TOPIC_PREFIX ?? ''
const groupId = argv[2] ?? 'couponguard-subscriber'
const topic = {
  decisions: `${prefix}risk.decisions`,
  progress: `${prefix}risk.progress`,
  alerts: `${prefix}risk.alerts`,
  deadLetters: `${prefix}risk.dead-letters`,
}

const kafka = new Kafka({
  clientId: 'subscriber',
  brokers: (env.COUPONGUARD_KAFKA_BROKERS ?? '127.0.0.1:9092').split(','),
  logLevel: logLevel.ERROR,
})
const registry = new SchemaRegistry({
  host: env.COUPONGUARD_REGISTRY_URL ?? 'http://127.0.0.1:8081',
})
const admin = kafka.admin()
// readUncommitted: false is what makes a decision visible once, and with its progress.
const consumer = kafka.consumer({ groupId, readUncommitted: false })

interface Decision {
  readonly id: string
  readonly eventKey: string
  readonly eventId: string
  readonly user: string
  readonly kind: string
  readonly outcome: string
  readonly supersedes: string | null
  readonly reasons: readonly { readonly en: string }[]
}
interface Progress {
  readonly shard: number
  readonly offsets: readonly {
    readonly topic: string
    readonly partition: number
    readonly nextOffset: number
  }[]
}
interface Alert {
  readonly id: string
  readonly transition: string
  readonly scope: string
  readonly day: number
  readonly share: number
}
interface DeadLetter {
  readonly source: string
  readonly partition: number
  readonly offset: number
  readonly reason: string
}

const say = (what: string, about: object) => console.log(`${what} ${JSON.stringify(about)}`)

// ── Decisions ────────────────────────────────────────────────────────────────────────────────────

/** The last word on each event. A real platform has a table, and writes it in one transaction. */
const lastWords = new Map<string, Decision>()

/** `…@v7` is the engine's own word, `…@v7+1` the next one on the same event, and so on. */
const wordNumber = ({ id }: Decision) => Number(/\+(\d+)$/.exec(id)?.[1] ?? 0)

function onDecision(decision: Decision): void {
  const before = lastWords.get(decision.eventKey)
  // The same id again is a repeat, a smaller number came late: neither changes anything.
  if (before !== undefined && wordNumber(before) >= wordNumber(decision)) return
  lastWords.set(decision.eventKey, decision)
  const { eventId, user, kind, outcome, reasons } = decision
  const about = { user, event: eventId, kind, id: decision.id }
  const why = reasons.map(({ en }) => en)
  if (outcome === 'block') say(before === undefined ? 'refuse' : 'take back', { ...about, why })
  else if (outcome === 'review') say('hold', { ...about, why })
  // Only a superseding decision says allow; below, silence does.
  else say('release', about)
}

// ── Silence ──────────────────────────────────────────────────────────────────────────────────────

/** How far this subscriber has read each partition of the decisions. */
const readTo = new Map<number, number>()
/** How far the engine has judged each partition of the inputs. */
const judgedTo = new Map<string, number>()
let settledTo: ReadonlyMap<string, number> = new Map()

function onProgress({ offsets }: Progress): void {
  for (const { topic: input, partition, nextOffset } of offsets) {
    const place = `${input}/${partition}`
    judgedTo.set(place, Math.max(nextOffset, judgedTo.get(place) ?? 0))
  }
}

/**
 * A progress that can be read was committed together with its decisions, but those are in other
 * partitions, which this subscriber may not have read yet, and which may not even show them yet. So:
 * what was judged is settled once everything that stands in the decisions now, shown or not, has
 * been read. These ends are the partitions' high watermarks, which count what is not shown.
 */
async function settleSilence(): Promise<void> {
  const judged = new Map(judgedTo)
  const lows = await admin.fetchTopicOffsets(topic.decisions)
  const ends = await highWatermarks(admin, topic.decisions)
  const isBehind = () =>
    lows.some(({ partition, low }) => {
      const from = Math.max(Number(low), readTo.get(partition) ?? 0)
      return from < (ends.get(partition) ?? 0)
    })
  while (isBehind()) await new Promise((resolve) => setTimeout(resolve, 50))
  for (const [place, nextOffset] of judged)
    if (settledTo.get(place) !== nextOffset) say('allow', { input: place, below: nextOffset })
  settledTo = judged
}

// ── Alerts, and what could not be judged ─────────────────────────────────────────────────────────

const seenAlerts = new Set<string>()

function onAlert({ id, transition, scope, day, share }: Alert): void {
  if (seenAlerts.has(id)) return
  seenAlerts.add(id)
  say(`alert ${transition}`, { scope, day: new Date(day * 86_400_000).toISOString(), share })
}

/** Progress goes past it all the same: its silence is no consent. */
function onDeadLetter({ source, partition, offset, reason }: DeadLetter): void {
  say('not judged', { input: `${source}/${partition}`, offset, reason })
}

// ── Reading ──────────────────────────────────────────────────────────────────────────────────────

async function take(from: string, message: KafkaMessage): Promise<void> {
  if (message.value === null) return
  const record: unknown = await registry.decode(message.value)
  // The registry's schemas are the contract: docs/topics.md, schemas/*.avsc.
  if (from === topic.decisions) onDecision(record as Decision)
  else if (from === topic.progress) onProgress(record as Progress)
  else if (from === topic.alerts) onAlert(record as Alert)
  else onDeadLetter(record as DeadLetter)
}

/** A broker that has just started does not know its groups yet; the client does not ask again. */
async function committedOffsets() {
  for (;;)
    try {
      return await admin.fetchOffsets({ groupId, topics: [topic.decisions] })
    } catch (error) {
      if (!(error instanceof Error && 'retriable' in error && error.retriable)) throw error
      await new Promise((resolve) => setTimeout(resolve, 500))
    }
}

await admin.connect()
await consumer.connect()
await consumer.subscribe({ topics: Object.values(topic), fromBeginning: true })
const committed = await committedOffsets()
for (const { partition, offset } of committed[0]?.partitions ?? [])
  readTo.set(partition, Math.max(0, Number(offset)))
consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload }) => {
  if (payload.topic === topic.decisions)
    readTo.set(payload.partition, Number(payload.lastOffset) + 1)
})
await consumer.run({
  // Offsets are committed after the work of a batch is done, so a crash repeats and never loses.
  eachBatch: async ({ batch, resolveOffset, heartbeat }: EachBatchPayload) => {
    for (const message of batch.messages) {
      await take(batch.topic, message)
      resolveOffset(message.offset)
      await heartbeat()
    }
  },
})

let isSettling = false
const timer = setInterval(() => {
  if (isSettling) return
  isSettling = true
  settleSilence()
    .catch((error: unknown) => console.error(String(error)))
    .finally(() => {
      isSettling = false
    })
}, 500)

for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => {
    clearInterval(timer)
    Promise.all([consumer.disconnect(), admin.disconnect()]).then(
      () => process.exit(0),
      () => process.exit(1),
    )
  })
