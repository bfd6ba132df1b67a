/**
 * `npm run oracle -- --readings 1000000 [--seed N]`: random histories through the memory store and
 * through the brute-force oracle of test/support/oracle.ts, every reading compared. Exit 1 with the
 * seed and the first differences where they disagree. A million readings take about ten seconds.
 */
import { parseArgs } from 'node:util'
import { newMemoryStore } from '../src/state/memory-store.ts'
import { holdAgainstOracle } from '../test/support/held-against.ts'

function wholeNumber(name: string, text: string): number {
  const number = Number(text)
  if (Number.isSafeInteger(number) && number > 0) return number
  console.error(`--${name} is "${text}": give a whole number above 0`)
  process.exit(2)
}

function readArguments(): { readings: string; seed: string } {
  try {
    return parseArgs({
      options: {
        readings: { type: 'string', default: '1000000' },
        seed: { type: 'string', default: '1' },
      },
    }).values
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error))
    process.exit(2)
  }
}

const values = readArguments()
const readings = wholeNumber('readings', values.readings)
const seed = wholeNumber('seed', values.seed)

const { tally, histories, found, differences } = await holdAgainstOracle(
  () => Promise.resolve(newMemoryStore()),
  { seed, readings },
)
const say = (number: number) => number.toLocaleString('en-US')
console.log(
  `${say(tally.readings)} readings, ${say(differences)} differences; late ${say(tally.late)}` +
    ` (${say(tally.tooLate)} below the horizon), repeated ${say(tally.repeated)},` +
    ` saturated ${say(tally.saturated)} (in ${say(tally.fullLogs)} logs); ${histories} histories`,
)
if (differences > 0) {
  for (const line of found) console.error(line)
  console.error(`again: npm run oracle -- --readings ${readings} --seed ${seed}`)
  process.exit(1)
}
