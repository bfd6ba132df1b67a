/** What a mix file may say. */
import { describe, expect, it } from 'vitest'
import { defaultMix, keptBackKinds, readMix } from '../../src/generate/mix.ts'

describe('readMix', () => {
  it('takes shares and keeps the others as they are', () => {
    const mix = { ...defaultMix, 'device-farm': 3, 'gift-ring': 0 }
    expect(readMix({ 'device-farm': 3, 'gift-ring': 0 })).toEqual({ mix })
    expect(readMix({})).toEqual({ mix: defaultMix })
  })

  it('keeps some kinds back until they are named', () => {
    for (const kind of keptBackKinds) expect(defaultMix[kind]).toBe(0)
    const mix = { ...defaultMix, 'top-up-mule': 9 }
    expect(readMix({ 'top-up-mule': 9 })).toEqual({ mix })
  })

  const none = Object.fromEntries(Object.keys(defaultMix).map((kind) => [kind, 0]))
  it.each([
    [null, 'must map kinds'],
    [['device-farm'], 'must map kinds'],
    [{ 'device-frame': 1 }, 'unknown kind "device-frame"; the kinds are device-farm,'],
    [{ 'device-farm': -1 }, 'the share of device-farm must be a number of at least 0'],
    [{ 'device-farm': 'much' }, 'the share of device-farm must be a number'],
    [none, 'at least one kind'],
  ])('refuses %j', (content, problem) => {
    const result = readMix(content)
    expect('problem' in result ? result.problem : '').toContain(problem)
  })
})
