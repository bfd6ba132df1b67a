/** The Redis store keeps the laws of every store on one server. */
import { signalStoreLaws } from '../state/laws.ts'
import { newStores, oneServer } from '../support/redis-servers.ts'

const redis = oneServer()

signalStoreLaws(
  'the Redis store on one server',
  newStores(() => redis().client),
  'counts a position once',
)
