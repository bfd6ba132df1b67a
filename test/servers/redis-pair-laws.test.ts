/** The Redis store keeps the laws of every store on a primary with a replica. */
import { describe, inject } from 'vitest'
import { signalStoreLaws } from '../state/laws.ts'
import { aPair, newStores } from '../support/redis-servers.ts'

describe.skipIf(inject('redisUrl') === null)('on a primary with a replica', () => {
  const redis = aPair()
  const open = newStores(() => redis().client)
  signalStoreLaws('the Redis store', open, 'counts a position once')
})
