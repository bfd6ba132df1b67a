/**
 * What a topic should be against what it is, as a list of differences that people and `--fix` can
 * act on. Pure: whoever calls reads the cluster and the registry.
 */
import { compatibilityLevel } from './schema-registry.ts'
import type { TopicName, TopicSpec } from './topics.ts'

export interface TopicState {
  readonly partitions: number
  /** Copies of the partition that has the fewest. */
  readonly replication: number
  readonly config: ReadonlyMap<string, string>
}

export interface SubjectState {
  /** Whether our schema stands under the subject. */
  readonly registered: boolean
  /** Null where the subject has no level of its own. */
  readonly compatibility: string | null
  /** Why ours may not be registered beside what is there; asked only where it is not there. */
  readonly incompatibilities: readonly string[]
}

export type DifferenceKind = 'missing' | 'partitions' | 'config' | 'schema' | 'compatibility'

export interface Difference {
  readonly kind: DifferenceKind
  /** Such as `retention.ms`; the kind where there is nothing finer to name. */
  readonly what: string
  readonly is: string
  readonly should: string
  /** What `--fix` cannot do, and what to do instead; null where it can. */
  readonly unmendable: string | null
}

export interface Expectation {
  readonly name: TopicName
  readonly spec: TopicSpec
  /** Partitions of the topics that have more than one. */
  readonly partitions: number
}

/** Fewer copies than this in step, and a write is refused: with three copies one may be lost. */
export const inSyncMin = (replication: number) => (replication >= 3 ? 2 : 1)

export const partitionsOf = ({ spec, partitions }: Expectation) =>
  spec.partitions === 'one' ? 1 : partitions

/** Every setting of a topic that is ours to say, as Kafka writes it. */
export function configOf(spec: TopicSpec, replication: number): ReadonlyMap<string, string> {
  return new Map([
    ['cleanup.policy', spec.cleanup],
    ['retention.ms', String(spec.retentionMs ?? -1)],
    ['retention.bytes', '-1'],
    ['segment.ms', String(spec.segmentMs)],
    ['message.timestamp.type', spec.timestamps],
    ['max.message.bytes', String(spec.batchBytesMax)],
    ['min.insync.replicas', String(inSyncMin(replication))],
  ])
}

export function topicDifferences(
  expected: Expectation,
  state: TopicState | null,
): readonly Difference[] {
  if (state === null) {
    const should = counted(partitionsOf(expected), 'partition')
    return [{ kind: 'missing', what: 'missing', is: 'not there', should, unmendable: null }]
  }
  const config = [...configOf(expected.spec, state.replication)].flatMap(([what, should]) => {
    const is = state.config.get(what) ?? 'not set'
    if (asSet(is) === asSet(should)) return []
    return [{ kind: 'config', what, is, should, unmendable: null } as const]
  })
  return [...partitionDifferences(expected, state), ...config]
}

function partitionDifferences(
  expected: Expectation,
  { partitions }: TopicState,
): readonly Difference[] {
  const should = partitionsOf(expected)
  if (partitions === should) return []
  const unmendable =
    partitions < should ? null : 'Kafka takes no partition away; make the topic anew'
  const [is, wanted] = [String(partitions), String(should)]
  return [{ kind: 'partitions', what: 'partitions', is, should: wanted, unmendable }]
}

export const counted = (count: number, what: string) => `${count} ${what}${count === 1 ? '' : 's'}`

/** `delete,compact` is `compact,delete`. */
const asSet = (value: string) =>
  value
    .split(',')
    .map((word) => word.trim())
    .sort()
    .join()

/** Registering a schema sets the level as well, so a subject without it differs in one thing. */
export function subjectDifferences(state: SubjectState): readonly Difference[] {
  const { registered, compatibility, incompatibilities } = state
  const clash = incompatibilities.length > 0
  const schema: Difference = {
    kind: 'schema',
    what: 'schema',
    is: clash ? `not compatible with what is registered (${incompatibilities.join('; ')})` : 'none',
    should: 'ours',
    unmendable: clash ? 'choose another topicPrefix, or delete the subject' : null,
  }
  const level: Difference = {
    kind: 'compatibility',
    what: 'compatibility',
    is: compatibility ?? "the registry's own",
    should: compatibilityLevel,
    unmendable: null,
  }
  if (!registered && !clash) return [schema]
  return [...(clash ? [schema] : []), ...(compatibility === compatibilityLevel ? [] : [level])]
}
