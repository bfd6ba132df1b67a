/**
 * One call of a script as the bytes that are sent. A call names up to hundreds of logs, and the
 * client's own way of writing commands takes about a microsecond an argument: most of what the
 * whole store costs. So a call is written here, once, and given to the client as it is.
 */
import { Command } from 'ioredis'
import type { RedisKeys } from './redis-keys.ts'
import type { Script } from './redis-scripts.ts'

export interface ScriptCall {
  readonly bucket: number
  readonly firstKey: string
  readonly bytes: Buffer
}

/** A call as the client takes it, to be sent once. */
export function commandOf({ firstKey, bytes }: ScriptCall): Command {
  // The client sees the first key only, to know the slot.
  const command = new Command('evalsha', ['', '1', firstKey])
  command.toWritable = () => bytes
  return command
}

export interface LogsOfCall {
  readonly count: number
  write(out: Buffer, at: number, index: number): number
}

export interface CallParts {
  readonly script: Script
  readonly bucket: number
  /** Keys behind that of the bucket's store. */
  readonly keys?: readonly string[]
  /** Logs behind these: how many, and what writes each as it is sent and says where it ends. */
  readonly logs?: LogsOfCall
  readonly args: readonly (Uint8Array | string)[]
}

export function scriptCall(keys: RedisKeys, parts: CallParts): ScriptCall {
  const { script, bucket, logs = noLogs, keys: others = [], args } = parts
  const first = keys.store(bucket)
  const words = [first, ...others].map((key) => Buffer.from(key))
  const given = args.map(toBytes)
  const keyCount = words.length + logs.count
  const head = `*${3 + keyCount + given.length}\r\n$7\r\nEVALSHA\r\n$40\r\n${script.sha}\r\n`
  const count = `$${String(keyCount).length}\r\n${keyCount}\r\n`
  const strings = [...words, ...given].reduce((sum, bytes) => sum + bytes.length + 20, 0)
  const out = Buffer.allocUnsafe(head.length + count.length + strings + logs.count * keys.sentBytes)
  let end = out.write(head, 0, 'latin1')
  end += out.write(count, end, 'latin1')
  for (const word of words) end = putString(out, end, word)
  for (let index = 0; index < logs.count; index += 1) end = logs.write(out, end, index)
  for (const one of given) end = putString(out, end, one)
  return { bucket, firstKey: first, bytes: out.subarray(0, end) }
}

const noLogs: LogsOfCall = { count: 0, write: (_, at) => at }

const toBytes = (one: Uint8Array | string): Uint8Array =>
  typeof one === 'string' ? Buffer.from(one) : one

function putString(out: Buffer, at: number, bytes: Uint8Array): number {
  let end = at + out.write(`$${bytes.length}\r\n`, at, 'latin1')
  out.set(bytes, end)
  end += bytes.length
  out[end] = 13
  out[end + 1] = 10
  return end + 2
}
