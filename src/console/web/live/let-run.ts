/** Lets something run whose failure shows elsewhere: in the state of a query, or not at all. */
export function letRun(running: Promise<unknown>): void {
  running.catch(() => undefined)
}
