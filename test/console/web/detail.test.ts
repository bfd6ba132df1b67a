/** What an entry of the audit log says, as a line; days and currencies as the page writes them. */
import { expect, test } from 'vitest'
import { detailText } from '../../../src/console/web/audit/detail.ts'
import { makeFormat } from '../../../src/console/web/time/format.ts'

test.each([
  ['{"limit":200}', ''],
  ['{"kind":"ip","value":"203.0.113.7","limit":50}', 'kind ip · value 203.0.113.7'],
  ['{"verdict":"fraud","keys":["a","b"]}', 'verdict fraud · keys ["a","b"]'],
  ['{"expiresAt":null,"note":""}', ''],
  ['refused: unknown-case', 'refused: unknown-case'],
  ['[1]', '[1]'],
  ['{"half', '{"half'],
])('%s: %s', (detail, told) => {
  expect(detailText(detail)).toBe(told)
})

test.each([
  ['en', '1 Mar 2026', '¥12.50', '¥1,250'],
  ['zh', '2026年3月1日', '¥12.50', '¥1,250'],
] as const)('%s: the day %s, the money %s and %s', (language, day, yuan, yen) => {
  // Where it is still the last of February.
  const format = makeFormat(language, 'America/Los_Angeles')
  expect(format.date(20260301)).toBe(day)
  expect([format.money(1_250, 'CNY'), format.money(1_250, 'JPY')]).toEqual([yuan, yen])
})
