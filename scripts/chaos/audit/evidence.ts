/**
 * What the auditor looks at: the content of every topic as `read_committed` shows it, cut down to
 * what it compares, and how far the group has come. Topics are named without prefix. Times are
 * milliseconds, offsets those of Kafka, texts as published or kept.
 */

export const inputTopics = ['coupon.claims', 'coupon.redemptions'] as const

/** Header by which the publisher says for what reason a message must be refused. */
export const plantedHeader = 'chaos-planted'

export interface Place {
  readonly topic: string
  readonly partition: number
  readonly offset: number
}

/** One message of an input topic. */
export interface InputRow extends Place {
  readonly recordedAt: number
  /** The reason that the publisher expects for it in the dead letters; null for a good message. */
  readonly planted: string | null
  /** Null where it cannot be read. */
  readonly event: InputEvent | null
}

export interface InputEvent extends EventFacts {
  /** All that was published, as one text: equal events have equal texts. */
  readonly content: string
}

/** What an event and its audit must agree on. */
export interface EventFacts {
  readonly id: string
  readonly kind: string
  readonly occurredAt: number
  readonly user: string
  readonly campaign: string
  readonly merchant: string | null
  readonly channel: string | null
  readonly attempt: string
  readonly orderAmount: number | null
  readonly couponAmount: number | null
}

export interface AuditRow extends Place {
  readonly recordedAt: number
  readonly event: EventFacts
  readonly late: boolean
  readonly repeatsSaturated: boolean
  /** Ids of alerts that were in force when it was judged. */
  readonly alerts: readonly string[]
  readonly decision: DecisionRow
}

export interface DecisionRow {
  readonly id: string
  readonly eventKey: string
  readonly outcome: string
  readonly abnormal: boolean
  /** All of the record as one text. */
  readonly content: string
}

export interface LetterRow extends Place {
  readonly reason: string
}

export interface TallyRow {
  readonly scope: string
  readonly day: number
  readonly claims: number
  readonly redemptions: number
  readonly abnormal: number
  readonly abnormalUsers: readonly string[]
  readonly recordedAt: number
}

export interface AlertRow {
  readonly id: string
  readonly raisedId: string
  readonly claims: number
  readonly redemptions: number
  readonly abnormal: number
  readonly share: number
}

export interface ReportRow {
  readonly user: string
  readonly day: number
  readonly amount: number
  readonly eventKey: string
}

export interface ProgressRow {
  readonly shard: number
  readonly places: readonly Place[]
  readonly recordedAt: number
}

export interface Evidence {
  /** By partition in the order of offsets. */
  readonly inputs: readonly InputRow[]
  /** First offset that no message has, per partition of the inputs. */
  readonly ends: readonly Place[]
  /** Partitions with a transaction that has not ended. */
  readonly open: readonly Place[]
  /** First offset that the workers' group has not committed, per partition of the inputs. */
  readonly committed: readonly Place[]
  /** Of a user in the order in which they were judged. */
  readonly audits: readonly AuditRow[]
  readonly decisions: readonly DecisionRow[]
  readonly letters: readonly LetterRow[]
  /** In the order of their topic, which has one partition. */
  readonly tallies: readonly TallyRow[]
  readonly alerts: readonly AlertRow[]
  readonly reports: readonly ReportRow[]
  readonly progress: readonly ProgressRow[]
  readonly policy: AlertPolicy
  /** Money of a user's day from which it must be reported. */
  readonly reportAmountMin: number
}

/** What the playbook says of alerts. */
export interface AlertPolicy {
  readonly abnormalShareMax: number
  readonly clearShareMax: number
  readonly minRedemptions: number
  readonly minAbnormal: number
  readonly minAbnormalUsers: number
  readonly scopesMax: number
  readonly channelBands: Readonly<Record<string, Band>>
}

export interface Band {
  readonly min: number
  readonly max: number
  readonly minClaims: number
}

/** What is wrong: what kind of wrong, and a line that says where. */
export interface Problem {
  readonly name: ProblemName
  readonly line: string
}

export type ProblemName =
  | 'lost audit'
  | 'doubled audit'
  | 'needless audit'
  | 'wrong audit'
  | 'lost decision'
  | 'doubled decision'
  | 'wrong decision'
  | 'lost dead letter'
  | 'doubled dead letter'
  | 'needless dead letter'
  | 'wrong dead letter'
  | 'wrong tally'
  | 'lost alert'
  | 'doubled alert'
  | 'needless alert'
  | 'wrong alert'
  | 'lost report'
  | 'doubled report'
  | 'wrong report'
  | 'wrong progress'
  | 'lost progress'
  | 'lost offset'
  | 'open transaction'
  | 'unreadable input'

export type Say = (name: ProblemName, line: string) => void

export const nameOf = ({ topic, partition, offset }: Place): string =>
  `${topic}/${partition}@${offset}`
