/** One task at a time, in the order of asking. A task that fails does not stop the next. */

export type Serial = <T>(task: () => Promise<T>) => Promise<T>

export function newSerial(): Serial {
  let last: Promise<unknown> = Promise.resolve()
  return (task) => {
    const result = last.then(task)
    last = result.catch(() => {})
    return result
  }
}
