/**
 * What a browser is told about every answer: nothing of it may be framed, guessed, sent on or fed
 * by another site, and scripts come only from the files of the page.
 */
import type { FastifyReply } from 'fastify'

/** `nonce` is what the styles of one page carry; data has none. */
export function contentSecurityPolicy(nonce: string | null): string {
  const styles = nonce === null ? "'self'" : `'self' 'nonce-${nonce}'`
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src ${styles}`,
    "img-src 'self' data:",
    "connect-src 'self'",
    "font-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ')
}

const permissions = ['camera', 'microphone', 'geolocation', 'payment', 'usb', 'display-capture']
  .map((one) => `${one}=()`)
  .join(', ')
const twoYears = 'max-age=63072000; includeSubDomains'

export function setSafetyHeaders(reply: FastifyReply, behindTls: boolean): void {
  reply.headers({
    'cache-control': 'no-store',
    'content-security-policy': contentSecurityPolicy(null),
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': permissions,
  })
  if (behindTls) reply.header('strict-transport-security', twoYears)
}
