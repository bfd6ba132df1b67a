/** What a row says about who made it. Labels are shared objects: one per pattern or actor. */
import type { RowLabels } from './faults.ts'
import type { Pattern, Person } from './population.ts'

const patterns: readonly Pattern[] = [
  'ordinary',
  'student',
  'employee',
  'newcomer',
  'collector',
  'vpn-user',
  'web-user',
]
const labelsByPattern = new Map(
  patterns.map((kind): [Pattern, RowLabels] => [
    kind,
    { fraud: false, kind, actor: null, source: 'generate', target: null },
  ]),
)
export const labelsOf = (person: Person): RowLabels => labelsByPattern.get(person.pattern)!
