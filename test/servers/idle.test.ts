/**
 * A worker that has nothing to do, as a whole process against real servers: it wakes less than 50
 * times a second, all its threads together, and uses 0.8 to 1.1 % of a core; the limit is twice
 * that, for machines that have much else to do. Measured over half a minute, as Linux counts it.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, inject, test, vi } from 'vitest'
import { newInstallation } from '../support/installation.ts'
import { scratchFolder, startCli } from '../support/run-cli.ts'

const [brokers, registryUrl] = [inject('kafkaBrokers'), inject('registryUrl')]
const redisUrl = inject('redisUrl')
const without = brokers === null || registryUrl === null || redisUrl === null
const settleMs = 15_000
const spanMs = 30_000
/** What /proc counts processor time in: the same on all machines that Node runs on. */
const tickMs = 10

interface Used {
  readonly cpuMs: number
  readonly wakes: number
}

function usedBy(pid: number): Used {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // Behind the name, which may hold anything; utime and stime are fields 14 and 15.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const cpuMs = (Number(fields[11]) + Number(fields[12])) * tickMs
  const wakesOf = (thread: string) => {
    const status = readFileSync(`/proc/${pid}/task/${thread}/status`, 'utf8')
    return Number(/^voluntary_ctxt_switches:\s+(\d+)/m.exec(status)?.[1])
  }
  const threads = readdirSync(`/proc/${pid}/task`)
  return { cpuMs, wakes: threads.reduce((sum, thread) => sum + wakesOf(thread), 0) }
}

describe.skipIf(without || !existsSync('/proc/self/stat'))('an idle worker', () => {
  test.each(['memory', 'redis'])(
    'with its windows in %s rests',
    async (store) => {
      const one = newInstallation(`idle-${store}`, brokers!, registryUrl!)
      await one.done(['topics', 'create', '--partitions', '6'])
      const key = join(scratchFolder(), 'key')
      writeFileSync(key, '7'.repeat(64), { mode: 0o600 })
      const worker = startCli(['run', '--store', store, '--key', key], {
        env: { ...one.environment, COUPONGUARD_REDIS_URL: redisUrl! },
        msMax: 120_000,
      })
      await vi.waitFor(() => expect(worker.said().stderr).toContain('running'), {
        timeout: 60_000,
        interval: 200,
      })
      await sleep(settleMs)
      const { pid } = worker.child
      const before = usedBy(pid!)
      await sleep(spanMs)
      const after = usedBy(pid!)
      const wakesPerSecond = ((after.wakes - before.wakes) / spanMs) * 1_000
      const cpuShare = (after.cpuMs - before.cpuMs) / spanMs
      process.stdout.write(
        `idle, ${store}: ${(cpuShare * 100).toFixed(2)} % of a core, ${wakesPerSecond.toFixed(1)} wakes/s\n`,
      )
      expect(wakesPerSecond).toBeLessThan(50)
      expect(cpuShare).toBeLessThan(0.02)
      worker.child.kill('SIGTERM')
      expect((await worker.ended).code).toBe(0)
    },
    150_000,
  )
})
