/**
 * A Confluent-compatible schema registry for tests and for `npm run stack`: Apicurio in one JVM
 * (about 220 MB, up in 4 s). Its schemas are in its folder, written through: stopped or killed and
 * started again with `startRegistry(server.settings)` it has them under the same ids. It checks
 * compatibility only after `PUT /config`.
 */
import { mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { requireJava } from './available.ts'
import { fetchBundle } from './maven.ts'
import { onFreePorts, type RunningServer, startServer } from './running.ts'

export interface RegistrySettings {
  /** Takes its data and log; made where it is missing. */
  readonly folder: string
  /** Default: a free one. */
  readonly port?: number
  readonly detached?: boolean
}

export interface RegistryServer extends RunningServer {
  /** `http://127.0.0.1:port/apis/ccompat/v7`. */
  readonly url: string
  /** Start it again with these: same port, same schemas. */
  readonly settings: RegistrySettings & { readonly port: number }
}

const host = '127.0.0.1'
export const registryVersion = '2.6.13.Final'
const bundle = {
  name: `apicurio-registry-${registryVersion}`,
  artifacts: [
    {
      coordinates: `io.apicurio:apicurio-registry-app:${registryVersion}`,
      type: 'tar.gz',
      classifier: 'all',
      alone: true,
    },
  ],
}

/** Throws Unavailable where there is no Java or no Maven to fetch it with. */
export async function startRegistry(settings: RegistrySettings): Promise<RegistryServer> {
  const java = requireJava()
  const jar = runnerOf(fetchBundle(bundle))
  const { port } = settings
  if (port !== undefined) return startOn({ ...settings, port }, java, jar)
  return onFreePorts(1, ([free]) => startOn({ ...settings, port: free! }, java, jar))
}

async function startOn(
  settings: RegistrySettings & { readonly port: number },
  java: string,
  jar: string,
): Promise<RegistryServer> {
  const { folder, port } = settings
  mkdirSync(folder, { recursive: true })
  const url = `http://${host}:${port}/apis/ccompat/v7`
  const running = await startServer({
    name: 'registry',
    command: java,
    args: ['-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-jar', jar],
    env: {
      HTTP_PORT: String(port),
      QUARKUS_HTTP_HOST: host,
      QUARKUS_DATASOURCE_JDBC_URL: `jdbc:h2:file:${join(folder, 'schemas')};WRITE_DELAY=0`,
      QUARKUS_DATASOURCE_JDBC_MIN_SIZE: '2',
    },
    cwd: folder,
    logFile: join(folder, 'registry.log'),
    ready: async () => (await fetch(`${url}/subjects`)).ok,
    detached: settings.detached ?? false,
  })
  return { ...running, url, settings }
}

function runnerOf(program: string): string {
  const jar = readdirSync(program).find((name) => name.endsWith('-runner.jar'))
  if (jar !== undefined) return join(program, jar)
  throw new Error(`no runner.jar in ${program}; remove the folder to fetch it again`)
}
