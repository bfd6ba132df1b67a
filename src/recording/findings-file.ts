/**
 * The findings that somebody has to look at as CSV, in order of time:
 *
 *     kind,event,user,redeemed_at,redeemed_amount,settled_at,settled_amount,currency,
 *     look_again_at,notes,settlement
 *
 * Times are ISO 8601 in UTC, amounts whole minor units; `settlement` is file and line. A text that
 * a spreadsheet would take for a formula gets an apostrophe in front. The file is there when it is
 * whole, and takes a megabyte of memory until then.
 */
import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises'
import { CommandError } from '../cli/exit.ts'
import type { LedgerFinding } from '../core/reconciliation/ledger.ts'
import type { FindingKind } from '../core/reconciliation/match.ts'
import { writeFully } from '../runtime/durable-file.ts'
import { removeAtEnd } from '../runtime/remove-at-end.ts'
import { fileProblem } from './file-problem.ts'

export const findingColumns = [
  ...['kind', 'event', 'user', 'redeemed_at', 'redeemed_amount', 'settled_at', 'settled_amount'],
  ...['currency', 'look_again_at', 'notes', 'settlement'],
]

/** What is as it should be, was given back, or cannot be told is only counted. */
const unwritten: ReadonlySet<FindingKind> = new Set(['settled', 'refunded', 'uncovered'])
const writeBytes = 1_048_576

type Opened = readonly [file: FileHandle, forgetPartial: () => void]

export class FindingsFile {
  readonly #path: string
  readonly #partial: string
  readonly #file: FileHandle
  readonly #forgetPartial: () => void
  #waiting = `${findingColumns.join(',')}\n`
  #position = 0
  #rows = 0

  private constructor(path: string, partial: string, [file, forgetPartial]: Opened) {
    this.#path = path
    this.#partial = partial
    this.#file = file
    this.#forgetPartial = forgetPartial
  }

  /** Throws CommandError where nothing can be written. */
  static async create(path: string): Promise<FindingsFile> {
    const existing = await stat(path).catch(() => null)
    if (existing !== null && !existing.isFile())
      throw new CommandError(`${path}: exists and is not a plain file; choose another --out`)
    const partial = `${path}.${process.pid}.partial`
    const forgetPartial = removeAtEnd(partial)
    try {
      return new FindingsFile(path, partial, [await open(partial, 'wx', 0o600), forgetPartial])
    } catch (error) {
      forgetPartial()
      throw fileProblem(path, error)
    }
  }

  get rows(): number {
    return this.#rows
  }

  /** A promise where it has to be waited for before the next. */
  add(one: LedgerFinding, placeText: (place: number) => string): Promise<void> | undefined {
    if (unwritten.has(one.finding.kind)) return
    this.#rows += 1
    this.#waiting += `${cellsOf(one, placeText).map(cell).join(',')}\n`
    return this.#waiting.length < writeBytes ? undefined : this.#write()
  }

  /** Puts the file in its place. */
  async finish(): Promise<void> {
    try {
      await this.#write()
      await this.#file.close()
      await rename(this.#partial, this.#path)
      this.#forgetPartial()
    } catch (error) {
      throw fileProblem(this.#path, error)
    }
  }

  async abort(): Promise<void> {
    await this.#file.close().catch(() => {})
    await rm(this.#partial, { force: true })
    this.#forgetPartial()
  }

  async #write(): Promise<void> {
    const bytes = Buffer.from(this.#waiting)
    this.#waiting = ''
    await writeFully(this.#file, bytes, this.#position).catch((error: unknown) => {
      throw fileProblem(this.#path, error)
    })
    this.#position += bytes.length
  }
}

function cellsOf(
  { user, id, redemption, finding }: LedgerFinding,
  placeText: (place: number) => string,
): string[] {
  const { kind, settlement, lookAgainAt, notes } = finding
  const currencies = [redemption?.currency, settlement?.currency].filter((one) => one != null)
  return [
    kind,
    id,
    user,
    timeText(redemption?.at),
    String(redemption?.amount ?? ''),
    timeText(settlement?.at),
    String(settlement?.amount ?? ''),
    [...new Set(currencies)].join(' '),
    timeText(lookAgainAt),
    notes.join(' '),
    settlement === null ? '' : placeText(settlement.place),
  ]
}

/** What no calendar has stays a number of milliseconds. */
export function timeText(at: number | null | undefined): string {
  if (at == null) return ''
  const time = new Date(at)
  return Number.isNaN(time.getTime()) ? String(at) : time.toISOString()
}

/** Ids are chosen by others: =, +, -, @, a tab or a line end in front would begin a formula. */
export function cell(text: string): string {
  const safe = /^\s*[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
