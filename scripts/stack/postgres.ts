/**
 * PostgreSQL for tests and for `npm run stack`: initdb and postgres from PATH or from where Debian
 * keeps them, about 40 MB and up in 2 s. It trusts whoever reaches its loopback port and does not
 * wait for the disk: nothing to keep belongs there. Since it refuses to run as root, root runs it
 * as `postgres` or `nobody`, who must be able to enter the folder.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { chownSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { requireCommand, Unavailable } from './available.ts'
import { onFreePorts, type RunningServer, type SystemUser, startServer } from './running.ts'

export interface PostgresSettings {
  /** Takes data and log; made where it is missing. */
  readonly folder: string
  /** Default: a free one. */
  readonly port?: number
  readonly detached?: boolean
  /** Server settings over ours, as `shared_buffers`. */
  readonly values?: Readonly<Record<string, string>>
}

export interface PostgresServer extends RunningServer {
  /** `postgres://couponguard@127.0.0.1:port/couponguard`. */
  readonly url: string
  /** Start it again with these: same port, same data. */
  readonly settings: PostgresSettings & { readonly port: number }
}

const host = '127.0.0.1'
const name = 'couponguard'
const debianFolder = '/usr/lib/postgresql'

/** Throws Unavailable where there is no PostgreSQL, or only root to run it. */
export async function startPostgres(settings: PostgresSettings): Promise<PostgresServer> {
  const postgres = requirePostgres('postgres')
  const data = join(settings.folder, 'data')
  const user = process.getuid?.() === 0 ? unprivilegedUser() : undefined
  mkdirSync(settings.folder, { recursive: true })
  if (user !== undefined) chownSync(settings.folder, user.uid, user.gid)
  if (!existsSync(join(data, 'PG_VERSION'))) {
    const as = { cwd: settings.folder, ...user }
    const words = ['-D', data, '-U', name, '--auth=trust', '--encoding=UTF8', '--no-sync']
    execFileSync(requirePostgres('initdb'), words, { ...as, stdio: 'pipe' })
    const input = `CREATE DATABASE ${name};\n`
    execFileSync(postgres, ['--single', '-D', data, 'postgres'], { ...as, input, stdio: 'pipe' })
  }
  const start = (port: number) => startOn({ ...settings, port }, postgres, user)
  return settings.port === undefined
    ? onFreePorts(1, ([port]) => start(port!))
    : start(settings.port)
}

async function startOn(
  settings: PostgresSettings & { readonly port: number },
  postgres: string,
  user: SystemUser | undefined,
): Promise<PostgresServer> {
  const { folder, port } = settings
  const logFile = join(folder, 'postgres.log')
  const values = {
    listen_addresses: host,
    port: String(port),
    unix_socket_directories: '',
    fsync: 'off',
    shared_buffers: '32MB',
    max_connections: '40',
    ...settings.values,
  }
  const options = Object.entries(values).flatMap(([key, value]) => ['-c', `${key}=${value}`])
  const running = await startServer({
    name: 'postgres',
    command: postgres,
    args: ['-D', join(folder, 'data'), ...options],
    cwd: folder,
    logFile,
    ready: async () => readFileSync(logFile, 'utf8').includes('ready to accept connections'),
    // Ends connections; SIGTERM would wait for the clients to go.
    stopSignal: 'SIGINT',
    detached: settings.detached ?? false,
    ...(user === undefined ? {} : { user }),
  })
  return { ...running, url: `postgres://${name}@${host}:${port}/${name}`, settings }
}

const requirePostgres = (command: string): string =>
  requireCommand(command, 'postgresql', debianFolders)

/** Newest version first. */
function debianFolders(): readonly string[] {
  if (!existsSync(debianFolder)) return []
  return readdirSync(debianFolder)
    .sort((a, b) => Number(b) - Number(a))
    .map((version) => join(debianFolder, version, 'bin'))
}

function unprivilegedUser(): SystemUser {
  for (const who of ['postgres', 'nobody']) {
    const [uid, gid] = ['-u', '-g'].map((word) =>
      spawnSync('id', [word, who], { encoding: 'utf8' }),
    )
    if (uid!.status === 0 && gid!.status === 0)
      return { uid: Number(uid!.stdout), gid: Number(gid!.stdout) }
  }
  throw new Unavailable('PostgreSQL does not run as root, and there is no user postgres or nobody')
}
