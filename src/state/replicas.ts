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
  writeEntries,
} from './log-records.ts'
import type { LogTable } from './log-table.ts'
import { type LogKey, type LogKind, logKinds } from './redis-keys.ts'
import { newRepeatsTable, Repeats, rowShape } from './repeats.ts'
import { type AllWindows, isRepeat, newTable, newWindows, readLog, sight } from './windows.ts'

/** Numbers kept with each copy. */
const notes = { stamp: 0, length: 1, refreshedAt: 2 } as const
const tableOptions = { bytesMax: Number.POSITIVE_INFINITY, shared: true, notes: 3 }
/** A log is worth compacting when its bytes are this much more than its entries need. */
const slackShare = 1.5
const slackBytes = 1024

interface Tables {
  readonly logs: Readonly<Record<LogKind, LogTable>>
  readonly repeats: LogTable
}

export class Replicas {
  readonly windows: AllWindows = newWindows(tableOptions)
  readonly repeats = new Repeats(newRepeatsTable(tableOptions.bytesMax))
  readonly #bytesMax: number
  readonly #bytes = new NumberBytes()
  readonly #replayed = newReplayed()
  readonly #view = newLogView()
  #old: Tables | null = null

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  /** The copy of a log, or -1; it holds until the next log is made or grows. */
  find({ kind, low, high }: LogKey): number {
    const { table } = this.windows[kind]
    const log = table.find(low, high)
    if (log >= 0 || this.#old === null) return log
    const old = this.#old.logs[kind].find(low, high)
    if (old < 0) return -1
    if (kind === 'user') {
      const { repeats } = this.#old
      this.repeats.table.adopt(repeats, repeats.find(low, high))
    }
    return table.adopt(this.#old.logs[kind], old)
  }

  /** Stamp of the bytes that a copy was played from, and how many of them. */
  stamp(kind: LogKind, log: number): number {
    return this.windows[kind].table.note(log, notes.stamp)
  }

  length(kind: LogKind, log: number): number {
    return this.windows[kind].table.note(log, notes.length)
  }

  /** The horizon at which the key's time to live was set last. */
  refreshedAt(kind: LogKind, log: number): number {
    return this.windows[kind].table.note(log, notes.refreshedAt)
  }

  setRefreshedAt(kind: LogKind, log: number, horizon: number): void {
    this.windows[kind].table.setNote(log, notes.refreshedAt, horizon)
  }

  /** Notes that a copy has played so many bytes more. */
  grow(kind: LogKind, log: number, bytes: number): void {
    const { table } = this.windows[kind]
    table.setNote(log, notes.length, table.note(log, notes.length) + bytes)
  }

  /** A copy of a log that is new under this stamp. */
  create(key: LogKey, stamp: number): void {
    this.#place(key, stamp, headBytesOf(key.kind))
    this.#empty(key, Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY)
  }

  /** A copy from all of a log's bytes. */
  load(key: LogKey, bytes: Buffer): void {
    const { kind, low, high } = key
    this.#bytes.take(bytes)
    const { floats, words } = this.#bytes
    this.#place(key, floats[0]!, bytes.length)
    this.#empty(key, floats[1]!, kind === 'user' ? floats[2]! : 0)
    const counts = headBytesOf(kind) / 4 - 2
    const entries = { at: headBytesOf(kind), count: words[counts]!, shape: entryShapes[kind] }
    const { table } = this.windows[kind]
    let { end } = readEntries(this.#bytes, entries, table, table.find(low, high))
    if (kind === 'user') {
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
    this.grow(key.kind, this.find(key), bytes.length)
  }

  /** Whether a log's bytes are many more than its entries need. */
  isSlack({ kind, low, high }: LogKey): boolean {
    const { table } = this.windows[kind]
    const log = table.find(low, high)
    const length = table.note(log, notes.length)
    if (length < slackBytes) return false
    const rows = kind === 'user' ? this.repeats.table.count(this.repeats.table.find(low, high)) : 0
    const needs = table.count(log) * entryBytesOf(entryShapes[kind]) + rows * entryBytesOf(rowShape)
    return length > needs * slackShare + slackBytes
  }

  /** A log's entries as bytes under a new stamp, from which the copy then counts as played. */
  compact(key: LogKey, stamp: number): Buffer {
    const { kind, low, high } = key
    const { table } = this.windows[kind]
    const log = this.find(key)
    table.look(log, this.#view)
    const head = headBytesOf(kind)
    this.#bytes.ensure(head + table.note(log, notes.length))
    const { floats, words } = this.#bytes
    floats[0] = stamp
    floats[1] = table.cutAt(log)
    words[head / 4 - 2] = table.count(log)
    words[head / 4 - 1] = 0
    let end = writeEntries(this.#bytes, head, entryShapes[kind], this.#view)
    if (kind === 'user') {
      const { table: ids } = this.repeats
      const rows = ids.find(low, high)
      floats[2] = ids.cutAt(rows)
      words[head / 4 - 1] = ids.count(rows)
      ids.look(rows, this.#view)
      end = writeEntries(this.#bytes, end, rowShape, this.#view)
    }
    table.setNote(log, notes.stamp, stamp)
    table.setNote(log, notes.length, end)
    return Buffer.from(this.#bytes.bytes.subarray(0, end))
  }

  /** Between two batches: lets the old generation go where the young one is full. */
  rotate(): void {
    if (this.bytes(this.#young()) * 2 < this.#bytesMax) return
    this.#old = this.#young()
    this.#renew()
  }

  /** Forgets all copies. */
  clear(): void {
    this.#old = null
    this.#renew()
  }

  bytes({ logs, repeats }: Tables = this.#young()): number {
    return logKinds.reduce((sum, kind) => sum + logs[kind].bytes, repeats.bytes)
  }

  #young(): Tables {
    const { user, device, ip, subnet, code, phone, sender } = this.windows
    const logs = {
      user: user.table,
      device: device.table,
      ip: ip.table,
      subnet: subnet.table,
      code: code.table,
      phone: phone.table,
      sender: sender.table,
    }
    return { logs, repeats: this.repeats.table }
  }

  #renew(): void {
    for (const kind of logKinds) this.windows[kind].table = newTable(kind, tableOptions)
    this.windows.returned.table = this.windows.sender.table
    this.repeats.table = newRepeatsTable(tableOptions.bytesMax)
  }

  #place({ kind, low, high }: LogKey, stamp: number, length: number): void {
    const { table } = this.windows[kind]
    const log = table.ensure(low, high)
    table.setNote(log, notes.stamp, stamp)
    table.setNote(log, notes.length, length)
  }

  #empty({ kind, low, high }: LogKey, cutAt: number, idsCutAt: number): void {
    const { table } = this.windows[kind]
    table.clear(table.ensure(low, high), cutAt)
    if (kind !== 'user') return
    const { table: ids } = this.repeats
    ids.clear(ids.ensure(low, high), idsCutAt)
  }

  #play(key: LogKey, from: number, to: number): void {
    const { kind } = key
    const one = this.#replayed
    for (let at = from; at < to; at += recordBytesOf(kind)) {
      if (kind === 'user') {
        readUserRecord(this.#bytes, at, key, one)
        const sighted = sight(this.windows.user, this.repeats, one)
        if (!isRepeat(sighted) && !sighted.late)
          readLog(this.windows.user, one, !sighted.mayBeHeld, null)
      } else {
        const isNew = readPlainRecord(this.#bytes, at, key, one)
        readLog(this.windows[kind], one, isNew, null)
      }
    }
  }
}
