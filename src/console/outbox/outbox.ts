/**
 * Publishes what the outbox holds, in order, each row once. Rows are marked as `publishing` before
 * they go out and are deleted after, so whatever happens in between leaves them marked; then the
 * topic itself is asked what became of them, and only what does not stand there goes out again.
 *
 * One publisher at a time in all consoles of a database: it holds a lock of the database while it
 * works. After one was killed, its marked rows are left alone for five seconds, in which what it
 * had handed to the network still arrives.
 */
import { randomBytes } from 'node:crypto'
import type { Clock } from '../../runtime/clock.ts'
import type { StreamTopic } from '../api/operations.ts'
import type { Queries } from '../database.ts'
import type { Engine, Publication } from '../engine.ts'
import { upsertEntries } from '../projection/project-lists.ts'
import { locks, type Store } from '../store/store.ts'

export interface OutboxOptions {
  readonly database: Store
  readonly engine: Engine
  readonly clock: Clock
  readonly onChanged?: (topics: readonly StreamTopic[]) => void
  /** Told of what went wrong; it tries again by itself. */
  readonly onError?: (error: unknown) => void
  /** How often it looks for rows that another process wrote; default 500 ms. */
  readonly pollMs?: number
  /** How long rows that another publisher marked are left alone; default 5 s. */
  readonly settleMs?: number
}

export interface Outbox {
  start(): void
  /** Something may be due now. */
  nudge(): void
  /** Ends after what is under way. */
  close(): Promise<void>
}

const atOnceMax = 200
const backoffMs = { first: 100, max: 5_000 }

interface Row {
  readonly id: number
  readonly publication_id: string
  readonly topic: Publication['topic']
  readonly verdict_id: number | null
  readonly person: string | null
  readonly record: string
  readonly due_at: number
}

const columns = 'id, publication_id, topic, verdict_id, person, record, due_at'

export function newOutbox(options: OutboxOptions): Outbox {
  const { database, clock } = options
  const publisher = newPublisher(options)
  const pollMs = options.pollMs ?? 500
  let isClosed = false
  let isNudged = false
  let wake: () => void = () => undefined
  let running: Promise<void> = Promise.resolve()

  const pause = (ms: number) =>
    new Promise<void>((resolve) => {
      if (isNudged || isClosed) return resolve()
      const timer = setTimeout(resolve, ms)
      wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })

  async function untilDue(): Promise<number> {
    const sql = "SELECT min(due_at) AS at FROM outbox WHERE state = 'due'"
    const [row] = await database.query<{ at: number | null }>(sql)
    const at = row?.at ?? null
    return at === null ? pollMs : Math.min(pollMs, Math.max(1, at - clock.now()))
  }

  async function run(): Promise<void> {
    let failures = 0
    while (!isClosed) {
      isNudged = false
      let waitMs = pollMs
      try {
        await database.alone(locks.outbox, () => publisher.publishDue(() => isClosed))
        waitMs = await untilDue()
        failures = 0
      } catch (error) {
        options.onError?.(error)
        waitMs = Math.min(backoffMs.first * 2 ** failures, backoffMs.max)
        failures = Math.min(failures + 1, 10)
        // A nudge must not make it knock at a closed door all the time.
        isNudged = false
      }
      await pause(waitMs)
    }
  }

  return {
    start() {
      running = run()
    },
    nudge() {
      isNudged = true
      wake()
    },
    async close() {
      isClosed = true
      wake()
      await running
    },
  }
}

function newPublisher({ database, engine, clock, onChanged, settleMs = 5_000 }: OutboxOptions) {
  const publisher = randomBytes(8).toString('hex')

  /** False where rows are left whose fate cannot be asked yet. */
  async function settle(): Promise<boolean> {
    const marked = await database.query<Row & { publisher: string; publishing_at: number }>(
      `SELECT ${columns}, publisher, publishing_at FROM outbox WHERE state = 'publishing'
       ORDER BY due_at, id`,
    )
    if (marked.length === 0) return true
    const now = clock.now()
    const isFresh = (row: (typeof marked)[number]) =>
      row.publisher !== publisher && row.publishing_at > now - settleMs
    if (marked.some(isFresh)) return false
    const publications = marked.map(publicationOf)
    const there = await engine.published(publications)
    await finish(marked.filter(({ publication_id }) => there.has(publication_id)))
    await database.query(
      `UPDATE outbox SET state = 'due', publisher = NULL, publishing_at = NULL
       WHERE id = ANY($1::bigint[]) AND state = 'publishing'`,
      [marked.filter(({ publication_id }) => !there.has(publication_id)).map(({ id }) => id)],
    )
    return true
  }

  async function mark(): Promise<readonly Row[]> {
    const now = clock.now()
    const rows = await database.query<Row>(
      // What follows from one verdict goes out together, however many wait.
      `WITH first AS (
         SELECT id, case_key, due_at FROM outbox WHERE state = 'due' AND due_at <= $1
         ORDER BY due_at, id LIMIT ${atOnceMax})
       UPDATE outbox SET state = 'publishing', publisher = $2, publishing_at = $1
       WHERE state = 'due' AND id IN (
         SELECT id FROM first
         UNION
         SELECT o.id FROM outbox o JOIN first f ON o.case_key = f.case_key AND o.due_at = f.due_at)
       RETURNING ${columns}`,
      [now, publisher],
    )
    return rows.toSorted((a, b) => a.due_at - b.due_at || a.id - b.id)
  }

  async function finish(rows: readonly Row[]): Promise<void> {
    if (rows.length === 0) return
    const now = clock.now()
    await database.transaction(async (queries) => {
      await queries.query('DELETE FROM outbox WHERE id = ANY($1::bigint[])', [
        rows.map(({ id }) => id),
      ])
      await published(queries, rows, now)
    })
    const hasLists = rows.some(({ topic }) => topic === 'risk.lists')
    onChanged?.(hasLists ? ['cases', 'lists'] : ['cases'])
  }

  return {
    async publishDue(isClosed: () => boolean): Promise<void> {
      if (!(await settle())) return
      while (!isClosed()) {
        const rows = await mark()
        if (rows.length === 0) return
        await engine.publish(rows.map(publicationOf))
        await finish(rows)
      }
    },
  }
}

/** Ours: written by insertDue. */
function publicationOf({ publication_id: id, topic, record }: Row): Publication {
  return { id, topic, record: JSON.parse(record) }
}

async function published(queries: Queries, rows: readonly Row[], now: number): Promise<void> {
  const reviews = rows.filter(({ topic }) => topic === 'risk.reviews')
  await queries.query(
    `UPDATE verdicts SET published_at = $2
     WHERE id = ANY($1::bigint[]) AND published_at IS NULL`,
    [reviews.flatMap(({ verdict_id }) => (verdict_id === null ? [] : [verdict_id])), now],
  )
  const changes = rows.flatMap((row) => {
    const publication = publicationOf(row)
    return publication.topic === 'risk.lists'
      ? [{ ...publication.record, addedBy: row.person }]
      : []
  })
  if (changes.length > 0) await upsertEntries(queries, changes)
}
