/**
 * Signals by the entity that they count (their first word); what is of no entity is the event's.
 */
import type { CaseWhole } from '../../api/case-shapes.ts'

type SignalValue = CaseWhole['signals'][number]

const counted = [
  'user',
  'device',
  'ip',
  'subnet',
  'campaign',
  'merchant',
  'category',
  'channel',
  'phone',
  'code',
  'sender',
] as const
export type SignalGroup = (typeof counted)[number] | 'event'

export function groupsOf(
  signals: readonly SignalValue[],
  wanted: string,
): readonly (readonly [SignalGroup, readonly SignalValue[]])[] {
  const text = wanted.trim().toLowerCase()
  const groups = new Map<SignalGroup, SignalValue[]>()
  for (const group of [...counted, 'event'] as const) groups.set(group, [])
  for (const signal of signals) {
    if (!signal.signal.toLowerCase().includes(text)) continue
    const first = signal.signal.split('_')[0]
    groups.get(counted.find((group) => group === first) ?? 'event')?.push(signal)
  }
  return [...groups].filter(([, held]) => held.length > 0)
}
