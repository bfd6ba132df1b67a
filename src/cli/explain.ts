/** `explain`: why one decision of a recording was made. */
import type { Command } from 'commander'
import { collectModels } from '../config/judging.ts'
import { defaultPlaybookPath, loadPlaybook } from '../config/playbook-file.ts'
import { explain, explanationText } from '../recording/explanation.ts'
import { findEvents } from '../recording/find-event.ts'
import { explainModels, modelText } from '../recording/model-explanation.ts'
import { nearMissesOf, nearMissText } from '../recording/near-misses.ts'
import { openRecording } from '../recording/read.ts'
import { CommandError } from './exit.ts'

const examples = `
Example:
  couponguard replay day.avro --out decided.avro
  couponguard explain decided.avro 3f0c9a...
  couponguard explain decided.avro 3f0c9a... --near-misses
  couponguard explain decided.avro 3f0c9a... --model models/mine
EVENT is an event key, a decision id (KEY@VERSION) or the id that the publisher gave.
`

interface ExplainOptions {
  readonly playbook?: string
  readonly model?: readonly string[]
  readonly nearMisses?: boolean
  readonly json?: boolean
}

export function registerExplain(program: Command): void {
  program
    .command('explain')
    .description('Say why one decision was made: rules with their values, models, and all inputs.')
    .argument('<R>', 'recording with decisions')
    .argument('<EVENT>', 'event key, decision id or event id')
    .option(
      '--playbook <P>',
      'playbook that lends the text of its rules (default: the one of couponguard)',
    )
    .option(
      '--model <DIR>',
      'a model to ask too, or one that the playbook names; may be repeated',
      collectModels,
    )
    .option('--near-misses', 'list the rules that did not hit too, the nearest first')
    .option('--json', 'print one JSON document')
    .addHelpText('after', examples)
    .action(runExplain)
}

async function runExplain(path: string, wanted: string, options: ExplainOptions): Promise<void> {
  const models = { folders: options.model ?? [] }
  const playbook = loadPlaybook(options.playbook ?? defaultPlaybookPath, models)
  const recording = await openRecording(path)
  const [found, ...others] = await findEvents(recording, wanted)
  if (found === undefined) throw new CommandError(`${path}: no event ${wanted}`)
  if (others.length > 0) {
    const keys = [found, ...others].slice(0, 5).map(({ eventKey }) => eventKey)
    const more = others.length + 1 > keys.length ? ' and more' : ''
    throw new CommandError(
      `${path}: ${others.length + 1} events have the id ${wanted.slice(0, 80)}; ` +
        `name one by its key: ${keys.join(', ')}${more}`,
    )
  }
  const explanation = explain(found, path, playbook)
  const misses = options.nearMisses === true ? nearMissesOf(found, path, playbook) : null
  const byModels = explainModels(found, playbook)
  if (options.json === true) {
    const ofModels = byModels.length === 0 ? {} : { models: byModels }
    const nearMisses = misses === null ? {} : { nearMisses: misses }
    const document = { ...explanation, ...ofModels, ...nearMisses }
    process.stdout.write(`${JSON.stringify(document)}\n`)
    return
  }
  process.stdout.write(`${explanationText(explanation, playbook)}\n`)
  if (byModels.length > 0) process.stdout.write(`${modelText(byModels)}\n`)
  if (misses === null) return
  const other = explanation.samePlaybook ? null : playbook
  process.stdout.write(`${nearMissText(misses, other)}\n`)
}
