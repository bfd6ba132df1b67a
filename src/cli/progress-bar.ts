/** A progress bar on stderr, drawn only on a terminal. */
import cliProgress from 'cli-progress'

export interface ProgressBar {
  /** `done` of the total that was named at the start. */
  update(done: number): void
  stop(): void
}

export function startProgressBar(label: string, total: number): ProgressBar {
  if (process.stderr.isTTY !== true) return { update: () => {}, stop: () => {} }
  const bar = new cliProgress.SingleBar({
    stream: process.stderr,
    clearOnComplete: true,
    format: `${label} {bar} {percentage} % | {value} of {total} | {eta_formatted} left`,
  })
  bar.start(total, 0)
  return { update: (done) => bar.update(done), stop: () => bar.stop() }
}
