/**
 * The thread that PGlite runs in, so that no query holds up judging: a folder to open, then one
 * answer for each question, in order. Run by pglite.ts only.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { PGlite } from '@electric-sql/pglite'

/** `values` absent: a script of several statements. */
export interface Question {
  readonly id: number
  readonly sql: string
  readonly values: unknown[] | undefined
}
export interface Answer {
  readonly id: number
  readonly rows: readonly object[]
  readonly error: { readonly message: string; readonly code: string } | null
}

const parsers = { 20: Number, 1700: Number }

async function answer(database: PGlite, { id, sql, values }: Question): Promise<Answer> {
  try {
    if (values !== undefined) {
      const { rows } = await database.query<object>(sql, values, { parsers })
      return { id, rows, error: null }
    }
    const results = await database.exec(sql, { parsers })
    return { id, rows: (results.at(-1)?.rows ?? []) as readonly object[], error: null }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    const code =
      error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
    return { id, rows: [], error: { message, code } }
  }
}

async function serve(port: NonNullable<typeof parentPort>, folder: string | null): Promise<void> {
  const database = folder === null ? await PGlite.create() : await PGlite.create(folder)
  let last: Promise<unknown> = Promise.resolve()
  port.on('message', (question: Question | 'close') => {
    last = last.then(async () => {
      if (question !== 'close') return port.postMessage(await answer(database, question))
      await database.close()
      port.close()
    })
  })
  port.postMessage('open')
}

if (parentPort !== null) await serve(parentPort, workerData)
