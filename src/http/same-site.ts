/**
 * Who may talk to a server on loopback. Any page in a browser on this machine can send requests
 * here, and by rebinding its own name to 127.0.0.1 can even read the answers; it cannot hide its
 * name in Host, nor its site in Origin and Sec-Fetch-Site. So a request must name us as we name
 * ourselves.
 */
import type { IncomingMessage } from 'node:http'

export interface Refusal {
  readonly status: 400 | 403 | 421
  readonly reason: 'host' | 'origin'
  readonly detail: string
}

const loopbackNames = ['127.0.0.1', 'localhost', '[::1]']

/**
 * Null where the request may pass. `allowedHosts` are names, with or without port, that are ours
 * beside loopback, as behind a proxy; without a port, any port is meant. A server with a `page` may
 * be come to by a link on any site: that shows the page to a person, and its answer to nobody else.
 */
export function refusalOf(
  request: IncomingMessage,
  allowedHosts: readonly string[],
  has: 'page' | 'no page' = 'no page',
): Refusal | null {
  const port = request.socket.localPort ?? 0
  const target = /^[a-z]+:\/\/([^/?#]*)/i.exec(request.url ?? '')?.[1]
  const hosts = valuesOf(request, 'host')
  const [host] = hosts
  if (host === undefined || hosts.length > 1)
    return { status: 400, reason: 'host', detail: 'exactly one Host header is needed' }
  // A target that is a whole address counts instead of Host.
  if (!isOurs(host, port, allowedHosts) || !isOurs(target ?? host, port, allowedHosts)) {
    const detail = `Host names another server; send it to 127.0.0.1:${port}`
    return { status: 421, reason: 'host', detail }
  }
  const refused: Refusal = {
    status: 403,
    reason: 'origin',
    detail: 'sent by a page of another site; send it from a program',
  }
  const origins = valuesOf(request, 'origin')
  if (origins.length > 1) return refused
  const [origin] = origins
  if (origin !== undefined && !isOurOrigin(origin, port, allowedHosts)) return refused
  if (has === 'page' && origin === undefined && isFollowedLink(request)) return null
  const site = request.headers['sec-fetch-site']
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return refused
  return null
}

/** A browser says so by headers that no page can set; the API is no page. */
function isFollowedLink({ method, url = '', headers }: IncomingMessage): boolean {
  const isPage = method === 'GET' && !/^\/(?:api|v\d+)(?:[/?]|$)/.test(url)
  return (
    isPage && headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document'
  )
}

function isOurs(given: string, port: number, allowedHosts: readonly string[]): boolean {
  const host = given.toLowerCase()
  if (loopbackNames.some((name) => host === `${name}:${port}`)) return true
  if (port === 80 && loopbackNames.includes(host)) return true
  return allowedHosts.some((allowed) => {
    const name = allowed.toLowerCase()
    return host === name || (!/:\d+$/.test(name) && host.replace(/:\d{1,5}$/, '') === name)
  })
}

function isOurOrigin(origin: string, port: number, allowedHosts: readonly string[]): boolean {
  const match = /^https?:\/\/([^/]+)$/.exec(origin)
  return match?.[1] !== undefined && isOurs(match[1], port, allowedHosts)
}

/** All values of a header: the parser keeps only the first of some. */
function valuesOf(request: IncomingMessage, name: string): string[] {
  const values: string[] = []
  const { rawHeaders } = request
  for (let index = 0; index + 1 < rawHeaders.length; index += 2)
    if (rawHeaders[index]!.toLowerCase() === name) values.push(rawHeaders[index + 1]!)
  return values
}
