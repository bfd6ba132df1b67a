/**
 * A client whose calls can be held back, sent twice or dropped: a worker that freezes between two
 * calls and wakes later, a connection that breaks when the server has done the work. The bytes and
 * the server are real.
 */
import { Command, type Redis } from 'ioredis'

export interface HeldClient {
  readonly client: Redis
  /** What becomes of the next calls of scripts, in order: sent where nothing is said. */
  plan(...fates: readonly Fate[]): void
  /** How many calls of scripts were made. */
  sent(): number
  /** How many calls are held. */
  held(): number
  /** Sends what was held, and waits for the replies. */
  release(): Promise<void>
}

/**
 * - sent: as it is.
 * - held: only when released; the caller waits.
 * - lost: done by the server, but the caller is told that the connection broke.
 * - dropped: never sent; the caller is told the same.
 * - twice: the server does it twice, and the caller gets the second reply.
 */
export type Fate = 'sent' | 'held' | 'lost' | 'dropped' | 'twice'

export function holdCalls(client: Redis): HeldClient {
  const send = client.sendCommand.bind(client)
  const waiting: (() => Promise<unknown>)[] = []
  const fates: Fate[] = []
  let sent = 0
  client.sendCommand = (command, stream) => {
    if (command.name !== 'evalsha') return send(command, stream)
    sent += 1
    const fate = fates.shift() ?? 'sent'
    if (fate === 'sent') return send(command, stream)
    if (fate === 'held') {
      waiting.push(() => {
        send(command, stream)
        return command.promise
      })
      return command.promise
    }
    if (fate === 'dropped') {
      command.reject(new Error('Connection is closed.'))
      return command.promise
    }
    const copy = new Command('evalsha', command.args)
    copy.toWritable = (socket) => command.toWritable(socket)
    send(copy, stream)
    if (fate === 'twice') return send(command, stream)
    copy.promise.then(
      () => command.reject(new Error('Connection is closed.')),
      (error: Error) => command.reject(error),
    )
    return command.promise
  }
  return {
    client,
    plan: (...planned) => {
      fates.push(...planned)
    },
    sent: () => sent,
    held: () => waiting.length,
    release: async () => {
      await Promise.allSettled(waiting.splice(0).map((task) => task()))
    },
  }
}
