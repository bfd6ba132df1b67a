/** Collects the evidence: reads the topics, decodes each record and keeps what is compared. */
import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { z } from 'zod'
import { type Evidence, type InputRow, inputTopics, type Place, plantedHeader } from './evidence.ts'
import {
  type Decoder,
  newAuditorClient,
  newDecoder,
  type RawRecord,
  readTopics,
  type Source,
} from './read-records.ts'

const factsSchema = z.object({
  id: z.string(),
  kind: z.string(),
  occurredAt: z.number(),
  user: z.string(),
  campaign: z.string(),
  merchant: z.string().nullable(),
  channel: z.string().nullable(),
  attempt: z.string(),
  orderAmount: z.number().nullable(),
  couponAmount: z.number().nullable(),
})
const decisionSchema = z
  .looseObject({
    id: z.string(),
    eventKey: z.string(),
    outcome: z.string(),
    abnormal: z.boolean(),
  })
  .transform((record) => ({
    id: record.id,
    eventKey: record.eventKey,
    outcome: record.outcome,
    abnormal: record.abnormal,
    content: JSON.stringify(record),
  }))
const placeFields = { partition: z.number(), offset: z.number() }
const auditSchema = z
  .object({
    source: z.string(),
    ...placeFields,
    recordedAt: z.number(),
    event: factsSchema,
    inputs: z.object({
      late: z.boolean(),
      repeatsSaturated: z.boolean(),
      alerts: z.array(z.string()),
    }),
    decision: decisionSchema,
  })
  .transform(({ source, inputs, ...rest }) => ({ topic: source, ...inputs, ...rest }))
const letterSchema = z
  .object({ source: z.string(), ...placeFields, reason: z.string() })
  .transform(({ source, ...rest }) => ({ topic: source, ...rest }))
const counts = { claims: z.number(), redemptions: z.number(), abnormal: z.number() }
const tallySchema = z.object({
  scope: z.string(),
  day: z.number(),
  ...counts,
  abnormalUsers: z.array(z.string()),
  recordedAt: z.number(),
})
const alertSchema = z.object({
  id: z.string(),
  raisedId: z.string(),
  ...counts,
  share: z.number(),
})
const reportSchema = z.object({
  user: z.string(),
  day: z.number(),
  amount: z.number(),
  eventKey: z.string(),
})
const progressSchema = z
  .object({
    shard: z.number(),
    offsets: z.array(
      z
        .object({ topic: z.string(), partition: z.number(), nextOffset: z.number() })
        .transform(({ nextOffset, ...rest }): Place => ({ ...rest, offset: nextOffset })),
    ),
    recordedAt: z.number(),
  })
  .transform(({ offsets, ...rest }) => ({ ...rest, places: offsets }))
const bandSchema = z.object({ min: z.number(), max: z.number(), minClaims: z.number() })
const playbookSchema = z.object({
  reportAmountMin: z.number(),
  alerting: z.object({
    abnormalShareMax: z.number(),
    clearShareMax: z.number(),
    minRedemptions: z.number(),
    minAbnormal: z.number(),
    minAbnormalUsers: z.number(),
    scopesMax: z.number(),
    channelBands: z.record(z.string(), bandSchema),
  }),
})

export interface Case extends Source {
  /** The workers' group, with prefix. */
  readonly groupId: string
  readonly playbookPath: string
}

export async function readEvidence(of: Case): Promise<Evidence> {
  const playbook = readPlaybook(of.playbookPath)
  const decoder = newDecoder(of.registryUrl)
  const inputs: InputRow[] = []
  const audits: Evidence['audits'][number][] = []
  const decisions: Evidence['decisions'][number][] = []
  const letters: Evidence['letters'][number][] = []
  const tallies: Evidence['tallies'][number][] = []
  const alerts: Evidence['alerts'][number][] = []
  const reports: Evidence['reports'][number][] = []
  const progress: Evidence['progress'][number][] = []
  const into =
    <T>(rows: T[], schema: z.ZodType<T>) =>
    (record: unknown) => {
      rows.push(schema.parse(record))
    }
  const outputs: Readonly<Record<string, (record: unknown) => void>> = {
    'risk.audit': into(audits, auditSchema),
    'risk.decisions': into(decisions, decisionSchema),
    'risk.dead-letters': into(letters, letterSchema),
    'risk.tallies': into(tallies, tallySchema),
    'risk.alerts': into(alerts, alertSchema),
    'risk.reports': into(reports, reportSchema),
    'risk.progress': into(progress, progressSchema),
  }
  const { ends, open } = await readTopics({
    source: of,
    topics: [...inputTopics, ...Object.keys(outputs)],
    async take(record) {
      const output = outputs[record.topic]
      if (output === undefined) inputs.push(await inputOf(record, decoder))
      else output(await decoder.decode(record.value))
    },
  })
  return {
    inputs,
    ends: ends.filter(({ topic }) => outputs[topic] === undefined),
    open,
    committed: await committedOffsets(of),
    audits,
    decisions,
    letters,
    tallies,
    alerts,
    reports,
    progress,
    policy: playbook.alerting,
    reportAmountMin: playbook.reportAmountMin,
  }
}

/** Tallies and alerts only. */
export async function readAlerting(
  of: Case,
): Promise<Pick<Evidence, 'tallies' | 'alerts' | 'policy'>> {
  const decoder = newDecoder(of.registryUrl)
  const tallies: Evidence['tallies'][number][] = []
  const alerts: Evidence['alerts'][number][] = []
  await readTopics({
    source: of,
    topics: ['risk.tallies', 'risk.alerts'],
    async take({ topic, value }) {
      const record = await decoder.decode(value)
      if (topic === 'risk.alerts') alerts.push(alertSchema.parse(record))
      else tallies.push(tallySchema.parse(record))
    },
  })
  return { tallies, alerts, policy: readPlaybook(of.playbookPath).alerting }
}

async function inputOf(
  { topic, partition, offset, timestamp, value, headers }: RawRecord,
  { decode }: Decoder,
): Promise<InputRow> {
  const header = headers[plantedHeader]
  const planted = header == null ? null : String(header)
  const record: unknown = planted === null ? await decode(value).catch(() => null) : null
  const event =
    record === null ? null : { ...factsSchema.parse(record), content: JSON.stringify(record) }
  return { topic, partition, offset, recordedAt: timestamp, planted, event }
}

function readPlaybook(path: string): z.infer<typeof playbookSchema> {
  return playbookSchema.parse(parse(readFileSync(path, 'utf8')))
}

/** First offsets that are not committed, per partition of the inputs. */
export async function committedOffsets({
  brokers,
  topicPrefix,
  groupId,
}: Pick<Case, 'brokers' | 'topicPrefix' | 'groupId'>): Promise<Place[]> {
  const kafka = newAuditorClient(brokers)
  const admin = kafka.admin()
  await admin.connect()
  try {
    const topics = inputTopics.map((topic) => topicPrefix + topic)
    const found = await admin.fetchOffsets({ groupId, topics })
    return found.flatMap(({ topic, partitions }) =>
      partitions.map(({ partition, offset }) => ({
        topic: topic.slice(topicPrefix.length),
        partition,
        offset: Math.max(0, Number(offset)),
      })),
    )
  } finally {
    await admin.disconnect()
  }
}
