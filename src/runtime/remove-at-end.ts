/**
 * Files that must not outlive the process: what is not whole yet, and what was only set aside. A
 * process may end by itself or by a signal, and a signal that nobody listens to ends it without
 * asking anyone.
 */
import { rmSync } from 'node:fs'

const endings = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Said before the file is made; gives what is called when it may stay, or is gone. */
export function removeAtEnd(path: string): () => void {
  const remove = () => rmSync(path, { force: true })
  const onSignal = (signal: NodeJS.Signals) => {
    forget()
    remove()
    // Nobody listens now, or another file of this kind does, which then does the same.
    process.kill(process.pid, signal)
  }
  const forget = () => {
    process.off('exit', remove)
    for (const signal of endings) process.off(signal, onSignal)
  }
  process.once('exit', remove)
  for (const signal of endings) process.on(signal, onSignal)
  return forget
}
