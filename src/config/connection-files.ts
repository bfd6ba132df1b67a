/** Secrets and certificates that the configuration of connections names as files. */
import { readFileSync, statSync } from 'node:fs'
import type { Settings } from './connection-settings.ts'

/** PEM texts; `ca` null trusts what the system trusts. */
export interface Tls {
  readonly ca: string | null
  readonly cert: string | null
  readonly key: string | null
}

type GivenTls =
  | boolean
  | {
      readonly caFile?: string | undefined
      readonly certFile?: string | undefined
      readonly keyFile?: string | undefined
    }

const fileBytesMax = 1_048_576
const wordsByCode: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'permission denied',
  EISDIR: 'is a folder',
}

/** The file's text without the line end that editors leave; '' where it was reported. */
export function readSecret(path: string, at: readonly string[], settings: Settings): string {
  const text = readText(path, at, settings)
  const secret = text?.replace(/\r?\n$/, '') ?? ''
  if (text !== null && secret === '') settings.say(at, `${path}: is empty`)
  return secret
}

export function readTls(given: GivenTls, at: readonly string[], settings: Settings): Tls | null {
  if (given === false) return null
  if (given === true) return { ca: null, cert: null, key: null }
  const { caFile, certFile, keyFile } = given
  if ((certFile === undefined) !== (keyFile === undefined))
    settings.say(at, 'must have certFile and keyFile, or neither')
  return {
    ca: pemOf(caFile, [...at, 'caFile'], settings),
    cert: pemOf(certFile, [...at, 'certFile'], settings),
    key: pemOf(keyFile, [...at, 'keyFile'], settings),
  }
}

function pemOf(path: string | undefined, at: readonly string[], settings: Settings): string | null {
  if (path === undefined) return null
  const text = readText(path, at, settings)
  if (text !== null && !text.includes('-----BEGIN ')) settings.say(at, `${path}: is no PEM file`)
  return text
}

function readText(path: string, at: readonly string[], settings: Settings): string | null {
  const found = settings.pathOf(at, path)
  try {
    if (statSync(found).size <= fileBytesMax) return readFileSync(found, 'utf8')
    settings.say(at, `${path}: is larger than 1 MiB`)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    settings.say(at, `${path}: ${wordsByCode[code] ?? `cannot be read (${code})`}`)
  }
  return null
}
