/**
 * Names of keys in Redis. An entity's log stands in one of 256 buckets, by the low byte of its
 * hash; the bucket is a hash tag, so all that one script call touches lies in one cluster slot.
 *
 *     cg:{3f}:d5be0cd19137e213f    log of a device     cg:{3f}:store     what the bucket's store is
 *     cg:{3f}:rewritten            logs written anew   cg:{00}:days      the newest day
 *     cg:{00}:day:20532            totals of a day
 *     cg:{00}:clients              numbers of clients  cg:{00}:filler    who fills the store
 *     cg:{00}:place:3              where a shard stands
 */
import type { LogName } from '../core/signals/readings.ts'

/** Kinds of logs that have keys of their own: `returned` is the sender's. */
export const logKinds = ['user', 'device', 'ip', 'subnet', 'code', 'phone', 'sender'] as const
export type LogKind = (typeof logKinds)[number]

/** Place in logKinds of the kind whose keys a log has. */
export const kindOf = (name: LogName): number =>
  logKinds.indexOf(name === 'returned' ? 'sender' : name)

/** An entity's log: place of its kind in logKinds, and the entity's hash. */
export interface LogKey {
  readonly kind: number
  readonly low: number
  readonly high: number
}

export const bucketCount = 256
export const bucketOf = (low: number): number => low & (bucketCount - 1)

/** What stands for a kind in a key, in the order of logKinds. */
const letters = 'udiscpg'
const hexDigits = Buffer.from('0123456789abcdef')
const hashDigits = 16

export class RedisKeys {
  /** `$25\r\ncg:{00}:d0000000000000000\r\n` for each kind: a key as it is sent, to be filled in. */
  readonly #templates: readonly Buffer[]
  readonly #prefix: string
  readonly #bucketAt: number

  constructor(prefix: string) {
    if (!/^[a-z0-9-]+$/.test(prefix))
      throw new RangeError(`a prefix of keys has small letters, digits and hyphens: ${prefix}`)
    this.#prefix = prefix
    this.#templates = [...letters].map((letter) => {
      const key = `${prefix}:{00}:${letter}${'0'.repeat(hashDigits)}`
      return Buffer.from(`$${key.length}\r\n${key}\r\n`)
    })
    this.#bucketAt = this.#templates[0]!.indexOf('{00}') + 1
  }

  /** What the bucket's store is: see lua/store.lua. */
  readonly store = (bucket: number): string => this.#of(bucket, 'store')
  /** Logs that were written anew lately: see lua/compact-n.lua. */
  readonly rewritten = (bucket: number): string => this.#of(bucket, 'rewritten')
  readonly clients = (): string => this.#of(0, 'clients')
  readonly filler = (): string => this.#of(0, 'filler')
  readonly place = (shard: number): string => this.#of(0, `place:${shard}`)
  readonly newestDay = (): string => this.#of(0, 'days')
  readonly day = (day: number): string => this.#of(0, `day:${day}`)

  /** Matches every key of the store, and more only where another prefix ends in this one. */
  pattern(): string {
    return `${this.#prefix}:{[0-9a-f][0-9a-f]}:*`
  }

  /** Whether a key outlives the store's content. */
  outlives(key: string): boolean {
    return /:(?:store|clients|filler|place:\d+)$/.test(key)
  }

  /** The bucket of a key of the store. */
  bucketIn(key: string): number {
    return Number.parseInt(key.slice(this.#prefix.length + 2, this.#prefix.length + 4), 16)
  }

  log({ kind, low, high }: LogKey): string {
    const hex = (word: number) => word.toString(16).padStart(8, '0')
    return this.#of(bucketOf(low), `${letters[kind]!}${hex(high)}${hex(low)}`)
  }

  /** Bytes of any log's key as it is sent. */
  get sentBytes(): number {
    return this.#templates[0]!.length
  }

  /** Writes a log's key as it is sent; gives where it ends. */
  send(out: Buffer, at: number, [kind, low, high]: readonly [number, number, number]): number {
    const template = this.#templates[kind]!
    out.set(template, at)
    const end = at + template.length
    writeHex(out, at + this.#bucketAt, bucketOf(low), 2)
    writeHex(out, end - 18, high, 8)
    writeHex(out, end - 10, low, 8)
    return end
  }

  #of(bucket: number, name: string): string {
    return `${this.#prefix}:{${bucket.toString(16).padStart(2, '0')}}:${name}`
  }
}

/** The log whose key ends so: see RedisKeys.log. */
export function logOfKeyEnd(end: string): LogKey {
  const word = (from: number) => Number.parseInt(end.slice(from, from + 8), 16)
  return { kind: letters.indexOf(end[0]!), high: word(1), low: word(9) }
}

function writeHex(out: Buffer, at: number, word: number, digits: number): void {
  for (let digit = 0, left = word; digit < digits; digit += 1, left >>>= 4)
    out[at + digits - 1 - digit] = hexDigits[left & 15]!
}
