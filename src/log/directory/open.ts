/**
 * Opens a data directory, or lays out a new one. Whatever killed the last process, what comes back
 * is at its last commit, with every acknowledged event; `repairs` says what was mended. What no
 * crash explains is refused in one line.
 *
 *   DATA/format           couponguard-log 1, written last: a directory with it is laid out whole
 *   DATA/lock/            one process at a time
 *   DATA/checkpoint.json  the commit point
 *   DATA/events/ audit/ decisions/ tallies/ alerts/ reports/ dead-letters/   segments
 */
import { join } from 'node:path'
import { CommandError } from '../../cli/exit.ts'
import { readTextIfAny, replaceFile, syncFolder } from '../../runtime/durable-file.ts'
import { errnoOf } from '../../runtime/edge-error.ts'
import { makeFolder } from '../../runtime/make-folder.ts'
import type { KeptOutputs, OutputTopic } from '../embedded-log.ts'
import { type Checkpoint, firstCheckpoint, readCheckpoint, writeCheckpoint } from './checkpoint.ts'
import { DirectoryLog, type OutputFiles } from './directory-log.ts'
import { lockDirectory } from './lock.ts'
import { lookAtEvents, lookAtOutputs, type Recovery } from './recovery.ts'
import { openSegment, readOrRefuse } from './segment.ts'
import { TopicFiles } from './topic-files.ts'
import { eventTopic, type LogRow, outputNames, outputTopics, type Topic } from './topics.ts'

export interface DirectoryLogOptions {
  readonly directory: string
  /** A segment that has reached this size is closed. */
  readonly segmentBytesMax?: number
}

export const segmentBytesMaxDefault = 32 * 1_048_576
const format = 'couponguard-log 1'

export async function openDirectoryLog(options: DirectoryLogOptions): Promise<DirectoryLog> {
  const { directory, segmentBytesMax = segmentBytesMaxDefault } = options
  try {
    await makeFolder(directory, 0o700)
    await isLaidOut(directory)
    const lock = await lockDirectory(directory)
    try {
      if (!(await isLaidOut(directory))) await layOut(directory)
      // A log from before there were reviews has no folder for them.
      await makeFolder(join(directory, outputTopics.reviews.folder), 0o700)
      return await openLocked(directory, segmentBytesMax, lock)
    } catch (error) {
      await lock.release()
      throw error
    }
  } catch (error) {
    throw openProblem(directory, error)
  }
}

async function openLocked(
  directory: string,
  segmentBytesMax: number,
  lock: Awaited<ReturnType<typeof lockDirectory>>,
): Promise<DirectoryLog> {
  const checkpoint = await readCheckpoint(directory)
  if (checkpoint === null)
    throw new CommandError(`${join(directory, 'checkpoint.json')}: missing; restore it`)
  const folder = join(directory, eventTopic.folder)
  const inputs = await lookAtEvents(folder, eventTopic.schema, checkpoint)
  const outputs = await lookAtAll(directory, checkpoint)
  const repairs: string[] = []
  for (const { mends } of [inputs, ...outputNames.map((name) => outputs[name])])
    for (const mend of mends) repairs.push(await mend())
  const opened: { close(): Promise<void> }[] = []
  try {
    const events = await TopicFiles.open(folder, eventTopic, segmentBytesMax, inputs.state)
    opened.push(events)
    const newest = await newestTime(events)
    const recordedAt = Math.max(newest, checkpoint.progress?.recordedAt ?? newest)
    const files = await openOutputs(directory, segmentBytesMax, outputs, opened)
    return new DirectoryLog({
      directory,
      lock,
      events,
      outputs: files,
      checkpoint,
      recordedAt,
      repairs,
    })
  } catch (error) {
    for (const files of opened) await files.close()
    throw error
  }
}

type Recoveries = Readonly<Record<OutputTopic, Recovery>>

async function lookAtAll(directory: string, { outputs }: Checkpoint): Promise<Recoveries> {
  const lookAt = (name: OutputTopic) =>
    lookAtOutputs(join(directory, outputTopics[name].folder), outputs[name])
  return {
    audits: await lookAt('audits'),
    decisions: await lookAt('decisions'),
    tallies: await lookAt('tallies'),
    alerts: await lookAt('alerts'),
    reports: await lookAt('reports'),
    deadLetters: await lookAt('deadLetters'),
    reviews: await lookAt('reviews'),
  }
}

async function openOutputs(
  directory: string,
  segmentBytesMax: number,
  recoveries: Recoveries,
  opened: { close(): Promise<void> }[],
): Promise<OutputFiles> {
  const openTopic = async <T extends OutputTopic>(name: T) => {
    const topic: Topic<KeptOutputs[T][number]> = outputTopics[name]
    const folder = join(directory, topic.folder)
    const files = await TopicFiles.open(folder, topic, segmentBytesMax, recoveries[name].state)
    opened.push(files)
    return files
  }
  return {
    audits: await openTopic('audits'),
    decisions: await openTopic('decisions'),
    tallies: await openTopic('tallies'),
    alerts: await openTopic('alerts'),
    reports: await openTopic('reports'),
    deadLetters: await openTopic('deadLetters'),
    reviews: await openTopic('reviews'),
  }
}

/** Record time of the newest event; the beginning of time where there is none. */
async function newestTime(events: TopicFiles<LogRow>): Promise<number> {
  const segment = events.segments().at(-1)
  if (segment === undefined) return 0
  const opened = await openSegment(segment.path)
  try {
    const reader = events.reader(opened.header)
    let newest = 0
    for await (const { payload, position } of opened.blocks(segment.bytes))
      newest = readOrRefuse(segment.path, position, () => reader.readFirst(payload)).recordedAt
    return newest
  } finally {
    await opened.close()
  }
}

/** Whether the directory holds a log; refuses one of another version. */
async function isLaidOut(directory: string): Promise<boolean> {
  const path = join(directory, 'format')
  const found = await readTextIfAny(path)
  if (found === null) return false
  const [line = ''] = found.split('\n')
  if (line === format) return true
  throw new CommandError(
    `${path}: says ${JSON.stringify(line.slice(0, 60))}, this version reads "${format}": ` +
      'use the couponguard that wrote it',
  )
}

async function layOut(directory: string): Promise<void> {
  const found = await readCheckpoint(directory)
  if (found !== null && JSON.stringify(found) !== JSON.stringify(firstCheckpoint))
    throw new CommandError(`${join(directory, 'format')}: missing beside a log; restore it`)
  for (const { folder } of [eventTopic, ...outputNames.map((name) => outputTopics[name])])
    await makeFolder(join(directory, folder), 0o700)
  await syncFolder(directory)
  await writeCheckpoint(directory, firstCheckpoint)
  await replaceFile(directory, join(directory, 'format'), `${format}\n`)
}

/** What the system says of a directory, in one line. */
function openProblem(directory: string, error: unknown): unknown {
  const code = errnoOf(error)
  if (code === null || error instanceof CommandError || !(error instanceof Error)) return error
  const remedy =
    code === 'ENOSPC' || code === 'EDQUOT'
      ? 'make room and start again'
      : 'check that it is a directory you may write to'
  return new CommandError(`${directory}: cannot be opened as a log (${error.message}); ${remedy}`)
}
