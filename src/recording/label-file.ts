/**
 * Labels of one's own: what people said of events, by event key, from a file that `record
 * --reviews` wrote, or from CSV or JSON lines. They stand in place of a recording's labels. Of an
 * event's verdicts the newest counts, by its time; `inconclusive` is no label. Memory: some 150
 * bytes an event.
 */
import { open } from 'node:fs/promises'
import { basename } from 'node:path'
import { CommandError } from '../cli/exit.ts'
import type { Labels } from '../core/schema.gen.ts'
import { sha256OfFile } from './file-hash.ts'
import { formatOf, openInput } from './input-bytes.ts'
import { type GivenVerdict, readLabelRows } from './label-rows.ts'
import { readReviews } from './review-file.ts'

/** What becomes of events that nobody said anything of. */
export type Unreviewed = 'left-out' | 'legitimate'

export interface LabelFileFacts {
  readonly name: string
  readonly sha256: string
  /** Events with a verdict, and those of them that are fraud, or neither. */
  readonly events: number
  readonly frauds: number
  readonly inconclusive: number
  readonly unreviewed: Unreviewed
}

export interface LabelFile extends LabelFileFacts {
  readonly path: string
  /** Null: left out. Counts the event as met. */
  labelsOf(eventKey: string): Labels | null
  /** What a person said; null where nobody did, or nothing certain. */
  verdictOf(eventKey: string): 'fraud' | 'legitimate' | null
  /** Events with a verdict that were asked for so far. */
  met(): number
}

interface Held {
  readonly verdict: GivenVerdict['verdict']
  readonly kind: string | null
  readonly at: number
  met: boolean
}

const source = 'review'

/** Throws CommandError for what is no such file, or holds no label. */
export async function readLabelFile(path: string, unreviewed: Unreviewed): Promise<LabelFile> {
  const held = await newestOf(path)
  const count = (verdict: GivenVerdict['verdict']) =>
    [...held.values()].filter((one) => one.verdict === verdict).length
  const [frauds, inconclusive] = [count('fraud'), count('inconclusive')]
  if (held.size === inconclusive)
    throw new CommandError(`${path}: holds no verdict that says fraud or legitimate`)
  let met = 0
  const labels = (fraud: boolean, kind: string | null, saidBy: string | null): Labels => ({
    ...{ fraud, kind, actor: null },
    source: saidBy,
    target: null,
  })
  return {
    path,
    name: basename(path),
    sha256: await sha256OfFile(path),
    events: held.size,
    frauds,
    inconclusive,
    unreviewed,
    labelsOf(eventKey) {
      const one = held.get(eventKey)
      if (one === undefined) return unreviewed === 'legitimate' ? labels(false, null, null) : null
      if (!one.met) met += 1
      one.met = true
      if (one.verdict === 'inconclusive') return null
      return labels(one.verdict === 'fraud', one.kind, source)
    },
    verdictOf(eventKey) {
      const verdict = held.get(eventKey)?.verdict ?? 'inconclusive'
      return verdict === 'inconclusive' ? null : verdict
    },
    met: () => met,
  }
}

/** Throws CommandError where none of its events was met in what was read. */
export function refuseUnmet(labels: LabelFile, recordings: readonly string[]): void {
  if (labels.met() > 0) return
  const [first, ...rest] = recordings.map((path) => basename(path))
  const where = rest.length === 0 ? first : `${first} and ${rest.length} more`
  throw new CommandError(
    `${labels.path}: none of the ${labels.events} events that it judges is in ${where}; is it of another day?`,
  )
}

/** By event; where times are equal the later one in the file counts. */
async function newestOf(path: string): Promise<Map<string, Held>> {
  const held = new Map<string, Held>()
  let dated: boolean | null = null
  for await (const { eventKey, verdict, kind, at } of givenBy(path)) {
    dated ??= at !== null
    if (dated !== (at !== null))
      throw new CommandError(`${path}: some verdicts say at what time and some do not`)
    const known = held.get(eventKey)
    if (known !== undefined && known.at > (at ?? 0)) continue
    held.set(eventKey, { verdict, kind, at: at ?? 0, met: false })
  }
  return held
}

async function* givenBy(path: string): AsyncGenerator<GivenVerdict> {
  if (await isContainer(path)) {
    // A word that a later version may know says nothing certain here.
    for (const { eventKey, verdict, at } of await readReviews(path))
      yield { eventKey, verdict: verdict === 'unknown' ? 'inconclusive' : verdict, kind: null, at }
    return
  }
  const input = await openInput(path)
  yield* readLabelRows(input, await formatOf(input))
}

async function isContainer(path: string): Promise<boolean> {
  const file = await open(path, 'r').catch(() => null)
  if (file === null) return false
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(3), 0, 3, 0)
    return buffer.toString('latin1', 0, bytesRead) === 'Obj'
  } catch {
    return false
  } finally {
    await file.close()
  }
}
