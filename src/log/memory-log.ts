/**
 * The embedded log in memory, for tests and the simulation. The state is an object of its own that
 * outlives its reader: drop the log between any two steps and open the state again, and reading
 * starts at the last commit. A reader from before is fenced: whatever it still tries fails and
 * changes nothing.
 */
import type { Audit, Event, Progress } from '../core/schema.gen.ts'
import { EdgeError } from '../runtime/edge-error.ts'
import {
  assertProgress,
  type CommittedOutputs,
  type EmbeddedLog,
  embeddedSource,
  type KeptOutputs,
  nextOffsetOf,
} from './embedded-log.ts'
import type { LoggedEvent } from './stream.ts'

type Kept = { -readonly [T in keyof KeptOutputs]: KeptOutputs[T][number][] }

const followedRowsMax = 512

/** What survives a crash. */
export interface MemoryLogState {
  readonly rows: LoggedEvent[]
  readonly outputs: Kept
  progress: Progress | null
  nextOffset: number
  /** How often it was opened; only the latest reader may touch it. */
  epoch: number
}

export function newMemoryLogState(): MemoryLogState {
  return {
    rows: [],
    outputs: {
      audits: [],
      decisions: [],
      tallies: [],
      alerts: [],
      reports: [],
      deadLetters: [],
      reviews: [],
    },
    progress: null,
    nextOffset: 0,
    epoch: 0,
  }
}

export function openMemoryLog(state: MemoryLogState): EmbeddedLog {
  state.epoch += 1
  const epoch = state.epoch
  let read = state.nextOffset
  let closed = false
  const check = () => {
    if (closed || state.epoch !== epoch)
      throw new EdgeError('log-closed', 'the log was closed or opened anew', false)
  }
  return {
    repairs: [],
    async append(events, recordedAt) {
      check()
      return appendRows(state, events, recordedAt)
    },
    async read(max) {
      check()
      const rows = state.rows.slice(read, read + max)
      read += rows.length
      return rows
    },
    async commit(outputs, progress) {
      check()
      const nextOffset = nextOffsetOf(progress)
      assertProgress(nextOffset, state.nextOffset, read)
      keep(state.outputs, outputs)
      state.progress = progress
      state.nextOffset = nextOffset
    },
    async close() {
      closed = true
    },
    committed: () => ({ nextOffset: state.nextOffset, progress: state.progress }),
    endOffset: () => state.rows.length,
    async *history() {
      const end = state.nextOffset
      for (let at = 0; at < end; at += 512) yield state.rows.slice(at, Math.min(end, at + 512))
    },
    async *readOutputs(topic) {
      yield state.outputs[topic]
    },
    followOutputs(topic, from) {
      let next = from
      return {
        async read() {
          check()
          const rows = state.outputs[topic].slice(next, next + followedRowsMax)
          next += rows.length
          return rows.length === 0 ? null : { rows, next }
        },
        behind: () => state.outputs[topic].length - next,
        async close() {},
      }
    },
    auditAt: async (offset) => auditAt(state.outputs.audits, offset),
    dropExpired: async () => [],
  }
}

function appendRows(state: MemoryLogState, events: readonly Event[], recordedAt: number): number {
  const first = state.rows.length
  const at = Math.max(recordedAt, state.rows.at(-1)?.recordedAt ?? recordedAt)
  for (const [index, event] of events.entries())
    state.rows.push({
      event,
      recordedAt: at,
      source: embeddedSource,
      partition: 0,
      offset: first + index,
    })
  return first
}

function keep(into: Kept, from: CommittedOutputs): void {
  into.audits.push(...from.audits)
  into.decisions.push(...from.decisions)
  into.tallies.push(...from.tallies)
  into.alerts.push(...from.alerts)
  into.reports.push(...from.reports)
  into.deadLetters.push(...from.deadLetters)
  into.reviews.push(...(from.reviews ?? []))
}

/** Audits are in the order of their offsets. */
function auditAt(audits: readonly Audit[], offset: number): Audit | null {
  let low = 0
  let high = audits.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (audits[middle]!.offset < offset) low = middle + 1
    else high = middle
  }
  const found = audits[low]
  return found !== undefined && found.offset === offset ? found : null
}
