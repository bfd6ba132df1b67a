/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/**
 * What must hold of every screen of the console, looked at in a real browser: nothing is wider than
 * its place, no word of the other language, no text's name in place of the text, no chart without a
 * mark, and nothing that axe-core finds. Each check gives lines that say what and where; none is
 * all that is wanted. What an event carries is no text of the page: it stands in bdi, code, pre,
 * kbd, `data-given` or under a `lang` of its own.
 */
import axe from 'axe-core'
import type { Page } from 'playwright-core'

export type ScreenLanguage = 'en' | 'zh'

export interface Found {
  readonly problems: readonly string[]
  /** Violations by axe-core, each with how many elements; they are not among the problems. */
  readonly axe: readonly string[]
  readonly charts: number
}

/** `names` of people, which an attribute may hold as well. */
export async function checkScreen(
  page: Page,
  language: ScreenLanguage,
  names: readonly string[],
): Promise<Found> {
  // What tsx makes of a function names those inside it through this.
  await page.evaluate('globalThis.__name ??= (named) => named')
  const found = await Promise.all([
    page.evaluate(tooWide),
    page.evaluate(foreignTexts, { language, names }),
    page.evaluate(emptyCharts),
    page.evaluate(unfilled),
  ])
  const charts = await page.locator('svg[data-chart]').count()
  return { problems: found.flat(), axe: await axeViolations(page), charts }
}

/** Runs in the page. */
function tooWide(): string[] {
  const root = document.documentElement
  const problems = new Set<string>()
  const nameOf = (element: Element) => {
    const text = element.textContent.trim().slice(0, 40)
    return `<${element.tagName.toLowerCase()} class="${element.getAttribute('class')}"> ${text}`
  }
  if (root.scrollWidth > root.clientWidth)
    problems.add(`the page is ${root.scrollWidth} px wide in a window of ${root.clientWidth} px`)
  for (const element of document.body.querySelectorAll<HTMLElement>('*')) {
    if (element.closest('svg, [data-wide]') !== null || !element.checkVisibility()) continue
    const { width, height, left, right } = element.getBoundingClientRect()
    if (width < 2 || height < 2 || right < 0 || element.clientWidth === 0) continue
    if (left >= root.clientWidth || right > root.clientWidth + 1)
      problems.add(`leaves the window: ${nameOf(element)}`)
    if (element.scrollWidth <= element.clientWidth + 1) continue
    const { overflowX, textOverflow, display } = getComputedStyle(element)
    if (overflowX === 'auto' || overflowX === 'scroll')
      problems.add(`scrolls sideways: ${nameOf(element)}`)
    else if (textOverflow === 'ellipsis') {
      const isTold = element.closest('[title]') ?? element.querySelector('[title]')
      if (isTold === null && element.tagName !== 'INPUT')
        problems.add(`cut, and the whole is told nowhere: ${nameOf(element)}`)
    } else if (overflowX !== 'visible') problems.add(`cut: ${nameOf(element)}`)
    else if (display !== 'inline' && element.children.length === 0)
      problems.add(`wider than its box: ${nameOf(element)}`)
  }
  return [...problems].slice(0, 5)
}

/** Runs in the page. */
function foreignTexts({
  language,
  names,
}: {
  readonly language: 'en' | 'zh'
  readonly names: readonly string[]
}): string[] {
  const given = 'bdi, code, pre, kbd, [data-given], [lang]:not(html)'
  /** Names and units that are the same in both. */
  const shared =
    /\b(?:couponguard|Ctrl|Enter|Esc|Home|End|IP|ID|URL|API|CSV|JSON|MD5|SHA-256|SDK|Tor|ms|KiB|MiB|UTC|GMT)\b/g
  const foreign = language === 'zh' ? /[A-Za-z]{2,}/ : /[\u3400-\u9fff\uff00-\uffef]/
  const key = /^(?:[a-z]+[A-Z][A-Za-z]*|[a-z]+(?:\.[a-z][A-Za-z]*)+)$/
  const values = new Set(names)
  for (const element of document.body.querySelectorAll(given))
    for (const text of [element.textContent, element.getAttribute('title') ?? ''])
      for (const part of [text, ...text.split(/[\s"'()=&|<>…]+/)])
        if (part.trim().length > 1) values.add(part.trim())
  const longestFirst = [...values].sort((a, b) => b.length - a.length)
  const found = new Set<string>()
  const look = (text: string, from: string) => {
    const bare = text.replace(shared, '')
    if (!foreign.test(bare) && !key.test(text)) return
    const own = longestFirst.reduce((rest, value) => rest.split(value).join(''), bare)
    if (foreign.test(own) || (key.test(text) && !values.has(text)))
      found.add(`${from}${text.slice(0, 80)}`)
  }
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const within = node.parentElement
    if (within === null || within.closest(`script, style, ${given}`) !== null) continue
    look(node.textContent?.trim() ?? '', '')
  }
  for (const element of document.body.querySelectorAll('[aria-label], [placeholder], [title]')) {
    if (element.closest(`[aria-hidden="true"], ${given}`) !== null) continue
    for (const name of ['aria-label', 'placeholder', 'title'])
      look(element.getAttribute(name)?.trim() ?? '', `${name}: `)
  }
  return [...found].slice(0, 5).map((text) => `not in this language: ${text}`)
}

/** Runs in the page. A chart has a mark that is drawn, and its texts neither leave it nor meet. */
function emptyCharts(): string[] {
  const problems: string[] = []
  for (const chart of document.querySelectorAll('svg[data-chart]')) {
    const marks = [...chart.querySelectorAll('path, rect, circle')].filter((mark) => {
      const { width, height } = mark.getBoundingClientRect()
      return width > 1 && height > 0 && mark.closest('defs') === null
    })
    const name = chart.getAttribute('aria-label')
    if (marks.length === 0) problems.push(`a chart without a mark: ${name}`)
    const within = chart.getBoundingClientRect()
    const texts = [...chart.querySelectorAll('text')].map((text) => {
      const { left, right, top, bottom } = text.getBoundingClientRect()
      return { said: text.textContent, left, right, top, bottom }
    })
    for (const [at, one] of texts.entries()) {
      if (one.left < within.left - 1 || one.right > within.right + 1)
        problems.push(`a text leaves its chart: ${one.said}`)
      for (const other of texts.slice(at + 1)) {
        const isApart = one.right <= other.left || other.right <= one.left
        if (!isApart && one.top < other.bottom - 2 && other.top < one.bottom - 2)
          problems.push(`texts of a chart meet: ${one.said} and ${other.said}`)
      }
    }
  }
  return problems.slice(0, 5)
}

/** Runs in the page: words that a program left behind. */
function unfilled(): string[] {
  // biome-ignore lint/performance/useDomNodeTextContent: what is seen, not what is there
  const text = document.body.innerText
  const found = /\b(?:undefined|NaN|\[object Object\]|Invalid Date|null null)\b/.exec(text)
  return found === null ? [] : [`the page says ${found[0]}`]
}

async function axeViolations(page: Page): Promise<readonly string[]> {
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
