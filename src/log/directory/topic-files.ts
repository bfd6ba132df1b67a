/**
 * The segments of one topic, written at the end only, in two steps: `stage` writes and syncs a
 * batch behind the settled bytes, `settle` makes it count. `undo` takes a staged batch back; where
 * that fails (the disk again), the topic stays staged and tries anew before it writes anything
 * else. Readers see settled bytes only, so nothing half-written is ever read.
 *
 * Costs one write and one fdatasync a batch; a new segment two more syncs.
 */
import { type FileHandle, open } from 'node:fs/promises'
import { type ContainerHeader, encodeBlock } from '../../recording/container.ts'
import { removeIfAny, syncFolder, writeFully } from '../../runtime/durable-file.ts'
import type { Mark } from './checkpoint.ts'
import { newRowReader, type RowReader } from './rows.ts'
import {
  headerOf,
  openSegment,
  readOrRefuse,
  type Segment,
  segmentHeader,
  segmentPath,
} from './segment.ts'
import type { Topic } from './topics.ts'

/** The payload of one block. */
export interface Payload {
  readonly count: number
  readonly bytes: Buffer
}

/** What a topic is opened with, after its files were brought in line with the checkpoint. */
export interface TopicState {
  /** Segments that are written to no more, ascending. */
  readonly sealed: readonly Segment[]
  /** The segment to write on, null where the next write begins one. */
  readonly active: Segment | null
  /** Ordinal of the next row. */
  readonly records: number
}

interface Active {
  readonly first: number
  readonly path: string
  readonly file: FileHandle
  readonly sync: Buffer
  /** Record time of its first row. */
  readonly since: number
  bytes: number
}

interface Staged {
  /** The file that a staged batch begins, if any; it may or may not exist yet. */
  newPath: string | null
  newActive: Active | null
  bytes: number
  records: number
}

export class TopicFiles<Row> {
  readonly folder: string
  readonly topic: Topic<Row>
  readonly #segmentBytesMax: number
  readonly #readers = new Map<string, RowReader<Row>>()
  #sealed: Segment[]
  #active: Active | null = null
  #records: number
  #staged: Staged | null = null

  private constructor(
    folder: string,
    topic: Topic<Row>,
    segmentBytesMax: number,
    from: TopicState,
  ) {
    this.folder = folder
    this.topic = topic
    this.#segmentBytesMax = segmentBytesMax
    this.#sealed = [...from.sealed]
    this.#records = from.records
  }

  static async open<Row>(
    folder: string,
    topic: Topic<Row>,
    segmentBytesMax: number,
    from: TopicState,
  ): Promise<TopicFiles<Row>> {
    const files = new TopicFiles(folder, topic, segmentBytesMax, from)
    if (from.active !== null) await files.#openActive(from.active)
    return files
  }

  get retentionMs(): number {
    return this.topic.retentionMs
  }

  /** Ordinal of the next row, staged ones not counted. */
  get records(): number {
    return this.#records
  }

  segments(): readonly Segment[] {
    if (this.#active === null) return this.#sealed
    const { first, path, bytes } = this.#active
    return [...this.#sealed, { first, path, bytes }]
  }

  /** What a checkpoint says of this topic; with a staged batch, as if it were settled. */
  mark(): Mark {
    const active = this.#staged?.newActive ?? this.#active
    const records = this.#staged?.records ?? this.#records
    if (active === null) return { segment: null, bytes: 0, records }
    return { segment: active.first, bytes: this.#staged?.bytes ?? active.bytes, records }
  }

  /**
   * Writes and syncs one block behind the settled bytes; `at` is the record time of its first row.
   */
  async stage(payload: Payload, at: number): Promise<void> {
    await this.undo()
    const staged: Staged = {
      newPath: null,
      newActive: null,
      bytes: 0,
      records: this.#records + payload.count,
    }
    this.#staged = staged
    const target = this.#isFull(at) ? await this.#begin(staged, at) : this.#active!
    const bytes = encodeBlock(payload.count, payload.bytes, target.sync)
    staged.bytes = target.bytes + bytes.length
    await writeFully(target.file, bytes, target.bytes)
    await target.file.datasync()
  }

  /** Makes the staged batch count. Cannot fail. */
  settle(): void {
    const staged = this.#staged
    if (staged === null) return
    this.#staged = null
    if (staged.newActive !== null) {
      if (this.#active !== null) this.#seal(this.#active)
      this.#active = staged.newActive
    }
    this.#active!.bytes = staged.bytes
    this.#records = staged.records
  }

  /** Takes the staged batch back, if there is one. */
  async undo(): Promise<void> {
    const staged = this.#staged
    if (staged === null) return
    if (staged.newPath !== null) {
      await staged.newActive?.file.close()
      staged.newActive = null
      await removeIfAny(staged.newPath)
    } else if (this.#active !== null) {
      await this.#active.file.truncate(this.#active.bytes)
      await this.#active.file.datasync()
    }
    this.#staged = null
  }

  reader(header: ContainerHeader): RowReader<Row> {
    const key = JSON.stringify(header.schema)
    const known = this.#readers.get(key)
    if (known !== undefined) return known
    const made = newRowReader<Row>(this.topic, header)
    this.#readers.set(key, made)
    return made
  }

  /** Every settled row, a batch per block. */
  async *rows(): AsyncGenerator<Row[]> {
    for (const segment of this.segments()) yield* this.#rowsOf(segment)
  }

  /** Record times of a segment's rows, in order. */
  async *times(segment: Segment): AsyncGenerator<number> {
    for await (const rows of this.#rowsOf(segment)) yield* rows.map(this.topic.timeOf)
  }

  /** Whether removing the `count` oldest segments takes the one that is written to. */
  takesActive(count: number): boolean {
    return this.#active !== null && count > this.#sealed.length
  }

  /** Stops writing to the active segment, so that the next batch begins a new one. */
  async sealActive(): Promise<void> {
    const active = this.#active
    if (active === null) return
    this.#active = null
    this.#sealed.push({ first: active.first, path: active.path, bytes: active.bytes })
    await active.file.close()
  }

  /** Removes the `count` oldest segments, oldest first, so that what is left has no gap. */
  async removeOldest(count: number): Promise<readonly string[]> {
    const removed: string[] = []
    for (const segment of this.#sealed.slice(0, count)) {
      await removeIfAny(segment.path)
      this.#sealed = this.#sealed.filter((kept) => kept !== segment)
      removed.push(segment.path)
    }
    if (removed.length > 0) await syncFolder(this.folder)
    return removed
  }

  async close(): Promise<void> {
    await this.#staged?.newActive?.file.close()
    await this.#active?.file.close()
    this.#active = null
  }

  async *#rowsOf(segment: Segment): AsyncGenerator<Row[]> {
    const opened = await openSegment(segment.path)
    try {
      const reader = this.reader(opened.header)
      for await (const { payload, count, position } of opened.blocks(segment.bytes))
        yield readOrRefuse(segment.path, position, () => reader.read(payload, count))
    } finally {
      await opened.close()
    }
  }

  #isFull(at: number): boolean {
    const active = this.#active
    if (active === null) return true
    return active.bytes >= this.#segmentBytesMax || at - active.since >= this.topic.spanMsMax
  }

  /** Begins a segment; its header is on disk, under its name, before any row. */
  async #begin(staged: Staged, since: number): Promise<Active> {
    const first = this.#records
    const path = segmentPath(this.folder, first)
    const header = segmentHeader(this.topic.schema, first)
    staged.newPath = path
    const file = await open(path, 'w+', 0o600)
    staged.newActive = { first, path, file, sync: header.sync, since, bytes: header.bytes.length }
    await writeFully(file, header.bytes, 0)
    await file.datasync()
    await syncFolder(this.folder)
    return staged.newActive
  }

  #seal(active: Active): void {
    this.#sealed.push({ first: active.first, path: active.path, bytes: active.bytes })
    // Its bytes are synced; a failing close loses nothing but the handle.
    active.file.close().catch(() => {})
  }

  async #openActive({ first, path, bytes }: Segment): Promise<void> {
    const file = await open(path, 'r+')
    try {
      const { sync, length } = await headerOf(path, file)
      const since = await this.#firstTime(path, length)
      this.#active = { first, path, file, sync, since, bytes }
    } catch (error) {
      await file.close()
      throw error
    }
  }

  async #firstTime(path: string, headerBytes: number): Promise<number> {
    const opened = await openSegment(path)
    try {
      const block = await opened.blockAt(headerBytes)
      const reader = this.reader(opened.header)
      return this.topic.timeOf(
        readOrRefuse(path, headerBytes, () => reader.readFirst(block.payload)),
      )
    } finally {
      await opened.close()
    }
  }
}
