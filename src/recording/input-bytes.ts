/**
 * The bytes of an input file, inflated where they are gzip (told by the first bytes, not the name).
 * A gzip file that is cut off or damaged still gives every byte before that: chunks are inflated
 * one by one and handed out before the next, which a pipe of streams would not promise. A chunk of
 * 16 KiB inflates to 16 MiB at most.
 */
import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { createGunzip, type Gunzip } from 'node:zlib'
import { CommandError } from '../cli/exit.ts'
import { fileProblem } from './file-problem.ts'

export interface InputFile {
  readonly path: string
  readonly bytes: number
  readonly gzip: boolean
}

/** Refuses what cannot be read before any work is done. */
export async function openInput(path: string): Promise<InputFile> {
  try {
    const file = await open(path, 'r')
    try {
      const stats = await file.stat()
      if (stats.isDirectory()) throw new CommandError(`${path}: is a folder; name the files in it`)
      const { bytesRead, buffer } = await file.read(
        Buffer.alloc(2),
        0,
        2,
        stats.isFile() ? 0 : null,
      )
      if (!stats.isFile()) throw new CommandError(`${path}: not a plain file; save it as one first`)
      if (bytesRead === 0) throw new CommandError(`${path}: empty; there is nothing to import`)
      return { path, bytes: stats.size, gzip: buffer[0] === 0x1f && buffer[1] === 0x8b }
    } finally {
      await file.close()
    }
  } catch (error) {
    throw fileProblem(path, error)
  }
}

export interface InputChunks {
  /** Plain bytes in order. */
  chunks(): AsyncGenerator<Buffer>
  /** What ended them too early, once they have ended; null where they are whole. */
  problem(): string | null
  /** Bytes of the file that have been read. */
  bytesRead(): number
}

export function inputChunks({ path, gzip }: InputFile): InputChunks {
  let problem: string | null = null
  let bytesRead = 0
  async function* fileChunks(size: number): AsyncGenerator<Buffer> {
    try {
      for await (const chunk of createReadStream(path, { highWaterMark: size })) {
        const bytes: Buffer = chunk
        bytesRead += bytes.length
        yield bytes
      }
    } catch (error) {
      throw fileProblem(path, error)
    }
  }
  async function* inflated(): AsyncGenerator<Buffer> {
    const pieces: Buffer[] = []
    const gunzip = createGunzip()
    gunzip.on('data', (piece: Buffer) => pieces.push(piece))
    const ended = new Promise<Error | null>((resolve) => {
      gunzip.once('end', () => resolve(null))
      gunzip.once('error', resolve)
    })
    let failure: Error | null = null
    for await (const chunk of fileChunks(16_384)) {
      failure = await inflate(gunzip, chunk, ended)
      yield* pieces.splice(0)
      if (failure !== null) break
    }
    if (failure === null) {
      gunzip.end()
      failure = await ended
      yield* pieces.splice(0)
    }
    gunzip.destroy()
    if (failure !== null) problem = gzipProblem(failure)
  }
  return {
    chunks: () => (gzip ? inflated() : fileChunks(65_536)),
    problem: () => problem,
    bytesRead: () => bytesRead,
  }
}

/** A brace begins JSON lines; what begins otherwise is CSV. */
export async function formatOf(input: InputFile): Promise<'csv' | 'jsonl'> {
  for await (const chunk of inputChunks(input).chunks())
    return /^(?:\xef\xbb\xbf)?\s*\{/.test(chunk.toString('latin1', 0, 64)) ? 'jsonl' : 'csv'
  return 'csv'
}

/** Resolves when the chunk is inflated, with the failure where there was one. */
function inflate(
  gunzip: Gunzip,
  chunk: Buffer,
  ended: Promise<Error | null>,
): Promise<Error | null> {
  const written = new Promise<Error | null>((resolve) => {
    gunzip.write(chunk, (error) => resolve(error ?? null))
  })
  return Promise.race([written, ended])
}

function gzipProblem(failure: Error): string {
  const cut = 'code' in failure && failure.code === 'Z_BUF_ERROR'
  return cut
    ? 'the gzip data is cut off'
    : 'the gzip data is damaged, and what was read may be wrong'
}
