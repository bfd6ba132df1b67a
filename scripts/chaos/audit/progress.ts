/** What the workers say of how far they are, and the offsets that their group has committed. */
import { type Evidence, nameOf, type Place, type ProgressRow, type Say } from './evidence.ts'

const partitionOf = ({ topic, partition }: Place) => `${topic}/${partition}`

export function auditProgress({ progress, ends, open, committed }: Evidence, say: Say): void {
  for (const place of open)
    say('open transaction', `what is committed of ${partitionOf(place)} cannot be read to its end`)
  const reached = new Map<string, number>()
  const recordedAt = new Map<number, number>()
  for (const one of progress) auditStep(one, { reached, recordedAt }, say)
  const offsets = new Map(committed.map((place) => [partitionOf(place), place.offset]))
  for (const end of ends) {
    const place = partitionOf(end)
    // A partition that never had a message need not be spoken of.
    const told = reached.get(place) ?? 0
    if (told < end.offset) say('lost progress', `${place} ends at ${end.offset}, told is ${told}`)
    if (told > end.offset) say('wrong progress', `${place} ends at ${end.offset}, told is ${told}`)
    const offset = offsets.get(place) ?? 0
    if (offset !== end.offset)
      say('lost offset', `${place} ends at ${end.offset}, committed is ${offset}`)
  }
}

interface Reached {
  readonly reached: Map<string, number>
  readonly recordedAt: Map<number, number>
}

/** Forward only: a step back would judge again what was judged. */
function auditStep(
  { shard, places, recordedAt }: ProgressRow,
  { reached, recordedAt: times }: Reached,
  say: Say,
): void {
  let isForward = false
  for (const place of places) {
    const before = reached.get(partitionOf(place)) ?? 0
    if (place.partition !== shard) say('wrong progress', `shard ${shard} tells of ${nameOf(place)}`)
    if (place.offset < before) say('wrong progress', `${nameOf(place)} comes after ${before}`)
    if (place.offset > before) isForward = true
    reached.set(partitionOf(place), Math.max(before, place.offset))
  }
  if (!isForward) say('wrong progress', `shard ${shard} tells the same again`)
  if (recordedAt < (times.get(shard) ?? 0))
    say('wrong progress', `shard ${shard} goes back in record time to ${recordedAt}`)
  times.set(shard, Math.max(times.get(shard) ?? 0, recordedAt))
}
