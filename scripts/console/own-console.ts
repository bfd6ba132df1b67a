/**
 * A console of one's own to look at: `start` in a temporary folder on a free port, with or without
 * the demonstration's day, which takes some twenty seconds. dist/ must be built.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort, startServer } from '../stack/running.ts'

const root = join(import.meta.dirname, '..', '..')
const readyMaxMs = 300_000

export interface OwnConsole {
  readonly url: string
  /** Makes the first administrator. */
  readonly code: string
  /** Ends it and removes its folder. */
  stop(): Promise<void>
}

export async function startConsole(words: readonly string[]): Promise<OwnConsole> {
  const folder = mkdtempSync(join(tmpdir(), 'couponguard-look-'))
  const logFile = join(folder, 'said.txt')
  const port = await freePort()
  const remove = () => rmSync(folder, { recursive: true, force: true })
  const code = () => /with the code (\S+)/.exec(readFileSync(logFile, 'utf8'))?.[1]
  try {
    const server = await startServer({
      name: 'the console',
      command: process.execPath,
      args: [
        '--max-semi-space-size=64',
        join(root, 'dist', 'main.js'),
        ...['start', '--port', String(port), '--data', join(folder, 'data'), ...words],
      ],
      cwd: root,
      logFile,
      ready: async () => code() !== undefined,
      readyMaxMs,
    })
    return {
      url: `http://127.0.0.1:${port}`,
      code: code()!,
      async stop() {
        await server.stop()
        remove()
      },
    }
  } catch (error) {
    remove()
    throw error
  }
}
