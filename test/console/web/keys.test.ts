/** The table of keys: no two mean the same where both are heard, and the help names them all. */
import { describe, expect, test } from 'vitest'
import {
  bindings,
  type KeyId,
  keyIds,
  matchKey,
  nameOf,
} from '../../../src/console/web/keys/bindings.ts'
import { dictionaries } from '../../../src/console/web/texts/dictionary.ts'

/** Scopes that are heard at once. */
const together = [
  ['anywhere', 'rows', 'queue', 'case'],
  ['anywhere', 'rows', 'case'],
]
const press = (key: string, held: object = {}) =>
  nameOf({ key, ctrlKey: false, metaKey: false, altKey: false, ...held })

describe('the table of keys', () => {
  test.each(together.map((scopes) => [scopes.join(', ')]))('has no key twice in %s', (scopes) => {
    const heard = keyIds.filter((id) => scopes.split(', ').includes(bindings[id][0]))
    const keys = heard.map((id) => bindings[id][1])
    expect(keys.filter((key, at) => keys.indexOf(key) !== at)).toEqual([])
  })

  test('no single key is the first of two', () => {
    const firsts = keyIds.map((id) => bindings[id][1].split(' ')).filter(({ length }) => length > 1)
    const singles = new Set<string>(keyIds.map((id) => bindings[id][1]))
    expect(firsts.filter(([first]) => singles.has(first!))).toEqual([])
  })

  test.each([
    ['fraud', 'f'],
    ['legitimate', 'l'],
    ['inconclusive', 'i'],
    ['take', 'a'],
    ['note', 'n'],
    ['undo', 'u'],
    ['select', 'x'],
    ['search', '/'],
    ['next', 'j'],
    ['previous', 'k'],
    ['open', 'Enter'],
    ['help', '?'],
  ] as const)('%s is %s', (id, key) => {
    expect(bindings[id][1]).toBe(key)
  })

  test.each(['en', 'zh'] as const)('every key is explained in %s', (language) => {
    const { does } = dictionaries[language].keys
    expect(keyIds.filter((id) => does[id].trim() === '')).toEqual([])
  })
})

describe('what is pressed', () => {
  const offered: readonly KeyId[] = ['go-lists', 'legitimate', 'next', 'palette']

  test('g waits, and then l goes to the lists instead of a verdict', () => {
    expect(matchKey(offered, null, 'g')).toEqual({ waits: 'g' })
    expect(matchKey(offered, 'g', 'l')).toEqual({ id: 'go-lists' })
    expect(matchKey(offered, null, 'l')).toEqual({ id: 'legitimate' })
  })

  test('a key that nobody offers does nothing', () => {
    expect(matchKey(offered, null, 'f')).toBeNull()
    expect(matchKey(offered, 'g', 'x')).toBeNull()
  })

  test('arrows are j and k; chords are left to the browser, but for the palette', () => {
    expect(press('ArrowDown')).toBe('j')
    expect(press('ArrowUp')).toBe('k')
    expect(press('f', { ctrlKey: true })).toBeNull()
    expect(press('l', { metaKey: true })).toBeNull()
    expect(press('f', { altKey: true })).toBeNull()
    expect(press('k', { metaKey: true })).toBe('mod+k')
  })
})
