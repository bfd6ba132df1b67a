/**
 * Looks at every screen of a running console in both languages, both themes and two widths, and
 * ends with 1 where one is not as it should be (scripts/console/page-checks.ts says what that is):
 *
 *     npx tsx scripts/console-look.ts http://127.0.0.1:7070 NAME PASSWORD_FILE [--out FOLDER]
 *
 * NAME is an administrator, whose sign-in and looks stand in the audit log. With --out it keeps a
 * picture of each. Chromium is COUPONGUARD_CHROMIUM, else Debian's. Takes some minutes.
 */
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Browser, chromium, type Page } from 'playwright-core'
import { dictionaries } from '../src/console/web/texts/dictionary.ts'
import { checkScreen, type ScreenLanguage } from './console/page-checks.ts'
import { screens } from './console/screens.ts'

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { out: { type: 'string' } },
})
const [url = '', name = '', passwordFile = ''] = positionals
const password = readFileSync(passwordFile, 'utf8').trim()
const languages = ['en', 'zh'] as const
const themes = ['light', 'dark'] as const
const widths = [1280, 1920] as const

/** Texts of the other language's dictionary only: none may be seen in this one. */
function foreignTo(language: ScreenLanguage): readonly string[] {
  const own = new Set(textsOf(dictionaries[language]))
  return textsOf(dictionaries[language === 'en' ? 'zh' : 'en']).filter(
    (text) => text.length > 2 && !own.has(text),
  )
}

function textsOf(tree: object): string[] {
  return Object.values(tree).flatMap((one: unknown) => {
    if (typeof one === 'string') return [one]
    return typeof one === 'object' && one !== null ? textsOf(one) : []
  })
}

async function signedIn(browser: Browser, width: number): Promise<Page> {
  const viewport = { width, height: width === 1280 ? 800 : 1080 }
  const context = await browser.newContext({ viewport, locale: 'en-GB', reducedMotion: 'reduce' })
  const page = await context.newPage()
  await page.goto(url)
  await page.getByLabel('Name', { exact: true }).fill(name)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.keyboard.press('Enter')
  await page.getByRole('grid', { name: 'Queue' }).waitFor()
  return page
}

async function choose(page: Page, language: ScreenLanguage, theme: string): Promise<void> {
  await page.evaluate(
    ([chosen, scheme]) => {
      localStorage.setItem('couponguard.language', chosen!)
      localStorage.setItem('mantine-color-scheme-value', scheme!)
    },
    [language, theme],
  )
}

/** Every screen in one language and theme; gives how many problems it told. */
async function lookAt(page: Page, language: ScreenLanguage, theme: string): Promise<number> {
  await choose(page, language, theme)
  const { width } = page.viewportSize()!
  let problems = 0
  for (const screen of screens) {
    const place = `${screen.name} ${language} ${theme} ${width}`
    const found = await screen
      .open(page, url)
      .then(() => checkScreen(page, { foreign: foreignTo(language) }))
      .catch((error: unknown) => [String(error).split('\n')[0]!])
    for (const problem of found) process.stdout.write(`${place}: ${problem}\n`)
    problems += found.length
    if (values.out !== undefined)
      await page.screenshot({ path: join(values.out, `${place.replaceAll(' ', '-')}.png`) })
  }
  return problems
}

if (values.out !== undefined) mkdirSync(values.out, { recursive: true })
const browser = await chromium.launch({
  executablePath: process.env.COUPONGUARD_CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu'],
})
let problems = 0
for (const width of widths) {
  const page = await signedIn(browser, width)
  page.setDefaultTimeout(8_000)
  for (const language of languages)
    for (const theme of themes) problems += await lookAt(page, language, theme)
  await page.context().close()
}
await browser.close()
const looks = screens.length * widths.length * languages.length * themes.length
process.stdout.write(`${looks} looks at ${screens.length} screens: ${problems} problems\n`)
process.exitCode = problems === 0 ? 0 : 1
