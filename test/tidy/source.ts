/**
 * The source tree as the tidy test sees it: every file with its text, its code (comments and the
 * insides of strings blanked, places unchanged) and its imports. The lexer knows as much of
 * TypeScript as blanking needs; where it guesses, at the start of a regular expression, it guesses
 * from what stands before.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, posix, relative, sep } from 'node:path'

export interface Import {
  /** As written. */
  readonly from: string
  /** Path of the file from the root of the repository; null for a package. */
  readonly file: string | null
  readonly typeOnly: boolean
  readonly line: number
}

export interface SourceFile {
  /** From the root of the repository, with slashes. */
  readonly path: string
  readonly text: string
  /** The text with comments and the insides of strings turned into spaces. */
  readonly code: string
  readonly imports: readonly Import[]
}

const skipped = new Set(['node_modules', 'dist', 'data', '.git', '.stack', 'coverage'])
/** What git has there of a worktree of its own: a file that says where the repository is. */
const notOurs = '.git'

/** Paths of all files under the root that are ours, sorted. */
export function listFiles(root: string): readonly string[] {
  const walk = (folder: string): string[] =>
    readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
      const path = join(folder, entry.name)
      if (entry.isDirectory()) return skipped.has(entry.name) ? [] : walk(path)
      const isOurs = entry.isFile() && entry.name !== notOurs
      return isOurs ? [relative(root, path).split(sep).join('/')] : []
    })
  return walk(root).sort()
}

export const readSource = (root: string, path: string) =>
  toSource(path, readFileSync(join(root, path), 'utf8'))

export function toSource(path: string, text: string): SourceFile {
  const blanked = blank(text)
  return { path, text, code: blanked.code, imports: importsOf(path, blanked) }
}

interface Blanked {
  readonly code: string
  /** The same with strings left in: only comments are blanked. */
  readonly withStrings: string
}

const spaces = (text: string) => text.replace(/[^\n]/g, ' ')
const token =
  /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:[^'\\\n]|\\[\s\S])*'|"(?:[^"\\\n]|\\[\s\S])*"|`|[{}]|\/(?![*/])(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/y

function blank(text: string): Blanked {
  let code = ''
  let withStrings = ''
  // How deep in braces each open template stands when it takes up its text again.
  const templates: number[] = []
  let depth = 0
  let at = 0
  const put = (end: number, inCode: 'kept' | 'blank', inStrings: 'kept' | 'blank') => {
    const part = text.slice(at, end)
    code += inCode === 'kept' ? part : spaces(part)
    withStrings += inStrings === 'kept' ? part : spaces(part)
    at = end
  }
  const template = () => {
    const end = endOfTemplateText(text, at)
    put(end.at, 'blank', 'kept')
    if (end.opens) {
      templates.push(depth)
      depth += 1
    }
  }
  while (at < text.length) {
    token.lastIndex = at
    const found = token.exec(text)?.[0] ?? text.charAt(at)
    const end = at + found.length
    if (found.startsWith('/*') || found.startsWith('//')) put(end, 'blank', 'blank')
    else if (found === '`') {
      put(end, 'kept', 'kept')
      template()
    } else if (found === '{') {
      depth += 1
      put(end, 'kept', 'kept')
    } else if (found === '}') {
      depth -= 1
      put(end, 'kept', 'kept')
      if (templates.at(-1) === depth) {
        templates.pop()
        template()
      }
    } else if (found.length > 1 && found.startsWith('/')) {
      // `/>` closes an element of a .tsx file, as `</` does.
      if (!found.startsWith('/>') && regexMayStart(code)) put(end, 'blank', 'blank')
      else put(at + 1, 'kept', 'kept')
    } else if (found.length > 1) {
      put(at + 1, 'kept', 'kept')
      put(end - 1, 'blank', 'kept')
      put(end, 'kept', 'kept')
    } else put(end, 'kept', 'kept')
  }
  return { code, withStrings }
}

/** Behind the closing backtick, or behind the `${` that opens an expression. */
function endOfTemplateText(text: string, from: number): { at: number; opens: boolean } {
  for (let at = from; at < text.length; at += 1) {
    const character = text.charAt(at)
    if (character === '\\') at += 1
    else if (character === '`') return { at: at + 1, opens: false }
    else if (character === '$' && text.charAt(at + 1) === '{') return { at: at + 2, opens: true }
  }
  return { at: text.length, opens: false }
}

/** A slash after a value divides; anywhere else it opens a regular expression. */
const regexMayStart = (before: string) =>
  /(?:^|[=(,:;!&|?{}[+\-*%~^>\n]|=>|\b(?:return|typeof|case|in|of|do|else))\s*$/.test(
    before.slice(-80),
  )

const importForms =
  /\b(?:import|export)\b(?<clause>[^;'"`()]*?)\bfrom\s*(?<quote>['"])(?<from>[^'"\n]+)\k<quote>|\bimport\s*\(?\s*(?<bare>['"])(?<effect>[^'"\n]+)\k<bare>/g

function importsOf(path: string, { code, withStrings }: Blanked): readonly Import[] {
  return [...withStrings.matchAll(importForms)].flatMap((match): Import[] => {
    // The keyword must be code: a string may quote an import.
    if (!/^(?:import|export)/.test(code.slice(match.index))) return []
    const from = match.groups?.from ?? match.groups?.effect ?? ''
    const clause = match.groups?.clause?.trim() ?? ''
    const file = from.startsWith('.') ? posix.join(posix.dirname(path), from) : null
    const line = lineAt(code, match.index)
    return [{ from, file, typeOnly: /^type\b/.test(clause), line }]
  })
}

export function lineAt(text: string, offset: number): number {
  let line = 1
  for (let at = text.indexOf('\n'); at >= 0 && at < offset; at = text.indexOf('\n', at + 1))
    line += 1
  return line
}

export const repositoryRoot = dirname(dirname(import.meta.dirname))
