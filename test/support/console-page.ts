/**
 * `start --demo` with its console, and a browser on it as the first administrator: what the tests
 * of the page begin with. One process and one browser for a file of tests; the page is English
 * unless it is told otherwise.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, vi } from 'vitest'
import type { AnswerOf, OperationName } from '../../src/console/api/operations.ts'
import { csrfHeader, operations } from '../../src/console/api/operations.ts'
import { chromiumPath, launchChromium } from './chromium.ts'
import { type Server, startServer } from './run-cli.ts'

export const person = { name: 'Wei', password: 'correct horse battery' }

export interface DemoConsole {
  readonly server: Server
  readonly url: string
  readonly code: string
  end(): Promise<void>
}

/** The demonstration's day, played; resolves when the line with the address has appeared. */
async function startDemo(): Promise<DemoConsole> {
  const data = mkdtempSync(join(tmpdir(), 'couponguard-'))
  const server = await startServer(data, ['--demo'], { msMax: 600_000, isKept: true })
  const code = await vi.waitFor(
    () => {
      const found = /with the code (\S+)/.exec(server.said().stdout)?.[1]
      if (found === undefined) throw new Error(`no code: ${JSON.stringify(server.said())}`)
      return found
    },
    { timeout: 60_000, interval: 50 },
  )
  return {
    server,
    url: server.url,
    code,
    async end() {
      await server.stop()
      rmSync(data, { recursive: true, force: true })
    },
  }
}

export interface BrowsedDemo {
  readonly demo: DemoConsole
  readonly browser: Browser
}

/** One of each for the tests of a file, which may ask for them in tests and hooks of their own. */
export function browsedDemo(): BrowsedDemo {
  let [demo, browser]: [DemoConsole?, Browser?] = []
  beforeAll(async () => {
    if (chromiumPath === null) return
    browser = await launchChromium()
    demo = await startDemo()
  })
  afterAll(async () => {
    await browser?.close()
    await demo?.end()
  })
  return {
    get demo() {
      return demo!
    },
    get browser() {
      return browser!
    },
  }
}

/** Makes the first administrator, as the page of a new installation asks. */
export async function enterFirst(page: Page, { url, code }: DemoConsole): Promise<void> {
  await page.goto(url)
  await page.getByLabel('Setup code').fill(code)
  await page.getByLabel('Your name').fill(person.name)
  await page.getByLabel('Password', { exact: true }).fill(person.password)
  await page.keyboard.press('Enter')
  await page.getByRole('grid', { name: 'Queue' }).waitFor()
}

export async function signIn(page: Page, url: string): Promise<void> {
  await page.goto(url)
  await page.getByLabel('Name', { exact: true }).fill(person.name)
  await page.getByLabel('Password', { exact: true }).fill(person.password)
  await page.keyboard.press('Enter')
  await page.getByRole('grid', { name: 'Queue' }).waitFor()
}

/** What the API answers the person of the page. */
export async function ask<N extends OperationName>(
  page: Page,
  name: N,
  query: Readonly<Record<string, string>> = {},
): Promise<AnswerOf<N>> {
  const { path, answer } = operations[name]
  const response = await page.request.get(
    `${new URL(page.url()).origin}${path}?${new URLSearchParams(query)}`,
  )
  expect(response.status(), `${name}: ${await response.text()}`).toBe(200)
  return answer.parse(await response.json()) as AnswerOf<N>
}

/** Does something as the person of the page. */
export async function send(page: Page, name: OperationName, data: object): Promise<void> {
  const { csrf } = await ask(page, 'showSession')
  const { method, path } = operations[name]
  const response = await page.request.fetch(new URL(path, page.url()).href, {
    ...{ method, data, headers: { [csrfHeader]: csrf ?? '' } },
  })
  expect(response.status(), await response.text()).toBe(200)
}
