/**
 * Every screen of the console in Chinese, dark and narrow, and the main ones in English, light and
 * wide, looked at as scripts/console-look.ts does: nothing too wide, nothing in the other language,
 * no empty chart, and nothing that axe-core finds. The whole of it, with pictures, is that command.
 */
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Consoles, type Look, lookAt } from '../../scripts/console/look.ts'
import { type OwnConsole, startConsole } from '../../scripts/console/own-console.ts'
import { firstStart, type Screen, screens } from '../../scripts/console/screens.ts'
import { administrator, enter, workADay } from '../../scripts/console/team.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { chromiumPath, launchChromium } from '../support/chromium.ts'

const started: OwnConsole[] = []
let browser: Browser

beforeAll(async () => {
  if (chromiumPath === null) return
  browser = await launchChromium()
  for (const words of [['--demo'], []]) started.push(await startConsole(words))
})
afterAll(async () => {
  await browser?.close()
  for (const own of started) await own.stop()
})

/** A busy machine takes three times as long. */
const msMax = 300_000

const looks = [
  { language: 'zh', theme: 'dark', width: 1280 },
  { language: 'en', theme: 'light', width: 1920 },
] as const

/** What is wrong, a line each, and how many screens were seen. */
async function seenIn(consoles: Consoles, of: readonly Screen[], look: Look) {
  const looked = await lookAt(browser, { consoles, screens: of, look })
  const wrong = looked.flatMap(({ screen, problems, axe }) =>
    [...problems, ...axe].map((problem) => `${screen}: ${problem}`),
  )
  return { wrong, screens: looked.length }
}

describe.skipIf(chromiumPath === null)('before anybody exists', () => {
  test.each(looks)('the first start: $language, $theme, $width', async (look) => {
    const door = { url: started[0]!.url, session: null }
    expect(await seenIn({ door }, [firstStart], look)).toEqual({ wrong: [], screens: 1 })
  })
})

describe.skipIf(chromiumPath === null)('once people work there', () => {
  let consoles: Consoles
  beforeAll(async () => {
    const [day, nothing] = started
    const enterAt = (own: OwnConsole) =>
      enter(browser, own.url, { ...administrator, code: own.code })
    const session = await enterAt(day!)
    await workADay(browser, day!.url, { session, at: systemClock.now() })
    consoles = {
      door: { url: day!.url, session: null },
      day: { url: day!.url, session },
      nothing: { url: nothing!.url, session: await enterAt(nothing!) },
    }
  })

  test.each([
    [looks[0], screens],
    [looks[1], screens.filter(({ name }) => !name.includes('-'))],
  ] as const)(
    '$language, $theme, $width',
    async (look, of) => {
      expect(await seenIn(consoles, of, look)).toEqual({ wrong: [], screens: of.length })
    },
    msMax,
  )
})
