/** `import` alone, as a process of its own: for what only a process shows, memory and limits. */
import { Command } from 'commander'
import { CommandError } from '../../src/cli/exit.ts'
import { registerImport } from '../../src/cli/import.ts'

const program = new Command('couponguard')
registerImport(program)
try {
  await program.parseAsync()
} catch (error) {
  if (!(error instanceof CommandError)) throw error
  process.stderr.write(`couponguard: ${error.message}\n`)
  process.exitCode = error.code
}
process.stderr.write(`peak ${Math.round(process.resourceUsage().maxRSS / 1024)} MB\n`)
