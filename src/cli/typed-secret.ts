/**
 * A secret from standard input: typed at a terminal it is not shown, and asked twice; from a pipe
 * it is the first line. Never an argument: those are seen by everyone on the machine.
 */
import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { CommandError } from './exit.ts'

const lengthMax = 4_096

export async function typedSecret(what: string): Promise<string> {
  if (!process.stdin.isTTY) return await firstLine()
  const first = await askUnseen(`${what}: `)
  const second = await askUnseen(`${what} again: `)
  if (first !== second) throw new CommandError('the two are not the same; nothing was changed')
  return first
}

async function firstLine(): Promise<string> {
  let text = ''
  process.stdin.setEncoding('utf8')
  for await (const part of process.stdin) {
    text += String(part)
    if (text.includes('\n') || text.length > lengthMax) break
  }
  const [line = ''] = text.split(/\r?\n/)
  if (line === '') throw new CommandError('standard input has no password on its first line')
  return line
}

async function askUnseen(question: string): Promise<string> {
  process.stderr.write(question)
  const nowhere = new Writable({ write: (_, __, done) => done() })
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: true })
  try {
    return await lines.question('')
  } finally {
    lines.close()
    process.stderr.write('\n')
  }
}
