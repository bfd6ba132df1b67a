/**
 * The log of a worker: one JSON document a line on stderr, by pino. A line means that something
 * changed or is wrong, never that an event passed; a warning that comes again and again is said
 * once in ten seconds, with how often. Secrets are blanked by value and by the name of the field,
 * and nothing that an event, a broker or a header holds can break a line or drive a terminal. A
 * reader that stands still holds nobody up: beyond 1 MiB lines are dropped.
 */
import { type DestinationStream, destination, pino } from 'pino'
import type { Clock } from './clock.ts'
import { EdgeError } from './edge-error.ts'

export const logLevels = ['debug', 'info', 'warn', 'error'] as const
export type LogLevel = (typeof logLevels)[number]

/**
 * An error is told by its message and code, a defect by its stack too. Warnings are told apart by
 * their words and `shard`.
 */
export type LogFields = Readonly<Record<string, string | number | boolean | null | Error>>

export interface LogLines {
  debug(what: string, fields?: LogFields): void
  info(what: string, fields?: LogFields): void
  warn(what: string, fields?: LogFields): void
  error(what: string, fields?: LogFields): void
}

export interface LogOptions {
  readonly clock: Clock
  /** Default `info`. */
  readonly level?: LogLevel
  /** Values that must not be printed, wherever they turn up: passwords, keys, tokens. */
  readonly secrets?: readonly string[]
  /** On every line, such as role and group. */
  readonly base?: Readonly<Record<string, string>>
  /** Default: stderr; what is left is written when the process exits. */
  readonly to?: DestinationStream
}

const repeatMs = 10_000
/** Different lines that are remembered; beyond that all are forgotten, and said once more. */
const rememberedMax = 1_000
const textMax = 2_000
const stackLinesMax = 20
const waitingBytesMax = 1_048_576

export function newLogLines(options: LogOptions): LogLines {
  const { clock, secrets = [] } = options
  const clean = newCleaner(secrets)
  const base: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(options.base ?? {})) base[name] = clean(value)
  const log = pino(
    {
      level: options.level ?? 'info',
      base,
      timestamp: () => `,"time":"${new Date(clock.now()).toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    options.to ?? destination({ fd: 2, sync: false, minLength: 0, maxLength: waitingBytesMax }),
  )
  const isDue = newThrottle(clock)
  const say = (level: LogLevel) => {
    const isThrottled = level === 'warn' || level === 'error'
    return (what: string, fields: LogFields = {}) => {
      if (!log.isLevelEnabled(level)) return
      const heldBack = isThrottled ? isDue(`${level} ${what} ${String(fields.shard)}`) : 0
      if (heldBack === null) return
      const told = cleanFields(fields, clean)
      log[level](heldBack === 0 ? told : { ...told, repeated: heldBack }, clean(what))
    }
  }
  return { debug: say('debug'), info: say('info'), warn: say('warn'), error: say('error') }
}

/** How often a line was held back since it was said last; null where it is held back now. */
function newThrottle(clock: Clock): (line: string) => number | null {
  const said = new Map<string, { readonly at: number; heldBack: number }>()
  return (line) => {
    const now = clock.now()
    const last = said.get(line)
    if (last !== undefined && Math.abs(now - last.at) < repeatMs) {
      last.heldBack += 1
      return null
    }
    if (said.size >= rememberedMax) said.clear()
    said.set(line, { at: now, heldBack: 0 })
    return last?.heldBack ?? 0
  }
}

type Cleaner = (text: string) => string

/** Control and format characters, ends of lines and paragraphs, half characters. */
const unsafe = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu
/** The password of an address such as redis://user:password@host, and what an HTTP login sends. */
const login = /(\/\/[^\s/:@]*:)[^\s/@]+(?=@)/g
const httpLogin = /\b(Basic|Bearer) [\w+/=.~-]+/g
const blank = '[secret]'

function newCleaner(secrets: readonly string[]): Cleaner {
  const forms = secrets
    .filter((secret) => secret !== '')
    .flatMap(formsOf)
    .sort((a, b) => b.length - a.length)
  return (text) => {
    let told = text
    for (const form of forms) told = told.replaceAll(form, blank)
    told = told.replace(login, `$1${blank}`).replace(httpLogin, `$1 ${blank}`)
    if (told.length > textMax) told = `${told.slice(0, textMax)}… (${told.length} characters)`
    return told.replace(unsafe, escaped)
  }
}

function escaped(character: string): string {
  const code = character.codePointAt(0)!.toString(16)
  return code.length > 4 ? `\\u{${code}}` : `\\u${code.padStart(4, '0')}`
}

/** As it is, as in an address, as an HTTP login and as a text inside of JSON. */
const formsOf = (secret: string): readonly string[] => [
  secret,
  encodeURIComponent(secret.toWellFormed()),
  Buffer.from(secret, 'utf8').toString('base64'),
  JSON.stringify(secret).slice(1, -1),
]

const secretName = /pass|secret|token|credential|authorization|api.?key|private.?key/i

/** Names that every line has already. */
const taken = new Set(['level', 'time', 'msg', 'repeated'])

function cleanFields(fields: LogFields, clean: Cleaner): Record<string, unknown> {
  const told: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(fields)) {
    const key = taken.has(name) ? `${name}_` : clean(name)
    if (secretName.test(name)) told[key] = blank
    else if (value instanceof Error) Object.assign(told, errorFields(value, clean))
    else told[key] = typeof value === 'string' ? clean(value) : value
  }
  return told
}

function errorFields(error: Error, clean: Cleaner): Record<string, unknown> {
  const told: Record<string, unknown> = { error: clean(error.message) }
  if ('code' in error && typeof error.code === 'string') told.code = clean(error.code)
  // What happens at an edge is no defect: where in the code it surfaced tells nobody anything.
  if (!(error instanceof EdgeError) && error.stack !== undefined)
    told.stack = error.stack.split('\n').slice(0, stackLinesMax).map(clean)
  return told
}
