/** The report as a person reads it on a terminal: the tables that matter, the longest cut. */
import { printable } from './escaped.ts'
import type { Report } from './evaluate.ts'
import {
  calibrationTables,
  costTable,
  dayTables,
  decayTable,
  driftTable,
  grouped,
  kindTable,
  percent,
  proposalTable,
  qualityTable,
  ruleTable,
  type Table,
  thresholdText,
} from './told.ts'

const rowsShown = 31
const featuresShown = 8
const notesWidth = 96

export function reportText(report: Report): string {
  const drift = driftTable(report)
  const tables = [
    qualityTable(report),
    costTable(report),
    proposalTable(report),
    kindTable(report),
    ruleTable(report),
    ...dayTables(report),
    decayTable(report),
    // Of the three only the model's is meant as a probability.
    calibrationTables(report).at(report.model === null ? 0 : 1)!,
    drift === null ? null : cut(drift, featuresShown),
  ]
  return [
    ...headLines(report),
    ...tables
      .filter((table) => table !== null)
      .flatMap((table) => tableLines(cut(table, rowsShown))),
    '',
  ].join('\n')
}

export function headLines(report: Report): string[] {
  const { recording, playbook, model, labelled, frauds, thresholds } = report
  const at = `review at ${thresholdText('model', thresholds.reviewAt)}, block at ${thresholdText('model', thresholds.blockAt)}`
  return [
    `recording    ${printable(recording)}`,
    `playbook     ${printable(playbook.name)} ${printable(playbook.version)} (${playbook.hash.slice(0, 12)})`,
    model === null
      ? 'model        none: rules alone (--model DIR adds one)'
      : `model        ${printable(model.name)} (${model.checksum.slice(0, 12)}), ${at}`,
    ...(model?.trainedOnIt === true
      ? ['             TRAINED ON THIS RECORDING: its figures are too good; evaluate it on another']
      : []),
    `labelled     ${grouped(labelled)} events, ${grouped(frauds)} fraud (${percent(frauds / labelled)}), days: ${grouped(report.days)}`,
    ...labelLines(report),
    ...(report.target === 'fraud'
      ? []
      : [`target       ${printable(report.target)}: read that wherever this says fraud`]),
    `users        ${grouped(report.users)}, ${grouped(report.honestUsers)} of them honest`,
  ]
}

function labelLines({ labels }: Report): readonly string[] {
  if (labels === null) return []
  const { file, events, met, inconclusive, unreviewed } = labels
  const none = inconclusive === 0 ? '' : `, ${grouped(inconclusive)} inconclusive`
  const rest = unreviewed === 'legitimate' ? 'events without one count as honest' : 'no other event'
  return [
    `             by the verdicts of ${printable(file)} on ${grouped(events)} events, ${grouped(met)} of them here${none}; ${rest}`,
  ]
}

function cut(table: Table, rows: number): Table {
  const more = table.rows.length - rows
  if (more <= 0) return table
  return { ...table, rows: [...table.rows.slice(0, rows), [`and ${more} more`]] }
}

function tableLines({ title, note, paste, head, rows }: Table): string[] {
  const all = head.every((cell) => cell === '') ? rows : [head, ...rows]
  const widths = head.map((_, at) => Math.max(...all.map((row) => widthOf(row[at] ?? ''))))
  const line = (row: readonly string[]) =>
    row
      .map((cell, at) => {
        const space = ' '.repeat(widths[at]! - widthOf(cell))
        return at === 0 ? cell + space : space + cell
      })
      .join('  ')
      .trimEnd()
  const notes = note === undefined ? [] : wrapped(note)
  const pasted = paste === undefined ? [] : [paste]
  return ['', title, ...[...notes, ...pasted, ...all.map(line)].map((part) => `  ${part}`)]
}

const widthOf = (cell: string) => [...cell].length

function wrapped(note: string): string[] {
  const lines = ['']
  for (const word of note.split(' ')) {
    const last = lines.at(-1)!
    if (last !== '' && last.length + word.length >= notesWidth) lines.push(word)
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`
  }
  return lines
}
