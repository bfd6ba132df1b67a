/** The Redis store keeps the laws of every store on a cluster of three. */
import { describe, inject } from 'vitest'
import { signalStoreLaws } from '../state/laws.ts'
import { newStores, threeNodes } from '../support/redis-servers.ts'

describe.skipIf(inject('redisUrl') === null)('on a cluster of three', () => {
  const redis = threeNodes()
  const open = newStores(() => redis().client)
  signalStoreLaws('the Redis store', open, 'counts a position once')
})
