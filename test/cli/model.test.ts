/**
 * A model in a playbook, by the commands that judge: what it says is recorded, judged again to the
 * same bytes, explained, and held beside the rules.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openRecording } from '../../src/recording/read.ts'
import { writeHandMadeModel } from '../support/hand-made-model.ts'
import { problemLines, repoRoot, runCli, runWell, scratchFolder } from '../support/run-cli.ts'

/** A small day, and the playbook that comes along with a model added; both in a new folder. */
async function dayWithModel(model: string) {
  const folder = scratchFolder()
  const day = join(folder, 'day.avro')
  await runWell(['generate', '--seed', '11', '--events', '3000', '--out', day])
  writeHandMadeModel(join(folder, 'models'))
  const playbook = join(folder, 'playbook.yaml')
  const text = readFileSync(join(repoRoot, 'playbooks', 'default.yaml'), 'utf8')
  writeFileSync(
    playbook,
    text.replace(/^rules:$/m, () => `model: ${model}\nrules:`),
  )
  return { folder, day, playbook }
}

async function jsonOf(words: readonly string[]) {
  return JSON.parse((await runWell([...words, '--json'])).stdout)
}

/** Key of an event that the model alone sent to review. */
async function flaggedByModel(path: string): Promise<string> {
  for await (const rows of (await openRecording(path)).rows())
    for (const { decision } of rows)
      if (decision?.reasons.length === 1 && decision.reasons[0]!.code === 'model')
        return decision.eventKey
  throw new Error('the model flagged nothing by itself')
}

const live = '{ name: by-hand, mode: live, reviewAt: 0.5, blockAt: 0.99 }'

test('a live model acts, and its recording judges again to the same bytes', async () => {
  const { folder, day, playbook } = await dayWithModel(live)
  const judged = join(folder, 'judged.avro')
  const rules = await jsonOf(['replay', day])
  const both = await jsonOf(['replay', day, '--playbook', playbook, '--out', judged])
  expect(rules.models).toEqual({})
  expect(both.models['by-hand']).toMatchObject({ mode: 'live', block: 0, beyond: 0 })
  expect(both.models['by-hand'].review).toBeGreaterThan(0)
  expect(both.decisions.block).toBe(rules.decisions.block)
  expect(both.decisions.review).toBeGreaterThan(rules.decisions.review)

  const again = ['replay', judged, '--rejudge', '--playbook', playbook]
  expect(await jsonOf(again)).toMatchObject({ differences: 0, models: both.models })
  const without = await runCli(['replay', judged, '--rejudge', '--json'])
  expect(without.code).toBe(1)
  expect(JSON.parse(without.stdout).differences).toBeGreaterThan(0)
}, 120_000)

test('the live model is what evaluate holds beside the rules', async () => {
  const { day, playbook } = await dayWithModel(live)
  const evaluated = await jsonOf(['evaluate', day, '--playbook', playbook])
  expect(evaluated).toMatchObject({
    model: { name: 'by-hand' },
    thresholds: { reviewAt: 0.5, blockAt: 0.99 },
  })
  const [ofRules, , ofBoth] = evaluated.ways
  expect(ofBoth.flagged).toBeGreaterThan(ofRules.flagged)
})

test('a model that the playbook does not name is tried in shadow', async () => {
  const { folder, day } = await dayWithModel(live)
  const rules = await jsonOf(['replay', day])
  const tried = await jsonOf(['replay', day, '--model', join(folder, 'models', 'by-hand')])
  expect(tried.decisions).toEqual(rules.decisions)
  expect(tried.models['by-hand'].mode).toBe('shadow')
  expect(tried.models['by-hand'].beyond).toBeGreaterThan(0)
  expect(tried.playbook.hash).not.toBe(rules.playbook.hash)
})

test('a decision is explained by what adds up to its score', async () => {
  const { folder, day, playbook } = await dayWithModel(live)
  const judged = join(folder, 'judged.avro')
  await runWell(['replay', day, '--playbook', playbook, '--out', judged])
  const event = await flaggedByModel(judged)
  const words = ['explain', judged, event, '--playbook', playbook]
  const [told] = (await jsonOf(words)).models
  const sum = told.contributions.reduce(
    (total: number, { moved }: { moved: number }) => total + moved,
    told.base,
  )
  expect(told).toMatchObject({ model: 'by-hand', mode: 'live', outcome: 'review' })
  expect(sum).toBeCloseTo(told.output, 9)
  const { stdout: text } = await runWell(words)
  expect(text).toMatch(/^model +by-hand: fraud at 95\.0 % \(review\)$/m)
  expect(text).toMatch(/\+75\.0 % {2}device_users_1d \d+$/m)
})

test('a model that is not there is told in its place in the playbook', async () => {
  const { day, playbook } = await dayWithModel('{ name: nosuch, mode: live, reviewAt: 0.5 }')
  const ran = await runCli(['replay', day, '--playbook', playbook])
  expect(ran.code).toBe(1)
  expect(problemLines(ran)[0]).toMatch(/^couponguard: 1 problem in .*playbook\.yaml/)
  expect(ran.stderr).toContain('there is no model nosuch')
})
