/**
 * Names of keys in Redis. An entity's log stands in one of 256 buckets, by the low byte of its
 * hash; the bucket is a hash tag, so all that one script call touches lies in one cluster slot.
 *
 *     cg:{3f}:d5be0cd19137e213f    log of a device     cg:{3f}:store     what the bucket's store is
 *     cg:{00}:day:20532            totals of a day     cg:{00}:days      the newest day
 *     cg:{00}:clients              numbers of clients  cg:{00}:filler    who fills the store
 */
import type { LogName } from '../core/signals/readings.ts'

/** Kinds of logs that have keys of their own: `returned` is the sender's. */
export const logKinds = ['user', 'device', 'ip', 'subnet', 'code', 'phone', 'sender'] as const
export type LogKind = (typeof logKinds)[number]

/** An entity's log, by kind and the entity's hash. */
export interface LogKey {
  readonly kind: LogKind
  readonly low: number
  readonly high: number
}

export const kindOf = (name: LogName): LogKind => (name === 'returned' ? 'sender' : name)

export const bucketCount = 256
export const bucketOf = (low: number): number => low & (bucketCount - 1)

const letters: Readonly<Record<LogKind, string>> = {
  user: 'u',
  device: 'd',
  ip: 'i',
  subnet: 's',
  code: 'c',
  phone: 'p',
  sender: 'g',
}
const hexDigits = Buffer.from('0123456789abcdef')
const hashDigits = 16

export class RedisKeys {
  /** `$25\r\ncg:{00}:d0000000000000000\r\n` for each kind: a key as it is sent, to be filled in. */
  readonly #templates: Readonly<Record<LogKind, Buffer>>
  readonly #prefix: string
  readonly #bucketAt: number

  constructor(prefix: string) {
    if (!/^[a-z0-9-]+$/.test(prefix))
      throw new RangeError(`a prefix of keys has small letters, digits and hyphens: ${prefix}`)
    this.#prefix = prefix
    const template = (kind: LogKind) => {
      const key = `${prefix}:{00}:${letters[kind]}${'0'.repeat(hashDigits)}`
      return Buffer.from(`$${key.length}\r\n${key}\r\n`)
    }
    this.#templates = {
      user: template('user'),
      device: template('device'),
      ip: template('ip'),
      subnet: template('subnet'),
      code: template('code'),
      phone: template('phone'),
      sender: template('sender'),
    }
    this.#bucketAt = this.#templates.user.indexOf('{00}') + 1
  }

  /** What the bucket's store is: see lua/store.lua. */
  store = (bucket: number): string => this.#of(bucket, 'store')
  readonly clients = (): string => this.#of(0, 'clients')
  readonly filler = (): string => this.#of(0, 'filler')
  readonly newestDay = (): string => this.#of(0, 'days')
  readonly day = (day: number): string => this.#of(0, `day:${day}`)

  /** Matches every key of the store, and more only where another prefix ends in this one. */
  pattern(): string {
    return `${this.#prefix}:{[0-9a-f][0-9a-f]}:*`
  }

  /** Whether a key outlives the store's content. */
  outlives(key: string): boolean {
    return /:(?:store|clients|filler)$/.test(key)
  }

  /** The bucket of a key of the store. */
  bucketIn(key: string): number {
    return Number.parseInt(key.slice(this.#prefix.length + 2, this.#prefix.length + 4), 16)
  }

  log({ kind, low, high }: LogKey): string {
    const hex = (word: number) => word.toString(16).padStart(8, '0')
    return this.#of(bucketOf(low), `${letters[kind]}${hex(high)}${hex(low)}`)
  }

  /** Bytes of any log's key as it is sent. */
  get sentBytes(): number {
    return this.#templates.user.length
  }

  /** Writes a log's key as it is sent; gives where it ends. */
  send(out: Buffer, at: number, { kind, low, high }: LogKey): number {
    const template = this.#templates[kind]
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

function writeHex(out: Buffer, at: number, word: number, digits: number): void {
  for (let digit = 0, left = word; digit < digits; digit += 1, left >>>= 4)
    out[at + digits - 1 - digit] = hexDigits[left & 15]!
}
