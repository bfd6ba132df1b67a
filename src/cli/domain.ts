/**
 * `domain`: the rows of the domain table, each with what serves it and which tests prove it, for
 * whoever asks whether a promise is kept and by what.
 */
import type { Command } from 'commander'
import { checkoutRoot, type DomainRow, readDomain } from './domain-rows.ts'
import { usageError } from './exit.ts'

const examples = `
Examples:
  $ npx couponguard domain
  $ npx couponguard domain D20 D22
  $ npx couponguard domain --json
What a row serves and proves is said in the sources, so this works in a checkout only.`

const columnsDefault = 100
const columnsMin = 40

export function registerDomain(program: Command): void {
  program
    .command('domain')
    .description('List the facts of the domain, what serves each and which tests prove it.')
    .argument('[ROW...]', 'only these rows, such as D20, each in full')
    .option('--json', 'print one JSON document')
    .addHelpText('after', examples)
    .action((asked: readonly string[], options: { readonly json?: boolean }) => {
      const all = readDomain(checkoutRoot)
      const unknown = asked.find((id) => all.every((row) => row.id !== id))
      if (unknown !== undefined) {
        const last = all.at(-1)?.id
        throw usageError(`${unknown.slice(0, 40)}: is no row of the domain table, D1 to ${last}`)
      }
      const rows = asked.length === 0 ? all : all.filter(({ id }) => asked.includes(id))
      const columns = Math.max(columnsMin, process.stdout.columns ?? columnsDefault)
      const text = rows.map((row) => rowText(row, columns, asked.length > 0)).join('\n')
      process.stdout.write(
        options.json === true ? `${JSON.stringify({ rows }, null, 2)}\n` : `${text}\n`,
      )
    })
}

/** Four columns for the id, ten for what is told of the row; the rest is broken to the width. */
function rowText(row: DomainRow, columns: number, isWhole: boolean): string {
  const width = columns - 5
  const fact = plain(row.fact)
  const told: readonly (readonly [heading: string, items: readonly string[]])[] = [
    ['does', isWhole ? [plain(row.does)] : []],
    ['served by', byFile(row.servedBy)],
    ['proved by', commaed(row.tests)],
  ]
  const lines = [
    ...(isWhole ? wrapped(fact, width) : [shortened(fact, width)]),
    ...told.flatMap(([heading, items]) =>
      items
        .flatMap((item) => wrapped(item, width - 11))
        .map((line, at) => `${(at === 0 ? heading : '').padEnd(11)}${line}`),
    ),
  ]
  return lines.map((line, at) => `${(at === 0 ? row.id : '').padEnd(5)}${line}`).join('\n')
}

/** `playbooks/default.yaml: one-rule, another`, and the files that serve as a whole. */
function byFile(servedBy: readonly string[]): readonly string[] {
  const parts = new Map<string, string[]>()
  const files: string[] = []
  for (const one of servedBy) {
    const [file, part] = one.split('#') as [string, string?]
    if (part === undefined) files.push(file)
    else parts.set(file, [...(parts.get(file) ?? []), part])
  }
  return [...[...parts].map(([file, some]) => `${file}: ${some.join(', ')}`), ...commaed(files)]
}

const commaed = (paths: readonly string[]) => (paths.length === 0 ? [] : [paths.join(', ')])

/** Markdown without its marks: links by their words. */
const plain = (text: string) => text.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').replaceAll('`', '')

const shortened = (text: string, width: number) =>
  text.length <= width ? text : `${text.slice(0, width - 1).trimEnd()}…`

/** Broken between words; a longer word has a line of its own. */
function wrapped(text: string, width: number): readonly string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = ''
    }
    line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line]
}
