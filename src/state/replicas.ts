/**
 * Copies of the logs that this process met lately. Redis holds the bytes and their order; a copy is
 * what playing them gives, and `stamp` and `length` say up to where it was played. So a batch that
 * meets a log again is given what others have appended since, mostly nothing, instead of the whole.
 *
 * Copies take at most about `bytesMax`: they live in a young and an old generation; who is met
 * moves to the young one, and when that is full it becomes the old one and the old one is dropped.
 * That never happens within a batch, whose copies must all be there at once.
 */
import { entryShapes } from '../core/signals/entry.ts'
import { newLogView } from '../core/signals/window-view.ts'
import {
  entryBytesOf,
  headBytesOf,
  NumberBytes,
  newReplayed,
  readEntries,
  readPlainRecord,
  readUserRecord,
  recordBytesOf,
  userKind,
  writeEntries,
} from './log-records.ts'
import type { LogTable } from './log-table.ts'
import { type LogKey, logKinds } from './redis-keys.ts'
import { newRepeatsTable, Repeats, rowShape } from './repeats.ts'
import { type AllWindows, isRepeat, newTable, newWindows, readLog, sight } from './windows.ts'

/** Numbers kept with each copy: see the methods that give them. */
const notes = { stamp: 0, length: 1, refreshedAt: 2, era: 3 } as const
const tableOptions = { bytesMax: Number.POSITIVE_INFINITY, shared: true, notes: 4 }
/** A log is worth compacting when its bytes are this much more than its entries need. */
const slackShare = 1.5
const slackBytes = 1024

/** A table of logs for each kind, and that of the ids. */
interface Tables {
  readonly logs: readonly LogTable[]
  readonly repeats: LogTable
}

export class Replicas {
  readonly windows: AllWindows = newWindows(tableOptions)
  readonly repeats = new Repeats(newRepeatsTable(tableOptions.bytesMax))
  readonly #bytesMax: number
  readonly #bytes = new NumberBytes()
  readonly #replayed = newReplayed()
  readonly #view = newLogView()
  #young = this.#tables()
  #old: Tables | null = null
  #era = 0

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  /** The copy of a log, or -1; it holds until the next log is made or grows. */
  find(kind: number, low: number, high: number): number {
    const table = this.#young.logs[kind]!
    const log = table.find(low, high)
    if (log >= 0 || this.#old === null) return log
    const old = this.#old.logs[kind]!.find(low, high)
    if (old < 0) return -1
    if (kind === userKind) {
      const { repeats } = this.#old
      this.repeats.table.adopt(repeats, repeats.find(low, high))
    }
    return table.adopt(this.#old.logs[kind]!, old)
  }

  /** Stamp of the bytes that a copy was played from. */
  stampOf(kind: number, log: number): number {
    return this.#young.logs[kind]!.note(log, notes.stamp)
  }

  /** How many of these bytes it has played. */
  lengthOf(kind: number, log: number): number {
    return this.#young.logs[kind]!.note(log, notes.length)
  }

  /**
   * Whether a copy may be taken for what Redis holds, if the length is right: its key's time to
   * live was set after `since` of record time, and nothing has made it doubtful since.
   */
  isTrusted(kind: number, log: number, since: number): boolean {
    const table = this.#young.logs[kind]!
    return table.note(log, notes.era) === this.#era && table.note(log, notes.refreshedAt) > since
  }

  /** Notes that a copy was looked at closely, and that its key's time to live began anew. */
  trust(kind: number, log: number, horizon: number): void {
    const table = this.#young.logs[kind]!
    table.setNote(log, notes.era, this.#era)
    table.setNote(log, notes.refreshedAt, horizon)
  }

  /** Somebody wrote a log anew under a stamp: a copy of another is to be looked at closely. */
  doubt({ kind, low, high }: LogKey, stamp: number): void {
    const log = this.find(kind, low, high)
    if (log < 0 || this.stampOf(kind, log) === stamp) return
    this.#young.logs[kind]!.setNote(log, notes.refreshedAt, Number.NEGATIVE_INFINITY)
  }

  /** Every copy is to be looked at closely. */
  doubtAll(): void {
    this.#era += 1
  }

  /** Notes that a copy has played so many bytes more. */
  grow(kind: number, log: number, bytes: number): void {
    const table = this.#young.logs[kind]!
    table.setNote(log, notes.length, table.note(log, notes.length) + bytes)
  }

  /** A copy of a log that is new under this stamp. */
  create(key: LogKey, stamp: number): void {
    this.#place(key, stamp, headBytesOf(key.kind))
    this.#empty(key, Number.NEGATIVE_INFINITY, nothingLost)
  }

  /** A copy from all of a log's bytes. */
  load(key: LogKey, bytes: Buffer): void {
    const { kind, low, high } = key
    this.#bytes.take(bytes)
    const { floats, words } = this.#bytes
    this.#place(key, floats[0]!, bytes.length)
    this.#empty(key, floats[1]!, { cutAt: floats[2]!, lostAt: floats[3]! })
    const counts = headBytesOf(kind) / 4 - 2
    const entries = { at: headBytesOf(kind), count: words[counts]!, shape: shapes[kind]! }
    const table = this.#young.logs[kind]!
    let { end } = readEntries(this.#bytes, entries, table, table.find(low, high))
    if (kind === userKind) {
      const rows = { at: end, count: words[counts + 1]!, shape: rowShape }
      const { table: ids } = this.repeats
      end = readEntries(this.#bytes, rows, ids, ids.find(low, high)).end
    }
    this.#play(key, end, bytes.length)
  }

  /** Plays the records that a copy has not seen yet. */
  replay(key: LogKey, bytes: Buffer): void {
    this.#bytes.take(bytes)
    this.#play(key, 0, bytes.length)
    this.grow(key.kind, this.find(key.kind, key.low, key.high), bytes.length)
  }

  /** Whether a log's bytes are many more than its entries need. */
  isSlack({ kind, low, high }: LogKey, log: number): boolean {
    const table = this.#young.logs[kind]!
    const length = table.note(log, notes.length)
    if (length < slackBytes) return false
    const { table: ids } = this.repeats
    const rows = kind === userKind ? ids.count(ids.find(low, high)) : 0
    const needs = table.count(log) * entryBytesOf(shapes[kind]!) + rows * entryBytesOf(rowShape)
    return length > needs * slackShare + slackBytes
  }

  /**
   * A log's entries as bytes under a new stamp, from which the copy then counts as played; it is to
   * be looked at closely when it is met next.
   */
  compact({ kind, low, high }: LogKey, stamp: number): Buffer {
    const table = this.#young.logs[kind]!
    const log = this.find(kind, low, high)
    table.look(log, this.#view)
    const head = headBytesOf(kind)
    this.#bytes.ensure(head + table.note(log, notes.length))
    const { floats, words } = this.#bytes
    floats[0] = stamp
    floats[1] = table.cutAt(log)
    words[head / 4 - 2] = table.count(log)
    words[head / 4 - 1] = 0
    let end = writeEntries(this.#bytes, head, shapes[kind]!, this.#view)
    if (kind === userKind) {
      const { table: ids } = this.repeats
      const rows = ids.find(low, high)
      floats[2] = ids.cutAt(rows)
      floats[3] = this.repeats.lostAt(rows)
      words[head / 4 - 1] = ids.count(rows)
      ids.look(rows, this.#view)
      end = writeEntries(this.#bytes, end, rowShape, this.#view)
    }
    table.setNote(log, notes.stamp, stamp)
    table.setNote(log, notes.length, end)
    // Nobody knows yet whether the server gets these bytes.
    table.setNote(log, notes.refreshedAt, Number.NEGATIVE_INFINITY)
    return Buffer.from(this.#bytes.bytes.subarray(0, end))
  }

  /** Between two batches: lets the old generation go where the young one is full. */
  rotate(): void {
    if (bytesOf(this.#young) * 2 < this.#bytesMax) return
    this.#old = this.#young
    this.#renew()
  }

  /** Forgets all copies. */
  clear(): void {
    this.#old = null
    this.#renew()
  }

  get bytes(): number {
    return bytesOf(this.#young) + (this.#old === null ? 0 : bytesOf(this.#old))
  }

  #tables(): Tables {
    return {
      logs: logKinds.map((name) => this.windows[name].table),
      repeats: this.repeats.table,
    }
  }

  #renew(): void {
    for (const name of logKinds) this.windows[name].table = newTable(name, tableOptions)
    this.windows.returned.table = this.windows.sender.table
    this.repeats.table = newRepeatsTable(tableOptions.bytesMax)
    this.#young = this.#tables()
  }

  #place({ kind, low, high }: LogKey, stamp: number, length: number): void {
    const table = this.#young.logs[kind]!
    const log = table.ensure(low, high)
    table.setNote(log, notes.stamp, stamp)
    table.setNote(log, notes.length, length)
  }

  #empty(key: LogKey, cutAt: number, ofIds: PastOfIds): void {
    const table = this.#young.logs[key.kind]!
    table.clear(table.ensure(key.low, key.high), cutAt)
    if (key.kind === userKind) this.repeats.begin(key, ofIds)
  }

  #play(key: LogKey, from: number, to: number): void {
    const { kind } = key
    const one = this.#replayed
    const windows = this.windows[logKinds[kind]!]
    for (let at = from; at < to; at += recordBytesOf(kind)) {
      if (kind === userKind) {
        readUserRecord(this.#bytes, at, key, one)
        const sighted = sight(windows, this.repeats, one)
        if (!isRepeat(sighted) && !sighted.late) readLog(windows, one, !sighted.mayBeHeld, null)
      } else {
        const isNew = readPlainRecord(this.#bytes, at, key, one)
        readLog(windows, one, isNew, null)
      }
    }
  }
}

/** What a user's log of ids no longer holds. */
interface PastOfIds {
  readonly cutAt: number
  readonly lostAt: number
}

const nothingLost = { cutAt: Number.NEGATIVE_INFINITY, lostAt: Number.NEGATIVE_INFINITY }

const shapes = logKinds.map((name) => entryShapes[name])

const bytesOf = ({ logs, repeats }: Tables): number =>
  logs.reduce((sum, table) => sum + table.bytes, repeats.bytes)
