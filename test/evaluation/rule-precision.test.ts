/** How often reviewers agree with each rule, and how that is told. */
import { expect, test } from 'vitest'
import type { RuleResult } from '../../src/core/schema.gen.ts'
import { evaluate } from '../../src/evaluation/evaluate.ts'
import { reportHtml } from '../../src/evaluation/report-html.ts'
import { reportText } from '../../src/evaluation/report-text.ts'
import { newRuleCount } from '../../src/evaluation/rule-precision.ts'
import { evaluated, scoredEvent } from './scored.ts'

const said = (rule: string, is: Partial<RuleResult> = {}): RuleResult => ({
  ...{ rule, mode: 'live', result: 'hit', outcome: 'review', values: [] },
  ...is,
})

function counted() {
  const count = newRuleCount()
  count.add([said('busy'), said('tried', { mode: 'shadow' })], 'fraud')
  count.add([said('busy'), said('never-judged')], 'legitimate')
  count.add([said('busy'), said('doubted', { result: 'doubtful' })], 'fraud')
  count.add([said('busy'), said('quiet'), said('<b>')], null)
  count.add([said('quiet')], null)
  count.add([], 'fraud')
  return count.result()
}

test('hits that have a verdict, and of these those that are fraud; doubts are no hits', () => {
  expect(counted()).toEqual([
    { rule: 'busy', mode: 'live', hits: 4, reviewed: 3, frauds: 2, precision: 2 / 3 },
    { rule: 'never-judged', mode: 'live', hits: 1, reviewed: 1, frauds: 0, precision: 0 },
    { rule: 'tried', mode: 'shadow', hits: 1, reviewed: 1, frauds: 1, precision: 1 },
    { rule: 'quiet', mode: 'live', hits: 2, reviewed: 0, frauds: 0, precision: null },
    { rule: '<b>', mode: 'live', hits: 1, reviewed: 0, frauds: 0, precision: null },
  ])
})

test('text and HTML tell it, and whose the labels are', () => {
  const labels = {
    file: 'reviews\u001b[2J.csv',
    ...{ events: 1_200, frauds: 700, inconclusive: 3, met: 900 },
    unreviewed: 'left-out',
  } as const
  const events = [scoredEvent({ fraud: true }), scoredEvent()]
  const report = evaluate(events, evaluated({ labels, rules: counted() }))
  const text = reportText(report)
  expect(text).toMatch(
    /^ {13}by the verdicts of reviews.{1,8}\[2J\.csv on 1,200 events, 900 of them here/m,
  )
  expect(text).toMatch(/, 3 inconclusive; no other event$/m)
  expect(text).toMatch(/^ +rule +mode +hits +with a verdict +fraud +precision$/m)
  expect(text).toMatch(/^ +busy +live +4 +3 +2 +66\.67 %$/m)
  expect(text).toMatch(/^ +tried +shadow +1 +1 +1 +100\.00 %$/m)
  expect(text).toMatch(/^ +quiet +live +2 +0 +0 +–$/m)
  expect(text).not.toMatch(/[^\n\P{C}]/u)
  const html = reportHtml(report)
  expect(html).toContain('How often reviewers agree with each rule')
  expect(html).toContain('<td>66.67 %</td>')
  expect(html).toContain('&#60;b&#62;')
  expect(html).not.toContain('<b>')
})

test('without verdicts there is no such table', () => {
  const report = evaluate([scoredEvent({ fraud: true }), scoredEvent()], evaluated())
  expect(reportText(report)).not.toMatch(/reviewers agree|by the verdicts/)
  expect(reportHtml(report)).not.toMatch(/reviewers agree|by the verdicts/)
})
