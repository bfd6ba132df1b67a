/**
 * DATA/checkpoint.json: the commit point. It says how far events are judged and how long the file
 * of each output topic is; what lies beyond was never committed. It is replaced by rename, so it is
 * always either the old one or the new one.
 */
import { join } from 'node:path'
import { z } from 'zod'
import { CommandError } from '../../cli/exit.ts'
import { readTextIfAny, replaceFile } from '../../runtime/durable-file.ts'

const count = z.int().nonnegative()
const mark = z.strictObject({
  /** Ordinal of the first row of the file that is written to; null where there is none. */
  segment: count.nullable(),
  /** Committed bytes of that file. */
  bytes: count,
  /** Rows ever committed to the topic. */
  records: count,
})
const checkpoint = z.strictObject({
  format: z.literal(1),
  nextOffset: count,
  /** Events below this offset may have been removed at the end of their retention. */
  droppedEvents: count,
  progress: z
    .strictObject({
      shard: count,
      offsets: z.array(z.strictObject({ topic: z.string(), partition: count, nextOffset: count })),
      recordedAt: z.int(),
      playbookVersion: z.string(),
    })
    .nullable(),
  outputs: z.strictObject({
    audits: mark,
    decisions: mark,
    tallies: mark,
    alerts: mark,
    reports: mark,
    deadLetters: mark,
    // Logs from before there were any name none.
    reviews: mark.default({ segment: null, bytes: 0, records: 0 }),
  }),
})

export type Mark = z.infer<typeof mark>
export type Checkpoint = z.infer<typeof checkpoint>

const nothing: Mark = { segment: null, bytes: 0, records: 0 }
export const firstCheckpoint: Checkpoint = {
  format: 1,
  nextOffset: 0,
  droppedEvents: 0,
  progress: null,
  outputs: {
    audits: nothing,
    decisions: nothing,
    tallies: nothing,
    alerts: nothing,
    reports: nothing,
    deadLetters: nothing,
    reviews: nothing,
  },
}

const pathOf = (directory: string) => join(directory, 'checkpoint.json')

export async function readCheckpoint(directory: string): Promise<Checkpoint | null> {
  const path = pathOf(directory)
  const text = await readTextIfAny(path)
  if (text === null) return null
  const parsed = checkpoint.safeParse(jsonOrNull(text))
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const where = issue === undefined || issue.path.length === 0 ? 'it' : issue.path.join('.')
  throw new CommandError(`${path}: damaged: ${where}: not as written; restore it from a backup`)
}

/** `beforeRename` is called when a failure can no longer say which checkpoint is in place. */
export function writeCheckpoint(
  directory: string,
  next: Checkpoint,
  beforeRename?: () => void,
): Promise<void> {
  return replaceFile(directory, pathOf(directory), `${JSON.stringify(next)}\n`, beforeRename)
}

function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
