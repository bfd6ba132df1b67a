/**
 * Lists, campaigns and the switch as they stand in Kafka, followed while they change: what is
 * written to risk.lists or risk.campaigns is known to every worker within two seconds. What comes
 * from files stays beside it: of two entries with one id and of two campaigns the topic's counts.
 *
 * Whoever may write to these topics decides who is blocked, so an entry counts only if it is in
 * kept form, under its own key, and hashed with our key; what is not is told once and passed over.
 */
import type { Admin, Kafka } from 'kafkajs'
import { newLiveCampaigns } from './config/campaigns-file.ts'
import type { Keys } from './core/event/keyed-hash.ts'
import type { Campaign, ListEntry, SwitchState } from './core/schema.gen.ts'
import type { Facts } from './facts.ts'
import { isHashed, isKeptValue } from './lists/kept-value.ts'
import { bothMatches, entryId, type LiveLists, newLiveLists } from './lists/lists.ts'
import { type Following, followTopics } from './log/kafka/follow-topics.ts'
import { switchKey, switchStates } from './log/kafka/list-topic.ts'
import type { RecordReader } from './log/kafka/record-reader.ts'
import type { Clock } from './runtime/clock.ts'
import type { EdgeError } from './runtime/edge-error.ts'

export interface FactsFollowerParts {
  readonly kafka: Kafka
  /** Connected. */
  readonly admin: Admin
  readonly reader: RecordReader
  /** Of its own for every process. */
  readonly groupId: string
  readonly topicPrefix: string
  readonly keys: Keys
  readonly clock: Clock
  /** What files say. */
  readonly base: Facts
  /** A record that does not count, as one line without its value; each kind of line once. */
  onRefused(line: string): void
  onLost(error: EdgeError): void
}

export interface FactsFollower {
  readonly facts: Facts
  /** Resolves when all that stood in the topics at the start counts. */
  readonly caughtUp: Promise<void>
  close(): Promise<void>
}

/** Throws EdgeError where the broker is away or a topic is missing. */
export async function newFactsFollower(parts: FactsFollowerParts): Promise<FactsFollower> {
  const { kafka, admin, reader, groupId, topicPrefix, base, onLost } = parts
  const known = newKnown(parts)
  const following = await followTopics({
    kafka,
    admin,
    groupId,
    topicPrefix,
    topics: ['risk.lists', 'risk.campaigns'],
    onLost,
    async take(topic, values, keys) {
      // A null value takes its key away; it is no record to be read.
      const given = values.flatMap((value, at) => (value === null ? [] : [{ at, value }]))
      const bytes = given.map(({ value }) => value)
      if (topic === 'risk.lists') {
        const read = await reader.read('risk.lists', bytes)
        known.takeEntries(inPlaces(given, read, keys))
      } else {
        const read = await reader.read('risk.campaigns', bytes)
        known.takeCampaigns(inPlaces(given, read, keys))
      }
    },
  })
  return {
    facts: known.facts(base),
    caughtUp: following.caughtUp.then(() => known.settle()),
    close: () => closeAll(following, known),
  }
}

async function closeAll(following: Following, known: Known): Promise<void> {
  known.close()
  await following.close()
}

/** A record under its key; null where the key is taken away. */
interface Keyed<T> {
  readonly key: string
  readonly record: T | null
}

function inPlaces<T>(
  given: readonly { readonly at: number }[],
  read: readonly T[],
  keys: readonly (Buffer | null)[],
): readonly Keyed<T>[] {
  const records = new Map(given.map(({ at }, index) => [at, read[index]!]))
  return keys.map((key, at) => ({
    key: key === null ? '' : key.toString('utf8'),
    record: records.get(at) ?? null,
  }))
}

type Read<T> = T | { readonly rejected: true; readonly reason: string }

interface Known {
  takeEntries(messages: readonly Keyed<Read<ListEntry>>[]): void
  takeCampaigns(messages: readonly Keyed<Read<Campaign>>[]): void
  facts(base: Facts): Facts
  settle(): void
  close(): void
}

function newKnown({ keys, clock, onRefused }: FactsFollowerParts): Known {
  const lists = newLiveLists()
  const campaigns = newLiveCampaigns()
  const ranges = newSettling(lists, clock)
  let state: SwitchState | null = null
  const refused = new Set<string>()
  const refuse = (line: string) => {
    if (refused.has(line)) return
    refused.add(line)
    onRefused(line)
  }

  const takeEntry = ({ key, record }: Keyed<Read<ListEntry>>) => {
    if (record === null) {
      if (key === switchKey) state = null
      else lists.remove(key)
    } else if ('rejected' in record) refuse(`risk.lists: a record cannot be read: ${record.reason}`)
    else if (key === switchKey) state = switchStates.find((one) => one === record.value) ?? state
    else {
      const fault = faultOf(key, record, keys)
      if (fault === null) lists.put(record)
      else refuse(`risk.lists: ${fault}`)
    }
  }
  return {
    takeEntries(messages) {
      for (const message of messages) takeEntry(message)
      ranges.touch()
    },
    takeCampaigns(messages) {
      for (const { key, record } of messages) {
        if (record === null) campaigns.remove(key)
        else if ('rejected' in record)
          refuse(`risk.campaigns: a record cannot be read: ${record.reason}`)
        else if (record.id !== key) refuse('risk.campaigns: a campaign stands under another key')
        else campaigns.put(record)
      }
    },
    facts: (base) => ({
      lists: (event, at) => bothMatches(lists.match(event, at), base.lists(event, at)),
      address: base.address,
      campaign: (event) => campaigns.facts(event) ?? base.campaign(event),
      switchState: () => state ?? base.switchState(),
    }),
    settle: ranges.settle,
    close: ranges.close,
  }
}

function faultOf(key: string, entry: ListEntry, keys: Keys): string | null {
  const { list, kind, value, keyId } = entry
  if (list === 'unknown' || kind === 'unknown')
    return 'an entry is of a list or kind we do not know'
  if (!isKeptValue(kind, value)) return `an entry is not in the kept form of a ${kind}`
  if (key !== entryId(entry)) return 'an entry stands under another key than list/kind/value'
  if ((isHashed(kind) || keyId !== null) && keyId !== keys.id)
    return `an entry is hashed with key ${keyId}, ours is ${keys.id}; add it again with our key`
  return null
}

/** Building the ranges anew should take no more than this share of the time. */
const settleShareMax = 0.1
const settleEveryMs = 250
/** What was written counts within two seconds all the same. */
const settleLatestMs = 1_000

/** Settles ranges soon after they changed, and not so often that little else is done. */
function newSettling(lists: LiveLists, clock: Clock) {
  let timer: NodeJS.Timeout | null = null
  let tookMs = 0
  const settle = () => {
    timer = null
    const began = clock.now()
    if (lists.settle()) tookMs = clock.now() - began
  }
  return {
    settle,
    touch() {
      const afterMs = Math.max(settleEveryMs, tookMs / settleShareMax)
      timer ??= setTimeout(settle, Math.min(afterMs, settleLatestMs)).unref()
    },
    close() {
      if (timer !== null) clearTimeout(timer)
    },
  }
}
