/** The key: made once, read ever after, never made anew beside a log, never readable by others. */
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { loadOrCreateKey, publishedTestKey, readKeyFile } from '../../src/config/key-file.ts'
import { deriveKeys } from '../../src/core/event/keyed-hash.ts'

const keyId = (key: Uint8Array) => deriveKeys(key).id

const root = mkdtempSync(join(tmpdir(), 'couponguard-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))
let made = 0
const fresh = () => {
  made += 1
  return join(root, String(made))
}

it('makes 32 bytes at first, and gives the same ever after', async () => {
  const directory = fresh()
  const key = await loadOrCreateKey(directory)
  expect(key).toHaveLength(32)
  expect(await loadOrCreateKey(directory)).toEqual(key)
  expect(statSync(join(directory, 'key')).mode & 0o777).toBe(0o600)
  expect(await loadOrCreateKey(fresh())).not.toEqual(key)
})

it('gives one key to many that start at once', async () => {
  const directory = fresh()
  const keys = await Promise.all(Array.from({ length: 8 }, () => loadOrCreateKey(directory)))
  expect(new Set(keys.map(keyId)).size).toBe(1)
})

it.each([
  ['too short', (path: string) => writeFileSync(path, 'abc'), /not a key of 64 hex/],
  ['no hexadecimal', (path: string) => writeFileSync(path, 'g'.repeat(64)), /not a key of 64 hex/],
  ['readable by others', (path: string) => chmodSync(path, 0o644), /mode 644\); run: chmod 600/],
  [
    'lost beside its log',
    (path: string) => rmSync(path),
    /missing, but a log made with it is there/,
  ],
])('refuses a key that is %s', async (_, spoil, words) => {
  const directory = fresh()
  await loadOrCreateKey(directory)
  writeFileSync(join(directory, 'format'), 'couponguard-log 1\n')
  spoil(join(directory, 'key'))
  await expect(loadOrCreateKey(directory)).rejects.toThrow(words)
})

it('names a key without giving it away', async () => {
  const directory = fresh()
  const key = await loadOrCreateKey(directory)
  expect(keyId(key)).toMatch(/^[0-9a-f]{8}$/)
  expect(readFileSync(join(directory, 'key'), 'utf8')).not.toContain(keyId(key))
  expect(keyId(publishedTestKey)).toBe('5d2116a8')
  expect(readKeyFile(join(directory, 'key'))).toEqual(key)
})
