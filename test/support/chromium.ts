/**
 * A real browser for tests of the page: Debian's chromium, from COUPONGUARD_CHROMIUM or from PATH.
 * Where there is none, the tests that need it are skipped in one loud line; `npm test` with CI=true
 * fails on a skip. Pages are told of nothing: what the console logs as an error fails the test.
 */
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { expect, onTestFinished } from 'vitest'

const names = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome']

export const chromiumPath: string | null = process.env.COUPONGUARD_CHROMIUM ?? onPath()
if (chromiumPath === null)
  process.stderr.write(
    'SKIPPED: tests in a browser: no chromium on PATH; install it, or name it by COUPONGUARD_CHROMIUM\n',
  )

function onPath(): string | null {
  for (const folder of (process.env.PATH ?? '').split(delimiter))
    for (const name of names) {
      const path = join(folder, name)
      try {
        accessSync(path, constants.X_OK)
        return path
      } catch {}
    }
  return null
}

/** No sandbox: tests run as root in containers, and the only page is ours. */
export function launchChromium(): Promise<Browser> {
  if (chromiumPath === null) throw new Error('no chromium')
  return chromium.launch({
    executablePath: chromiumPath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--lang=en'],
  })
}

/** A page in a context of its own; the test fails on what the page logs as an error. */
export async function openPage(
  browser: Browser,
  options: BrowserContextOptions = {},
): Promise<Page> {
  const context = await browser.newContext({
    locale: 'en-GB',
    timezoneId: 'UTC',
    viewport: { width: 1280, height: 800 },
    ...options,
  })
  context.setDefaultTimeout(10_000)
  const page = await context.newPage()
  const problems: string[] = []
  page.on('pageerror', (error) => problems.push(String(error)))
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text())
  })
  onTestFinished(async () => {
    await context.close()
    expect(problems).toEqual([])
  })
  return page
}
