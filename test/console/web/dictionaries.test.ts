/** Both dictionaries have the same texts, none is empty, and none is left in the other language. */
import { describe, expect, test } from 'vitest'
import { dictionaries } from '../../../src/console/web/texts/dictionary.ts'
import { languageFrom } from '../../../src/console/web/texts/language.ts'

/** Every text with where it stands; a function is called with what its parameters could be. */
function textsOf(node: unknown, path = ''): readonly (readonly [string, string])[] {
  if (typeof node === 'string') return [[path, node]]
  if (typeof node === 'function') return [[path, String(node(2, 3, 4))]]
  return Object.entries(node as object).flatMap(([key, below]) => textsOf(below, `${path}.${key}`))
}

const en = new Map(textsOf(dictionaries.en))
const zh = new Map(textsOf(dictionaries.zh))
/** Names, units and texts that are for readers of the other language. */
const same = new Set(['.shell.product', '.shell.switchLanguage', '.registers.letters.sha'])

describe('the dictionaries', () => {
  test('have the same texts', () => {
    expect([...zh.keys()].sort()).toEqual([...en.keys()].sort())
    expect(en.size).toBeGreaterThan(350)
  })

  test.each([
    ['en', en],
    ['zh', zh],
  ] as const)('no text of %s is empty or has a hole', (_, texts) => {
    const bad = [...texts].filter(
      ([, text]) => text.trim() === '' || /undefined|NaN|\[obj/.test(text),
    )
    expect(bad).toEqual([])
  })

  test('Chinese texts are Chinese, English ones are not', () => {
    const han = /\p{Script=Han}/u
    const untranslated = [...zh].filter(
      ([path, text]) => !same.has(path) && /[A-Za-z]{3}/.test(text) && !han.test(text),
    )
    expect(untranslated.filter(([path, text]) => en.get(path) === text)).toEqual([])
    expect([...en].filter(([path, text]) => !same.has(path) && han.test(text))).toEqual([])
  })
})

test.each([
  ['zh', ['en-GB'], 'zh'],
  [null, ['zh-CN', 'en'], 'zh'],
  [null, ['en-US', 'zh'], 'en'],
  [null, ['de', 'zh-TW'], 'zh'],
  [null, ['de-DE', 'fr'], 'en'],
  ['xx', [], 'zh'],
] as const)('kept %s and asked for %s: the page is %s', (kept, asked, language) => {
  expect(languageFrom(kept, asked)).toBe(language)
})
