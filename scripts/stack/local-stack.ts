/**
 * The stack as processes of this machine that outlive the command that started them. What runs is
 * in a state file: process ids with their start, ports, endpoints. Data and logs are in a temporary
 * folder and go with the stack.
 */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { Unavailable } from './available.ts'
import { endProcess, startedAt } from './machine.ts'
import { type ServerKind, serverKinds, startKind } from './servers.ts'

const serverSchema = z.strictObject({
  kind: z.enum(serverKinds),
  pid: z.int().positive(),
  startedAt: z.string(),
  endpoint: z.string(),
  ports: z.array(z.int().positive()),
})
const stateSchema = z.strictObject({
  version: z.literal(1),
  folder: z.string(),
  servers: z.array(serverSchema),
})
type StackServer = z.infer<typeof serverSchema>
export type StackState = z.infer<typeof stateSchema>

export interface StackStart {
  readonly state: StackState
  /** Those that run since this call. */
  readonly started: readonly ServerKind[]
  /** One line each. */
  readonly unavailable: readonly string[]
  readonly failed: readonly string[]
}

/** The stack as the state file has it; null where none was started. */
export function readState(stateFile: string): StackState | null {
  if (!existsSync(stateFile)) return null
  return stateSchema.parse(JSON.parse(readFileSync(stateFile, 'utf8')))
}

/** Starts what does not run: all of it, or what has died since, on its ports and with its data. */
export async function startStack(stateFile: string): Promise<StackStart> {
  const before = readState(stateFile)
  const folder = before !== null && existsSync(before.folder) ? before.folder : newFolder()
  const known = before?.servers ?? []
  const alive = known.filter(isAlive)
  const toStart = serverKinds.filter((kind) => !alive.some((server) => server.kind === kind))
  const results = await Promise.allSettled(
    toStart.map((kind) =>
      start(
        kind,
        folder,
        known.find((server) => server.kind === kind),
      ),
    ),
  )
  const started = results.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  const reasons = results.flatMap((one, index) =>
    one.status === 'rejected' ? [{ kind: toStart[index]!, reason: one.reason as unknown }] : [],
  )
  const lineOf = ({ kind, reason }: (typeof reasons)[number]) =>
    `${kind}: ${reason instanceof Error ? reason.message : String(reason)}`
  const isUnavailable = ({ reason }: (typeof reasons)[number]) => reason instanceof Unavailable
  const state: StackState = { version: 1, folder, servers: [...alive, ...started].sort(byKind) }
  if (state.servers.length > 0) writeState(stateFile, state)
  else rmSync(folder, { recursive: true, force: true })
  return {
    state,
    started: started.map(({ kind }) => kind),
    unavailable: reasons.filter(isUnavailable).map(lineOf),
    failed: reasons.filter((one) => !isUnavailable(one)).map(lineOf),
  }
}

/** Ends every server and removes data and state; the names of those that would not end. */
export async function stopStack(stateFile: string): Promise<readonly ServerKind[]> {
  const state = readState(stateFile)
  if (state === null) return []
  const ended = await Promise.all(
    state.servers.map((server) =>
      // PostgreSQL waits for its clients on SIGTERM.
      endProcess(server.pid, server.startedAt, server.kind === 'postgres' ? 'SIGINT' : 'SIGTERM'),
    ),
  )
  const left = state.servers.filter((_, index) => !ended[index]).map(({ kind }) => kind)
  if (left.length > 0) return left
  rmSync(state.folder, { recursive: true, force: true })
  rmSync(stateFile)
  return []
}

async function start(
  kind: ServerKind,
  folder: string,
  before: StackServer | undefined,
): Promise<StackServer> {
  const place = { folder: join(folder, kind), ports: before?.ports ?? [], detached: true }
  const { pid, endpoint, ports } = await startKind(kind, place)
  return { kind, pid, startedAt: startedAt(pid) ?? '', endpoint, ports: [...ports] }
}

/** Open to all who may pass, not to look: a server may run as another user. */
function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'couponguard-stack-'))
  chmodSync(folder, 0o711)
  return folder
}

function writeState(stateFile: string, state: StackState): void {
  mkdirSync(dirname(stateFile), { recursive: true })
  writeFileSync(stateFile, `${JSON.stringify(state, null, 2)}\n`)
}

const isAlive = ({ pid, startedAt: started }: StackServer): boolean => startedAt(pid) === started
const byKind = (a: StackServer, b: StackServer): number =>
  serverKinds.indexOf(a.kind) - serverKinds.indexOf(b.kind)
