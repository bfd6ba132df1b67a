/**
 * Set-up of the tests in test/servers/, once before all of them: the servers that the test files to
 * run name by `inject('kafkaBrokers')` and the like, taken from the environment where it gives
 * endpoints, else started here and stopped at the end. What cannot be had is null, and one loud
 * line names it; with CI=true that is a failure.
 */
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseCLI, type TestProject } from 'vitest/node'
import { Unavailable } from './available.ts'
import { endpointVariables, type PlacedServer, type ServerKind, startKind } from './servers.ts'

/** Endpoints, as the environment variables hold them; null: not to be had here. */
interface Endpoints {
  kafkaBrokers: string | null
  registryUrl: string | null
  redisUrl: string | null
  postgresUrl: string | null
}

declare module 'vitest' {
  interface ProvidedContext extends Endpoints {}
}

const provided: readonly (readonly [keyof Endpoints, ServerKind])[] = [
  ['kafkaBrokers', 'kafka'],
  ['registryUrl', 'registry'],
  ['redisUrl', 'redis'],
  ['postgresUrl', 'postgres'],
]

/** What vitest calls; what it gives back, vitest calls at the end. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = mkdtempSync(join(tmpdir(), 'couponguard-servers-'))
  chmodSync(folder, 0o711)
  const running: PlacedServer[] = []
  const teardown = async () => {
    await Promise.all(running.map((server) => server.stop()))
    rmSync(folder, { recursive: true, force: true })
  }
  const texts = await testTexts(project)
  const named = provided.filter(([key]) => texts.some((text) => text.includes(`'${key}'`)))
  const results = await Promise.allSettled(
    named.map(async ([key, kind]) => {
      project.provide(key, await endpointOf(kind, join(folder, kind), running))
    }),
  )
  const failed = results.find((one) => one.status === 'rejected')
  if (failed === undefined) return teardown
  await teardown()
  throw failed.reason
}

async function endpointOf(
  kind: ServerKind,
  folder: string,
  running: PlacedServer[],
): Promise<string | null> {
  const given = process.env[endpointVariables[kind]]
  if (given !== undefined && given !== '') return given
  try {
    const server = await startKind(kind, { folder, ports: [], detached: false })
    running.push(server)
    return server.endpoint
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error
    process.stdout.write(`\nSKIPPED: tests that need ${kind}: ${error.message}\n\n`)
    if (/^(1|true)$/.test(process.env.CI ?? '')) throw error
    return null
  }
}

/** Of the test files that the words given to vitest choose. */
async function testTexts(project: TestProject): Promise<readonly string[]> {
  const { filter } = parseCLI(['vitest', ...process.argv.slice(2)])
  const { testFiles } = await project.globTestFiles(filter)
  return testFiles.map((file) => readFileSync(file, 'utf8'))
}
