/** `store`: looks whether Redis holds the signal store whole, and fills it anew from the topics. */
import type { Command } from 'commander'
import { openSharedStore, type SharedStoreOptions } from '../assemble-windows.ts'
import { addJudgingOptions, type JudgingOptions } from '../config/judging.ts'
import { EdgeError } from '../runtime/edge-error.ts'
import { CommandError } from './exit.ts'
import { startProgressBar } from './progress-bar.ts'

interface StoreCommand extends JudgingOptions {
  readonly group: string
  readonly key: string
  readonly json?: boolean
}

const examples = `
Examples:
  couponguard store check --key KEY
  couponguard store rebuild --key KEY
Workers fill a store that was lost by themselves; rebuild does it whatever it holds. Meanwhile they wait.
`

const meanings = {
  ready: 'whole: workers judge by it',
  empty: 'empty: the next worker fills it, or: couponguard store rebuild',
  changed: 'restarted or failed over, so it may lack something: the next worker fills it anew',
  filling: 'being filled by a worker',
} as const

export function registerStore(program: Command): void {
  const command = program
    .command('store')
    .description('Look at the signal store in Redis, or fill it anew from the topics.')
    .addHelpText('after', examples)
  const check = command.command('check').description('Say whether the store is whole.')
  addStoreOptions(check)
    .option('--json', 'print { state } as one JSON document')
    .addHelpText('after', examples)
    .action((options: StoreCommand) =>
      onStore(options, async ({ check: look }) => {
        const state = await look()
        const text = options.json === true ? JSON.stringify({ state }) : meanings[state]
        process.stdout.write(`${text}\n`)
      }),
    )
  const rebuild = command
    .command('rebuild')
    .description('Empty the store and fill it from the inputs, up to what is committed.')
  addStoreOptions(rebuild)
    .option('--json', 'print { events } as one JSON document')
    .addHelpText('after', examples)
    .action((options: StoreCommand) => {
      const bar = startProgressBar('rebuild', 0)
      let events = 0
      const onFilled = (filled: number) => {
        events = filled
        bar.update(filled)
      }
      return onStore({ ...options, onFilled }, async ({ rebuild: fill }) => {
        await fill().finally(() => bar.stop())
        const text =
          options.json === true
            ? JSON.stringify({ events })
            : `${events} events put back into the windows`
        process.stdout.write(`${text}\n`)
      })
    })
}

function addStoreOptions(command: Command): Command {
  return addJudgingOptions(
    command
      .requiredOption('--key <FILE>', 'key that hashes phones and codes; that of the workers')
      .option('--group <NAME>', 'consumer group of the workers', 'couponguard'),
  )
}

type OpenStore = Awaited<ReturnType<typeof openSharedStore>>

async function onStore(
  options: Omit<SharedStoreOptions, 'onFilled'> & Partial<SharedStoreOptions>,
  work: (store: OpenStore) => Promise<void>,
): Promise<void> {
  try {
    const store = await openSharedStore({ onFilled: () => undefined, ...options })
    try {
      await work(store)
    } finally {
      await store.close()
    }
  } catch (error) {
    throw error instanceof EdgeError ? new CommandError(error.message) : error
  }
}
