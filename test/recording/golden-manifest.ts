/**
 * The recordings that are kept for ever, held against a manifest of their SHA-256: one that was
 * tampered with, is missing or is not listed fails by its name.
 */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export const manifestName = 'manifest.json'

const recordingsIn = (directory: string) =>
  readdirSync(directory)
    .filter((name) => name.endsWith('.avro'))
    .sort()

const hashOf = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex')

/** One line for each recording that is not what the manifest says. */
export function manifestProblems(directory: string): string[] {
  const manifest: Record<string, string> = JSON.parse(
    readFileSync(join(directory, manifestName), 'utf8'),
  )
  const names = recordingsIn(directory)
  const missing = Object.keys(manifest).filter((name) => !names.includes(name))
  const unlisted = names.filter((name) => manifest[name] === undefined)
  const changed = names.filter(
    (name) => manifest[name] !== undefined && manifest[name] !== hashOf(join(directory, name)),
  )
  return [
    ...changed.map((name) => `${name}: tampered with: its bytes are not those of the manifest`),
    ...missing.map((name) => `${name}: listed in the manifest, but not there`),
    ...unlisted.map((name) => `${name}: not listed in the manifest`),
  ]
}

/** For whoever adds a recording: the manifest of all that are there now. */
export function writeManifest(directory: string): void {
  const entries = recordingsIn(directory).map((name) => [name, hashOf(join(directory, name))])
  const text = JSON.stringify(Object.fromEntries(entries), null, 2)
  writeFileSync(join(directory, manifestName), `${text}\n`)
}
