/**
 * A penalty in a real browser, by keys: the second case of a user is a ban, which the engine acts
 * on; the appeal against it is decided by a colleague, and the user is off the block list again.
 *
 * proves: D5
 */
import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { systemClock } from '../../src/runtime/clock.ts'
import { chromiumPath, openPage } from '../support/chromium.ts'
import { ask, browsedDemo, enterFirst, send } from '../support/console-page.ts'

const opened = browsedDemo()

const soon = { timeout: 10_000, interval: 50 }
const colleague = { name: 'Lin Yue', password: 'a lantern over the quiet harbour' }

async function openCase(page: Page, key: string): Promise<void> {
  await page.goto(`${opened.demo.url}/case/${key}`)
  await page.getByText('Why it was flagged').waitFor()
}

/** Two open cases of the same user. */
async function twoOfOne(page: Page) {
  const { rows } = await ask(page, 'listCases', { limit: '500' })
  const users = rows.map(({ user }) => user)
  const [user] = users.filter((one, at) => users.indexOf(one) < at)
  const keys = rows.filter((row) => row.user === user).map(({ key }) => key)
  return { user: user!, keys: keys.slice(0, 2) }
}

const blocked = async (page: Page) =>
  (await ask(page, 'listEntries', { kind: 'user' })).rows.map(({ value }) => value)

describe.skipIf(chromiumPath === null)('a penalty', () => {
  test('freeze, ban, appeal: with keys, the block list follows', async () => {
    const page = await openPage(opened.browser)
    await enterFirst(page, opened.demo)
    const { user, keys } = await twoOfOne(page)
    for (const [at, key] of keys.entries()) {
      await openCase(page, key)
      await page.keyboard.press('f')
      await expect
        .poll(
          async () => (await ask(page, 'listCases', { verdict: 'fraud', state: 'any' })).rows,
          soon,
        )
        .toHaveLength(at + 1)
      await openCase(page, key)
      await page.getByRole('button', { name: 'Impose' }).waitFor()
      await page.keyboard.press('p')
      const step = at === 0 ? 'Freeze funds' : 'Ban for good'
      await page.getByRole('button', { name: `Confirm: ${step}` }).waitFor()
      await page.keyboard.press('Enter')
      await page.getByText('Imposed', { exact: true }).waitFor()
    }
    await expect.poll(() => blocked(page), soon).toEqual([user])
    const claim = { id: 'after-ban', kind: 'claim', user, campaign: 'tea-after-payment' }
    const answer = await page.request.post(`${opened.demo.url}/v1/events`, {
      data: { ...claim, occurredAt: systemClock.now() },
    })
    expect(await answer.json()).toMatchObject({ outcome: 'block' })
    await page.getByRole('button', { name: 'Enter an appeal' }).click()
    await page.getByLabel('Ground of the appeal').fill('It was one family')
    await page.getByRole('dialog').getByRole('button', { name: 'Enter an appeal' }).click()
    await page.getByText('Appeal: It was one family').waitFor()
    await overturn(page, keys[1]!)
    await expect.poll(() => blocked(page), soon).toEqual([])
    await page.keyboard.press('g')
    await page.keyboard.press('n')
    await page.waitForURL(/\/penalties/)
    await page.getByRole('cell', { name: 'Overturned' }).waitFor()
    const { report } = await ask(page, 'listPenalties')
    expect(report[1]).toMatchObject({ imposed: 2, overturned: 1, success: 1 })
  })
})

/** A colleague says that the case was legitimate. */
async function overturn(page: Page, key: string): Promise<void> {
  await send(page, 'addPerson', { ...colleague, role: 'reviewer' })
  const other = await openPage(opened.browser)
  await other.goto(opened.demo.url)
  await other.getByLabel('Name', { exact: true }).fill(colleague.name)
  await other.getByLabel('Password', { exact: true }).fill(colleague.password)
  await other.keyboard.press('Enter')
  await other.getByRole('grid', { name: 'Queue' }).waitFor()
  await openCase(other, key)
  await other.keyboard.press('l')
  await expect
    .poll(async () => (await ask(other, 'listPenalties', { state: 'overturned' })).rows, soon)
    .toHaveLength(1)
}
