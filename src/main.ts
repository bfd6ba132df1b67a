#!/usr/bin/env -S node --max-semi-space-size=64
/** argv → command. Every command lives in src/cli/ under its own name and registers itself here. */
import { Command, CommanderError } from 'commander'
import { registerBench } from './cli/bench.ts'
import { registerCampaigns } from './cli/campaigns.ts'
import { registerCheck } from './cli/check.ts'
import { registerCompare } from './cli/compare.ts'
import { registerDeadLetters } from './cli/dead-letters.ts'
import { registerEvaluate } from './cli/evaluate.ts'
import { CommandError, exitCodes } from './cli/exit.ts'
import { registerExplain } from './cli/explain.ts'
import { registerGenerate } from './cli/generate.ts'
import { registerImport } from './cli/import.ts'
import { registerLists } from './cli/lists.ts'
import { registerMonitor } from './cli/monitor.ts'
import { registerRecord } from './cli/record.ts'
import { registerReplay } from './cli/replay.ts'
import { registerRun } from './cli/run.ts'
import { registerStart } from './cli/start.ts'
import { registerStore } from './cli/store.ts'
import { registerTopics } from './cli/topics.ts'
import { registerTrain } from './cli/train.ts'

const program = new Command('couponguard')
  .description(
    'Judges coupon claims and redemptions: windows, rules in three tiers, the 5 % alert, replay.',
  )
  .version('0.1.0')
  .configureOutput({
    outputError: (text, write) => write(`couponguard: ${oneLine(text)} (see --help)\n`),
  })
  .exitOverride()

/** "error: unknown option '--jsn'\n(Did you mean --json?)\n", as commander has it, on one line. */
function oneLine(text: string): string {
  return text
    .trim()
    .replace(/^error: /, '')
    .replace(/\s*\n\s*/g, ' ')
}

registerStart(program)
registerRun(program)
registerMonitor(program)
registerStore(program)
registerImport(program)
registerGenerate(program)
registerReplay(program)
registerCompare(program)
registerEvaluate(program)
registerExplain(program)
registerCheck(program)
registerTrain(program)
registerLists(program)
registerCampaigns(program)
registerTopics(program)
registerDeadLetters(program)
registerRecord(program)
registerBench(program)

try {
  await program.parseAsync()
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? exitCodes.success : exitCodes.usage
  } else if (error instanceof CommandError) {
    process.stderr.write(`couponguard: ${error.message}\n`)
    process.exitCode = error.code
  } else {
    throw error
  }
}
