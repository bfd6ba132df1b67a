/**
 * Which partition a key belongs to: murmur2, as Kafka's own clients and kafkajs have it, so that
 * what follows from an event lies in the partition of its user, whoever writes it. kafkajs counts
 * in an emulation of 64-bit numbers and filters the list of partitions for each message: 3 % of all
 * that a worker does. A test holds both equal.
 */

const seed = 0x9747b28c
const factor = 0x5bd1e995
const shift = 24

export function partitionOf(key: string, partitions: number): number {
  return (murmur2(Buffer.from(key)) & 0x7fffffff) % partitions
}

/** Of messages that all have a key. */
export const newKeyPartitioner = () => (args: PartitionerArgs) => {
  const { message, partitionMetadata } = args
  if (typeof message.key !== 'string') throw new Error('a message of ours has a key of text')
  return partitionOf(message.key, partitionMetadata.length)
}

type PartitionerArgs = Readonly<{
  message: { readonly key?: Buffer | string | null }
  partitionMetadata: readonly unknown[]
}>

function murmur2(data: Uint8Array): number {
  const { length } = data
  const whole = length & ~3
  let hash = seed ^ length
  for (let at = 0; at < whole; at += 4) {
    const four = data[at]! | (data[at + 1]! << 8) | (data[at + 2]! << 16) | (data[at + 3]! << 24)
    const mixed = Math.imul(four, factor)
    hash = Math.imul(hash, factor) ^ Math.imul(mixed ^ (mixed >>> shift), factor)
  }
  if (whole < length) {
    if (length - whole === 3) hash ^= data[whole + 2]! << 16
    if (length - whole >= 2) hash ^= data[whole + 1]! << 8
    hash = Math.imul(hash ^ data[whole]!, factor)
  }
  hash = Math.imul(hash ^ (hash >>> 13), factor)
  return hash ^ (hash >>> 15)
}
