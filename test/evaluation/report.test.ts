/** The report as text, HTML and charts: what it says, and that hostile names stay text. */
import { expect, test } from 'vitest'
import {
  chartHeight,
  chartWidth,
  lineChart,
  namedAxis,
  shareAxis,
} from '../../src/evaluation/charts.ts'
import { escaped } from '../../src/evaluation/escaped.ts'
import { evaluate } from '../../src/evaluation/evaluate.ts'
import { reportHtml } from '../../src/evaluation/report-html.ts'
import { reportText } from '../../src/evaluation/report-text.ts'
import { thresholdText } from '../../src/evaluation/told.ts'
import { evaluated, scoredEvent } from './scored.ts'

const hostile = '<script>alert(1)</script>'
const attribute = '" onload="alert(2)'
const terminal = '\u001b[2Jgone\u202eback'

const report = evaluate(
  [
    scoredEvent({ fraud: true, kind: hostile, outcome: 'block', score: 0.9, probability: 0.95 }),
    scoredEvent({ fraud: true, kind: terminal, day: 20_515, user: 1, probability: 0.55 }),
    scoredEvent({ fraud: false, kind: attribute, user: 2, probability: 0.05 }),
    scoredEvent({ fraud: false, kind: 'x'.repeat(500), day: 20_515, user: 3, currency: '<b>' }),
  ],
  evaluated({
    recording: `${hostile}.avro`,
    model: { name: attribute, checksum: 'c'.repeat(64), trainedOnIt: true },
    drift: { score: 0.3, features: [{ feature: 'device_users_1d', stability: 0.01 }] },
  }),
)

test('the text tells quality, costs, kinds, days, calibration and drift', () => {
  const text = reportText(report)
  for (const line of [
    /^ +TRAINED ON THIS RECORDING/m,
    /^labelled +4 events, 2 fraud \(50\.00 %\), days: 2$/m,
    /^ +rules alone +model alone +both$/m,
    /^ +recall +50\.00 % +100\.00 % +100\.00 %$/m,
    /^ +ROC-AUC +0\.7500 +1\.0000 +1\.0000$/m,
    /^ +least cost +3 +0 +0$/m,
    // Three reviews find the fraud that the rules did not score: 3 is less than 10.
    /^ +review at +0 +0\.5500 +0\.5500$/m,
    /^ +2026-03-02 +2 +1 +100\.00 % +100\.00 % +1\.0000 +1\.0000$/m,
    /^ +device_users_1d +0\.0100$/m,
    // Beside the rules, which block the first fraud, the model finds the second.
    /^ {2}model: \{ name: .*, reviewAt: 0\.5500, blockAt: 0\.5500, mode: shadow \}$/m,
  ])
    expect(text).toMatch(line)
  expect(text).toContain('By kind of actor')
  expect(text).toContain('Calibration, model alone')
})

test('nothing from data moves a terminal or breaks the page', () => {
  const text = reportText(report)
  expect(text).not.toMatch(/[^\n\P{C}]/u)
  expect(text).not.toContain('x'.repeat(100))
  const html = reportHtml(report)
  expect(html).not.toMatch(/<script/i)
  expect(html).not.toContain('<b>')
  expect(html).not.toMatch(/\sonload="/)
  expect(html).toContain('&#60;script&#62;alert(1)&#60;/script&#62;')
  expect(html).not.toMatch(/[^\n\P{C}]/u)
})

test('the page fetches nothing and has five charts', () => {
  const html = reportHtml(report)
  expect(html.match(/<svg /g)).toHaveLength(5)
  expect(html).toContain("default-src 'none'")
  expect(html).not.toMatch(/\b(?:src|href|url)\s*[=(]/)
  expect(html.replaceAll('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:/)
  for (const title of ['Precision over recall', 'ROC', 'Calibration', 'Recall by day'])
    expect(html).toContain(title)
})

test('equal events give equal bytes', () => {
  expect(reportHtml(report)).toBe(reportHtml(structuredClone(report)))
})

test('a chart has its size, stays inside its axes and escapes its names', () => {
  const chart = {
    title: `a ${hostile}`,
    x: shareAxis('recall'),
    y: shareAxis('precision'),
    lines: [
      {
        name: attribute,
        colour: 0,
        dots: true,
        points: [
          { x: 0, y: 0 },
          { x: 1, y: 9 },
        ],
      },
    ],
  }
  const svg = lineChart(chart)
  expect(svg).toContain(`viewBox="0 0 ${chartWidth} ${chartHeight}"`)
  // From the lower left corner to the upper right one; 9 is drawn on the edge.
  expect(svg).toContain('<polyline points="56,262 444,34"')
  expect(svg).not.toContain('<script')
  expect(svg).not.toContain('" onload="')
  expect(svg.match(/<circle /g)).toHaveLength(2)
  expect(lineChart(chart)).toBe(svg)
})

test('of many days only some are named on the axis', () => {
  const names = Array.from({ length: 30 }, (_, at) => `day ${at}`)
  const { ticks, to } = namedAxis('day', names)
  expect(to).toBe(29)
  expect(ticks.length).toBeLessThanOrEqual(6)
  expect(ticks[0]).toEqual({ at: 0, label: 'day 0' })
  expect(namedAxis('day', ['only'])).toMatchObject({ from: 0, to: 1 })
})

test('thresholds are rounded down, and in the unit of the playbook', () => {
  expect(thresholdText('model', 0.12349)).toBe('0.1234')
  expect(thresholdText('model', 0.0003)).toBe('0.0003')
  expect(thresholdText('rules', 0.29)).toBe('29')
  expect(thresholdText('both', null)).toBe('never')
})

test('escaped text has neither mark-up nor control characters', () => {
  expect(escaped(terminal)).toBe('?[2Jgone?back')
  expect(escaped(`<&>'"`)).toBe('&#60;&#38;&#62;&#39;&#34;')
})
