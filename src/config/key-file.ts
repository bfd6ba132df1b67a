/**
 * The key behind every keyed hash: 32 random bytes, made at the first start and kept in DATA/key
 * with mode 0600 as 64 hexadecimal digits. Losing it means that no hash made before matches one
 * made after, so it is never made anew beside a log: call this before the log is opened for the
 * first time.
 */
import { createHash, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { chmod, link, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { CommandError } from '../cli/exit.ts'
import { fileProblem } from '../recording/file-problem.ts'
import { readTextIfAny, removeIfAny, syncFolder, writeSynced } from '../runtime/durable-file.ts'
import { errnoOf } from '../runtime/edge-error.ts'
import { makeFolder } from '../runtime/make-folder.ts'

export const keyBytes = 32

/** For `import` and `generate`, so that equal runs give equal files. It protects nothing. */
export const publishedTestKey: Uint8Array = createHash('sha256')
  .update('couponguard published test key')
  .digest()

/** The key in a file that --key names. */
export function readKeyFile(path: string): Uint8Array {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    throw fileProblem(path, error)
  }
  return keyOf(path, text)
}

export async function loadOrCreateKey(directory: string): Promise<Uint8Array> {
  const path = join(directory, 'key')
  await makeFolder(directory, 0o700)
  const found = await readTextIfAny(path)
  if (found !== null) return parseKey(path, found)
  if ((await readTextIfAny(join(directory, 'format'))) !== null)
    throw new CommandError(`${path}: missing, but a log made with it is there; restore the key`)
  await createKey(directory, path)
  const made = await readTextIfAny(path)
  if (made === null) throw new CommandError(`${path}: vanished while it was made; start again`)
  return parseKey(path, made)
}

/** Of two processes that start at once, one wins the name; both then read the same key. */
async function createKey(directory: string, path: string): Promise<void> {
  const draft = `${path}.${process.pid}-${process.hrtime.bigint()}.tmp`
  await writeSynced(draft, `${randomBytes(keyBytes).toString('hex')}\n`)
  try {
    await chmod(draft, 0o600)
    await link(draft, path)
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw error
  } finally {
    await removeIfAny(draft)
  }
  await syncFolder(directory)
}

async function parseKey(path: string, text: string): Promise<Uint8Array> {
  const key = keyOf(path, text)
  const { mode } = await stat(path)
  if ((mode & 0o077) !== 0)
    throw new CommandError(
      `${path}: others may read it (mode ${(mode & 0o777).toString(8)}); run: chmod 600 ${path}`,
    )
  return key
}

function keyOf(path: string, text: string): Uint8Array {
  if (/^[0-9a-f]{64}\n?$/.test(text)) return Buffer.from(text.trim(), 'hex')
  throw new CommandError(`${path}: not a key of 64 hexadecimal digits; restore it from a backup`)
}
