/**
 * What the consoles on one Postgres say to each other, by LISTEN and NOTIFY on a connection of its
 * own, so that a page hears what was done on another console. Words are hints to look again and may
 * be lost: whoever was cut off is told so when the connection stands again. What is said in a row
 * goes out as one, at most five times a second.
 */
import { randomBytes } from 'node:crypto'
import pg from 'pg'

export interface Others {
  /** A word without spaces. Nobody waits for it; it is lost while the database is away. */
  say(words: Iterable<string>): void
  close(): Promise<void>
}

/** Words of other consoles, never one's own; null: some may have been missed. */
export type Heard = (words: readonly string[] | null) => void

const channel = 'couponguard_changed'
const gatherMs = 200
const againMs = 1_000
/** Postgres takes less than 8,000 bytes. */
const wordsMax = 100

export function meetOthers(config: pg.ClientConfig, heard: Heard): Others {
  const me = randomBytes(8).toString('hex')
  const line = openLine(config, (said) => {
    if (said === null) return heard(null)
    const [from, ...words] = said.split(' ')
    if (from !== me) heard(words)
  })
  const waiting = new Set<string>()
  let gathering: NodeJS.Timeout | null = null
  const send = () => {
    gathering = null
    line.notify([me, ...[...waiting].slice(0, wordsMax)].join(' '))
    waiting.clear()
  }
  return {
    say(words) {
      for (const word of words) waiting.add(word)
      gathering ??= setTimeout(send, gatherMs).unref()
    },
    async close() {
      if (gathering !== null) clearTimeout(gathering)
      await line.close()
    },
  }
}

interface Line {
  notify(said: string): void
  close(): Promise<void>
}

/** A connection that listens, and is made anew when it breaks: then null is heard. */
function openLine(config: pg.ClientConfig, heard: (said: string | null) => void): Line {
  let client: pg.Client | null = null
  let isOver = false
  let retrying: NodeJS.Timeout | null = null

  function lost(one: pg.Client): void {
    if (client === one) client = null
    one.removeAllListeners('notification')
    one.end().catch(() => undefined)
    if (!isOver) retrying ??= setTimeout(() => listen(true), againMs).unref()
  }

  function listen(isAgain: boolean): void {
    retrying = null
    const one = new pg.Client({ ...config, keepAlive: true })
    one.on('error', () => lost(one))
    one.on('end', () => lost(one))
    one.on('notification', ({ payload = '' }) => heard(payload))
    const stands = () => {
      if (isOver) return lost(one)
      client = one
      if (isAgain) heard(null)
    }
    one
      .connect()
      .then(() => one.query(`LISTEN ${channel}`))
      .then(stands, () => lost(one))
  }

  listen(false)
  return {
    notify: (said) => {
      client?.query('SELECT pg_notify($1, $2)', [channel, said]).catch(() => undefined)
    },
    async close() {
      isOver = true
      if (retrying !== null) clearTimeout(retrying)
      await client?.end().catch(() => undefined)
    },
  }
}
