/** The Redis store keeps the laws of every store on a primary with a replica. */
import { signalStoreLaws } from '../state/laws.ts'
import { aPair, newStores } from '../support/redis-servers.ts'

const redis = aPair()

signalStoreLaws(
  'the Redis store on a primary with a replica',
  newStores(() => redis().client),
  'counts a position once',
)
