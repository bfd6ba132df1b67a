/**
 * Who reads what: a shard, partition n of every input topic, moves as a whole, so that the twins of
 * a user are always read by one worker. Shards are dealt out by number to members by id.
 */
import { AssignerProtocol, type PartitionAssigner } from 'kafkajs'

const { MemberAssignment, MemberMetadata } = AssignerProtocol

const name = 'couponguard-shards'
const version = 0

/** Shard numbers per member, in the order of member ids. */
export function dealShards(
  memberIds: readonly string[],
  shards: number,
): ReadonlyMap<string, readonly number[]> {
  const members = [...memberIds].sort()
  const numbers = Array.from({ length: shards }, (_, shard) => shard)
  return new Map(
    members.map((member, at) => [member, numbers.filter((n) => n % members.length === at)]),
  )
}

/**
 * The assigner for kafkajs. Topics may differ in partitions while one is being grown: a partition
 * without a twin is a shard all the same.
 */
export const shardAssigner: PartitionAssigner = ({ cluster }) => ({
  name,
  version,
  async assign({ members, topics }) {
    const partitions = topics.map((topic) => ({
      topic,
      known: cluster.findTopicPartitionMetadata(topic).map(({ partitionId }) => partitionId),
    }))
    const shards = 1 + Math.max(-1, ...partitions.flatMap(({ known }) => known))
    const dealt = dealShards(
      members.map(({ memberId }) => memberId),
      shards,
    )
    return [...dealt].map(([memberId, mine]) => {
      const assignment = Object.fromEntries(
        partitions.map(({ topic, known }) => [topic, known.filter((one) => mine.includes(one))]),
      )
      const memberAssignment = MemberAssignment.encode({
        version,
        assignment,
        userData: Buffer.alloc(0),
      })
      return { memberId, memberAssignment }
    })
  },
  protocol: ({ topics }) => ({
    name,
    metadata: MemberMetadata.encode({ version, topics, userData: Buffer.alloc(0) }),
  }),
})
