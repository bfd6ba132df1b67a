/**
 * A running `console` as a program sees it: where it listens, and what sends requests as a person
 * that was made on the command line.
 */
import { spawnSync } from 'node:child_process'
import { expect, vi } from 'vitest'
import { z } from 'zod'
import { mainPath, type Running } from './run-cli.ts'

const patience = { timeout: 90_000, interval: 100 }

/** Where a console listens, from its own log. */
export async function listening({ said }: Running): Promise<string> {
  const address = /the console listens on (http:\/\/[\d.]+:\d+)/
  await vi.waitFor(() => expect(said().stderr).toMatch(address), patience)
  return address.exec(said().stderr)![1]!
}

/** The address of a console whose database and log are open. */
export async function ready(console: Running): Promise<string> {
  const url = await listening(console)
  const status = async () => (await fetch(`${url}/readyz`)).status
  await vi.waitFor(async () => expect(await status()).toBe(200), patience)
  return url
}

export const password = 'correct horse battery'

/** Makes a person as an operator does. */
export function addPerson(name: string, role: string, env: Readonly<Record<string, string>>): void {
  const words = [mainPath, 'console', 'users', 'add', name, '--role', role]
  const options = { env: { ...process.env, ...env }, encoding: 'utf8' } as const
  const added = spawnSync('node', words, { ...options, input: `${password}\n` })
  expect(added).toMatchObject({ status: 0, stderr: '' })
}

/** Makes a token of a program that may look at everything. */
export function addToken(name: string, env: Readonly<Record<string, string>>): string {
  const options = { env: { ...process.env, ...env }, encoding: 'utf8' } as const
  return spawnSync('node', [mainPath, 'console', 'tokens', 'add', name], options).stdout.trim()
}

/** Opens the stream of changes; gives what came so far, until the console ends. */
export async function hear(url: string, token: string): Promise<() => string> {
  const headers = { authorization: `Bearer ${token}` }
  const { status, body } = await fetch(`${url}/api/v1/stream`, { headers })
  expect(status).toBe(200)
  const text = new TextDecoder()
  let heard = ''
  const read = async () => {
    for await (const chunk of body!) heard += text.decode(chunk, { stream: true })
  }
  read().catch(() => undefined)
  return () => heard
}

export interface Answer {
  readonly status: number
  readonly body: unknown
}

/** Rejects where nobody answers. */
export type Ask = (method: string, path: string, body?: object) => Promise<Answer>

/** Signs in, and gives what sends requests as that person. */
export async function signedIn(url: string, name: string): Promise<Ask> {
  const headers: Record<string, string> = { 'content-type': 'application/json' }
  const send = (method: string, path: string, body?: object) => {
    const sent = body === undefined ? {} : { body: JSON.stringify(body) }
    return fetch(`${url}/api/v1/${path}`, { method, headers, ...sent })
  }
  const response = await send('POST', 'session', { name, password })
  expect(response.status).toBe(200)
  headers.cookie = response.headers.getSetCookie()[0]!.split(';')[0]!
  headers['x-csrf-token'] = z.object({ csrf: z.string() }).parse(await response.json()).csrf
  return async (method, path, body) => {
    const answer = await send(method, path, body)
    return { status: answer.status, body: await answer.json() }
  }
}
