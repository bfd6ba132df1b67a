/**
 * Waiting for what may never come. A client whose connection is gone can hold a promise that
 * nothing settles any more; without a timer or a socket left node then ends the process, in the
 * middle of an `await` and without a word (exit code 13). Who has something to say waits here.
 */

/** Settles as the work does, or resolves once nothing is left under way that could settle it. */
export async function unlessDry(work: Promise<void>): Promise<void> {
  let onDry: () => void = () => undefined
  const dry = new Promise<void>((resolve) => {
    // A turn of the loop, or node would not ask again before whoever waits next.
    onDry = () => setImmediate(resolve)
  })
  process.once('beforeExit', onDry)
  try {
    await Promise.race([work, dry])
  } finally {
    process.off('beforeExit', onDry)
  }
}
