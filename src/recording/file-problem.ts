/** What went wrong with a file, as the one line that a command ends with. */
import { CommandError } from '../cli/exit.ts'

const wordsByCode: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or folder',
  EISDIR: 'is a folder, not a file; name a file',
  ENOTDIR: 'a part of the path is not a folder',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only; choose another place',
  ENOSPC: 'the disk is full; nothing was kept of this file; free some space and run again',
  EDQUOT: 'the quota is used up; nothing was kept of this file; free some space and run again',
  EFBIG: 'larger than the file size limit; nothing was kept of this file; raise the limit',
  EMFILE: 'too many open files; raise the limit',
  EIO: 'the disk reports an error',
}

/** A CommandError for a failed file operation; whatever is no such failure is passed through. */
export function fileProblem(path: string, error: unknown): unknown {
  if (error instanceof CommandError || !(error instanceof Error) || !('code' in error)) return error
  const words = wordsByCode[String(error.code)]
  if (words === undefined && !('syscall' in error)) return error
  return new CommandError(`${path}: ${words ?? error.message}`, undefined, error)
}
