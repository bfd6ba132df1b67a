/**
 * A proxy before the broker: workers and monitors know no other way in, because the broker names
 * this port to them. It forwards whole frames, in order, and before each asks a watcher, who may
 * keep it waiting or cut the connection at exactly that place. The broker may come and go behind
 * it. Costs a copy of each frame through this process.
 */
import { connect, createServer, type Socket } from 'node:net'
import { FrameCutter, type RequestHead, readCorrelation, readRequest } from './frames.ts'
import { listen } from './relay.ts'

/** pass: forwarded. cut: it and all behind it are dropped, and both ends see the connection end. */
export type Verdict = 'pass' | 'cut'

export interface Watcher {
  /** Before a request goes to the broker. */
  request(head: RequestHead): Promise<Verdict>
  /** Before the answer to a request goes to the client. */
  answer(head: RequestHead): Promise<Verdict>
}

export interface BrokerProxy {
  readonly port: number
  /** Closes all connections; new ones are taken. */
  cutAll(): void
  close(): Promise<void>
}

const host = '127.0.0.1'

export async function startProxy(
  { port, target }: { readonly port: number; readonly target: number },
  watcher: Watcher,
): Promise<BrokerProxy> {
  const open = new Set<Socket>()
  const server = createServer((client) => {
    const broker = connect(target, host)
    const sockets = [client, broker]
    const close = () => {
      for (const socket of sockets) socket.destroy()
    }
    for (const socket of sockets) {
      open.add(socket)
      socket.setNoDelay(true)
      // A reset is told by the closing of the other side.
      socket.on('error', () => undefined)
      socket.on('close', () => {
        open.delete(socket)
        close()
      })
    }
    relayFrames(client, broker, watcher).then(close, close)
  })
  await listen(server, port)
  const cutAll = () => {
    for (const socket of open) socket.destroy()
  }
  return {
    port,
    cutAll,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      cutAll()
      await closed
    },
  }
}

/** Until either side ends, or the watcher cuts. */
async function relayFrames(client: Socket, broker: Socket, watcher: Watcher): Promise<void> {
  const asked = new Map<number, RequestHead>()
  const up = pump(client, broker, async (frame) => {
    const head = readRequest(frame)
    asked.set(head.correlation, head)
    return watcher.request(head)
  })
  const down = pump(broker, client, async (frame) => {
    const correlation = readCorrelation(frame)
    const head = asked.get(correlation)
    asked.delete(correlation)
    return head === undefined ? 'pass' : watcher.answer(head)
  })
  await Promise.race([up, down])
}

async function pump(
  from: Socket,
  to: Socket,
  judge: (frame: Buffer) => Promise<Verdict>,
): Promise<void> {
  const cutter = new FrameCutter()
  for await (const chunk of from) {
    for (const frame of cutter.push(asBuffer(chunk))) {
      if ((await judge(frame)) === 'cut') return
      if (!to.write(frame)) await drained(to)
    }
  }
}

function asBuffer(chunk: unknown): Buffer {
  if (Buffer.isBuffer(chunk)) return chunk
  throw new Error('a socket gives bytes')
}

function drained(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = () => reject(new Error('closed'))
    socket.once('close', end)
    socket.once('drain', () => {
      socket.off('close', end)
      resolve()
    })
  })
}
