/**
 * A part of `bench` as a process of its own. It prints one JSON document a line: `{"ready":true}`
 * where somebody waits for that, at last its result. It ends when its input ends, so that none
 * outlives whoever started it.
 */
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { CommandError } from '../cli/exit.ts'

export interface Child {
  /** When it says so. Rejects where it ends before. */
  readonly ready: Promise<void>
  /** Its last line, when it has ended; rejects where it failed. */
  result<T>(): Promise<T>
  /** Tells it that there is no more to come; a second time does nothing. */
  end(): void
}

const readyLine = JSON.stringify({ ready: true })

export const sayReady = (): boolean => process.stdout.write(`${readyLine}\n`)

/** For the part itself: resolves when its input ends, and does not hold it up otherwise. */
export const untilEnd = (): Promise<void> =>
  new Promise((resolve) => {
    process.stdin.once('end', resolve).once('error', resolve).resume().unref()
  })

export function startPart(part: string, flags: readonly string[]): Child {
  const words = [...process.execArgv, process.argv[1]!, 'bench', '--part', part, ...flags]
  const child = spawn(process.execPath, words, { stdio: ['pipe', 'pipe', 'inherit'] })
  let last = 'null'
  let sayIsReady = () => {}
  const isReady = new Promise<void>((resolve) => {
    sayIsReady = resolve
  })
  createInterface(child.stdout).on('line', (line) => {
    if (line === readyLine) sayIsReady()
    else last = line
  })
  const ended = new Promise<void>((resolve, reject) => {
    child.once('error', reject).once('close', (code) => {
      if (code === 0) resolve()
      else reject(new CommandError(`bench: the part ${part} ended with exit code ${code}`))
    })
  })
  const ready = Promise.race([isReady, ended])
  // Whoever asks for either hears of it.
  for (const promise of [ended, ready]) promise.catch(() => undefined)
  child.stdin.on('error', () => undefined)
  return {
    ready,
    result: async () => {
      await ended
      return JSON.parse(last)
    },
    end: () => child.stdin.end(),
  }
}
