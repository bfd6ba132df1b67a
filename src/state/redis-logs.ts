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
import { headBytesOf, type NumberBytes, recordBytesOf, userKind } from './log-records.ts'
import type { ScriptCall } from './redis-call.ts'
import { bucketOf, type LogKey, type LogKind, logKinds, logOfKeyEnd } from './redis-keys.ts'
import type { RedisNodes } from './redis-nodes.ts'
import type { Adopted } from './redis-standing.ts'
import type { Replicas } from './replicas.ts'
import type { TouchedLogs } from './touched-logs.ts'

/** Most logs of one call, which keeps a server from everything else for about a millisecond. */
const logsPerCall = 512
/** Most logs that are asked for before their replies have come: it bounds the bytes on the way. */
const logsPerRound = 2048
const compactionsPerCall = 32
/** Bytes of the numbers that describe a log in a call: see append-n.lua and compact-n.lua. */
const aboutBytes = 16
const aboutCompactionBytes = 24
/** An entry of the list of rewritten logs, and most bytes of one server's lists. */
const rewrittenBytes = 25
const rewrittenListsMax = 2 ** 20

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

const ttls = logKinds.map(secondsToLive)
const ttlText = ttls.join(' ')
const emptyHeads = [emptyHead(userKind), emptyHead(userKind + 1)] as const

function emptyHead(kind: number): Uint8Array {
  const head = new Uint8Array(headBytesOf(kind))
  const floats = new Float64Array(head.buffer)
  floats.fill(Number.NEGATIVE_INFINITY, 1, floats.length - 1)
  return head
}

/** How much of a list of rewritten logs has been seen; nothing yet at length -1. */
interface Seen {
  readonly length: number
  readonly stamp: Buffer
}

const noStamp = Buffer.alloc(8)
const unseen: Seen = { length: -1, stamp: noStamp }

/** What append-n gives. */
interface Told {
  readonly seen: Seen
  /** Null where it cannot be told what was rewritten. */
  readonly news: Buffer | null
  readonly logs: readonly (readonly [log: number, whole: boolean, bytes: Buffer])[]
}

export interface Bring {
  readonly adopted: Adopted
  /** The batch's last. */
  readonly horizon: number
  /** Calls that go with the first that are sent. */
  readonly extra: readonly ScriptCall[]
}

/** Logs of one call, as a stretch of TouchedLogs.order. */
interface Group {
  readonly from: number
  readonly to: number
}

export class RedisLogs {
  readonly #nodes: RedisNodes
  readonly #replicas: Replicas
  /** Logs that have become much longer than they need to be. */
  #slack: LogKey[] = []
  /** By the bucket that has the list. */
  #seen = new Map<number, Seen>()

  constructor(nodes: RedisNodes, replicas: Replicas) {
    this.#nodes = nodes
    this.#replicas = replicas
  }

  /**
   * Appends records that were laid, and brings the copies to where the logs were before. All logs
   * are users' or none is. Gives the replies to the extra calls.
   */
  async bring(
    touched: TouchedLogs,
    records: NumberBytes,
    { adopted, horizon, extra }: Bring,
  ): Promise<readonly unknown[]> {
    let alongside: readonly unknown[] = []
    for (let from = 0; from < touched.count || from === 0; from += logsPerRound) {
      const stamp = adopted.nextStamp()
      const checked = new Set<string>()
      const groups = this.#groups(touched, from, Math.min(from + logsPerRound, touched.count))
      const before = from === 0 ? [...this.#compactions(adopted), ...extra] : []
      const appends = groups.map((group) => {
        const about = this.#describe(touched, group, horizon)
        return this.#append(touched, group, { records, about, adopted, stamp, checked })
      })
      const replies = await this.#nodes.send([...before, ...appends])
      if (from === 0) alongside = replies.slice(before.length - extra.length, before.length)
      const told = replies
        .slice(before.length)
        .map((reply, index) =>
          toldOf(reply, (place) => touched.order[groups[index]!.from + place]!),
        )
      for (const [index, group] of groups.entries())
        this.#catchUp(touched, group, { told: told[index]!, stamp, horizon })
      // Last: a later call tells of what was written anew after an earlier one had looked there.
      this.#hear(touched, groups, told)
    }
    return alongside
  }

  /** To be called when all records were played through the copies. */
  settle(touched: TouchedLogs): void {
    const { kinds, lows, highs, sizes } = touched
    for (let log = 0; log < touched.count; log += 1) {
      const kind = kinds[log]!
      const copy = this.#replicas.find(kind, lows[log]!, highs[log]!)
      this.#replicas.grow(kind, copy, sizes[log]!)
      const key = keyOf(touched, log)
      if (this.#replicas.isSlack(key, copy)) this.#slack.push(key)
    }
  }

  /** Forgets what was noted of logs, as the copies were. */
  clear(): void {
    this.#slack = []
    this.#seen.clear()
  }

  /** Logs of one call each: one bucket's on a cluster. */
  #groups(touched: TouchedLogs, from: number, to: number): readonly Group[] {
    const groups: Group[] = []
    for (let start = from, end = from; start < to; start = end) {
      const bucket = touched.bucketOf(touched.order[start]!)
      const most = Math.min(to, start + logsPerCall)
      if (!this.#nodes.isCluster) end = most
      else while (end < most && touched.bucketOf(touched.order[end]!) === bucket) end += 1
      groups.push({ from: start, to: end })
    }
    return groups
  }

  /** Notes what is known of the logs of a call, and gives it as the script takes it. */
  #describe(touched: TouchedLogs, { from, to }: Group, horizon: number): Uint8Array {
    const { order, kinds, lows, highs, sizes, lengths, anews } = touched
    const about = new ArrayBuffer((to - from) * aboutBytes)
    const [floats, words] = [new Float64Array(about), new Uint32Array(about)]
    const since = horizon - refreshEveryMs
    for (let at = from; at < to; at += 1) {
      const log = order[at]!
      const kind = kinds[log]!
      const copy = this.#replicas.find(kind, lows[log]!, highs[log]!)
      lengths[log] = copy < 0 ? 0 : this.#replicas.lengthOf(kind, copy)
      anews[log] = copy < 0 || !this.#replicas.isTrusted(kind, copy, since) ? 1 : 0
      const place = at - from
      floats[place * 2] = copy < 0 ? 0 : this.#replicas.stampOf(kind, copy)
      words[place * 4 + 2] = lengths[log]!
      words[place * 4 + 3] =
        sizes[log]! / recordBytesOf(kind) + kind * 2 ** 16 + anews[log]! * 2 ** 24
    }
    return new Uint8Array(about)
  }

  #append(
    touched: TouchedLogs,
    { from, to }: Group,
    { records, about, adopted, stamp, checked }: Append,
  ): ScriptCall {
    const { order, kinds, lows, highs, sizes, froms } = touched
    const [first, last] = [order[from]!, order[to - 1]!]
    const bucket = this.#nodes.speakerOf(touched.bucketOf(first))
    const own = records.bytes.subarray(froms[first]!, froms[last]! + sizes[last]!)
    const head = Buffer.from(emptyHeads[Math.min(kinds[first]!, 1)]!)
    head.writeDoubleLE(stamp)
    const seen = this.#seen.get(bucket) ?? unseen
    // A server is checked by the first call that goes to it.
    const server = this.#nodes.serverOf(bucket)
    const checks = checked.has(server) ? '0' : '1'
    checked.add(server)
    const name = adopted.names.get(bucket)!
    const size = `${recordBytesOf(kinds[first]!)}`
    const { keys } = this.#nodes
    const write = (out: Buffer, at: number, index: number) => {
      const log = order[from + index]!
      return keys.send(out, at, [kinds[log]!, lows[log]!, highs[log]!])
    }
    return this.#nodes.call({
      script: this.#nodes.scripts.append,
      bucket,
      keys: [keys.rewritten(bucket)],
      logs: { count: to - from, write },
      args: [name, checks, `${seen.length}`, seen.stamp, head, ttlText, size, about, own],
    })
  }

  /** Takes note of which logs were written anew since the lists were looked at last. */
  #hear(touched: TouchedLogs, groups: readonly Group[], told: readonly Told[]): void {
    let doubtful = false
    for (const [index, { seen, news }] of told.entries()) {
      const { from } = groups[index]!
      this.#seen.set(this.#nodes.speakerOf(touched.bucketOf(touched.order[from]!)), seen)
      doubtful ||= news === null
      for (let at = 0; news !== null && at < news.length; at += rewrittenBytes) {
        const end = news.toString('latin1', at + 8, at + rewrittenBytes)
        this.#replicas.doubt(logOfKeyEnd(end), news.readDoubleLE(at))
      }
    }
    if (doubtful) this.#replicas.doubtAll()
  }

  /** Brings copies to where their logs were before the call. */
  #catchUp(
    touched: TouchedLogs,
    { from, to }: Group,
    { told, stamp, horizon }: { told: Told; stamp: number; horizon: number },
  ): void {
    const { order, kinds, lows, highs, lengths, anews } = touched
    for (const [log, whole, bytes] of told.logs) {
      const key = keyOf(touched, log)
      if (!whole) this.#replicas.replay(key, bytes)
      else if (bytes.length > 0) this.#replicas.load(key, bytes)
      else this.#replicas.create(key, stamp)
      // Whatever was known of it, it is known now.
      lengths[log] = 1
    }
    for (let at = from; at < to; at += 1) {
      const log = order[at]!
      if (lengths[log] === 0) this.#replicas.create(keyOf(touched, log), stamp)
      if (anews[log] === 0) continue
      const kind = kinds[log]!
      const copy = this.#replicas.find(kind, lows[log]!, highs[log]!)
      this.#replicas.trust(kind, copy, horizon)
    }
  }

  /** Calls that compact what was found slack; each log's copy is then one of the new bytes. */
  #compactions(adopted: Adopted): readonly ScriptCall[] {
    const slack = this.#slack.filter(({ kind, low, high }) => {
      return this.#replicas.find(kind, low, high) >= 0
    })
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
    const about = new ArrayBuffer(logs.length * aboutCompactionBytes)
    const [floats, words] = [new Float64Array(about), new Uint32Array(about)]
    const contents = logs.map((log, index) => {
      const { kind, low, high } = log
      const copy = this.#replicas.find(kind, low, high)
      floats[index * 3] = this.#replicas.stampOf(kind, copy)
      words[index * 6 + 2] = this.#replicas.lengthOf(kind, copy)
      const content = this.#replicas.compact(log, adopted.nextStamp())
      words[index * 6 + 3] = content.length
      words[index * 6 + 4] = ttls[kind]!
      return content
    })
    const { keys, scripts, speakers } = this.#nodes
    const write = (out: Buffer, at: number, index: number) => {
      const { kind, low, high } = logs[index]!
      return keys.send(out, at, [kind, low, high])
    }
    const listMax = `${Math.floor(rewrittenListsMax / speakers.length)}`
    return this.#nodes.call({
      script: scripts.compact,
      bucket,
      keys: [keys.rewritten(bucket)],
      logs: { count: logs.length, write },
      args: [
        adopted.names.get(bucket)!,
        '0',
        new Uint8Array(about),
        Buffer.concat(contents),
        listMax,
      ],
    })
  }
}

interface Append {
  readonly records: NumberBytes
  readonly about: Uint8Array
  readonly adopted: Adopted
  readonly stamp: number
  /** Servers that were checked in this round. */
  readonly checked: Set<string>
}

const keyOf = ({ kinds, lows, highs }: TouchedLogs, log: number): LogKey => ({
  kind: kinds[log]!,
  low: lows[log]!,
  high: highs[log]!,
})

/** What append-n gave, its places turned into logs. */
function toldOf(reply: unknown, logAt: (place: number) => number): Told {
  if (!Array.isArray(reply) || reply.length < 3) throw new TypeError('append-n gave no list')
  const [length, news, stamp, ...pairs]: readonly unknown[] = reply
  if (typeof length !== 'number') throw new TypeError('append-n gave no length')
  const logs: [number, boolean, Buffer][] = []
  for (let index = 0; index < pairs.length; index += 2) {
    const [place, bytes] = [pairs[index], pairs[index + 1]]
    if (typeof place !== 'number' || !Buffer.isBuffer(bytes))
      throw new TypeError('append-n gave no pairs of place and bytes')
    logs.push([logAt(place >> 1), place % 2 === 1, bytes])
  }
  return {
    seen: { length, stamp: Buffer.isBuffer(stamp) ? stamp : noStamp },
    news: Buffer.isBuffer(news) ? news : null,
    logs,
  }
}
