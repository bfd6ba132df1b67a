/**
 * A new playbook goes live worker by worker: both versions judge at once, each event is judged by
 * one of them, and says by which.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, inject, test, vi } from 'vitest'
import type { Audit, Progress } from '../../src/core/schema.gen.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { openInstallation } from '../support/installation.ts'
import { type Running, repoRoot, scratchFolder } from '../support/run-cli.ts'

const endpoints = {
  brokers: inject('kafkaBrokers') ?? '',
  registryUrl: inject('registryUrl') ?? '',
  redisUrl: inject('redisUrl'),
}
const hasServers = Object.values(endpoints).every((one) => one !== null && one !== '')
const dayMs = 86_400_000
const partitions = 2
const patience = { timeout: 100_000, interval: 100 }
/** Less than usual: catching up must take longer than rolling out. */
const slowly = ['--drift-ms', '45000'] as const

/** The default playbook under another version. */
function playbookOf(version: string): string {
  const text = readFileSync(join(repoRoot, 'playbooks/default.yaml'), 'utf8')
  const path = join(scratchFolder(), `${version}.yaml`)
  writeFileSync(path, text.replace(/^version: .*$/m, `version: ${version}`))
  return path
}

describe.skipIf(!hasServers)('two playbooks in one group', () => {
  test('judge every event once, by one of the two', { timeout: 300_000 }, async () => {
    const here = await openInstallation(endpoints, 'rolling')
    await here.makeTopics(partitions)
    const old = here.startWorker('redis', ...slowly, '--playbook', playbookOf('1.0.0'))
    const other = here.startWorker('redis', ...slowly, '--playbook', playbookOf('1.0.0'))
    const startAt = Math.floor((systemClock.now() - 2 * dayMs) / dayMs) * dayMs
    const day = await here.publish({ seed: 12, events: 8_000, scenario: 'attack', startAt })
    const progress = () => here.records('risk.progress')
    const versions = async () => (await progress()).map(({ playbookVersion }) => playbookVersion)

    await vi.waitFor(async () => expect((await versions()).length).toBeGreaterThan(2), patience)
    await leave(old)
    const fresh = here.startWorker('redis', ...slowly, '--playbook', playbookOf('1.1.0'))
    await vi.waitFor(async () => expect(await versions()).toContain('1.1.0'), patience)
    await vi.waitFor(async () => expect((await versions()).at(-1)).toBe('1.0.0'), patience)
    await leave(other)
    const last = here.startWorker('redis', ...slowly, '--playbook', playbookOf('1.1.0'))
    await vi.waitFor(async () => expect(await here.lag()).toBe(0), patience)
    await leave(fresh)
    await leave(last)

    const audits = await here.records('risk.audit')
    const letters = await here.records('risk.dead-letters')
    const keys = audits.map(({ decision }) => decision.eventKey)
    expect(new Set(keys).size).toBe(keys.length)
    expect(audits.length + letters.length).toBeGreaterThan(day.messages * 0.98)
    const byVersion = new Map<string, number>()
    for (const { decision } of audits) {
      const { id, eventKey, playbookVersion } = decision
      expect(id).toBe(`${eventKey}@${playbookVersion}`)
      byVersion.set(playbookVersion, (byVersion.get(playbookVersion) ?? 0) + 1)
    }
    expect([...byVersion.keys()].sort()).toEqual(['1.0.0', '1.1.0'])
    const steps = await progress()
    for (const audit of audits)
      expect(versionThatPassed(audit, steps)).toBe(audit.decision.playbookVersion)
  })
})

/** Of the batch that an event was in: the first of its shard that ends beyond it. */
function versionThatPassed(
  { source, partition, offset }: Audit,
  steps: readonly Progress[],
): string | undefined {
  const isBeyond = (place: Progress['offsets'][number]) =>
    place.topic === source && place.partition === partition && place.nextOffset > offset
  return steps.find(({ offsets }) => offsets.some(isBeyond))?.playbookVersion
}

async function leave({ child, ended }: Running): Promise<void> {
  child.kill('SIGTERM')
  const { code, stderr } = await ended
  expect(code, stderr).toBe(0)
}
