/**
 * What models add to a decision: a live one acts by its thresholds, one in shadow is recorded, and
 * many rows scored together decide as one by one.
 */
import { describe, expect, it } from 'vitest'
import { defaultPlaybookPath, loadPlaybook } from '../../../src/config/playbook-file.ts'
import {
  decide,
  decideBatch,
  newDecisionRow,
  newDecisionRows,
} from '../../../src/core/decision/decide.ts'
import { newPlaybookModel } from '../../../src/core/model/playbook-model.ts'
import type { Playbook, PlaybookModel } from '../../../src/core/rules/playbook.ts'
import type { Decision, Inputs } from '../../../src/core/schema.gen.ts'
import { makeDeviceReadings } from '../../../src/core/signals/readings.gen.ts'
import { logSpecs } from '../../../src/core/signals/readings.ts'
import { handMadeModel, highProbability, lowProbability } from '../../support/hand-made-model.ts'
import { plainEvent } from '../../support/plain-event.ts'

const book = loadPlaybook(defaultPlaybookPath)
const device = logSpecs.find(({ name }) => name === 'device')!

/** A device that so many people used in a day. */
function inputs(users: number, changes: Partial<Inputs> = {}): Inputs {
  const readings = Float64Array.from(device.readings, ({ name }) =>
    name === 'users_1d' ? users : 0,
  )
  const none = { user: null, ip: null, subnet: null, code: null, phone: null, sender: null }
  const days = { returned: null, campaign: null, merchant: null, category: null, channel: null }
  return {
    readings: { ...none, ...days, device: makeDeviceReadings(readings, null) },
    lists: [],
    address: null,
    campaign: null,
    switch: 'none',
    alerts: [],
    late: false,
    repeatsSaturated: false,
    ...changes,
  }
}

type Acting = Pick<PlaybookModel, 'mode' | 'reviewAt' | 'blockAt'>
const never = Number.POSITIVE_INFINITY
const acting = (changes: Partial<Acting> = {}): Acting => ({
  mode: 'live',
  reviewAt: 0.5,
  blockAt: never,
  ...changes,
})
const model = (changes: Partial<Acting>, name = 'by-hand') =>
  newPlaybookModel(handMadeModel(name), acting(changes))
const withModels = (...models: readonly PlaybookModel[]): Playbook => ({ ...book, models })

const event = plainEvent({ kind: 'redemption', device: 'd' })
const named = { event, eventKey: 'k', recordedAt: event.occurredAt + 5 }
const decided = (playbook: Playbook, given: Inputs) =>
  decide(named, given, playbook, newDecisionRow())

/** Three people on a device: the rules say nothing, the model does. */
const [few, many] = [inputs(1), inputs(3)]

describe('a live model', () => {
  const stricter = { reviewAt: 0.95, blockAt: 0.95 }
  const switched = inputs(3, { switch: 'shadow' })
  it.each<readonly [string, Partial<Acting>, Inputs, Partial<Decision>]>([
    ['below its thresholds lets go', {}, few, { outcome: 'allow', score: 2, abnormal: false }],
    ['from reviewAt on reviews', {}, many, { outcome: 'review', score: 95, abnormal: true }],
    ['from blockAt on blocks', { blockAt: 0.95 }, many, { outcome: 'block', abnormal: true }],
    ['at equal thresholds blocks', stricter, many, { outcome: 'block' }],
    [
      'in shadow never acts',
      { mode: 'shadow', blockAt: 0.5 },
      many,
      { outcome: 'allow', score: 0 },
    ],
    ['rests under the shadow switch', {}, switched, { outcome: 'allow', abnormal: false }],
  ])('%s', (_, changes, given, expected) => {
    expect(decided(book, given).outcome).toBe('allow')
    expect(decided(withModels(model(changes)), given)).toMatchObject(expected)
  })

  it('does not act against an allow-list entry', () => {
    const lists: Inputs['lists'] = [
      { entry: 'allow/user/u', list: 'allow', kind: 'user', source: 's' },
    ]
    const decision = decided(withModels(model({})), inputs(3, { lists }))
    expect(decision).toMatchObject({ outcome: 'allow', abnormal: false })
    expect(decision.models[0]!.outcome).toBe('review')
  })

  it('gives its reason in both languages, with what moved it most', () => {
    const { reasons } = decided(withModels(model({})), many)
    expect(reasons).toEqual([
      {
        code: 'model',
        zh: '模型判断欺诈概率为 95%,主要因为 device_users_1d 3。',
        en: 'The model puts fraud at 95 %, above all by device_users_1d 3.',
      },
    ])
  })

  it('stands among the reasons of rules by what it asks for', () => {
    const lists: Inputs['lists'] = [
      { entry: 'block/user/u', list: 'block', kind: 'user', source: 's' },
    ]
    const { reasons, outcome } = decided(withModels(model({})), inputs(3, { lists }))
    expect(outcome).toBe('block')
    expect(reasons[0]!.code).not.toBe('model')
    expect(reasons.at(-1)!.code).toBe('model')
  })
})

describe('what a decision says of models', () => {
  it('is the probability of each, with contributions where it is flagged', () => {
    const playbook = withModels(model({}), model({ mode: 'shadow', blockAt: 0.9 }, 'candidate'))
    expect(decided(playbook, few).models).toEqual([
      {
        model: 'by-hand',
        mode: 'live',
        probability: lowProbability,
        outcome: 'allow',
        contributions: [],
      },
      {
        model: 'candidate',
        mode: 'shadow',
        probability: lowProbability,
        outcome: 'allow',
        contributions: [],
      },
    ])
    const contributions = [{ signal: 'device_users_1d', value: 3, moved: 0.75 }]
    expect(decided(playbook, many).models).toEqual([
      {
        model: 'by-hand',
        mode: 'live',
        probability: highProbability,
        outcome: 'review',
        contributions,
      },
      {
        model: 'candidate',
        mode: 'shadow',
        probability: highProbability,
        outcome: 'block',
        contributions,
      },
    ])
  })

  it('is nothing without a model', () => {
    expect(decided(book, many).models).toEqual([])
  })
})

describe('many at once', () => {
  it.each([1, 127, 128, 129, 300])('%i events decide as one by one', (size) => {
    const playbook = withModels(model({}), model({ mode: 'shadow' }, 'other'))
    const batch = Array.from({ length: size }, (_, at) => ({
      named: { ...named, eventKey: `k${at}` },
      inputs: inputs(at % 5),
    }))
    const alone = batch.map((one) => decide(one.named, one.inputs, playbook, newDecisionRow()))
    expect(decideBatch(batch, playbook, newDecisionRows(playbook))).toEqual(alone)
    expect(alone.some(({ outcome }) => outcome === 'review')).toBe(size > 3)
  })

  it('rows are seen once, in order, by who watches', () => {
    const seen: number[] = []
    const watched = newPlaybookModel(handMadeModel('by-hand'), acting(), (values, _, count) =>
      seen.push(...values.subarray(0, count)),
    )
    const playbook = withModels(watched)
    const batch = Array.from({ length: 300 }, (_, at) => ({ named, inputs: inputs(at) }))
    decideBatch(batch, playbook, newDecisionRows(playbook))
    expect(seen).toEqual(batch.map((_, at) => at))
  })
})

it('an explanation adds up to the output', () => {
  const row = newDecisionRow()
  const playbook = withModels(model({}))
  decide(named, many, playbook, row)
  const told = playbook.models[0]!.explain(row)
  expect(told).toMatchObject({
    probability: highProbability,
    base: 0.25,
    output: 1,
    unit: 'probability',
  })
  expect(told.contributions).toEqual([{ signal: 'device_users_1d', value: 3, moved: 0.75 }])
})
