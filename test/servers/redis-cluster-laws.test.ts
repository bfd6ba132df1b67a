/** The Redis store keeps the laws of every store on a cluster of three. */
import { signalStoreLaws } from '../state/laws.ts'
import { newStores, threeNodes } from '../support/redis-servers.ts'

const redis = threeNodes()

signalStoreLaws(
  'the Redis store on a cluster of three',
  newStores(() => redis().client),
  'counts a position once',
)
