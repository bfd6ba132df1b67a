/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/**
 * What must hold of every screen of the console, looked at in a real browser: nothing wider than
 * the window, no text of the other language, no chart without a mark, and nothing that axe-core
 * finds. Each check gives lines that say what and where; none is all that is wanted.
 */
import axe from 'axe-core'
import type { Page } from 'playwright-core'

export type ScreenLanguage = 'en' | 'zh'

export interface CheckedTexts {
  /** Texts that belong to the other language and are no words of this one. */
  readonly foreign: readonly string[]
}

export async function checkScreen(page: Page, texts: CheckedTexts): Promise<readonly string[]> {
  const found = await Promise.all([
    page.evaluate(tooWide),
    page.evaluate(foreignTexts, texts.foreign),
    page.evaluate(emptyCharts),
    page.evaluate(unfilled),
  ])
  return [...found.flat(), ...(await axeProblems(page))]
}

/** Runs in the page. */
function tooWide(): string[] {
  const root = document.documentElement
  const problems: string[] = []
  if (root.scrollWidth > root.clientWidth)
    problems.push(`the page is ${root.scrollWidth} px wide in a window of ${root.clientWidth} px`)
  for (const element of document.body.querySelectorAll('*')) {
    const { overflowX } = getComputedStyle(element)
    const isCut = overflowX === 'visible' && element.scrollWidth > element.clientWidth + 1
    const { width, right } = element.getBoundingClientRect()
    if (!isCut || element.clientWidth === 0 || width < 2 || right <= root.clientWidth) continue
    problems.push(
      `<${element.tagName.toLowerCase()} class="${element.className}"> leaves the window`,
    )
  }
  return problems.slice(0, 5)
}

/** Runs in the page. */
function foreignTexts(foreign: readonly string[]): string[] {
  const unwanted = new Set(foreign)
  const found = new Set<string>()
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const text = node.textContent?.trim() ?? ''
    const isData = node.parentElement?.closest('bdi, code, pre, [data-given]') !== null
    if (!isData && unwanted.has(text)) found.add(text)
  }
  for (const element of document.body.querySelectorAll('[aria-label], [placeholder], [title]'))
    for (const name of ['aria-label', 'placeholder', 'title']) {
      const text = element.getAttribute(name)?.trim() ?? ''
      if (unwanted.has(text)) found.add(`${name}: ${text}`)
    }
  return [...found].slice(0, 5).map((text) => `not translated: ${text}`)
}

/** Runs in the page. A chart has at least one mark that is drawn. */
function emptyCharts(): string[] {
  const problems: string[] = []
  for (const chart of document.querySelectorAll('svg[data-chart]')) {
    const marks = [...chart.querySelectorAll('path, rect, circle')].filter((mark) => {
      const { width, height } = mark.getBoundingClientRect()
      return width > 1 && height > 0 && mark.closest('defs') === null
    })
    if (marks.length === 0) problems.push('a chart without a mark')
  }
  return problems
}

/** Runs in the page: words that a program left behind. */
function unfilled(): string[] {
  // biome-ignore lint/performance/useDomNodeTextContent: what is seen, not what is there
  const text = document.body.innerText
  const found = /\b(?:undefined|NaN|\[object Object\]|Invalid Date|null null)\b/.exec(text)
  return found === null ? [] : [`the page says ${found[0]}`]
}

async function axeProblems(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe.source)
  const violations = await page.evaluate(async () => {
    const inPage: typeof axe = Reflect.get(globalThis, 'axe')
    const results = await inPage.run(document, { resultTypes: ['violations'] })
    return results.violations.map(({ id, nodes }) => ({
      id,
      count: nodes.length,
      target: String(nodes[0]?.target),
    }))
  })
  return violations.map(({ id, count, target }) => `axe ${id}: ${count} times, first ${target}`)
}
