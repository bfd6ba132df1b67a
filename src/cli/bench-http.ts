/**
 * `bench --http`: options, the temporary folder of the server, and an end in order when it is
 * stopped: the server goes and so does the folder.
 */
import { join } from 'node:path'
import type { Command } from 'commander'
import { benchHttp, generateFor, type HttpBenchOptions } from '../bench/http-bench.ts'
import { httpTable } from '../bench/http-table.ts'
import { inTemporaryFolder } from '../bench/restart.ts'
import { whole } from './bench-kafka.ts'
import { CommandError } from './exit.ts'

export interface HttpOptions {
  readonly http?: true
  readonly events: string
  readonly seed: string
  readonly seconds: string
  readonly rates?: string
  readonly playbook?: string
  readonly nodeFlags?: string
  readonly json?: boolean
}

const defaultModel = join(import.meta.dirname, '../../models/default')
const eventsMax = 5_000_000
/** A run holds all its events, a kilobyte each. */
const rateMax = 10_000
const secondsMax = 600

export function addHttpOptions(command: Command): Command {
  return command.option('--http', 'measure the answers of start over HTTP')
}

export async function runHttpBench(options: HttpOptions): Promise<string> {
  const { seed, events, seconds, rates, playbook, nodeFlags } = options
  const stopping = new AbortController()
  const measured: HttpBenchOptions = {
    seed: whole('seed', seed, 999_999_999),
    before: whole('events', events, eventsMax),
    seconds: whole('seconds', seconds, secondsMax),
    rates: rates === undefined ? [] : rates.split(',').map((one) => whole('rates', one, rateMax)),
    words: ['--model', defaultModel, ...(playbook === undefined ? [] : ['--playbook', playbook])],
    nodeFlags: nodeFlags?.split(' ') ?? [],
    signal: stopping.signal,
    onStep: (step) => process.stderr.write(`bench: ${step}\n`),
  }
  measured.onStep(`generates ${events} events, and those of the load`)
  const day = generateFor(measured)
  const forget = onSignals((error) => stopping.abort(error))
  try {
    const figures = await inTemporaryFolder((folder) => benchHttp(measured, folder, day))
    return options.json === true ? `${JSON.stringify(figures)}\n` : httpTable(figures)
  } finally {
    forget()
  }
}

/** Gives what takes the listeners away again. */
function onSignals(end: (error: CommandError) => void): () => void {
  const listeners = [
    ['SIGINT', () => end(new CommandError('bench: stopped by SIGINT', 130))],
    ['SIGTERM', () => end(new CommandError('bench: stopped by SIGTERM', 143))],
  ] as const
  for (const [signal, listener] of listeners) process.once(signal, listener)
  return () => {
    for (const [signal, listener] of listeners) process.off(signal, listener)
  }
}
