/** A summary as a person reads it. */
import type { Summary } from '../recording/summary.ts'

const grouped = (count: number) => count.toLocaleString('en-US')
const percent = (share: number) => `${(share * 100).toFixed(2)} %`

export function summaryText(summary: Summary, eventsPerSecond: number | null): string {
  const { decisions, playbook, alerts, detection } = summary
  const decided = decisions.allow + decisions.review + decisions.block
  const shareOf = (count: number) => (decided === 0 ? '' : ` (${percent(count / decided)})`)
  const reasons = Object.entries(summary.deadLettersByReason).map(
    ([reason, count]) => `${reason} ${grouped(count)}`,
  )
  const rate = eventsPerSecond === null ? '' : `, ${grouped(eventsPerSecond)} a second`
  const lines = [
    `playbook     ${playbook.name} ${playbook.version} (${playbook.hash.slice(0, 12)})`,
    `events       ${grouped(summary.events)}${rate}`,
    `allow        ${grouped(decisions.allow)}${shareOf(decisions.allow)}`,
    `review       ${grouped(decisions.review)}${shareOf(decisions.review)}`,
    `block        ${grouped(decisions.block)}${shareOf(decisions.block)}`,
    `duplicates   ${grouped(summary.duplicates)}`,
    `dead letters ${grouped(summary.deadLetters)}${reasons.length === 0 ? '' : `: ${reasons.join(', ')}`}`,
    `too late     ${grouped(summary.late)}`,
    `reports      ${grouped(summary.reports)} for the regulator`,
    `alerts       ${alerts.length === 0 ? 'none' : alertCounts(summary)}`,
    ...ruleLines(summary),
    ...modelLines(summary),
  ]
  if (detection !== null) {
    const { precision, recall, honestUsersBlocked, honestUsers, honestUsersBlockedShare } =
      detection
    lines.push(
      `detection    precision ${percent(precision)}, recall ${percent(recall)} of ${grouped(detection.dishonest)} dishonest events`,
      `             ${grouped(honestUsersBlocked)} of ${grouped(honestUsers)} honest users blocked (${percent(honestUsersBlockedShare)})`,
    )
  }
  return `${lines.join('\n')}\n`
}

function alertCounts({ alerts }: Summary): string {
  const counts = new Map<string, number>()
  for (const { transition } of alerts) counts.set(transition, (counts.get(transition) ?? 0) + 1)
  return [...counts].map(([transition, count]) => `${grouped(count)} ${transition}`).join(', ')
}

const rulesShown = 10

function ruleLines({ rules }: Summary): string[] {
  const all = Object.entries(rules)
  const shown = all
    .slice(0, rulesShown)
    .map(
      ([rule, hits], index) =>
        `${`${index === 0 ? 'rules' : ''}`.padEnd(13)}${rule} ${grouped(hits)}`,
    )
  return all.length > rulesShown
    ? [...shown, `${''.padEnd(13)}and ${all.length - rulesShown} more`]
    : shown
}

function modelLines({ models }: Summary): string[] {
  return Object.entries(models).map(([name, { mode, review, block, beyond }], index) => {
    const more = mode === 'shadow' ? `, ${grouped(beyond)} of them more than was decided` : ''
    const asks = `${grouped(review)} review, ${grouped(block)} block${more}`
    return `${(index === 0 ? 'models' : '').padEnd(13)}${name} (${mode}): ${asks}`
  })
}
