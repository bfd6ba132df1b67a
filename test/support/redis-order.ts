/**
 * The order in which servers ran the calls of several clients, from MONITOR: what a store that is
 * shared is held against. A client is known by the name of its connections.
 */
import { Redis } from 'ioredis'
import { readScripts, type Script } from '../../src/state/redis-scripts.ts'

export interface SeenCall {
  readonly client: string
  readonly script: 'append' | 'count'
  /** Of logs or days. */
  readonly keys: readonly string[]
}

export interface OrderWatch {
  /** What has been seen so far, server after server, each in its order. */
  calls(): Promise<readonly SeenCall[]>
  stop(): void
}

/** Watches servers; to be called when the clients to be told apart are connected. */
export async function watchOrder(urls: readonly string[]): Promise<OrderWatch> {
  const watches = await Promise.all(urls.map(watchOne))
  return {
    calls: async () => (await Promise.all(watches.map(({ calls }) => calls()))).flat(),
    stop: () => {
      for (const { stop } of watches) stop()
    },
  }
}

async function watchOne(url: string) {
  const asking = new Redis(url, { connectionName: 'order' })
  const base = new Redis(url, { connectionName: 'order' })
  const watching = await base.monitor()
  const { append, count } = readScripts()
  const seen: { readonly source: string; readonly args: readonly string[] }[] = []
  let marks = 0
  watching.on('monitor', (_: string, args: readonly string[], source: string) => {
    const [name, first = ''] = args
    if (name === 'ECHO' || name === 'echo') marks = Number(first)
    else if (name === 'EVALSHA') seen.push({ source, args })
  })
  let asked = 0
  const calls = async (): Promise<readonly SeenCall[]> => {
    // All before the mark has been seen when the mark is.
    asked += 1
    await asking.echo(String(asked))
    while (marks < asked) await new Promise((resolve) => setTimeout(resolve, 5))
    const clients = namesByAddress(String(await asking.client('LIST')))
    const callOf = (script: Script) => (script.sha === append.sha ? 'append' : 'count')
    return seen.flatMap(({ source, args: [, sha, size, ...keys] }) => {
      const script = [append, count].find((one) => one.sha === sha)
      if (script === undefined) return []
      const client = clients.get(source) ?? source
      // In front of them are what the bucket says of its store and its list of rewritten logs.
      return [{ client, script: callOf(script), keys: keys.slice(2, Number(size)) }]
    })
  }
  const stop = () => {
    for (const one of [asking, base, watching]) one.disconnect()
  }
  return { calls, stop }
}

function namesByAddress(list: string): ReadonlyMap<string, string> {
  return new Map(
    list.split('\n').flatMap((line) => {
      const [, address] = / addr=(\S+)/.exec(line) ?? []
      const [, name] = / name=(\S*)/.exec(line) ?? []
      return address === undefined || name === undefined ? [] : [[address, name] as const]
    }),
  )
}
