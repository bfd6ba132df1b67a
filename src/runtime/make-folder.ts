/**
 * Makes a folder with those above it, one level at a time. The platform's recursive mkdir never
 * comes back where a folder is there but takes none inside (as in /proc): it goes up on "no such
 * file", finds the parent, goes down again, and so on. Here every level is asked for once.
 */
import { mkdir, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { CommandError } from '../cli/exit.ts'
import { errnoOf } from './edge-error.ts'

const wordsByCode: Readonly<Record<string, string>> = {
  ENOENT: 'the file system there takes no folders',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ELOOP: 'symbolic links lead in a circle',
  ENAMETOOLONG: 'the name is too long',
}

/** Nothing happens where it is there already. `mode` is that of the folders that are made. */
export async function makeFolder(path: string, mode = 0o777): Promise<void> {
  if (path === '') throw new CommandError('the name of a folder is empty; name one, such as data')
  for (const level of await missingLevels(path)) {
    try {
      await mkdir(level, { mode })
    } catch (error) {
      // Another process may have been faster.
      if (errnoOf(error) === 'EEXIST' && (await isFolder(path, level))) continue
      throw problem(path, level, error)
    }
  }
}

/** From the uppermost that is not there down to `path` itself. */
async function missingLevels(path: string): Promise<readonly string[]> {
  const missing: string[] = []
  for (let level = resolve(path); !(await isFolder(path, level)); level = dirname(level))
    missing.unshift(level)
  return missing
}

/** False where there is nothing; throws where there is something else. */
async function isFolder(path: string, level: string): Promise<boolean> {
  try {
    if ((await stat(level)).isDirectory()) return true
  } catch (error) {
    const code = errnoOf(error)
    if (code === 'ENOENT' || code === 'ENOTDIR') return false
    throw problem(path, level, error)
  }
  throw refusal(path, level, 'is a file, not a folder')
}

function problem(path: string, level: string, error: unknown): unknown {
  const code = errnoOf(error) ?? ''
  const words = wordsByCode[code]
  if (code === 'EEXIST') return refusal(path, level, 'is a link to what is not there', error)
  return words === undefined ? error : refusal(path, level, `cannot be made: ${words}`, error)
}

function refusal(path: string, level: string, why: string, cause?: unknown): CommandError {
  const part = level === resolve(path) ? '' : `${level} `
  return new CommandError(`${path}: ${part}${why}; choose another place`, undefined, cause)
}
