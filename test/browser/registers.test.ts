/**
 * What all registers of the console have in common (parts/register-page.tsx), in a real browser: a
 * key to search by, filters that narrow and widen again, pages, and what is said where there are no
 * rows or none came.
 */
import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { chromiumPath, openPage } from '../support/chromium.ts'
import { browsedDemo, enterFirst, send, signIn } from '../support/console-page.ts'

const opened = browsedDemo()
beforeAll(async () => {
  if (chromiumPath === null) return
  const page = await opened.browser.newPage({ locale: 'en-GB' })
  await enterFirst(page, opened.demo)
  const add = (at: number) =>
    send(page, 'addEntry', { ...listed, value: `o-listed-${at}`, expiresAt: null })
  for (let from = 0; from < entries; from += atOnce)
    await Promise.all(Array.from({ length: atOnce }, (_, at) => add(from + at)))
  await page.close()
})

const soon = { timeout: 10_000, interval: 50 }
/** More than a page of them, put there so many at once. */
const entries = 110
const atOnce = 11
const listed = { list: 'block', kind: 'user' }

async function openAt(path: string): Promise<Page> {
  const page = await openPage(opened.browser)
  await signIn(page, opened.demo.url)
  await page.goto(opened.demo.url + path)
  return page
}

/** Rows of the register; the head is one more. */
const rowCount = (page: Page) =>
  expect.poll(async () => Math.max(0, (await page.getByRole('row').count()) - 1), soon)

async function choose(page: Page, filter: string, word: string): Promise<void> {
  await page.locator(`input[aria-label="${filter}"]`).click()
  await page.getByRole('option', { name: word }).click()
}

describe.skipIf(chromiumPath === null)('a register', () => {
  test.each([
    ['/lists', 'Search values'],
    ['/penalties', 'User or merchant'],
    ['/audit', 'Person'],
  ])('%s is searched by key', async (path, label) => {
    const page = await openAt(path)
    await page.getByRole('heading', { level: 1 }).waitFor()
    await page.keyboard.press('/')
    await page.keyboard.type('nobody of this name')
    const field = page.getByRole('textbox', { name: label, exact: true })
    expect(await field.inputValue()).toBe('nobody of this name')
    await rowCount(page).toBe(0)
    await page.getByText(/^(?:Nothing|No penalties)/).waitFor()
  })

  test('gives further pages until there are none', async () => {
    const page = await openAt('/lists')
    await rowCount(page).toBe(100)
    await page.getByText(`${entries} entries`).waitFor()
    const more = page.getByRole('button', { name: 'More' })
    await more.click()
    await rowCount(page).toBe(entries)
    expect(await more.count()).toBe(0)
  })

  test('is narrowed by a text and by words, and is whole again without them', async () => {
    const page = await openAt('/lists')
    const search = page.getByRole('textbox', { name: 'Search values' })
    await search.fill('o-listed-109')
    await rowCount(page).toBe(1)
    await choose(page, 'List', 'Allow list')
    await page.getByText('Nothing on this list').waitFor()
    await choose(page, 'List', 'All lists')
    await rowCount(page).toBe(1)
    await search.fill('')
    await rowCount(page).toBe(100)
  })

  test('by person and deed, spaces around them left out', async () => {
    const page = await openAt('/audit')
    const who = page.getByRole('textbox', { name: 'Person', exact: true })
    await who.fill('  Wei ')
    await choose(page, 'Action', 'put on a list')
    await rowCount(page).toBe(entries)
    await who.fill('Nobody')
    await rowCount(page).toBe(0)
  })

  test('opens a row by key beside the others, of the reason that was chosen', async () => {
    const page = await openAt('/dead-letters')
    await page.getByText('Choose a letter to see its bytes.').waitFor()
    await choose(page, 'Reason', 'Field missing')
    await expect
      .poll(() => page.getByRole('row').filter({ hasNotText: 'Field missing' }).count(), soon)
      .toBe(1)
    // Keys are letters while a filter has the focus.
    await page.getByRole('heading', { level: 1 }).click()
    await page.keyboard.press('j')
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Send in again' }).waitFor()
  })

  test('says that its rows did not come, and tries again', async () => {
    const page = await openAt('/queue')
    await page.getByRole('grid', { name: 'Queue' }).waitFor()
    const refused = { error: { reason: 'full', detail: 'the disk is full' } }
    // What chromium logs of a refused answer is no problem of the page.
    await page.evaluate((body) => {
      const { fetch } = window
      window.fetch = (address, request) => {
        if (!String(address).includes('/api/v1/people')) return fetch(address, request)
        window.fetch = fetch
        return Promise.resolve(new Response(JSON.stringify(body), { status: 500 }))
      }
    }, refused)
    await page.keyboard.press('g')
    await page.keyboard.press('p')
    await page.getByRole('alert').getByText('the disk is full').waitFor()
    await page.getByRole('button', { name: 'Try again' }).click()
    await rowCount(page).toBe(1)
    expect(await page.getByRole('alert').count()).toBe(0)
  })
})
