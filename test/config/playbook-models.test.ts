/**
 * The models of a playbook: where they are sought, what is wrong with them, and what it is then
 * called.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { loadPlaybook, parsePlaybook } from '../../src/config/playbook-file.ts'
import { writeHandMadeModel } from '../support/hand-made-model.ts'
import { good } from './a-playbook.ts'

const folder = mkdtempSync(join(tmpdir(), 'couponguard-models-'))
afterAll(() => rmSync(folder, { recursive: true }))
for (const name of ['by-hand', 'other']) writeHandMadeModel(join(folder, 'models'), [], name)

const withModel = (text: string) => good.replace('rules:\n', () => `model: ${text}\nrules:\n`)
const parsed = (text: string) => parsePlaybook(withModel(text), join(folder, 'p.yaml'))

function problemsOf(text: string): readonly string[] {
  const read = parsed(text)
  return 'problems' in read ? read.problems.map(({ message }) => message) : []
}

function playbookOf(text: string) {
  const read = parsed(text)
  if ('problems' in read) throw new Error(read.problems.map(({ message }) => message).join('; '))
  return read.playbook
}

const byHand = '{ name: by-hand, mode: live, reviewAt: 0.5, blockAt: 0.9 }'

describe('a playbook', () => {
  test('takes one model, or a list of which one is live', () => {
    const [one] = playbookOf(byHand).models
    expect(one).toMatchObject({ name: 'by-hand', mode: 'live', reviewAt: 0.5, blockAt: 0.9 })
    const { models } = playbookOf(`[${byHand}, { name: other, mode: shadow, reviewAt: 0.2 }]`)
    expect(models.map(({ name, mode }) => [name, mode])).toEqual([
      ['by-hand', 'live'],
      ['other', 'shadow'],
    ])
    expect(models[1]!.blockAt).toBe(Number.POSITIVE_INFINITY)
  })

  test('is another one with another model, and the same without as ever', () => {
    const file = join(folder, 'plain.yaml')
    writeFileSync(file, good)
    const plain = loadPlaybook(file)
    expect(plain.models).toEqual([])
    const shadowed = loadPlaybook(file, { folders: [join(folder, 'models', 'other')] })
    expect(shadowed.hash).not.toBe(plain.hash)
    const hashes = ['by-hand', 'other'].map(
      (name) => playbookOf(`{ name: ${name}, mode: live, reviewAt: 0.5 }`).hash,
    )
    expect(new Set([plain.hash, shadowed.hash, ...hashes]).size).toBe(4)
  })

  test('takes a model that it does not name in shadow, at its own thresholds', () => {
    const file = join(folder, 'plain.yaml')
    writeFileSync(file, good)
    const { models } = loadPlaybook(file, { folders: [join(folder, 'models', 'other')] })
    expect(models).toHaveLength(1)
    expect(models[0]).toMatchObject({ name: 'other', mode: 'shadow', reviewAt: 0.5, blockAt: 0.99 })
  })

  test('has another name where the calibration is another, though the trees are the same', () => {
    const before = playbookOf(byHand).hash
    const path = join(folder, 'models', 'by-hand', 'manifest.json')
    const text = readFileSync(path, 'utf8')
    writeFileSync(path, text.replace('0.95', '0.9501'))
    expect(playbookOf(byHand).hash).not.toBe(before)
    writeFileSync(path, text)
  })
})

describe('a slip is told in place', () => {
  test.each<readonly [string, string, readonly (string | RegExp)[]]>([
    ['no such model', '{ name: nosuch, mode: live, reviewAt: 0.5 }', [/there is no model nosuch/]],
    [
      'a path for a name',
      '{ name: ../by-hand, mode: live, reviewAt: 0.5 }',
      [/the name of a model is/],
    ],
    ['no threshold', '{ name: by-hand, mode: live }', ['model lacks the key reviewAt']],
    [
      'percent',
      '{ name: by-hand, mode: live, reviewAt: 50 }',
      ['reviewAt must be from 0 to 1, not 50'],
    ],
    [
      'crossed',
      '{ name: by-hand, mode: live, reviewAt: 0.9, blockAt: 0.5 }',
      [/reviewAt \(0.9\) must not be above/],
    ],
    ['a mode', '{ name: by-hand, mode: on, reviewAt: 0.5 }', [/mode must be/]],
    [
      'a key',
      '{ name: by-hand, mode: live, reviewAt: 0.5, blokAt: 0.9 }',
      [/no key blokAt.*blockAt/],
    ],
    [
      'two live',
      `[${byHand}, { name: other, mode: live, reviewAt: 0.5 }]`,
      [/one model may be live/],
    ],
    ['twice', `[${byHand}, ${byHand}]`, [/the model by-hand stands on line/]],
    ['a word', 'by-hand', ['model must hold keys and values']],
  ])('%s', (_, text, expected) => {
    const problems = problemsOf(text)
    expect(problems).toHaveLength(expected.length)
    for (const [at, one] of expected.entries()) expect(problems[at]).toMatch(one)
  })

  test('a changed forest', () => {
    const broken = join(folder, 'models', 'broken')
    writeHandMadeModel(join(folder, 'models'), [], 'broken')
    writeFileSync(join(broken, 'model.json'), '{}')
    expect(problemsOf('{ name: broken, mode: live, reviewAt: 0.5 }')).toEqual([
      expect.stringMatching(/model\.json: is not the file that manifest\.json names/),
    ])
  })
})
