/**
 * A Confluent-compatible schema registry for tests and for `npm run stack`: Apicurio in one JVM
 * (about 250 MB, up in 5 s). It keeps its schemas in memory: stopped and started again it is empty.
 * It checks compatibility only after `PUT /config`.
 */
import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { requireJava } from './available.ts'
import { fetchBundle } from './maven.ts'
import { freePort, type RunningServer, startServer } from './running.ts'

export interface RegistrySettings {
  /** Takes its log; made where it is missing. */
  readonly folder: string
  /** Default: a free one. */
  readonly port?: number
  readonly detached?: boolean
}

export interface RegistryServer extends RunningServer {
  /** `http://127.0.0.1:port/apis/ccompat/v7`. */
  readonly url: string
  /** Start it again with these: same port. */
  readonly settings: RegistrySettings & { readonly port: number }
}

const host = '127.0.0.1'
const bundle = {
  name: 'apicurio-registry-2.6.13',
  artifacts: [
    {
      coordinates: 'io.apicurio:apicurio-registry-app:2.6.13.Final',
      type: 'tar.gz',
      classifier: 'all',
      alone: true,
    },
  ],
}

/** Throws Unavailable where there is no Java or no Maven to fetch it with. */
export async function startRegistry(settings: RegistrySettings): Promise<RegistryServer> {
  const java = requireJava()
  const program = fetchBundle(bundle)
  const jar = readdirSync(program).find((name) => name.endsWith('-runner.jar'))
  if (jar === undefined || !existsSync(join(program, jar)))
    throw new Error(`no runner.jar in ${program}; remove the folder to fetch it again`)
  const port = settings.port ?? (await freePort())
  mkdirSync(settings.folder, { recursive: true })
  const url = `http://${host}:${port}/apis/ccompat/v7`
  const running = await startServer({
    name: 'registry',
    command: java,
    args: ['-Xmx256m', '-XX:+UseSerialGC', '-jar', join(program, jar)],
    env: { HTTP_PORT: String(port), QUARKUS_HTTP_HOST: host },
    cwd: settings.folder,
    logFile: join(settings.folder, 'registry.log'),
    ready: async () => (await fetch(`${url}/subjects`)).ok,
    detached: settings.detached ?? false,
  })
  return { ...running, url, settings: { ...settings, port } }
}
