/** The process behind a port of this machine, so that its processor time can be told. */
import { once } from 'node:events'
import { createServer } from 'node:net'
import { describe, expect, test } from 'vitest'
import { listeningProcess } from '../../src/bench/listening-process.ts'

describe.runIf(process.platform === 'linux')('the process that listens on a port', () => {
  test.each(['127.0.0.1', '::1'])('is found at %s, and none once it is closed', async (host) => {
    const server = createServer().listen(0, host)
    await once(server, 'listening')
    const address = server.address()
    if (address === null || typeof address === 'string') throw new Error('no port')
    expect(listeningProcess(address.port)).toBe(process.pid)
    server.close()
    await once(server, 'close')
    expect(listeningProcess(address.port)).toBeNull()
  })
})
