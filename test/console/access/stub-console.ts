/**
 * A console whose handlers answer with made-up values of the right shape, on a real server: for
 * what is the server's own affair. Tokens are names of roles.
 */
import type { AddressInfo } from 'node:net'
import fc from 'fast-check'
import { z } from 'zod'
import type { AuditEntry, Visitors } from '../../../src/console/access/visitor.ts'
import { roles } from '../../../src/console/api/operation.ts'
import { type OperationName, operations } from '../../../src/console/api/operations.ts'
import { newChanges } from '../../../src/console/changes.ts'
import type { Call, Handlers } from '../../../src/console/handlers.ts'
import { addConsole, type ConsoleParts } from '../../../src/console/server/console-routes.ts'
import { buildConsoleServer } from '../../../src/console/server/console-server.ts'
import { fromSchema } from './from-schema.ts'

export const csrfOf = (token: string) => `csrf of ${token}`
export const operationNames = Object.keys(operations).filter(
  (name): name is OperationName => name in operations,
)

type Made = (name: OperationName, call: Call<OperationName>) => Promise<unknown>

/** An answer of the right shape, always the same. */
export function sampleAnswer(name: OperationName): unknown {
  const { $schema, ...schema } = z.toJSONSchema(operations[name].answer)
  return fc.sample(fromSchema(schema), { numRuns: 1, seed: 7 })[0]
}

export function stubHandlers(made: Made): Handlers {
  const all = operationNames.map(
    (name) => [name, (call: Call<OperationName>) => made(name, call)] as const,
  )
  return Object.fromEntries(all) as Handlers
}

export const stubVisitors: Visitors = {
  bySession: async (token) => {
    const role = roles.find((one) => one === token)
    if (role === undefined) return null
    return { caller: { name: `a ${role}`, role }, via: 'session', csrf: csrfOf(token) }
  },
  byToken: async (token) => {
    const role = roles.find((one) => one === token)
    return role === undefined
      ? null
      : { caller: { name: `token:${role}`, role }, via: 'token', csrf: null }
  },
}

export interface Stub {
  readonly url: string
  readonly port: number
  readonly cookie: (token: string) => string
  readonly calls: { readonly name: OperationName; readonly call: Call<OperationName> }[]
  readonly audit: AuditEntry[]
  readonly defects: unknown[]
  readonly changes: ReturnType<typeof newChanges>
  close(): Promise<void>
}

export async function startStub(
  options: Partial<ConsoleParts> & {
    made?: Made
    /** Handlers that are not made up. */
    own?: Partial<Handlers>
    notReady?: () => string | null
  } = {},
): Promise<Stub> {
  const calls: Stub['calls'] = []
  const audit: AuditEntry[] = []
  const defects: unknown[] = []
  const changes = newChanges()
  const samples = new Map<OperationName, unknown>()
  const sample = (name: OperationName) => {
    if (!samples.has(name)) samples.set(name, sampleAnswer(name))
    return samples.get(name)
  }
  const { made = async (name: OperationName) => sample(name), notReady, own, ...rest } = options
  const onDefect = (error: unknown) => defects.push(error)
  const all: ConsoleParts = {
    handlers: {
      ...stubHandlers(async (name, call) => {
        calls.push({ name, call })
        return await made(name, call)
      }),
      ...own,
    },
    visitors: stubVisitors,
    audit: {
      async write(entry) {
        audit.push(entry)
      },
    },
    changes,
    keep: (kind, value) => (/^\+?\d{7,}$/.test(value) ? `kept ${kind}` : null),
    version: '0.0.0',
    now: () => 1_700_000_000_000,
    onDefect,
    ...rest,
  }
  const server = buildConsoleServer({
    add: (own) => addConsole(own, all),
    allowedHosts: ['console.internal'],
    notReady: notReady ?? (() => null),
    onDefect,
  })
  await server.listen({ host: '127.0.0.1', port: 0 })
  const { port } = server.server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    cookie: (token) => `couponguard-${port}=${token}`,
    calls,
    audit,
    defects,
    changes,
    close: () => server.close(),
  }
}
