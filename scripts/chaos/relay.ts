/**
 * A relay before a server that is to go away and come back: it lets bytes through, refuses
 * connections, or takes them and stays silent. It may be pointed at another server, as an address
 * is when a replica takes over. The server itself need not know.
 */
import { connect, createServer, type Server, type Socket } from 'node:net'

/** open: lets through. refusing: nobody listens. silent: takes connections, answers nothing. */
export type RelayMode = 'open' | 'refusing' | 'silent'

export interface Relay {
  readonly port: number
  /** Connections from before are closed. */
  set(mode: RelayMode): Promise<void>
  /** To another port; connections from before are closed. */
  pointTo(port: number): void
  close(): Promise<void>
}

const host = '127.0.0.1'

export async function startRelay(targetPort: number): Promise<Relay> {
  const open = new Set<Socket>()
  let target = targetPort
  let mode: RelayMode = 'open'
  const cut = () => {
    for (const socket of open) socket.destroy()
  }
  const keep = (socket: Socket) => {
    open.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => open.delete(socket))
  }
  const server = createServer((client) => {
    keep(client)
    if (mode !== 'open') return
    const behind = connect(target, host)
    keep(behind)
    client.on('close', () => behind.destroy())
    behind.on('close', () => client.destroy())
    client.pipe(behind)
    behind.pipe(client)
  })
  const port = await listen(server, 0)
  const silence = async () => {
    if (!server.listening) return
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    cut()
    await closed
  }
  return {
    port,
    async set(next) {
      mode = next
      cut()
      if (next === 'refusing') await silence()
      else if (!server.listening) await listen(server, port)
    },
    pointTo(next) {
      target = next
      cut()
    },
    close: silence,
  }
}

/** Gives the port; 0 asks for a free one. */
export function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      const address = server.address()
      if (address === null || typeof address === 'string') reject(new Error('no port'))
      else resolve(address.port)
    })
  })
}
