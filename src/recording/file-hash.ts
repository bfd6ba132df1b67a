/** SHA-256 of a file, in hexadecimal, without holding it. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { fileProblem } from './file-problem.ts'

/** Throws CommandError. */
export async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash('sha256')
  try {
    for await (const part of createReadStream(path)) hash.update(part)
  } catch (error) {
    throw fileProblem(path, error)
  }
  return hash.digest('hex')
}
