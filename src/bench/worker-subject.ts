/**
 * The scoring worker as an operator runs it: `couponguard run`, a process of its own, with nothing
 * of the benchmark in it. How far it is committed is read from risk.progress as a subscriber reads
 * it (read_committed), its processor time from the system. Counted from its first commit on, when
 * it has started, to its last.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Consumer, Kafka } from 'kafkajs'
import { CommandError } from '../cli/exit.ts'
import { boundedType } from '../core/event/bounded-type.ts'
import { type Progress, schemas } from '../core/schema.gen.ts'
import { readFrame } from '../log/kafka/wire-format.ts'
import type { CopyLoopCost } from './copy-loop.ts'
import { cpuSecondsOf, rounded } from './cpu-time.ts'

export interface WorkerSubjectOptions {
  readonly kafka: Kafka
  /** Of the installation: stands before every topic. */
  readonly prefix: string
  /** Words after `couponguard run`. */
  readonly words: readonly string[]
  /** Flags of Node for the worker. */
  readonly nodeFlags: readonly string[]
  /** Where the servers are, in the variables that the command reads. */
  readonly environment: Readonly<Record<string, string>>
  /** Ends by itself when so many are committed; else when `stop` is called. */
  readonly events: number
}

export interface WorkerSubject {
  /** Rejects where the worker ends, or stands still. */
  readonly done: Promise<CopyLoopCost>
  stop(): void
}

const progressType = boundedType(schemas.Progress)
/** No commit for so long means that none will come. */
const standstillMs = 60_000
const stderrLinesMax = 20

/** Resolves when the worker says that it runs. */
export async function startWorkerSubject(options: WorkerSubjectOptions): Promise<WorkerSubject> {
  const count = newCount(options.events)
  const follower = await followProgress(options, (progress, pid) => count.commit(progress, pid))
  const worker = startWorker(options)
  follower.of(worker.child)
  try {
    await Promise.race([worker.running, worker.failed])
  } catch (error) {
    count.end()
    await follower.close()
    throw error
  }
  const untilDone = async () => {
    try {
      await Promise.race([count.finished, worker.failed])
    } finally {
      count.end()
      await worker.stop()
      await follower.close()
    }
    return count.cost()
  }
  return { done: untilDone(), stop: count.finish }
}

interface RunningWorker {
  readonly child: ChildProcess
  readonly running: Promise<void>
  /** Never resolves. */
  readonly failed: Promise<never>
  stop(): Promise<void>
}

function startWorker({ words, nodeFlags, environment }: WorkerSubjectOptions): RunningWorker {
  const program = [...process.execArgv, ...nodeFlags, process.argv[1]!]
  const child = spawn(process.execPath, [...program, 'run', ...words], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, ...environment },
  })
  const said: string[] = []
  let stopping = false
  let sayRunning = () => {}
  const running = new Promise<void>((resolve) => {
    sayRunning = resolve
  })
  createInterface(child.stderr!).on('line', (line) => {
    if (line.includes('"running"')) sayRunning()
    said.push(line)
    if (said.length > stderrLinesMax) said.shift()
  })
  const ended = new Promise<number | null>((resolve) => {
    child.once('close', resolve).once('error', () => resolve(null))
  })
  const failed = ended.then((code): Promise<never> => {
    if (stopping) return new Promise(() => undefined)
    const why = said.findLast((line) => /^couponguard: |Error/.test(line)) ?? `exit code ${code}`
    const last = why.replace(/^couponguard: /, '')
    throw new CommandError(`bench: the worker ended: ${last}`)
  })
  failed.catch(() => undefined)
  const killWithUs = () => child.kill('SIGKILL')
  process.once('exit', killWithUs)
  return {
    child,
    running,
    failed,
    async stop() {
      stopping = true
      child.kill('SIGTERM')
      await ended
      process.off('exit', killWithUs)
    },
  }
}

/** Tells every committed progress; joined before the worker starts, so that none is seen late. */
async function followProgress(
  { kafka, prefix }: WorkerSubjectOptions,
  see: (progress: Progress, pid: number) => void,
) {
  const topic = `${prefix}risk.progress`
  const consumer: Consumer = kafka.consumer({
    groupId: `${prefix}bench-progress`,
    maxWaitTimeInMs: 500,
  })
  let worker: ChildProcess | null = null
  await consumer.connect()
  await consumer.subscribe({ topics: [topic], fromBeginning: true })
  const joined = new Promise<void>((resolve) => {
    consumer.on(consumer.events.GROUP_JOIN, () => resolve())
  })
  await consumer.run({
    autoCommit: false,
    eachMessage: async ({ message }) => {
      const frame = readFrame(message.value)
      if ('rejected' in frame) throw new Error(`${topic}: ${frame.rejected}`)
      see(progressType.fromBuffer(frame.body), worker?.pid ?? 0)
    },
  })
  await joined
  return {
    of(child: ChildProcess) {
      worker = child
    },
    close: () => consumer.disconnect(),
  }
}

interface Reached {
  readonly events: number
  readonly ms: number
  readonly cpuSeconds: number
}

/** From the first commit on: what it took to start is not what an event costs. */
function newCount(eventsMax: number) {
  const offsets = new Map<string, number>()
  let [events, transactions] = [0, 0]
  let first: Reached | null = null
  let last: Reached | null = null
  let finish = () => {}
  let fail = (_: Error) => {}
  const finished = new Promise<void>((resolve, reject) => {
    finish = resolve
    fail = reject
  })
  finished.catch(() => undefined)
  const standing = () =>
    fail(new CommandError(`bench: the worker stands still after ${events} events`))
  let timer = eventsMax === Number.POSITIVE_INFINITY ? null : setTimeout(standing, standstillMs)
  return {
    finished,
    finish: () => finish(),
    end() {
      if (timer !== null) clearTimeout(timer)
      timer = null
    },
    commit(progress: Progress, pid: number) {
      for (const { topic, partition, nextOffset } of progress.offsets) {
        const place = `${topic}/${partition}`
        events += nextOffset - (offsets.get(place) ?? 0)
        offsets.set(place, nextOffset)
      }
      transactions += 1
      timer?.refresh()
      last = { events, ms: performance.now(), cpuSeconds: cpuSecondsOf(pid) }
      first ??= last
      if (events >= eventsMax) finish()
    },
    cost(): CopyLoopCost {
      const [from, to] = [first ?? nothing, last ?? nothing]
      const seconds = (to.ms - from.ms) / 1_000
      const cpuSeconds = to.cpuSeconds - from.cpuSeconds
      const counted = to.events - from.events
      return {
        events,
        transactions,
        seconds: rounded(seconds),
        eventsPerSecond: Math.round(counted / seconds),
        cpuSeconds: rounded(cpuSeconds),
        cpuSecondsPerMillion: rounded((cpuSeconds / counted) * 1e6),
      }
    },
  }
}

const nothing: Reached = { events: 0, ms: 0, cpuSeconds: 0 }
