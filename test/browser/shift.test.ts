/**
 * A reviewer's day in a real browser, from the first start of `npm start` on, with the keyboard:
 * the queue is filled and the first case explains itself; twenty verdicts, each published; undo;
 * many at once and taken back; a device on the block list, and the next claim from it blocked; an
 * alert, a dead letter; the other language and the dark theme.
 *
 * proves: D3, D24
 */
import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { systemClock } from '../../src/runtime/clock.ts'
import { chromiumPath, openPage } from '../support/chromium.ts'
import { ask, browsedDemo, enterFirst, person, signIn } from '../support/console-page.ts'

const opened = browsedDemo()

const decided = async (page: Page) => (await ask(page, 'listCases', { state: 'decided' })).rows
const soon = { timeout: 10_000, interval: 50 }

/** Opens the first case of the queue by keys. */
async function openFirst(page: Page): Promise<void> {
  await page.getByRole('row').nth(1).waitFor()
  await page.keyboard.press('Enter')
  await page.waitForURL(/\/case\/[0-9a-f]{32}/)
  await drawn(page)
}

/** The case that the address names is there to be decided. */
async function drawn(page: Page): Promise<void> {
  await page.getByRole('main').getByText(keyOf(page)!.slice(0, 8)).first().waitFor()
  await page.getByText('Why it was flagged').waitFor()
}

const keyOf = (page: Page) => /\/case\/([0-9a-f]{32})/.exec(page.url())?.[1]

describe.skipIf(chromiumPath === null)('a shift', () => {
  test('first start: within ten seconds the queue is filled, and the first case explains itself', async () => {
    const page = await openPage(opened.browser)
    const from = systemClock.now()
    await enterFirst(page, opened.demo)
    await page.getByRole('row').nth(10).waitFor()
    expect(systemClock.now() - from).toBeLessThan(10_000)
    await openFirst(page)
    const text = await page.locator('main').textContent()
    for (const said of [/ (?:claimed|redeemed) /, /At stake/, /Behaviour|Device and address/])
      expect(text).toMatch(said)
  })

  test('twenty cases by keys only: each verdict once, each published, then the last one undone', async () => {
    const page = await openPage(opened.browser)
    await signIn(page, opened.demo.url)
    await openFirst(page)
    for (let count = 0; count < 20; count += 1) {
      const before = keyOf(page)
      await page.keyboard.press('fli'[count % 3]!)
      await expect.poll(() => keyOf(page), soon).not.toBe(before)
      await drawn(page)
    }
    await expect.poll(async () => (await decided(page)).length, soon).toBe(20)
    const rows = await decided(page)
    expect(new Set(rows.map(({ decidedBy }) => decidedBy))).toEqual(new Set([person.name]))
    const [one] = rows
    await page.goto(`${opened.demo.url}/case/${one!.key}`)
    await page.getByText('Why it was flagged').waitFor()
    await page.keyboard.press('u')
    await expect.poll(async () => (await decided(page)).length, soon).toBe(19)
  })

  test('many at once, with a preview, and taken back within ten seconds', async () => {
    const page = await openPage(opened.browser)
    await signIn(page, opened.demo.url)
    await page.getByRole('row').nth(3).waitFor()
    const before = (await decided(page)).length
    for (const key of ['x', 'x', 'x', 'f']) await page.keyboard.press(key)
    const dialog = page.getByRole('dialog')
    await dialog.getByText('Will be decided').waitFor()
    await dialog.getByRole('button', { name: 'Decide 3 cases' }).press('Enter')
    await page.getByText('3 cases decided: Fraud.').waitFor()
    expect((await decided(page)).length).toBe(before + 3)
    await page.keyboard.press('u')
    await expect.poll(async () => (await decided(page)).length, soon).toBe(before)
  })

  test('a verdict puts the device on the block list: the next claim from it is blocked', async () => {
    const page = await openPage(opened.browser)
    await signIn(page, opened.demo.url)
    await openFirst(page)
    const key = keyOf(page)
    const row = (await ask(page, 'listCases', { search: key! })).rows[0]!
    expect(row.device).not.toBeNull()
    await page.keyboard.press('d')
    await page.keyboard.press('f')
    await expect.poll(() => keyOf(page), soon).not.toBe(key)
    const event = {
      id: 'next-claim',
      kind: 'claim',
      user: 'o-somebody-new',
      campaign: row.campaign,
      deviceFingerprint: row.device,
    }
    await expect
      .poll(async () => {
        const entries = await ask(page, 'listEntries', { kind: 'device' })
        return entries.rows.map(({ value }) => value)
      }, soon)
      .toContain(row.device)
    const answer = await page.request.post(`${opened.demo.url}/v1/events`, {
      data: { ...event, occurredAt: systemClock.now() },
    })
    expect(await answer.json()).toMatchObject({ outcome: 'block' })
  })

  test('an alert is acknowledged', async () => {
    const page = await openPage(opened.browser)
    await signIn(page, opened.demo.url)
    await page.keyboard.press('g')
    await page.keyboard.press('a')
    await page.waitForURL(/\/alerts/)
    await page
      .getByRole('button', { name: /^I look after it/ })
      .first()
      .click()
    await expect
      .poll(async () => {
        const { rows } = await ask(page, 'listAlerts')
        return rows.filter(({ acknowledgedBy }) => acknowledgedBy === person.name).length
      }, soon)
      .toBe(1)
  })

  test('a dead letter is sent in again', async () => {
    const page = await openPage(opened.browser)
    await signIn(page, opened.demo.url)
    await page.keyboard.press('g')
    await page.keyboard.press('d')
    await page.waitForURL(/\/dead-letters/)
    await page.getByRole('row').filter({ hasText: 'Field missing' }).first().click()
    await page.getByRole('button', { name: 'Send in again' }).click()
    await expect
      .poll(async () => {
        const { rows } = await ask(page, 'listDeadLetters', { limit: '500' })
        return rows.some(({ redrivenBy }) => redrivenBy === person.name)
      }, soon)
      .toBe(true)
  })

  test('the other language and the dark theme, and both are remembered', async () => {
    const page = await openPage(opened.browser)
    await signIn(page, opened.demo.url)
    await page.getByRole('button', { name: '切换到中文' }).click()
    await page.getByRole('heading', { name: '待审队列' }).waitFor()
    await page.getByRole('button', { name: '外观' }).click()
    await page.getByRole('menuitem', { name: '深色' }).click()
    const scheme = () =>
      page.evaluate(() => document.documentElement.getAttribute('data-mantine-color-scheme'))
    await expect.poll(scheme, soon).toBe('dark')
    await page.reload()
    await page.getByRole('heading', { name: '待审队列' }).waitFor()
    expect(await scheme()).toBe('dark')
  })
})
