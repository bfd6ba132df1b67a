/** The Redis store keeps the laws of every store on one server. proves: D18 */
import { describe, inject } from 'vitest'
import { signalStoreLaws } from '../state/laws.ts'
import { newStores, oneServer } from '../support/redis-servers.ts'

describe.skipIf(inject('redisUrl') === null)('on one server', () => {
  const redis = oneServer()
  const open = newStores(() => redis().client)
  signalStoreLaws('the Redis store', open, 'counts a position once')
})
