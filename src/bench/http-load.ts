/**
 * The load generator over HTTP: requests at a constant rate on connections that stay open, each
 * answered by the decision of every event in it, or counted as an error. What waits for a free
 * connection is late as what waits for the server is.
 */
import { Agent, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { newOpenLoop, type OpenLoopResult } from './open-loop.ts'

export interface HttpLoadOptions {
  readonly url: URL
  /** Requests a second. */
  readonly rate: number
  readonly seconds: number
  readonly warmupSeconds: number
  /** Of the whole load, warming up included; in the order of sending. */
  readonly bodies: readonly Buffer[]
  /** In each body. */
  readonly events: number
  /** Ends it, with its reason. */
  readonly signal: AbortSignal
}

export interface HttpLoadResult extends OpenLoopResult {
  /** Requests that were not answered by decisions, warming up included. */
  readonly errors: number
  /** What became of the first of them. */
  readonly firstError: string | null
  readonly connections: number
}

/** More would only wait in the server instead of here. */
const connectionsMax = 256
/** A request on time is sent on time; the sender looks as often as its timers allow. */
const lingerMs = 1
/** Longer than the server takes to say that it is too late. */
const answerMsMax = 30_000

type Pace = Pick<HttpLoadOptions, 'rate' | 'seconds' | 'warmupSeconds'>

/** Requests of a load: what `bodies` must hold. */
export const requestsOf = ({ rate, seconds, warmupSeconds }: Pace) =>
  Math.round(rate * warmupSeconds) + Math.round(rate * seconds)

export async function runHttpLoad(options: HttpLoadOptions): Promise<HttpLoadResult> {
  const agent = new Agent({ keepAlive: true, maxSockets: connectionsMax })
  let [errors, connections] = [0, 0]
  let firstError: string | null = null
  const loop = newOpenLoop({
    ...options,
    lingerMs,
    // Whatever was sent has been answered, or has failed, when the last sending resolves.
    drainMsMax: 0,
    nowMs: () => performance.now(),
    async sleep(ms) {
      options.signal.throwIfAborted()
      await sleep(ms)
    },
    async send(from, to) {
      const all = Array.from({ length: to - from }, async (_, index) => {
        const error = await sendOne(agent, options, from + index)
        if (error === null) return loop.seen(from + index)
        errors += 1
        firstError ??= error
      })
      connections = Math.max(connections, socketsOf(agent))
      await Promise.all(all)
    },
  })
  try {
    const result = await loop.run()
    return { ...result, errors, firstError, connections }
  } finally {
    agent.destroy()
  }
}

const socketsOf = ({ sockets, freeSockets }: Agent) =>
  [sockets, freeSockets]
    .flatMap((byName) => Object.values(byName))
    .reduce((sum, some) => sum + (some?.length ?? 0), 0)

/** Null, or what was answered in place of the decisions. */
async function sendOne(
  agent: Agent,
  { url, bodies, events }: HttpLoadOptions,
  sequence: number,
): Promise<string | null> {
  try {
    const { status, repeated, text } = await post(agent, url, bodies[sequence]!)
    if (status === 200 && repeated === '0' && decidedIn(text) === events) return null
    return `${status} ${text.slice(0, 200)}`
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** Counted, not parsed: that would take the sender from its schedule. */
const decidedIn = (text: string) => text.split('"status":"decided"').length - 1

interface Answer {
  readonly status: number
  readonly repeated: string
  readonly text: string
}

function post(agent: Agent, url: URL, body: Buffer): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': body.length }
    const sent = request(
      new URL('/v1/events', url),
      { agent, method: 'POST', headers, timeout: answerMsMax },
      (response) => {
        const parts: Buffer[] = []
        response.on('data', (part: Buffer) => parts.push(part)).on('error', reject)
        response.on('end', () => {
          const repeated = String(response.headers['couponguard-repeated'])
          const text = Buffer.concat(parts).toString('utf8')
          resolve({ status: response.statusCode ?? 0, repeated, text })
        })
      },
    )
    sent.on('error', reject).on('timeout', () => sent.destroy(new Error('no answer in 30 s')))
    sent.end(body)
  })
}
