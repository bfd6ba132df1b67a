/** How re-observed decisions compare with the live ones, as a person reads it. */
import type { AgainstLive, LiveDifference } from '../recording/live/against-live.ts'

const grouped = (count: number) => count.toLocaleString('en-US')

export function againstLiveText(live: AgainstLive): string {
  const { compared, differences, byCause, unexplained, otherPlaybook, examples } = live
  const named = Object.entries(byCause)
    .filter(([, count]) => count > 0)
    .map(([cause, count]) => `${cause} ${grouped(count)}`)
  const lines = [
    `live         ${grouped(compared)} decisions compared, ${grouped(differences)} differ${named.length === 0 ? '' : `: ${named.join(', ')}`}`,
    `unexplained  ${grouped(unexplained)}`,
    ...examples
      .filter((one) => one.unexplained.length > 0)
      .map((one) => `             ${line(one)}`),
  ]
  if (otherPlaybook > 0)
    lines.splice(1, 0, `             ${grouped(otherPlaybook)} were made by another playbook`)
  return `${lines.join('\n')}\n`
}

const line = ({ eventKey, live, now, unexplained }: LiveDifference) =>
  `${eventKey} ${live ?? 'none'} → ${now ?? 'none'}; ${unexplained.join('; ')}`

/** The one line to end with where something is unexplained. */
export function unexplainedLine(path: string, { unexplained, differences }: AgainstLive): string {
  return `${path}: ${grouped(unexplained)} of ${grouped(differences)} differences from the live decisions are unexplained: give the workers' --lists, --config and --drift-ms, record from the beginning of their windows, or report it`
}
