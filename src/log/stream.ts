/**
 * The stream port: batches of logged events in; outputs and progress out in one atomic commit.
 * Three forms keep its laws: memory (tests), a directory of files, Kafka.
 *
 *  1. `append` returns only when the rows would survive `kill -9` and a power cut;
 *  2. rows come back in the order of their offsets, from the first that is not committed;
 *  3. `commit` makes all outputs of a batch and its progress visible, or none of them;
 *  4. after a crash at any moment, reading starts at the last committed progress: nothing is lost
 *     and nothing is committed twice;
 *  5. a failed append or commit leaves the log as it was; trying again is safe.
 */
import type {
  Alert,
  Audit,
  DeadLetter,
  Decision,
  Event,
  Progress,
  Report,
  Tally,
} from '../core/schema.gen.ts'

/** An event at its place in the log. */
export interface LoggedEvent {
  readonly event: Event
  /** When the log took it, in milliseconds; never decreases within a partition. */
  readonly recordedAt: number
  readonly source: string
  readonly partition: number
  readonly offset: number
}

/** Everything that one batch gives, in the order of its events. */
export interface Outputs {
  readonly audits: readonly Audit[]
  /** The review and block decisions among the audits. */
  readonly decisions: readonly Decision[]
  readonly tallies: readonly Tally[]
  readonly alerts: readonly Alert[]
  readonly reports: readonly Report[]
  readonly deadLetters: readonly DeadLetter[]
}

export interface StreamLog {
  /** Takes events at record time `recordedAt`; gives the offset of the first. */
  append(events: readonly Event[], recordedAt: number): Promise<number>
  /** Up to `max` rows that are appended and not yet read; empty where there are none. */
  read(max: number): Promise<readonly LoggedEvent[]>
  /** Commits the outputs and the progress of rows read so far. */
  commit(outputs: Outputs, progress: Progress): Promise<void>
  close(): Promise<void>
}
