/**
 * GET /api/v1/stream: server-sent events that say what changed, never what it is now. At most one a
 * second to each stream; a comment every 15 s keeps proxies from cutting it, and is when it is seen
 * whether the session still stands. Whoever comes again (Last-Event-ID) is told of everything, for
 * nobody knows what they missed. A reader too slow to read is cut, and comes again.
 */
import type { ServerResponse } from 'node:http'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { type StreamTopic, streamPath, streamTopics } from '../api/operations.ts'
import type { Changes } from '../changes.ts'
import { Refusal } from '../handlers.ts'
import type { Gate } from './gate.ts'

export interface StreamParts {
  readonly gate: Gate
  readonly changes: Changes
  readonly heartbeatMs?: number
}

export const personStreamsMax = 12
const streamsMax = 500
const pauseMs = 1_000
const heartbeatMsUsual = 15_000
const unreadBytesMax = 65_536

export function addStream(server: FastifyInstance, { gate, changes, ...parts }: StreamParts) {
  const heartbeatMs = parts.heartbeatMs ?? heartbeatMsUsual
  const open = new Map<ServerResponse, string>()
  server.get(streamPath, { exposeHeadRoute: false }, async (request, reply) => {
    const { caller } = await gate.pass(request, reply, { method: 'GET', least: 'viewer' })
    const own = [...open.values()].filter((name) => name === caller.name).length
    if (own >= personStreamsMax)
      throw new Refusal(429, 'streams', `at most ${personStreamsMax} streams for one person`)
    if (open.size >= streamsMax) throw new Refusal(503, 'streams', 'too many streams; come later')
    const raw = begin(reply)
    open.set(raw, caller.name)
    const unheard = tellChanges(raw, changes, request.headers['last-event-id'] !== undefined)
    const heartbeat = setInterval(() => {
      // A database that is away ends nothing: it is asked again.
      gate.stillStands(request).then(
        (stands) => (stands ? raw.write(': still here\n\n') : raw.end()),
        () => raw.write(': still here\n\n'),
      )
    }, heartbeatMs)
    raw.once('close', () => {
      clearInterval(heartbeat)
      unheard()
      open.delete(raw)
    })
    return reply
  })
  server.addHook('preClose', async () => {
    for (const raw of open.keys()) raw.end()
  })
}

function begin(reply: FastifyReply): ServerResponse {
  reply.header('content-type', 'text/event-stream; charset=utf-8').header('x-accel-buffering', 'no')
  reply.hijack()
  const { raw } = reply
  for (const [name, value] of Object.entries(reply.getHeaders()))
    if (value !== undefined) raw.setHeader(name, value)
  raw.on('error', () => raw.destroy())
  raw.writeHead(200)
  raw.write('retry: 2000\n\n')
  return raw
}

function tellChanges(raw: ServerResponse, changes: Changes, isAgain: boolean): () => void {
  const waiting = new Set<StreamTopic>(isAgain ? streamTopics : [])
  let id = 0
  let pause: NodeJS.Timeout | null = null
  const send = () => {
    pause = null
    if (waiting.size === 0) return
    if (raw.writableLength > unreadBytesMax) {
      raw.destroy()
      return
    }
    id += 1
    raw.write(`event: changed\nid: ${id}\ndata: ${JSON.stringify([...waiting])}\n\n`)
    waiting.clear()
    pause = setTimeout(send, pauseMs)
  }
  if (isAgain) send()
  const unheard = changes.listen((topics) => {
    for (const topic of topics) waiting.add(topic)
    if (pause === null) send()
  })
  return () => {
    unheard()
    if (pause !== null) clearTimeout(pause)
  }
}
