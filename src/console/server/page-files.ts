/**
 * The page: its built files under /assets with a year's caching, since their names change with
 * what they hold, and index.html for every other path, with a fresh nonce for its styles. Only
 * files that were there at start are served, each by a route of its own, so that no path leads
 * elsewhere.
 */
import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance } from 'fastify'
import { descriptionPath } from '../api/operations.ts'
import { sayRefused } from './refused.ts'
import { contentSecurityPolicy } from './safety-headers.ts'

/** Where `npm run build` puts it: the same from src and from dist. */
export const builtPage = new URL('../../../dist/console/web/', import.meta.url)

const noncePlace = '__CSP_NONCE__'
const notBuilt = `couponguard: the review console

The page was not built on this machine: npm run build. The API is there all the same:
${descriptionPath} describes it.
`

/** Routes of the whole server are left alone: `isOurs` says which paths the page may answer. */
export async function addPage(
  server: FastifyInstance,
  { root = builtPage, isOurs }: { readonly root?: URL; isOurs(path: string): boolean },
): Promise<void> {
  const index = new URL('index.html', root)
  const page = existsSync(index) ? readFileSync(index, 'utf8') : null
  if (page !== null) await addFiles(server, root)
  server.get('/*', async (request, reply) => {
    const path = request.url.replace(/\?.*$/s, '')
    if (!isOurs(path)) return reply.callNotFound()
    if (page === null) return reply.type('text/plain; charset=utf-8').send(notBuilt)
    // A file that is not there must not come as a page: a browser would run it as what it asked.
    if (path.startsWith('/assets/')) {
      const detail = 'no such file of the page; load it anew'
      return sayRefused(reply, { status: 404, reason: 'not-found', detail })
    }
    const nonce = randomBytes(16).toString('base64')
    reply.header('content-security-policy', contentSecurityPolicy(nonce))
    return reply.type('text/html; charset=utf-8').send(page.replaceAll(noncePlace, () => nonce))
  })
}

async function addFiles(server: FastifyInstance, root: URL): Promise<void> {
  await server.register(async (files) => {
    files.addHook('onSend', async (request, reply, payload) => {
      const isHashed = request.url.startsWith('/assets/')
      // What is not there now may be there later.
      if (reply.statusCode < 400)
        reply.header('cache-control', isHashed ? 'public, max-age=31536000, immutable' : 'no-cache')
      return payload
    })
    await files.register(fastifyStatic, {
      root: fileURLToPath(root),
      wildcard: false,
      index: false,
      globIgnore: ['**/index.html', '**/*.map'],
      decorateReply: false,
      cacheControl: false,
      preCompressed: true,
    })
  })
}
