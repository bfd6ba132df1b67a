/**
 * The screens of the console, and how each is reached: at the door, where nobody is signed in; in a
 * console after a day; in one that has seen nothing yet. By addresses and keys only, so that the
 * same steps lead there in either language.
 */
import type { Page } from 'playwright-core'

export type Place = 'door' | 'day' | 'nothing'

export interface Screen {
  readonly name: string
  readonly place: Place
  /** How many charts it has at least. */
  readonly charts: number
  readonly open: (page: Page, url: string) => Promise<void>
}

/** Nothing is being loaded, and what had to be drawn is drawn: twice in a row. */
export async function settled(page: Page): Promise<void> {
  for (let quiet = 0; quiet < 2; quiet += 1) {
    await page.waitForFunction(() => {
      const isThere = document.querySelector('main, form') !== null
      return isThere && document.querySelector('[aria-busy="true"], .mantine-Loader-root') === null
    })
    await page.waitForTimeout(100)
  }
}

const chartMaxMs = 5_000

type Step = (page: Page) => Promise<unknown>

const press =
  (...keys: readonly string[]): Step =>
  async (page) => {
    for (const key of keys) await page.keyboard.press(key)
  }
const dialog: Step = (page) => page.getByRole('dialog').waitFor()
const click =
  (selector: string): Step =>
  (page) =>
    page.locator(selector).first().click()

function at(name: string, path: string, ...steps: readonly Step[]): Screen {
  return {
    name,
    place: 'day',
    charts: 0,
    async open(page, url) {
      await page.goto(url + path)
      await settled(page)
      for (const step of steps) {
        await step(page)
        await settled(page)
      }
    },
  }
}

const withCharts = (charts: number, screen: Screen): Screen => ({
  ...screen,
  charts,
  async open(page, url) {
    await screen.open(page, url)
    // Where one is missing, the check says so.
    const last = page.locator('svg[data-chart]').nth(charts - 1)
    await last.waitFor({ timeout: chartMaxMs }).catch(() => undefined)
  },
})
const inPlace = (place: Place, screen: Screen): Screen => ({ ...screen, place })

/**
 * A day of 100,000 redemptions, which no console to look at has had: its notice is put in, and the
 * next peak of its first campaign.
 */
const withNotice = (notice: object, screen: Screen): Screen => ({
  ...screen,
  async open(page, url) {
    const address = /\/api\/v1\/overview\b/
    await page.route(address, async (route) => {
      const answer = await route.fetch()
      const day = Object(await answer.json())
      const [first, ...others] = day.campaigns
      const campaigns = [{ ...first, nextPeak: peakOf('', 8) }, ...others]
      await route.fulfill({ json: { ...day, notice, campaigns } })
    })
    await screen.open(page, url)
    await page.locator('main section[data-state]').waitFor({ timeout: chartMaxMs })
    await page.unroute(address)
  },
})
const noonMs = Date.UTC(2026, 1, 11, 4)
const peakOf = (campaign: string, hours: number) => ({
  ...{ campaign, from: noonMs + hours * 3_600_000, to: noonMs + (hours + 1) * 3_600_000 },
})
const busyDay = {
  ...{ day: 20260211, redemptions: 61_230, forecast: 148_900, basis: 'days', days: 7 },
  busiest: { from: noonMs + 8 * 3_600_000, redemptions: 14_210 },
}

const inCase: Step = async (page) => {
  await page.waitForURL(/\/case\//)
  await page.locator('[data-case]').waitFor()
}
/** The tab of that number among those of what is around a case. */
const tab =
  (number: number): Step =>
  (page) =>
    page.getByRole('tab').nth(number).click()

export const screens: readonly Screen[] = [
  inPlace('door', at('sign-in', '/')),
  at('queue', '/queue?outcome=review'),
  at('queue-decided', '/queue?state=decided'),
  at('queue-filtered', '/queue?outcome=block&state=any&scoreMin=80&order=money'),
  at('queue-filters', '/queue', click('header + div button')),
  at('queue-empty', '/queue?search=nobody-of-this-name'),
  at('bulk', '/queue?outcome=review', press('x', 'x', 'x')),
  at('bulk-preview', '/queue?outcome=review', press('x', 'x', 'x', 'f'), dialog),
  at('case', '/queue?outcome=review', press('Enter'), inCase),
  at('case-near', '/queue?outcome=review', press('Enter'), inCase, press('m')),
  at('case-block', '/queue?outcome=block&state=any', press('Enter'), inCase, press('d', 'e')),
  at('case-decided', '/queue?state=decided', press('Enter'), inCase),
  at('case-penalty', '/queue?state=decided&verdict=fraud', press('Enter'), inCase),
  at('case-penalty-ask', '/queue?state=decided&verdict=fraud', press('Enter'), inCase, press('p')),
  at('case-appeal', '/penalties', press('j', 'j', 'Enter'), inCase),
  at(
    'case-appeal-ground',
    '/penalties',
    press('Enter'),
    inCase,
    click('li button.mantine-Button-root'),
    dialog,
  ),
  at('case-links', '/queue?outcome=review', press('Enter'), inCase, tab(1)),
  at('case-similar', '/queue?outcome=review', press('Enter'), inCase, tab(2)),
  at('case-signals', '/queue?outcome=review', press('Enter'), inCase, tab(3)),
  at('case-unknown', `/case/${'0'.repeat(32)}`),
  withCharts(1, at('alerts', '/alerts')),
  withCharts(1, at('alert', '/alerts', press('j'))),
  withCharts(2, at('overview', '/overview')),
  withNotice({ ...busyDay, state: 'unannounced', announced: [] }, at('overview-peak', '/overview')),
  withNotice(
    { ...busyDay, state: 'announced', announced: [peakOf('spring', 1), peakOf('lunch', 8)] },
    at('overview-announced', '/overview'),
  ),
  at('lists', '/lists'),
  at('lists-add', '/lists', click('main header button.mantine-Button-root'), dialog),
  at('penalties', '/penalties'),
  at('dead-letters', '/dead-letters'),
  at('dead-letter', '/dead-letters', press('j', 'Enter')),
  at('audit', '/audit'),
  at('people', '/people'),
  at('people-add', '/people', click('main header button.mantine-Button-root'), dialog),
  at('person', '/people', press('Enter'), dialog),
  at('commands', '/queue', press('Control+k'), dialog),
  at('keys', '/queue', press('?'), dialog),
  at('no-such-screen', '/nowhere'),
  inPlace('nothing', at('nothing-queue', '/queue?outcome=review')),
  inPlace('nothing', at('nothing-alerts', '/alerts')),
  inPlace('nothing', at('nothing-overview', '/overview')),
  inPlace('nothing', at('nothing-lists', '/lists')),
  inPlace('nothing', at('nothing-penalties', '/penalties')),
  inPlace('nothing', at('nothing-dead-letters', '/dead-letters')),
  inPlace('nothing', at('nothing-audit', '/audit')),
]

/** Once somebody exists it is gone, so it is looked at before all others. */
export const firstStart: Screen = inPlace('door', at('first-start', '/'))
