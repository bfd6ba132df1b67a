/**
 * The two languages of the page. Each screen keeps its texts in both side by side; the English ones
 * say which there are, and a missing or spare one in Chinese is a type error.
 */
export const languages = ['zh', 'en'] as const
export type Language = (typeof languages)[number]

/** The same tree of texts, whatever the words. */
export type SameTexts<T> = T extends string
  ? string
  : T extends (...given: infer Given) => string
    ? (...given: Given) => string
    : { readonly [K in keyof T]: SameTexts<T[K]> }

/** A person's choice, else what their browser asks for first. */
export function languageFrom(kept: string | null, asked: readonly string[]): Language {
  if (kept === 'zh' || kept === 'en') return kept
  return asked
    .find((tag) => /^(?:zh|en)\b/i.test(tag))
    ?.toLowerCase()
    .startsWith('en') === true
    ? 'en'
    : asked.some((tag) => /^zh\b/i.test(tag)) || asked.length === 0
      ? 'zh'
      : 'en'
}

/** `1 case`, `2 cases`. */
export const count = (of: number, one: string, many: string) =>
  `${of.toLocaleString('en-GB')} ${of === 1 ? one : many}`
