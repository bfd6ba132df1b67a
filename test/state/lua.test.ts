/**
 * The Lua verbs, as far as their text tells: the file's name, its header and its body agree, every
 * key comes from KEYS, and neither time nor chance is Redis's own. What they do is tested on Redis.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { readScript, readScripts, scriptNames } from '../../src/state/redis-scripts.ts'

const folder = new URL('../../src/state/lua/', import.meta.url)
const files = readdirSync(folder).sort()
const textOf = (file: string) => readFileSync(new URL(file, folder), 'utf8')
const verbs = files.filter((file) => /-(?:\d+|n)\.lua$/.test(file))
const included = files.filter((file) => !verbs.includes(file))

/** The comment at the top, and what is below it, without comments. */
function parts(text: string): { readonly header: string; readonly body: string } {
  const lines = text.split('\n')
  const end = lines.findIndex((line) => !line.startsWith('--'))
  const body = lines.slice(end).map((line) => line.replace(/--.*$/, ''))
  return { header: lines.slice(0, end).join('\n'), body: body.join('\n') }
}

/** Largest number that an array is indexed with; what is computed does not count. */
const largest = (body: string, array: string) =>
  Math.max(
    0,
    ...[...body.matchAll(new RegExp(`\\b${array}\\[(\\d+)\\]`, 'g'))].map(([, n]) => Number(n)),
  )

describe('the folder', () => {
  test('holds the verbs that the code knows, and what they include', () => {
    expect(verbs).toEqual(
      Object.values(scriptNames)
        .map((name) => `${name}.lua`)
        .sort(),
    )
    expect(included).toEqual(['store.lua'])
    const taken = new Set(
      verbs.flatMap((file) =>
        [...textOf(file).matchAll(/^-- @include (\w+)$/gm)].map(([, name]) => `${name}.lua`),
      ),
    )
    expect([...taken]).toEqual(included)
  })

  test('includes leave no trace, and every body has an id of its own', () => {
    const scripts = Object.values(readScripts())
    for (const { body, name } of scripts) expect(body, name).not.toContain('@include')
    expect(new Set(scripts.map(({ sha }) => sha)).size).toBe(scripts.length)
  })
})

describe.each(verbs)('%s', (file) => {
  const [, verb, keyCount] = /^(\w+)-(\d+|n)\.lua$/.exec(file)!
  const { header, body } = parts(textOf(file))
  const whole = parts(readScript(file.replace('.lua', '')).body).body

  test('begins with its name and what it is for', () => {
    expect(header).toMatch(new RegExp(`^-- ${verb}-${keyCount}: \\w`))
  })

  test('says what it takes, gives and costs', () => {
    for (const word of ['KEYS', 'Output', 'Cost'])
      expect(header, word).toMatch(new RegExp(`^-- ${word}`, 'm'))
  })

  test('names as many keys as its file name says, in header and body', () => {
    const named = [...header.matchAll(/^-- KEYS\[(\d+)(…?)\]/gm)]
    expect(named.map(([, at]) => Number(at))).toEqual(named.map((_, index) => index + 1))
    const open = named.at(-1)![2] === '…'
    expect(open).toBe(keyCount === 'n')
    if (!open) expect(named).toHaveLength(Number(keyCount))
    if (open) expect(body).toMatch(/KEYS\[\w+ \+ \d+\]/)
    else expect(largest(body, 'KEYS')).toBe(Number(keyCount))
  })

  test('names every argument, and takes no other', () => {
    const named = [...header.matchAll(/^-- ARGV\[(\d+)\]/gm)].map(([, at]) => Number(at))
    expect(named).toEqual(named.map((_, index) => index + 1))
    expect(largest(body, 'ARGV')).toBe(named.length)
    for (const at of named) expect(body, `ARGV[${at}]`).toContain(`ARGV[${at}]`)
  })

  test('takes every key from KEYS', () => {
    const calls = [...whole.matchAll(/\bcall\('(\w+)'(?:, ([^,)]+))?/g)]
    expect(calls.length).toBeGreaterThan(0)
    for (const [text, command, key] of calls)
      if (command !== 'INFO') expect(key, text).toMatch(/^(?:KEYS\[.+\]|key|unpack\(keys)$/)
    for (const [text, value] of whole.matchAll(/\bkeys\[.+\] = (.+)/g))
      expect(value, text).toMatch(/^KEYS\[/)
    for (const [text, value] of whole.matchAll(/local key(?:, \w+)? = ([^,\n]+)/g))
      expect(value, text).toMatch(/^KEYS\[/)
  })

  test('reads no clock, takes no chance and runs no loop without a bound', () => {
    expect(whole).not.toMatch(
      /'TIME'|os\.|math\.random|RANDOMKEY|'KEYS'|'SCAN'|\bwhile\b|\brepeat\b/,
    )
  })

  test('looks first whether the store is the one that is meant, where it writes', () => {
    if (!/call\('(?:SET|APPEND|HSET)'/.test(body)) return
    const guard = body.search(/\blost\(KEYS\[1\]/)
    expect(guard).toBeGreaterThanOrEqual(0)
    expect(guard).toBeLessThan(body.search(/call\('(?:SET|APPEND|HSET)'/))
  })
})
