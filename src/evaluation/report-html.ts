/**
 * The report as one HTML file that can be sent to anyone: charts are SVG inside it, nothing is
 * fetched and no script runs, which its own policy forbids too. What comes from data is escaped.
 */
import { type Chart, lineChart, namedAxis, shareAxis } from './charts.ts'
import { escaped } from './escaped.ts'
import type { Report, WayReport } from './evaluate.ts'
import type { Point } from './ranking.ts'
import { headLines } from './report-text.ts'
import {
  calibrationTables,
  costTable,
  dayTables,
  decayTable,
  driftTable,
  kindTable,
  proposalTable,
  qualityTable,
  ruleTable,
  type Table,
  wayNames,
} from './told.ts'
import { ways } from './ways.ts'

const style = `
body { font: 15px/1.5 sans-serif; color: #1f2937; background: #fff; max-width: 960px; margin: 2em auto; padding: 0 1em }
pre { font-size: 13px; white-space: pre-wrap }
table { border-collapse: collapse; margin: .5em 0 }
th, td { padding: .15em .8em; border-bottom: 1px solid #e5e7eb; text-align: right; font-variant-numeric: tabular-nums }
th:first-child, td:first-child { text-align: left; white-space: pre-wrap }
.wide { overflow-x: auto }
.charts { display: flex; flex-wrap: wrap; gap: 8px }
.note { color: #4b5563; margin: 0 }
`

export function reportHtml(report: Report): string {
  const drift = driftTable(report)
  const tables = [
    qualityTable(report),
    costTable(report),
    proposalTable(report),
    kindTable(report),
    ruleTable(report),
    ...dayTables(report),
    decayTable(report),
    ...calibrationTables(report),
    drift,
  ]
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width">
<title>Evaluation of ${escaped(report.recording)}</title>
<style>${style}</style>
</head>
<body>
<h1>Evaluation</h1>
<pre>${headLines(report).map(escaped).join('\n')}</pre>
<div class="charts">
${chartsOf(report).map(lineChart).join('')}</div>
${tables
  .filter((table) => table !== null)
  .map(tableHtml)
  .join('')}</body>
</html>
`
}

function chartsOf(report: Report): readonly Chart[] {
  const { ways: of, labelled, frauds } = report
  const lines = (pointsOf: (way: WayReport) => readonly Point[], dots = false) =>
    of.map((way) => ({
      name: wayNames[way.way],
      points: pointsOf(way),
      colour: ways.indexOf(way.way),
      dots,
    }))
  const level = frauds / labelled
  const days = namedAxis(
    'day',
    of[0]!.byDay.map(({ day }) => day),
  )
  const share = shareAxis('share')
  const daily = (measure: 'precision' | 'recall') =>
    lines(
      ({ byDay }) =>
        byDay.flatMap((row, x) => (row[measure] === null ? [] : [{ x, y: row[measure] }])),
      true,
    )
  const bins = ({ calibration }: WayReport) =>
    (calibration?.bins ?? []).flatMap(({ meanScore: x, fraudShare: y }) =>
      x === null || y === null ? [] : [{ x, y }],
    )
  return [
    {
      title: 'Precision over recall',
      x: shareAxis('recall'),
      y: shareAxis('precision'),
      lines: lines(({ curves }) => curves.pr),
      guide: [
        { x: 0, y: level },
        { x: 1, y: level },
      ],
    },
    {
      title: 'ROC: recall over false positives',
      x: shareAxis('honest events flagged'),
      y: shareAxis('recall'),
      lines: lines(({ curves }) => curves.roc),
      guide: diagonal,
    },
    {
      title: 'Calibration: share of fraud over score',
      x: shareAxis('mean score of the bin'),
      y: shareAxis('fraud'),
      lines: lines(bins, true),
      guide: diagonal,
    },
    { title: 'Precision by day', x: days, y: share, lines: daily('precision') },
    { title: 'Recall by day', x: days, y: share, lines: daily('recall') },
  ]
}

const diagonal = [
  { x: 0, y: 0 },
  { x: 1, y: 1 },
] as const

function tableHtml({ title, note, paste, head, rows }: Table): string {
  const cells = (tag: 'th' | 'td', row: readonly string[]) =>
    `<tr>${row.map((cell) => `<${tag}>${escaped(cell)}</${tag}>`).join('')}</tr>\n`
  const told = note === undefined ? '' : `<p class="note">${escaped(note)}</p>\n`
  const pasted = paste === undefined ? '' : `<pre>${escaped(paste)}</pre>\n`
  return `<h2>${escaped(title)}</h2>
${told}${pasted}<div class="wide"><table>
<thead>${cells('th', head)}</thead>
<tbody>
${rows.map((row) => cells('td', row)).join('')}</tbody>
</table></div>
`
}
