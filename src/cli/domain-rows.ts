/**
 * The rows of the domain table with what serves and what proves each, read from the checkout that
 * this program runs in. The table is in docs/domain.md; a file says in its opening comment which
 * rows it serves (`serves: Dn, Dm`) or, if it is a test, proves (`proves: Dn`). Anywhere else in a
 * file these words mean nothing. A playbook says of each rule which rows that serves.
 *
 * Reads every source file of the checkout: some tenths of a second.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, sep } from 'node:path'
import { formatProblems, parsePlaybook, readPlaybookText } from '../config/playbook-file.ts'
import { CommandError } from './exit.ts'

export interface DomainRow {
  readonly id: string
  /** As the table has it, in Markdown. */
  readonly fact: string
  /** What couponguard does with it. */
  readonly does: string
  /** Paths from the root of the checkout; of a playbook `playbooks/default.yaml#rule-id`. */
  readonly servedBy: readonly string[]
  /** Paths from the root of the checkout. */
  readonly tests: readonly string[]
}

export interface Mark {
  readonly row: string
  readonly word: 'serves' | 'proves'
  /** The file, from the root of the checkout. */
  readonly path: string
  /** The part of the file that says so, such as a rule; null where it is the file as a whole. */
  readonly part: string | null
}

const table = 'docs/domain.md'
const marked = ['mappings', 'playbooks', 'scripts', 'src', 'test']

/** Both src/cli/ and dist/cli/ lie two folders below it. */
export const checkoutRoot = join(import.meta.dirname, '..', '..')

/** In the order of the table. */
export function readDomain(root: string): readonly DomainRow[] {
  if (![table, ...marked].every((path) => existsSync(join(root, path)))) {
    throw new CommandError(
      `the sources are not installed here, and with them ${table}: run this in a checkout of couponguard`,
    )
  }
  const marks = readMarks(root)
  const saying = (word: Mark['word'], row: string) =>
    marks
      .filter((mark) => mark.word === word && mark.row === row)
      .map(({ path, part }) => (part === null ? path : `${path}#${part}`))
  const text = readFileSync(join(root, table), 'utf8')
  return [...text.matchAll(/^\| (D\d+) \| (.*?) \| (.*) \|$/gm)].map(([, id, fact, does]) => ({
    id: id!,
    fact: fact!,
    does: does!,
    servedBy: saying('serves', id!),
    tests: saying('proves', id!),
  }))
}

/** All marks of the checkout, those included that stand where they should not. */
export function readMarks(root: string): readonly Mark[] {
  return marked.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .map((path) => `${folder}/${path.split(sep).join('/')}`)
      .filter((path) => /\.(?:tsx?|lua|yaml)$/.test(path))
      .sort()
      .flatMap((path) =>
        path.startsWith('playbooks/') ? marksOfPlaybook(root, path) : marksOfFile(root, path),
      ),
  )
}

function marksOfPlaybook(root: string, path: string): readonly Mark[] {
  const file = join(root, path)
  const parsed = parsePlaybook(readPlaybookText(file), file)
  if ('problems' in parsed) throw new CommandError(formatProblems(parsed.problems, file))
  const { playbook, serves } = parsed
  const parts: readonly (readonly [part: string, rows: readonly string[]])[] = [
    ['alerting', serves.alerting],
    ['reportAmountMin', serves.reports],
    ...playbook.rules.map((rule) => [rule.id, rule.serves] as const),
  ]
  return parts.flatMap(([part, rows]) =>
    rows.map((row): Mark => ({ row, word: 'serves', path, part })),
  )
}

const opening = /^(?:#!.*\n)?(\/\*[\s\S]*?\*\/|(?:(?:\/\/|--|#).*\n)+)/
const mark = /\b(serves|proves): (D\d+(?:,[\s*]*D\d+)*)/g

function marksOfFile(root: string, path: string): readonly Mark[] {
  const [, comment = ''] = opening.exec(readFileSync(join(root, path), 'utf8')) ?? []
  return [...comment.matchAll(mark)].flatMap(([, word, rows]) =>
    rows!.match(/D\d+/g)!.map((row) => ({ row, word: word as Mark['word'], path, part: null })),
  )
}
