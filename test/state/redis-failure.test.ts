/** What Redis says, in our words: a code, whether waiting helps, one line that says what to do. */
import { describe, expect, test } from 'vitest'
import { EdgeError } from '../../src/runtime/edge-error.ts'
import { redisFailure } from '../../src/state/redis-failure.ts'

describe('what Redis or its client says', () => {
  test.each([
    ['STORELOST it is empty', 'store-lost', true, 'filled from the topics'],
    ["READONLY You can't write against a read only replica.", 'redis-away', true, 'read-only'],
    ['LOADING Redis is loading the dataset in memory', 'redis-away', true, 'loading'],
    ['CLUSTERDOWN The cluster is down', 'redis-away', true, 'cluster is down'],
    ['MASTERDOWN Link with MASTER is down', 'redis-away', true, 'lost its primary'],
    ['NOREPLICAS Not enough good replicas to write.', 'redis-away', true, 'too few replicas'],
    ['MISCONF Redis is configured to save RDB snapshots', 'redis-away', true, 'cannot save'],
    ['BUSY Redis is busy running a script.', 'redis-away', true, 'busy'],
    ['Connection is closed.', 'redis-away', true, 'cannot be reached'],
    ['connect ECONNREFUSED 127.0.0.1:6379', 'redis-away', true, 'cannot be reached'],
    ['getaddrinfo ENOTFOUND redis', 'redis-away', true, 'cannot be reached'],
    ['Command timed out', 'redis-away', true, 'cannot be reached'],
    ['Reached the max retries per request limit (which is 0).', 'redis-away', true, 'reached'],
    ["Stream isn't writeable and enableOfflineQueue options is false", 'redis-away', true, 'reach'],
    ["Cluster isn't ready and enableOfflineQueue options is false", 'redis-away', true, 'reached'],
    ['Failed to refresh slots cache.', 'redis-away', true, 'cannot be reached'],
    ["OOM command not allowed when used memory > 'maxmemory'.", 'redis-full', true, 'maxmemory'],
    ['WRONGPASS invalid username-password pair', 'redis-refused', false, 'user or password'],
    ['NOAUTH Authentication required.', 'redis-refused', false, 'wants a password'],
    ["NOPERM this user has no permissions to run 'evalsha'", 'redis-refused', false, 'ACL'],
    ["ERR The user executing the script can't run this command", 'redis-refused', false, 'ACL'],
    ["ERR unknown command 'GETEX'", 'redis-failed', false, 'version 7'],
  ])('%s', (message, code, retriable, words) => {
    const failure = redisFailure(new Error(message))
    expect(failure).toBeInstanceOf(EdgeError)
    expect(failure).toMatchObject({ code, retriable })
    expect((failure as EdgeError).message).toContain(words)
    expect((failure as EdgeError).message).not.toContain('\n')
  })

  test.each([new Error('WRONGTYPE Operation against a key'), new TypeError('x is undefined')])(
    'a defect stays what it is: %s',
    (error) => {
      expect(redisFailure(error)).toBe(error)
    },
  )

  test('what has our words already keeps them', () => {
    const error = new EdgeError('busy', 'another worker is filling the store', true)
    expect(redisFailure(error)).toBe(error)
  })
})
