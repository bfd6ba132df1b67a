/**
 * The real page in Chromium, drawn without a graphics card: a scroll through the rows of the queue,
 * a screenful a frame, and a shift by keys only. Times are taken in the page: of a frame, from one
 * to the next; of a verdict, from the key to when the next case has been painted.
 */
import { type Browser, chromium, type Page } from 'playwright-core'
import { findCommand, Unavailable } from '../stack/available.ts'
import { type Figure, figureOf } from './figures.ts'
import { person } from './running-console.ts'

const names = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome']
const viewport = { width: 1280, height: 800 }
const asked = { frameMs: 100, rowsInDocument: 300, nextCaseMs: 150 }

export function chromiumPath(): string {
  const given = process.env.COUPONGUARD_CHROMIUM
  if (given !== undefined) return given
  for (const name of names) {
    const path = findCommand(name)
    if (path !== null) return path
  }
  throw new Unavailable('no chromium in PATH: install it, or name it by COUPONGUARD_CHROMIUM')
}

export const launch = (executablePath: string): Promise<Browser> =>
  chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--lang=en'],
  })

/** A page of its own, signed in, at the queue. */
export async function openQueue(browser: Browser, url: string): Promise<Page> {
  const context = await browser.newContext({ locale: 'en-GB', timezoneId: 'UTC', viewport })
  // tsx names functions by a function of its own, which the page does not have.
  await context.addInitScript('globalThis.__name = (made) => made')
  context.setDefaultTimeout(20_000)
  const page = await context.newPage()
  page.on('pageerror', (error) => {
    process.stderr.write(`console-bench: the page says: ${String(error)}\n`)
  })
  await page.goto(url)
  await page.getByLabel('Name', { exact: true }).fill(person.name)
  await page.getByLabel('Password', { exact: true }).fill(person.password)
  await page.keyboard.press('Enter')
  await page.getByRole('row').nth(10).waitFor()
  return page
}

export interface ScrollOptions {
  /** Rows to scroll through. */
  readonly rows: number
  /** Rows a frame: with a screenful, each frame shows none of those before it. */
  readonly rowsAFrame: number
  readonly onProgress: (done: number) => void
}

export interface Scrolled {
  readonly figures: readonly Figure[]
  /** Frames in which rows were missing in the middle of the screen, of all. */
  readonly emptyFrames: number
  readonly frames: number
}

export async function scroll(page: Page, options: ScrollOptions): Promise<Scrolled> {
  await page.exposeFunction('benchProgress', options.onProgress)
  const { rows, rowsAFrame } = options
  const seen = await page.evaluate(scrollInPage, { rows, rowsAFrame })
  const frame = { of: 'p95', limit: asked.frameMs } as const
  const most = { of: 'p95', limit: asked.rowsInDocument } as const
  const name = `scroll of ${seen.rows.toLocaleString('en-US')} rows, ${rowsAFrame} a frame`
  return {
    figures: [
      figureOf(`${name}: frames`, seen.frames, frame),
      figureOf(`${name}: most rows in the document`, [seen.rowsMost], most, 'rows'),
    ],
    emptyFrames: seen.empty,
    frames: seen.frames.length,
  }
}

interface SeenScroll {
  readonly frames: number[]
  readonly rowsMost: number
  readonly rows: number
  readonly empty: number
}

/** Runs in the page. Where the next rows have not come yet, it waits, and that is not counted. */
async function scrollInPage(given: { rows: number; rowsAFrame: number }): Promise<SeenScroll> {
  const rowHeight = 38
  const grid = document.querySelector<HTMLElement>('[role="grid"]')!
  const box = grid.getBoundingClientRect()
  const told = (globalThis as { benchProgress?: (done: number) => void }).benchProgress
  const nextFrame = () => new Promise<number>((resolve) => requestAnimationFrame(resolve))
  const frames: number[] = []
  let rowsMost = 0
  let empty = 0
  let last = await nextFrame()
  while (grid.scrollTop < given.rows * rowHeight) {
    const before = grid.scrollTop
    grid.scrollTop = before + given.rowsAFrame * rowHeight
    const isAtEnd = grid.scrollTop === before
    const at = await nextFrame()
    if (!isAtEnd) {
      frames.push(at - last)
      const middle = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2)
      if (middle?.closest('[role="row"]') === null) empty += 1
      if (frames.length % 50 === 0) {
        rowsMost = Math.max(rowsMost, document.querySelectorAll('[role="row"]').length)
        told?.(Math.round(grid.scrollTop / rowHeight))
      }
    } else if (document.querySelector('[role="grid"][aria-rowcount="-1"]') === null) break
    last = at
  }
  rowsMost = Math.max(rowsMost, document.querySelectorAll('[role="row"]').length)
  return { frames, rowsMost, rows: Math.round(grid.scrollTop / rowHeight), empty }
}

export interface ShiftOptions {
  readonly cases: number
  /** How long the reviewer looks before the next key. */
  readonly lookMs: number
}

/** From the queue: opens the first case and decides one after another. */
export async function shift(page: Page, { cases, lookMs }: ShiftOptions): Promise<Figure> {
  await page.keyboard.press('Enter')
  await page.locator('[data-case]').waitFor()
  await page.evaluate(watchCases)
  const took: number[] = []
  for (let count = 0; count < cases; count += 1) {
    if (lookMs > 0) await page.waitForTimeout(lookMs)
    const key = 'fli'[count % 3]!
    // Two steps: a key and a script that are sent at once may come in either order.
    await page.evaluate('void (globalThis.benchDrawn = benchNext())')
    await page.keyboard.press(key)
    const ms = await page.evaluate<number>('benchDrawn')
    took.push(ms)
  }
  const pace = lookMs === 0 ? 'as fast as they come' : `${lookMs / 1_000} s each`
  return figureOf(`verdict key to the next case drawn, ${pace}`, took, {
    of: 'p50',
    limit: asked.nextCaseMs,
  })
}

/** Runs in the page: `benchNext` gives the time from the next key to another case painted. */
export function watchCases(): void {
  const keyOf = () => document.querySelector('[data-case]')?.getAttribute('data-case') ?? null
  const painted = (done: (at: number) => void) =>
    requestAnimationFrame(() => {
      const channel = new MessageChannel()
      channel.port1.onmessage = () => done(performance.now())
      channel.port2.postMessage(null)
    })
  const next = () =>
    new Promise<number>((resolve, reject) => {
      const before = keyOf()
      setTimeout(() => reject(new Error(`no other case after ${before}`)), 10_000)
      const onKey = (event: KeyboardEvent) => {
        const pressedAt = event.timeStamp
        const look = () => {
          const key = keyOf()
          if (key === null || key === before) requestAnimationFrame(look)
          else painted((at) => resolve(at - pressedAt))
        }
        look()
      }
      document.addEventListener('keydown', onKey, { capture: true, once: true })
    })
  Object.assign(globalThis, { benchNext: next })
}
