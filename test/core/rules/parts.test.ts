/** Conditions taken apart: what stands outside all brackets, and that nothing is lost by it. */
import { describe, expect, test } from 'vitest'
import { defaultPlaybookPath, loadPlaybook } from '../../../src/config/playbook-file.ts'
import { exampleRow } from '../../../src/core/rules/example.ts'
import { alternativesOf } from '../../../src/core/rules/parts.ts'

const textsOf = (when: string) => alternativesOf(when).map((parts) => parts.map(({ text }) => text))

describe('a condition is taken apart', () => {
  test.each<[string, string[][]]>([
    ['watched', [['watched']]],
    ['is_claim && user_claims_1h >= 4', [['is_claim', 'user_claims_1h >= 4']]],
    [
      'is_claim &&\n  (watched || ip_is_tor) && !(ip_is_vpn && watched)',
      [['is_claim', '(watched || ip_is_tor)', '!(ip_is_vpn && watched)']],
    ],
    ['(is_claim && watched) || ip_is_tor', [['is_claim', 'watched'], ['ip_is_tor']]],
    ['((is_claim && watched))', [['is_claim', 'watched']]],
    ['(is_claim) && (watched)', [['(is_claim)', '(watched)']]],
    ['channel == "a && b || (c" && watched', [['channel == "a && b || (c"', 'watched']]],
    ["channel == 'it\\'s && (' && watched", [["channel == 'it\\'s && ('", 'watched']]],
    ['channel in ["a", "b"] && watched', [['channel in ["a", "b"]', 'watched']]],
    [
      'is_claim ? watched && ip_is_tor : ip_is_vpn',
      [['is_claim ? watched && ip_is_tor : ip_is_vpn']],
    ],
    ['watched && true', [['watched && true']]],
  ])('%s', (when, parts) => {
    expect(textsOf(when)).toEqual(parts)
  })
})

test('its parts together say what it says, for every rule and example that ships', () => {
  for (const { id, when, condition, examples } of loadPlaybook(defaultPlaybookPath).rules) {
    const alternatives = alternativesOf(when)
    for (const { signals } of examples) {
      const row = exampleRow(signals)
      const hits = alternatives.some((parts) =>
        parts.every((part) => part.condition(row) === 'hit'),
      )
      expect(hits, id).toBe(condition(row) === 'hit')
    }
  }
})
