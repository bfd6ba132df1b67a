/**
 * Says what is lost, doubled or wrong, from the topics alone. It shares no code with the pipeline:
 * it decodes with a library, and counts with plain loops where the engine keeps windows, tallies
 * and monitors. Each problem is one line under one name.
 */
import { auditAlerts } from './alerts.ts'
import { auditDays } from './days.ts'
import { auditEvents } from './events.ts'
import type { Evidence, Problem } from './evidence.ts'
import { auditProgress } from './progress.ts'
import { auditReports } from './reports.ts'

export function audit(evidence: Evidence): Problem[] {
  const problems: Problem[] = []
  for (const part of [auditEvents, auditDays, auditAlerts, auditReports, auditProgress])
    part(evidence, (name, line) => problems.push({ name, line }))
  return problems
}
