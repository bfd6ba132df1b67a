/**
 * The stack in containers, where a Docker engine answers: the four servers of docker-compose.yml,
 * on free loopback ports that are kept for the next call. Compose keeps what runs; this keeps the
 * ports.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { freePort } from './running.ts'
import { type ServerKind, serverKinds } from './servers.ts'

const root = join(import.meta.dirname, '..', '..')
const project = ['-p', 'couponguard-stack', '-f', join(root, 'docker-compose.yml')]
const engineMaxMs = 10_000
const portsSchema = z.record(z.enum(serverKinds), z.int().positive())
type Ports = z.infer<typeof portsSchema>

/** Why Docker is not to be used; null where an engine with compose answers. */
export function whyNoDocker(): string | null {
  const answers = (...words: string[]) =>
    spawnSync('docker', words, { stdio: 'ignore', timeout: engineMaxMs }).status === 0
  if (!answers('info')) return 'no Docker engine answers'
  return answers('compose', 'version') ? null : 'Docker has no compose plugin here'
}

/** Starts what does not run and gives the endpoints; throws one line where compose fails. */
export async function startContainers(portsFile: string): Promise<Record<ServerKind, string>> {
  const ports = readPorts(portsFile) ?? (await freePorts())
  mkdirSync(dirname(portsFile), { recursive: true })
  writeFileSync(portsFile, `${JSON.stringify(ports)}\n`)
  compose(['up', '--detach', '--wait', ...serverKinds], ports)
  return {
    kafka: `127.0.0.1:${ports.kafka}`,
    registry: `http://127.0.0.1:${ports.registry}/apis/ccompat/v7`,
    redis: `redis://127.0.0.1:${ports.redis}`,
    postgres: `postgres://couponguard@127.0.0.1:${ports.postgres}/couponguard`,
  }
}

/** Whether containers were started and not ended since. */
export const hasContainers = (portsFile: string): boolean => existsSync(portsFile)

/** Ends and removes the containers with their data. */
export function stopContainers(portsFile: string): void {
  const ports = readPorts(portsFile)
  if (ports === null) return
  compose(['down', '--volumes'], ports)
  rmSync(portsFile)
}

function compose(words: readonly string[], ports: Ports): void {
  const entries = Object.entries(ports).map(([kind, port]) => [
    `COUPONGUARD_${kind.toUpperCase()}_PORT`,
    String(port),
  ])
  const { status } = spawnSync('docker', ['compose', ...project, ...words], {
    env: { ...process.env, ...Object.fromEntries(entries) },
    // Progress of compose is for people; stdout is for what they may evaluate.
    stdio: ['ignore', 2, 2],
  })
  if (status !== 0) throw new Error(`docker compose ${words[0]} failed (${status})`)
}

function readPorts(portsFile: string): Ports | null {
  if (!existsSync(portsFile)) return null
  return portsSchema.parse(JSON.parse(readFileSync(portsFile, 'utf8')))
}

const freePorts = async (): Promise<Ports> => ({
  kafka: await freePort(),
  registry: await freePort(),
  redis: await freePort(),
  postgres: await freePort(),
})
