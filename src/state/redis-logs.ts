/**
 * Logs in Redis, and copies of them kept in step. A batch takes three steps:
 *
 *     lay     what it adds to each log, as records, log after log (touched-logs.ts)
 *     bring   a script call appends them and gives back what others have appended before, so that
 *             each copy is as the log was just before the batch
 *     settle  the batch has played its own records through the copies: they count as seen
 *
 * Nobody but the batch stands between its records in a log: an event reads all that came before its
 * batch, then its batch up to itself. A failure before `settle` leaves copies that know less than
 * Redis holds, and the next batch is told the rest.
 */
import { coarseSlackMaxMs, latenessMs, shardLagMs } from '../core/signals/observation.ts'
import { dayMs, logSpecs, longestSpanMs } from '../core/signals/readings.ts'
import { headBytesOf, type NumberBytes } from './log-records.ts'
import type { ScriptCall } from './redis-call.ts'
import { bucketOf, type LogKey, type LogKind } from './redis-keys.ts'
import type { RedisNodes } from './redis-nodes.ts'
import type { Adopted } from './redis-standing.ts'
import type { Replicas } from './replicas.ts'
import type { Touched, TouchedLogs } from './touched-logs.ts'

/** Most logs of one call, which keeps a server from everything else for about a millisecond. */
const logsPerCall = 512
/** Most logs that are asked for before their replies have come: it bounds the bytes on the way. */
const logsPerRound = 4096
const compactionsPerCall = 32
/** Numbers that describe a log in a call: see append-n.lua. */
const aboutBytes = 24

/** How long the consumers may be down without anything being forgotten. */
export const outageAllowanceMs = 3 * dayMs
/** Record time after which a key's time to live begins anew. */
const refreshEveryMs = dayMs
const allowancesMs = latenessMs + shardLagMs + coarseSlackMaxMs + outageAllowanceMs + refreshEveryMs

/** Seconds that a log's key lives after it was touched. */
export function secondsToLive(kind: LogKind): number {
  const spec = logSpecs.find(({ name }) => name === kind)!
  return Math.ceil((longestSpanMs(spec) + allowancesMs) / 1000)
}

/** Seconds that the totals of a day live after they were touched. */
export const daySecondsToLive = Math.ceil((9 * dayMs + allowancesMs) / 1000)

const emptyHeads: Readonly<Record<'user' | 'plain', Uint8Array>> = {
  user: emptyHead('user'),
  plain: emptyHead('device'),
}

function emptyHead(kind: LogKind): Uint8Array {
  const head = new Uint8Array(headBytesOf(kind))
  const floats = new Float64Array(head.buffer)
  floats.fill(Number.NEGATIVE_INFINITY, 1, floats.length - 1)
  return head
}

export class RedisLogs {
  readonly #nodes: RedisNodes
  readonly #replicas: Replicas
  readonly #ttl: Readonly<Record<LogKind, number>>
  /** Logs that have become much longer than they need to be. */
  #slack: LogKey[] = []

  constructor(nodes: RedisNodes, replicas: Replicas) {
    this.#nodes = nodes
    this.#replicas = replicas
    this.#ttl = {
      user: secondsToLive('user'),
      device: secondsToLive('device'),
      ip: secondsToLive('ip'),
      subnet: secondsToLive('subnet'),
      code: secondsToLive('code'),
      phone: secondsToLive('phone'),
      sender: secondsToLive('sender'),
    }
  }

  /**
   * Appends records that were laid, and brings the copies to where the logs were before. All logs
   * are users' or none is. `extra` calls go with the first that are sent; gives their replies.
   */
  async bring(
    touched: TouchedLogs,
    records: NumberBytes,
    { adopted, horizon, extra = [] }: Bring,
  ): Promise<readonly unknown[]> {
    const { logs } = touched
    const checked = new Set<string>()
    let alongside: readonly unknown[] = []
    for (let from = 0; from < logs.length || from === 0; from += logsPerRound) {
      const some = logs.slice(from, from + logsPerRound)
      const stamp = adopted.nextStamp()
      const groups = this.#groupsOf(some)
      const appends = groups.map((group) =>
        this.#append(group, records, { adopted, horizon, stamp, checked }),
      )
      const before = from === 0 ? [...this.#compactions(adopted), ...extra] : []
      const replies = await this.#nodes.send([...before, ...appends])
      if (from === 0) alongside = replies.slice(before.length - extra.length, before.length)
      for (const [index, group] of groups.entries())
        this.#catchUp(group, replies[before.length + index], { stamp, horizon })
    }
    return alongside
  }

  /** To be called when all records were played through the copies. */
  settle({ logs }: TouchedLogs): void {
    for (const log of logs) {
      this.#replicas.grow(log.kind, this.#replicas.find(log), log.size)
      if (this.#replicas.isSlack(log)) this.#slack.push(log)
    }
  }

  /** Forgets what was noted of logs, as the copies were. */
  clear(): void {
    this.#slack = []
  }

  /** Logs of one call each: one bucket's on a cluster. */
  #groupsOf(logs: readonly Touched[]): readonly (readonly Touched[])[] {
    const groups: Touched[][] = []
    let last: Touched[] = []
    for (const log of logs) {
      const other = this.#nodes.isCluster && log.bucket !== last[0]?.bucket
      if (last.length === 0 || last.length === logsPerCall || other) {
        last = []
        groups.push(last)
      }
      last.push(log)
    }
    return groups
  }

  #append(
    logs: readonly Touched[],
    records: NumberBytes,
    { adopted, horizon, stamp, checked }: Bring & { stamp: number; checked: Set<string> },
  ): ScriptCall {
    const bucket = this.#nodes.speakerOf(logs[0]!.bucket)
    const last = logs[logs.length - 1]!
    const own = records.bytes.subarray(logs[0]!.from, last.from + last.size)
    const head = Buffer.from(emptyHeads[last.kind === 'user' ? 'user' : 'plain'])
    head.writeDoubleLE(stamp)
    const about = this.#describe(logs, horizon)
    const { script, name } = {
      script: this.#nodes.scripts.append,
      name: adopted.names.get(bucket)!,
    }
    // A server is checked by the first call that goes to it.
    const server = this.#nodes.serverOf(bucket)
    const checks = checked.has(server) ? '0' : '1'
    checked.add(server)
    return this.#nodes.call({ script, bucket, logs, args: [name, checks, head, about, own] })
  }

  #describe(logs: readonly Touched[], horizon: number): Uint8Array {
    const about = new ArrayBuffer(logs.length * aboutBytes)
    const [floats, words] = [new Float64Array(about), new Uint32Array(about)]
    for (const [index, log] of logs.entries()) {
      const copy = this.#replicas.find(log)
      const { kind } = log
      log.stamp = copy < 0 ? 0 : this.#replicas.stamp(kind, copy)
      log.length = copy < 0 ? 0 : this.#replicas.length(kind, copy)
      log.anew = copy < 0 || horizon - this.#replicas.refreshedAt(kind, copy) >= refreshEveryMs
      floats[index * 3] = log.stamp
      words[index * 6 + 2] = log.length
      words[index * 6 + 3] = log.size
      words[index * 6 + 4] = this.#ttl[kind]
      words[index * 6 + 5] = log.anew ? 1 : 0
    }
    return new Uint8Array(about)
  }

  /** Brings copies to where their logs were before the call. */
  #catchUp(
    logs: readonly Touched[],
    reply: unknown,
    { stamp, horizon }: { readonly stamp: number; readonly horizon: number },
  ): void {
    if (!Array.isArray(reply)) throw new TypeError('append-n gave no list')
    for (let index = 0; index < reply.length; index += 2) {
      const [place, bytes]: readonly unknown[] = [reply[index], reply[index + 1]]
      if (typeof place !== 'number' || !Buffer.isBuffer(bytes))
        throw new TypeError('append-n gave no pairs of place and bytes')
      const log = logs[place >> 1]!
      // Whatever was known of it, from now on it is known.
      log.length = -1
      if (place % 2 === 0) this.#replicas.replay(log, bytes)
      else if (bytes.length > 0) this.#replicas.load(log, bytes)
      else this.#replicas.create(log, stamp)
    }
    for (const log of logs) {
      if (log.length === 0) this.#replicas.create(log, stamp)
      if (log.anew) this.#replicas.setRefreshedAt(log.kind, this.#replicas.find(log), horizon)
    }
  }

  /** Calls that compact what was found slack; each log's copy is then one of the new bytes. */
  #compactions(adopted: Adopted): readonly ScriptCall[] {
    const slack = this.#slack.filter((log) => this.#replicas.find(log) >= 0)
    this.#slack = []
    slack.sort((one, other) => bucketOf(one.low) - bucketOf(other.low))
    const calls: ScriptCall[] = []
    for (let from = 0, to = 0; from < slack.length; from = to) {
      const bucket = this.#nodes.speakerOf(bucketOf(slack[from]!.low))
      while (
        to < slack.length &&
        to - from < compactionsPerCall &&
        this.#nodes.speakerOf(bucketOf(slack[to]!.low)) === bucket
      )
        to += 1
      calls.push(this.#compaction(slack.slice(from, to), bucket, adopted))
    }
    return calls
  }

  #compaction(logs: readonly LogKey[], bucket: number, adopted: Adopted): ScriptCall {
    const about = new ArrayBuffer(logs.length * aboutBytes)
    const [floats, words] = [new Float64Array(about), new Uint32Array(about)]
    const contents = logs.map((log, index) => {
      const { kind } = log
      const copy = this.#replicas.find(log)
      floats[index * 3] = this.#replicas.stamp(kind, copy)
      words[index * 6 + 2] = this.#replicas.length(kind, copy)
      const content = this.#replicas.compact(log, adopted.nextStamp())
      words[index * 6 + 3] = content.length
      words[index * 6 + 4] = this.#ttl[kind]
      return content
    })
    const args = [adopted.names.get(bucket)!, '0', new Uint8Array(about), Buffer.concat(contents)]
    return this.#nodes.call({ script: this.#nodes.scripts.compact, bucket, logs, args })
  }
}

interface Bring {
  readonly adopted: Adopted
  /** The batch's last. */
  readonly horizon: number
  readonly extra?: readonly ScriptCall[]
}
