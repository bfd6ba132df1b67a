/**
 * Files that survive a power cut: content is synced before a name points to it, and the folder is
 * synced before anyone relies on the name.
 */
import { type FileHandle, open, readFile, rename, unlink } from 'node:fs/promises'
import { errnoOf } from './edge-error.ts'

/** Makes creations, renames and removals in `folder` permanent. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Writes all of `bytes` at `position`; a short write is carried on, or fails as the disk says. */
export async function writeFully(
  handle: FileHandle,
  bytes: Uint8Array,
  position: number,
): Promise<void> {
  let written = 0
  while (written < bytes.length) {
    const rest = bytes.length - written
    const { bytesWritten } = await handle.write(bytes, written, rest, position + written)
    written += bytesWritten
  }
}

/** Creates or empties a file of mode 0600, fills it and syncs it. The folder is not synced. */
export async function writeSynced(path: string, text: string): Promise<void> {
  const handle = await open(path, 'w', 0o600)
  try {
    await writeFully(handle, Buffer.from(text, 'utf8'), 0)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/**
 * Replaces a whole file in one step, by way of `<path>.tmp`. `beforeRename` is called at the point
 * from which a failure leaves it open whether the old or the new content will be found.
 */
export async function replaceFile(
  folder: string,
  path: string,
  text: string,
  beforeRename: () => void = () => {},
): Promise<void> {
  await writeSynced(`${path}.tmp`, text)
  beforeRename()
  await rename(`${path}.tmp`, path)
  await syncFolder(folder)
}

/** The text of a file; null where there is none. */
export async function readTextIfAny(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return null
    throw error
  }
}

export async function removeIfAny(path: string): Promise<void> {
  try {
    await unlink(path)
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error
  }
}
