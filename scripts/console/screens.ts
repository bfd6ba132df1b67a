/** The screens of the console, and how each is reached once somebody is signed in. */
import type { Page } from 'playwright-core'

export interface Screen {
  readonly name: string
  readonly open: (page: Page, url: string) => Promise<void>
}

const at = (name: string, path: string): Screen => ({
  name,
  async open(page, url) {
    await page.goto(url + path)
    await settled(page)
  },
})

/** Nothing is being loaded, and what had to be drawn is drawn. */
export async function settled(page: Page): Promise<void> {
  await page.waitForFunction(() => document.querySelector('[aria-busy="true"]') === null)
  await page.waitForTimeout(350)
}

export const screens: readonly Screen[] = [
  at('queue', '/queue'),
  at('queue-blocks', '/queue?outcome=block&state=open'),
  at('queue-empty', '/queue?search=nobody-of-this-name'),
  {
    name: 'case',
    async open(page, url) {
      await page.goto(`${url}/queue`)
      await page.getByRole('row').nth(1).waitFor()
      await page.keyboard.press('Enter')
      await page.waitForURL(/\/case\//)
      await settled(page)
    },
  },
  at('alerts', '/alerts'),
  {
    name: 'alert',
    async open(page, url) {
      await page.goto(`${url}/alerts`)
      await page.waitForURL(/\/alerts/)
      await page.keyboard.press('Enter')
      await settled(page)
    },
  },
  at('overview', '/overview'),
  at('lists', '/lists'),
  at('dead-letters', '/dead-letters'),
  at('audit', '/audit'),
  at('people', '/people'),
  {
    name: 'keys',
    async open(page, url) {
      await page.goto(`${url}/queue`)
      await settled(page)
      await page.keyboard.press('?')
      await page.getByRole('dialog').waitFor()
      await settled(page)
    },
  },
  {
    name: 'commands',
    async open(page, url) {
      await page.goto(`${url}/queue`)
      await settled(page)
      await page.keyboard.press('Control+k')
      await page.getByRole('dialog').waitFor()
      await settled(page)
    },
  },
]
