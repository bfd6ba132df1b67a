/** A file to write that must not be one of those that are read: what is renamed into its place. */
import { realpathSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { usageError } from './exit.ts'

/** Throws where `out` is one of the files read, by whatever path each of them is named. */
export function refuseReadFile(
  option: string,
  out: string | undefined,
  read: readonly (string | undefined)[],
): void {
  if (out === undefined) return
  const place = placeOf(out)
  if (read.some((one) => one !== undefined && placeOf(one) === place))
    throw usageError(`${option} ${out}: is what is read; choose another name`)
}

/** The last part stays as it is named: where it is a link, the link is what is replaced. */
function placeOf(path: string): string {
  try {
    return join(realpathSync(dirname(path)), basename(path))
  } catch {
    return resolve(path)
  }
}
