/**
 * Fuzzes a running review console from its own description and ends with 1 where anything answers
 * 500 or more, or not as described:
 *
 *     npx tsx scripts/console-fuzz.ts http://127.0.0.1:7070 TOKEN_FILE [--runs 200] [--seed 1]
 *
 * The token is an administrator's, of a console whose data may be spoilt. With schemathesis on PATH
 * (pip install schemathesis) that is run first; requests of our own making come after it, which
 * know keys of cases that there are.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import fc from 'fast-check'
import { z } from 'zod'
import { descriptionPath } from '../src/console/api/operations.ts'
import { checkAnswer, describedBy, requestsFor } from '../test/console/access/fuzz.ts'

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { runs: { type: 'string', default: '200' }, seed: { type: 'string', default: '1' } },
})
const [url = '', tokenFile = ''] = positionals
const token = readFileSync(tokenFile, 'utf8').trim()
const seed = Number(values.seed)
const numRuns = Number(values.runs)
const headers = { authorization: `Bearer ${token}` }

/** These end sessions and tokens, or hash a password a request. */
const leftOut = ['stream', 'signIn', 'firstStart', 'changePassword', 'addPerson', 'changePerson']

function runSchemathesis(): boolean | null {
  const words = [
    'run',
    `${url}${descriptionPath}`,
    '--header',
    `Authorization: Bearer ${token}`,
    '--checks',
    'not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance',
    '--phases',
    'examples,coverage,fuzzing',
    '--continue-on-failure',
    '--seed',
    String(seed),
    '--max-examples',
    values.runs,
    ...[...leftOut, 'removeToken'].flatMap((name) => ['--exclude-operation-id', name]),
  ]
  const ran = spawnSync('schemathesis', words, { stdio: 'inherit' })
  return ran.error === undefined ? ran.status === 0 : null
}

async function knownKeys(): Promise<readonly string[]> {
  const response = await fetch(`${url}/api/v1/cases?limit=50&state=any`, { headers })
  const shape = z.object({ rows: z.array(z.object({ key: z.string() })) })
  return shape.parse(await response.json()).rows.map(({ key }) => key)
}

async function runOwn(): Promise<boolean> {
  const port = Number(new URL(url).port)
  const keys = await knownKeys()
  let isGood = true
  for (const one of await describedBy(port)) {
    if (leftOut.includes(one.operationId)) continue
    const seen = new Map<number, number>()
    const told = () => [...seen].map(([status, count]) => `${status}: ${count}`).join(', ')
    try {
      for (const wild of [false, true])
        await fc.assert(
          fc.asyncProperty(requestsFor(one, wild, keys), async (made) => {
            const status = await checkAnswer({ port, headers }, one, made)
            seen.set(status, (seen.get(status) ?? 0) + 1)
          }),
          { seed, numRuns, endOnFailure: true },
        )
      process.stdout.write(`${one.operationId}: ${told()}\n`)
    } catch (error) {
      isGood = false
      const text = error instanceof Error ? `${error.message}\n${String(error.cause ?? '')}` : ''
      process.stdout.write(`${one.operationId}: FAILED (seed ${seed})\n${text.slice(0, 3_000)}\n`)
    }
  }
  return isGood
}

const theirs = runSchemathesis()
if (theirs === null) process.stdout.write('schemathesis is not on PATH: only our own requests\n')
const ours = await runOwn()
process.exitCode = theirs !== false && ours ? 0 : 1
