/**
 * The promises of DESIGN and STYLE that a test can hold, one rule each: what it looks at, what it
 * finds, and what to do instead. Length of functions, number of parameters and floating promises
 * need a parser and types: .oxlintrc.json has those.
 */
import { lineAt, type SourceFile } from './source.ts'

export interface Finding {
  readonly rule: string
  readonly file: string
  readonly line: number
  readonly say: string
}

export interface Rule {
  readonly name: string
  readonly instead: string
  readonly applies: (path: string) => boolean
  readonly find: (file: SourceFile) => readonly Place[]
}

export interface Place {
  readonly line: number
  readonly say: string
}

const isTypeScript = (path: string) => /\.tsx?$/.test(path) && !path.endsWith('.gen.ts')
const under =
  (...folders: string[]) =>
  (path: string) =>
    isTypeScript(path) && folders.some((folder) => path.startsWith(folder))
const inCore = under('src/core/')
const inSource = under('src/')
const inAll = under('src/', 'test/', 'scripts/')

function banned(pattern: RegExp, where: 'code' | 'text' = 'code') {
  return (file: SourceFile): readonly Place[] =>
    [...file[where].matchAll(pattern)].map((match) => ({
      line: lineAt(file.text, match.index),
      say: match[0].trim(),
    }))
}

/** Pure libraries that core may use: DESIGN §4. */
const pureLibraries = ['@marcbachmann/cel-js', 'avsc', 're2js', '@noble/hashes']
const isPureLibrary = (from: string) =>
  pureLibraries.some((library) => from === library || from.startsWith(`${library}/`))

/**
 * Folders of src and what they must not import; src/cli/exit.ts and the schema types are for all.
 */
const directions: readonly (readonly [from: string, never: readonly string[]])[] = [
  [
    'src/core/event/',
    ['src/core/rules/', 'src/core/model/', 'src/core/decision/', 'src/core/alerting/'],
  ],
  [
    'src/core/signals/',
    ['src/core/rules/', 'src/core/model/', 'src/core/decision/', 'src/core/alerting/'],
  ],
  ['src/core/rules/', ['src/core/model/', 'src/core/decision/', 'src/core/alerting/']],
  ['src/core/model/', ['src/core/decision/', 'src/core/alerting/']],
  [
    'src/core/reconciliation/',
    ['src/core/rules/', 'src/core/model/', 'src/core/decision/', 'src/core/alerting/'],
  ],
  [
    'src/runtime/',
    [
      'src/state/',
      'src/log/',
      'src/recording/',
      'src/lists/',
      'src/generate/',
      'src/http/',
      'src/cli/',
      'src/config/',
    ],
  ],
  [
    'src/state/',
    ['src/log/', 'src/recording/', 'src/lists/', 'src/generate/', 'src/http/', 'src/cli/'],
  ],
  ['src/log/', ['src/state/', 'src/lists/', 'src/generate/', 'src/http/', 'src/cli/']],
  ['src/recording/', ['src/generate/', 'src/http/', 'src/cli/']],
  [
    'src/lists/',
    ['src/state/', 'src/log/', 'src/recording/', 'src/generate/', 'src/http/', 'src/cli/'],
  ],
  ['src/generate/', ['src/state/', 'src/log/', 'src/http/', 'src/cli/']],
  ['src/config/', ['src/state/', 'src/log/', 'src/generate/', 'src/http/', 'src/cli/']],
  ['src/http/', ['src/generate/', 'src/cli/']],
  [
    'src/evaluation/',
    [
      'src/state/',
      'src/log/',
      'src/recording/',
      'src/lists/',
      'src/generate/',
      'src/http/',
      'src/cli/',
      'src/config/',
      'src/training/',
    ],
  ],
  ['src/', ['src/main.ts', 'test/', 'scripts/']],
]
const forAll = ['src/cli/exit.ts']
/** The page runs elsewhere, so it has a clock of its own. */
const clocks = ['src/runtime/clock.ts', 'src/console/web/clock.ts']

const marks = ['TO' + 'DO', 'FIX' + 'ME', 'X'.repeat(3), 'HA' + 'CK']
const vagueName = /(?:^|[/.-])(?:utils?|helpers?|common|misc|managers?|services?)(?:[/.-]|$)/
const folderByKind = /(?:^|\/)(?:interfaces|types|enums|classes|constants)(?:\/|\.ts$)/
const columnsMax = 100
const fileLinesMax = 400

/**
 * A string, template or pattern that fills most of the line: breaking it would hide it from search.
 */
function isLongLiteral(line: string, blanked: string): boolean {
  if (/^\s*(?:\/[/*]|\*)/.test(line)) return false
  const quote = /(['"`/])[a-z]{0,3}[,;)\]}]*(?: \+|, async \(\) => \{|, \(\) => \{)?$/.exec(
    line,
  )?.[1]
  return blanked.trim() === '' || (quote !== undefined && line.indexOf(quote) < columnsMax / 2)
}

export const rules: readonly Rule[] = [
  {
    name: 'core imports only core and pure libraries',
    instead: 'hand the value in as an argument',
    applies: under('src/core/'),
    find: ({ imports }) =>
      imports
        .filter(({ file, from }) =>
          file === null ? !isPureLibrary(from) : !file.startsWith('src/core/'),
        )
        .map(({ line, from }) => ({ line, say: from })),
  },
  {
    name: 'core is pure',
    instead:
      'time, ids, randomness and I/O are arguments; what depends on locale data differs by machine',
    applies: inCore,
    find: banned(
      /\b(?:async|await|Promise|console|(?<!\bthis\.)process|globalThis|performance|crypto|fetch|require|Intl|setTimeout|setInterval|setImmediate|queueMicrotask|localeCompare|toLocale\w+|Math\.random)\b(?!\s*:)|\bDate\b(?!\.UTC\b)|\bimport\s*\(/g,
    ),
  },
  {
    name: 'one clock',
    instead:
      'take the time, an id or a random number as an argument; src/runtime/clock.ts reads the clock',
    applies: (path) => under('src/', 'scripts/')(path) && !clocks.includes(path),
    find: banned(/\bDate\.now\b|\bnew Date\s*\(\s*\)|\bDate\(\)|\bMath\.random\b|\brandomUUID\b/g),
  },
  {
    name: 'kafkajs is mended',
    instead: 'take Kafka from mendKafkajs() of src/log/kafka/patches/mend.ts',
    applies: inSource,
    find: banned(/\bimport\s+\{(?:[^}]*,)?\s*Kafka\b[^}]*\}\s*from\s*'kafkajs'/g, 'text'),
  },
  {
    name: 'no recursive mkdir',
    instead: 'makeFolder of src/runtime/make-folder.ts: the recursive one may never come back',
    applies: inSource,
    find: banned(/\bmkdir(?:Sync)?\([^)]*\brecursive\b/g),
  },
  {
    name: 'no chance in tests',
    instead: 'seed it, and print the seed',
    applies: under('test/'),
    find: banned(/\bMath\.random\b|\brandomUUID\b/g),
  },
  {
    name: 'imports go one way',
    instead: 'move what both need to where both may look',
    applies: inSource,
    find: ({ path, imports }) =>
      directions
        .filter(([from]) => path.startsWith(from) && path !== 'src/main.ts')
        .flatMap(([, never]) =>
          imports
            .filter(({ file }) => file !== null && !forAll.includes(file))
            .filter(({ file }) => never.some((folder) => file!.startsWith(folder)))
            .map(({ line, file }) => ({ line, say: file! })),
        ),
  },
  {
    name: 'imports name the .ts file',
    instead: 'write the ending',
    applies: inAll,
    find: ({ imports }) =>
      imports
        .filter(({ file }) => file !== null && !/\.(?:tsx?|json|css)$/.test(file))
        .map(({ line, from }) => ({ line, say: from })),
  },
  {
    name: 'no barrels',
    instead: 'import the file itself',
    applies: inSource,
    find: ({ path, code }) => {
      const barrel =
        /(?:^|\/)index\.tsx?$/.test(path) || /^\s*(?:export[^;\n]*from[^\n]*\s*)+$/.test(code)
      const all = banned(/\bexport\s*\*/g)
      return barrel ? [{ line: 1, say: path }] : all({ path, code, text: code, imports: [] })
    },
  },
  {
    name: 'no banned names',
    instead: 'name it after the thing or the deed inside',
    applies: inAll,
    find: (file) => [
      ...(folderByKind.test(file.path) || vagueName.test(file.path)
        ? [{ line: 1, say: file.path }]
        : []),
      ...banned(
        /\b(?:class|interface|type|function|const|let)\s+(?:\w*(?:Manager|Helper|Service|Utils?)|I[A-Z][a-z]\w*)\b/g,
      )(file),
    ],
  },
  {
    name: 'no any',
    instead: 'unknown, and a check at the edge',
    applies: inAll,
    find: banned(
      /(?::|\bas|<|,|\||&|=)\s*any\b(?!\(|:)|\bas unknown as\b|@ts-(?:ignore|nocheck|expect-error)/g,
    ),
  },
  {
    name: 'no default exports',
    instead: 'export it by name',
    applies: under('src/', 'scripts/'),
    find: banned(/\bexport\s+default\b/g),
  },
  {
    name: 'no state in modules',
    instead: 'pass it, or let a function own it',
    applies: inSource,
    find: banned(/^(?:export\s+)?(?:let|var)\b.*$/gm),
  },
  {
    name: 'one level of classes at most',
    instead: 'a union and functions',
    applies: inSource,
    find: banned(
      /\bextends\s+(?!Error\b)[A-Z]\w*(?=[\s\S]{0,3}\{)(?<=\bclass\s+\w+\s+extends\s+\w+)/g,
    ),
  },
  {
    name: 'code does not know that it is tested',
    instead: 'inject what the test needs to be different',
    applies: inSource,
    find: banned(/\bNODE_ENV\b|\bVITEST\b/g, 'text'),
  },
  {
    name: 'no test is skipped or alone',
    instead: 'mend it, or delete it',
    applies: under('test/'),
    find: banned(/\b(?:test|it|describe|suite|bench)(?:\.\w+)*\.(?:skip|only|todo|fails)\b/g),
  },
  {
    name: 'nothing is left to do',
    instead: 'do it, or write an issue',
    applies: (path) => isText(path),
    find: banned(new RegExp(`\\b(?:${marks.join('|')})\\b`, 'g'), 'text'),
  },
  {
    name: 'files open with what they are',
    instead: 'two to ten lines: what it is, what it promises, what it costs',
    applies: inAll,
    find: ({ text }) => {
      const opening = /^(?:#![^\n]*\n)?(\/\*\*[\s\S]*?\*\/|(?:\/\/[^\n]*\n)+)/.exec(text)?.[1]
      if (opening === undefined) return [{ line: 1, say: 'no opening comment' }]
      const lines = opening.split('\n').length
      return lines > 30 ? [{ line: 1, say: `opening comment of ${lines} lines` }] : []
    },
  },
  {
    name: `${columnsMax} columns`,
    instead: 'break the line; only a literal that runs to the end of its line is let be',
    applies: inAll,
    find: ({ text, code }) => {
      const blanked = code.split('\n')
      return text
        .split('\n')
        .flatMap((line, at) =>
          [...line].length <= columnsMax || isLongLiteral(line, blanked[at]!)
            ? []
            : [{ line: at + 1, say: `${[...line].length} columns` }],
        )
    },
  },
  {
    name: `files of ${fileLinesMax} lines at most`,
    instead: 'split it by the deeds inside',
    applies: (path) => inAll(path) || path.endsWith('.css'),
    find: ({ text }) => {
      const lines = text.split('\n').length - 1
      return lines > fileLinesMax ? [{ line: 1, say: `${lines} lines` }] : []
    },
  },
  {
    name: 'clean text',
    instead: 'spaces, LF, one line end at the end of the file',
    applies: (path) => isText(path),
    find: (file) => [
      ...banned(
        /[ \t]+$|\r|\t/gm,
        'text',
      )(file).map(({ line }) => ({ line, say: 'space at the end, tab or CR' })),
      ...(file.text.endsWith('\n') || file.text === ''
        ? []
        : [{ line: lineAt(file.text, file.text.length), say: 'no line end' }]),
    ],
  },
  {
    name: 'no paths of one machine',
    instead: 'go from the root of the repository, or ask the system for a folder',
    applies: (path) => isText(path),
    find: banned(/(?<![\w.~/-])\/(?:work|home|root|Users|tmp|private)\/\w+/g, 'text'),
  },
  {
    name: 'no registry hosts',
    instead: 'the client is configured where it runs',
    applies: (path) => isText(path) || path === 'package-lock.json',
    find: banned(
      /"resolved"\s*:|\bregistry\.(?:npmjs|yarnpkg|npmmirror)\b|_auth(?:Token)|\bnode(?:dir)\b/g,
      'text',
    ),
  },
]

/** Text that people write; what is generated or locked is not. */
export function isText(path: string): boolean {
  if (path.endsWith('.gen.ts') || path === 'package-lock.json' || path === 'LICENSE') return false
  return /\.(?:tsx?|css|html|md|json|yaml|yml|lua|avsc|mjs|sh)$|^\.|^Dockerfile/.test(path)
}

export function findAll(files: readonly SourceFile[]): readonly Finding[] {
  return rules.flatMap(({ name, applies, find }) =>
    files
      .filter(({ path }) => applies(path))
      .flatMap((file) => find(file).map((place) => ({ rule: name, file: file.path, ...place }))),
  )
}
