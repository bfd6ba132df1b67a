/**
 * `console`: the review console against Kafka and Postgres, until it is told to stop; and, under
 * it, who may use it: `console users …`, `console tokens …`, and `console rebuild`.
 */
import type { Command } from 'commander'
import { assembleConsole } from '../assemble-console.ts'
import { addJudgingOptions, type JudgingOptions } from '../config/judging.ts'
import type { OpenConsole } from '../console/open-console.ts'
import { buildConsoleServer } from '../console/server/console-server.ts'
import { systemClock } from '../runtime/clock.ts'
import { EdgeError } from '../runtime/edge-error.ts'
import { type LogLines, newLogLines } from '../runtime/log-lines.ts'
import { registerConsoleRebuild } from './console-rebuild.ts'
import { registerConsoleTokens } from './console-tokens.ts'
import { registerConsoleUsers } from './console-users.ts'
import { CommandError, usageError } from './exit.ts'

interface ConsoleOptions extends JudgingOptions {
  readonly key: string
  readonly group: string
  readonly host: string
  readonly port: string
  readonly allowedHost: readonly string[]
  readonly tlsProxy?: boolean
}

const examples = `
Examples:
  couponguard console users add ada --role administrator
  couponguard console --key KEY --config couponguard.yaml
  couponguard console --key KEY --host 0.0.0.0 --allowed-host console.example.com --tls-proxy
Postgres: COUPONGUARD_POSTGRES_URL, COUPONGUARD_POSTGRES_URL_FILE, or postgres in --config. Judging
does not need the console: it may be stopped at any time. docs/console-access.md has the rest.
`

const collect = (value: string, before: readonly string[]) => [...before, value]

export function registerConsole(program: Command): void {
  // Options end where a command begins: the commands under this one have some of the same names.
  const command = program
    .enablePositionalOptions()
    .command('console')
    .description('Run the review console, or say who may use it.')
    .enablePositionalOptions()
    .option('--key <FILE>', 'key that hashes phones and codes; the same as the workers’')
    .option('--group <NAME>', 'consumer group', 'couponguard-console')
    .option('--host <ADDRESS>', 'address of this machine to listen on', '127.0.0.1')
    .option('--port <N>', 'port to listen on; 0 takes a free one', '7071')
    .option('--allowed-host <NAME>', 'a name it is reached by beside 127.0.0.1', collect, [])
    .option('--tls-proxy', 'a proxy that ends TLS stands before it; its X-Forwarded-For counts')
  addJudgingOptions(command)
    .addHelpText('after', examples)
    .action((options: ConsoleOptions) => runConsole(options, program.version() ?? ''))
  registerConsoleUsers(command)
  registerConsoleTokens(command)
  registerConsoleRebuild(command)
}

async function runConsole(options: ConsoleOptions, version: string): Promise<void> {
  const { key, tlsProxy = false } = options
  if (key === undefined) throw usageError('--key: is missing; it is the workers’ key')
  const port = portOf(options.port)
  const log = newLogLines({ clock: systemClock, base: { role: 'console' } })
  const told = (what: string) => (error: unknown) =>
    log[what === 'defect' ? 'error' : 'warn'](what, {
      error: error instanceof Error ? error : String(error),
    })
  const stopped = stopSignal()
  try {
    const opened = await assembleConsole({
      ...options,
      version,
      tlsProxy,
      onTrouble: told('away, tried again'),
      onDefect: told('defect'),
    })
    try {
      await serve(opened, { ...options, port, log, stopped, onDefect: told('defect') })
    } finally {
      await opened.close()
    }
  } catch (error) {
    throw error instanceof EdgeError ? new CommandError(error.message) : error
  }
}

interface Serving {
  readonly host: string
  readonly port: number
  readonly allowedHost: readonly string[]
  readonly log: LogLines
  readonly stopped: Promise<void>
  onDefect(error: unknown): void
}

async function serve(console: OpenConsole, serving: Serving): Promise<void> {
  const { host, port, allowedHost: allowedHosts, log, onDefect } = serving
  const server = buildConsoleServer({
    add: (own) => console.register(own),
    notReady: () => console.notReady(),
    allowedHosts,
    onDefect,
  })
  const url = await server.listen({ host, port }).catch((error: unknown) => {
    throw listenProblem(error, host, port)
  })
  try {
    log.info(`the console listens on ${url}`)
    const code = await Promise.race([console.ready, serving.stopped.then(() => null)])
    if (code !== null) process.stderr.write(firstStartText(url, code))
    await serving.stopped
  } finally {
    await server.close()
  }
}

export const firstStartText = (url: string, code: string): string =>
  `couponguard: nobody may use the console yet. Open ${url} and make the first administrator with\n` +
  `couponguard: the code ${code}\n`

function portOf(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN
  if (port <= 65_535) return port
  throw usageError(`--port ${text}: must be a whole number from 0 to 65535`)
}

const listenProblems: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is taken; stop what uses it, or choose another, or 0',
  EACCES: 'this user may not listen there; choose one from 1024',
  EADDRNOTAVAIL: 'this machine has no such address; choose another host',
  ENOTFOUND: 'there is no such host; choose an address of this machine',
}

function listenProblem(error: unknown, host: string, port: number): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const words = listenProblems[code]
  return words === undefined
    ? error
    : new CommandError(`--port ${port} on ${host}: ${words}`, undefined, error)
}

async function stopSignal(): Promise<void> {
  await new Promise<void>((resolve) => {
    process.once('SIGINT', () => resolve())
    process.once('SIGTERM', () => resolve())
  })
}
