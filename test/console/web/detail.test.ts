/** What an entry of the audit log says, as a line; days and currencies as the page writes them. */
import { expect, test } from 'vitest'
import { detailText } from '../../../src/console/web/audit/detail.ts'
import { dictionaries } from '../../../src/console/web/texts/dictionary.ts'
import { makeFormat } from '../../../src/console/web/time/format.ts'

const at = Date.UTC(2026, 2, 1, 4)

test.each([
  ['en', '{"limit":200}', ''],
  ['en', '{"kind":"ip","value":"203.0.113.7","limit":50}', 'kind Address · value 203.0.113.7'],
  ['zh', '{"kind":"ip","value":"203.0.113.7","limit":50}', '类型 地址 · 值 203.0.113.7'],
  ['en', '{"verdict":"fraud","keys":["a","b"]}', 'verdict Fraud · cases ["a","b"]'],
  ['zh', '{"verdict":"fraud","reason":"farm"}', '判定 欺诈 · 原因 farm'],
  ['zh', `{"list":"block","expiresAt":${at}}`, '名单 黑名单 · 有效至 2026年3月1日 12:00:00'],
  ['en', '{"reason":"bad-field"}', 'reason Field wrong'],
  ['en', '{"expiresAt":null,"note":""}', ''],
  ['en', '{"constructor":"x","role":"toString"}', 'constructor x · role toString'],
  ['en', 'refused: unknown-case', 'refused: There is no such case.'],
  ['zh', 'refused: needs the role lead', '已拒绝：needs the role lead'],
  ['en', '[1]', '[1]'],
  ['en', '{"half', '{"half'],
] as const)('%s, %s: %s', (language, detail, told) => {
  const format = makeFormat(language, 'Asia/Shanghai')
  expect(detailText(detail, dictionaries[language], format)).toBe(told)
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
