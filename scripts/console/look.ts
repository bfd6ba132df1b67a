/**
 * Looks at screens in one language, theme and width after another, keeps a picture of each where
 * asked, and tells what is wrong. One browser; a screen takes about a second.
 */
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { checkScreen, type Found, type ScreenLanguage } from './page-checks.ts'
import type { Place, Screen } from './screens.ts'
import { peopleNames, type StorageState } from './team.ts'

export interface Look {
  readonly language: ScreenLanguage
  readonly theme: 'light' | 'dark'
  readonly width: 1280 | 1920
}

export interface Looked extends Found {
  readonly screen: string
  readonly look: Look
}

/** Where the screens of a place are, and who is signed in there. */
export type Consoles = {
  readonly [P in Place]?: { readonly url: string; readonly session: StorageState | null }
}

const languages = ['en', 'zh'] as const
const themes = ['light', 'dark'] as const
const widths = [1280, 1920] as const
export const looks: readonly Look[] = widths.flatMap((width) =>
  languages.flatMap((language) => themes.map((theme) => ({ language, theme, width }))),
)
export const nameOf = ({ language, theme, width }: Look) => `${language}-${theme}-${width}`

const heights = { 1280: 800, 1920: 1080 } as const
const stepMaxMs = 20_000

export async function lookAt(
  browser: Browser,
  given: {
    readonly consoles: Consoles
    readonly screens: readonly Screen[]
    readonly look: Look
    /** Folder of the pictures. */
    readonly out?: string
    readonly onLooked?: (looked: Looked) => void
  },
): Promise<readonly Looked[]> {
  const found: Looked[] = []
  for (const place of ['door', 'day', 'nothing'] as const) {
    const at = given.consoles[place]
    const screens = given.screens.filter((screen) => screen.place === place)
    if (at === undefined || screens.length === 0) continue
    const page = await openPage(browser, at.session, given.look)
    const failed: string[] = []
    page.on('pageerror', (error) => failed.push(`the page failed: ${error.message}`))
    for (const screen of screens) {
      const seen = await lookOnce(page, screen, { url: at.url, look: given.look })
      const looked = {
        ...seen,
        problems: [...seen.problems, ...failed.splice(0)],
        screen: screen.name,
        look: given.look,
      }
      found.push(looked)
      given.onLooked?.(looked)
      if (given.out !== undefined)
        await page.screenshot({
          path: join(given.out, `${screen.name}-${nameOf(given.look)}.png`),
        })
    }
    await page.context().close()
  }
  return found
}

async function openPage(
  browser: Browser,
  session: StorageState | null,
  { language, theme, width }: Look,
): Promise<Page> {
  const context = await browser.newContext({
    viewport: { width, height: heights[width] },
    locale: language === 'zh' ? 'zh-CN' : 'en-GB',
    reducedMotion: 'reduce',
    ...(session === null ? {} : { storageState: session }),
  })
  context.setDefaultTimeout(stepMaxMs)
  await context.addInitScript(
    ([chosen, scheme]) => {
      localStorage.setItem('couponguard.language', chosen!)
      localStorage.setItem('mantine-color-scheme-value', scheme!)
      sessionStorage.clear()
    },
    [language, theme],
  )
  return context.newPage()
}

async function lookOnce(
  page: Page,
  screen: Screen,
  { url, look }: { readonly url: string; readonly look: Look },
): Promise<Found> {
  try {
    await screen.open(page, url)
    const found = await checkScreen(page, look.language, peopleNames)
    if (found.charts >= screen.charts) return found
    const missing = `${found.charts} charts instead of ${screen.charts}`
    return { ...found, problems: [...found.problems, missing] }
  } catch (error) {
    const [line = ''] = String(error).split('\n')
    return { problems: [`cannot be reached: ${line}`], axe: [], charts: 0 }
  }
}
