/**
 * What the console needs of the engine it stands beside: records to project, a way to publish, and
 * what is known of playbook and campaigns. Two forms: the embedded log of `start`, and Kafka.
 *
 * Records come at least once and in the order of their partition; whoever takes them keeps the
 * position in the same transaction as what they made of it. What is published is published once:
 * whoever publishes keeps an outbox, and after trouble asks `published` before trying again.
 */
import type { Playbook } from '../core/rules/playbook.ts'
import type {
  Alert,
  Audit,
  Campaign,
  DeadLetter,
  Decision,
  ListKind,
  Review,
} from '../core/schema.gen.ts'
import type { LetterKey } from '../letter-seal.ts'
import type { ListChange } from '../lists/kept-lists.ts'

/** Records of one partition; `next` is the position after the last of them. */
export interface TopicBatch<Topic extends string, T> {
  readonly topic: Topic
  readonly partition: number
  readonly next: number
  readonly records: readonly T[]
  /**
   * Position of each record, ascending. Where they are given, those that were taken before are
   * left out one by one, so that readers may overlap, as they do while a group is rebalanced.
   */
  readonly offsets?: readonly number[]
}

export type AnyBatch =
  | TopicBatch<'risk.audit', Audit>
  /** Engine decisions too; only superseding ones matter here. */
  | TopicBatch<'risk.decisions', Decision>
  | TopicBatch<'risk.alerts', Alert>
  | TopicBatch<'risk.dead-letters', DeadLetter>
  | TopicBatch<'risk.reviews', Review>
  | TopicBatch<'risk.lists', ListChange>
export type ProjectedTopic = AnyBatch['topic']

export interface Projection {
  /** Made anew with the database and every rebuilding: records are then wanted from the start. */
  generation(): Promise<string>
  /** Position to go on from; 0 before the first record. Only risk.audit keeps one for certain. */
  position(topic: ProjectedTopic, partition: number): Promise<number>
  /**
   * Takes a batch whole; one that was taken before changes nothing. Changes of lists come from the
   * beginning at every start, whatever their position says. Rejects with EdgeError.
   */
  take(batch: AnyBatch): Promise<void>
  /** Records of each topic that are known to be still unread. */
  setLag(records: number): void
}

/** One thing to publish. `id` is unique, and travels as ce_id where there are headers. */
export type Publication =
  | { readonly id: string; readonly topic: 'risk.reviews'; readonly record: Review }
  | { readonly id: string; readonly topic: 'risk.decisions'; readonly record: Decision }
  | { readonly id: string; readonly topic: 'risk.lists'; readonly record: ListChange }

export interface Engine {
  /** All of them or none; rejects with EdgeError, and then `published` tells what became of it. */
  publish(publications: readonly Publication[]): Promise<void>
  /**
   * Ids of those that stand there already; list changes are never told: they may be made twice.
   * What follows from one verdict MUST be published together, its superseding decision recorded at
   * the time of its review: the review tells of both.
   */
  published(publications: readonly Publication[]): Promise<ReadonlySet<string>>
  /** Sends letters in again, in order; false for one that cannot be: no bytes, cut, or sealed. */
  redrive(letters: readonly DeadLetter[]): Promise<readonly boolean[]>
  /** What a person wrote → kept form of a list's value; null where it is none of that kind. */
  keep(kind: ListKind, value: string): string | null
  /** Of the key that phones and codes are hashed with. */
  readonly keyId: string
  /** What the console's own copies of dead letters are encrypted with. */
  readonly letterKey: LetterKey
  /** The playbook that judges now. */
  readonly playbook: Playbook
  campaign(id: string): Campaign | null
  /** Of every campaign that the platform told of; empty where it told of none. */
  allCampaigns(): readonly Campaign[]
  readonly timeZone: string
  /** Begins to bring records, and goes on until closed. Resolves when it has begun. */
  start(projection: Projection): Promise<void>
  close(): Promise<void>
}
