/**
 * The queue's filter and the URL are one: whatever is written is read back, nonsense falls away.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { caseFilter } from '../../../src/console/api/case-shapes.ts'
import {
  type CaseQuery,
  chipsOf,
  readFilter,
  toggleValue,
  withField,
  writeFilter,
} from '../../../src/console/web/queue/filter.ts'

const read = (text: string) => readFilter(new URLSearchParams(text))
const value = fc.stringMatching(/^[\w<'"\u4e00-\u9fff-]{1,12}$/)
const several = fc.uniqueArray(value, { minLength: 1, maxLength: 4 }).map((all) => all.join(','))
const filters: fc.Arbitrary<CaseQuery> = fc
  .record(
    {
      outcome: several,
      rule: several,
      campaign: several,
      user: value,
      search: value,
      assignee: value,
      scoreMin: fc.integer({ min: 0, max: 100 }),
      from: fc.integer({ min: 0, max: 4_102_444_800_000 }),
      secondOpinion: fc.constant('true' as const),
      order: fc.constantFrom('newest' as const, 'oldest' as const, 'money' as const),
    },
    { requiredKeys: [] },
  )
  .map((filter) => ({ ...filter, state: 'open' as const }))

describe('the filter of the queue', () => {
  test('comes back from the URL as it was written', () => {
    fc.assert(
      fc.property(filters, (filter) => {
        expect(read(writeFilter(filter))).toEqual(filter)
      }),
    )
  })

  test('whatever stands in a URL, what is read is a filter that the API takes', () => {
    const text = fc.oneof(fc.string(), fc.webQueryParameters())
    fc.assert(
      fc.property(text, (query) => {
        expect(caseFilter.safeParse(read(query)).success).toBe(true)
      }),
    )
  })

  test.each([
    ['', { state: 'open' }],
    ['state=any&order=risk', { state: 'any' }],
    ['state=closed&order=luck&scoreMin=101&scoreMax=-1&from=x', { state: 'open' }],
    ['outcome=block,,block, review', { state: 'open', outcome: 'block,review' }],
    ['nonsense=1&user=%20', { state: 'open' }],
  ])('%j is read as %j', (query, filter) => {
    expect(read(query)).toEqual(filter)
  })

  test('a value is put in and taken out again', () => {
    const one = toggleValue({ state: 'open' }, 'rule', 'device-farm')
    const two = toggleValue(one, 'rule', 'ip-batch')
    expect(two.rule).toBe('device-farm,ip-batch')
    expect(toggleValue(toggleValue(two, 'rule', 'ip-batch'), 'rule', 'device-farm')).toEqual({
      state: 'open',
    })
  })

  test('every narrowing has its chip, and taking all chips off leaves all open cases', () => {
    fc.assert(
      fc.property(filters, (filter) => {
        const bare = chipsOf(filter).reduce<CaseQuery>(
          (held, [field]) => withField(held, field, undefined),
          filter,
        )
        expect(chipsOf(bare)).toEqual([])
        expect(bare.state).toBe('open')
      }),
    )
  })
})
