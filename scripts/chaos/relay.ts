/**
 * A relay before a server whose address may come to mean another one, as when a replica takes
 * over. Where nobody listens behind it, connections close at once.
 */
import { connect, createServer, type Server, type Socket } from 'node:net'

export interface Relay {
  readonly port: number
  /** To another port; connections from before are closed. */
  pointTo(port: number): void
  close(): Promise<void>
}

const host = '127.0.0.1'

export async function startRelay(port: number, firstTarget: number): Promise<Relay> {
  const open = new Set<Socket>()
  let target = firstTarget
  const cut = () => {
    for (const socket of open) socket.destroy()
  }
  const server = createServer((client) => {
    const behind = connect(target, host)
    for (const socket of [client, behind]) {
      open.add(socket)
      // A reset is told by the closing of the other side.
      socket.on('error', () => undefined)
      socket.on('close', () => open.delete(socket))
    }
    client.on('close', () => behind.destroy())
    behind.on('close', () => client.destroy())
    client.pipe(behind)
    behind.pipe(client)
  })
  await listen(server, port)
  return {
    port,
    pointTo(next) {
      target = next
      cut()
    },
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      cut()
      await closed
    },
  }
}

/** Rejects where the port is taken. */
export function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
}
