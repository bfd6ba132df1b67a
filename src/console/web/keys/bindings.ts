/**
 * Every key of the page in one table: the help screen, the palette and the dispatcher read it, so
 * none can name a key that does nothing. Two keys with a space between are pressed one after the
 * other. No key of one scope stands twice, nor one that `anywhere` has (a test holds it).
 */
export const bindings = {
  'go-queue': ['anywhere', 'g q'],
  'go-alerts': ['anywhere', 'g a'],
  'go-overview': ['anywhere', 'g o'],
  'go-lists': ['anywhere', 'g l'],
  'go-penalties': ['anywhere', 'g n'],
  'go-letters': ['anywhere', 'g d'],
  'go-audit': ['anywhere', 'g t'],
  'go-people': ['anywhere', 'g p'],
  help: ['anywhere', '?'],
  palette: ['anywhere', 'mod+k'],
  search: ['anywhere', '/'],
  next: ['rows', 'j'],
  previous: ['rows', 'k'],
  first: ['rows', 'Home'],
  last: ['rows', 'End'],
  open: ['rows', 'Enter'],
  back: ['rows', 'Escape'],
  select: ['queue', 'x'],
  'select-range': ['queue', 'X'],
  'select-all': ['queue', 'A'],
  refresh: ['queue', '.'],
  fraud: ['case', 'f'],
  legitimate: ['case', 'l'],
  inconclusive: ['case', 'i'],
  reason: ['case', 'r'],
  take: ['case', 'a'],
  note: ['case', 'n'],
  undo: ['case', 'u'],
  'block-user': ['case', 's'],
  'block-device': ['case', 'd'],
  'block-ip': ['case', 'w'],
  'block-phone': ['case', 'h'],
  'block-code': ['case', 'c'],
  'block-referrer': ['case', 'b'],
  'block-expiry': ['case', 'e'],
  ring: ['case', 'o'],
  'near-misses': ['case', 'm'],
  'second-opinion': ['case', 'z'],
  penalty: ['case', 'p'],
  'next-tab': ['case', 't'],
  'filter-signals': ['case', 'v'],
} as const satisfies Record<string, readonly [scope: KeyScope, keys: string]>

export type KeyScope = 'anywhere' | 'rows' | 'queue' | 'case'
export type KeyId = keyof typeof bindings
export const keyIds = Object.keys(bindings) as readonly KeyId[]

/** What else does the same. */
const aliases: Readonly<Record<string, string>> = { ArrowDown: 'j', ArrowUp: 'k' }

export interface Pressed {
  readonly key: string
  readonly ctrlKey: boolean
  readonly metaKey: boolean
  readonly altKey: boolean
}

/** What was pressed, as the table writes it; null for a chord that is the browser's. */
export function nameOf({ key, ctrlKey, metaKey, altKey }: Pressed): string | null {
  if (altKey) return null
  if (ctrlKey || metaKey) return key.toLowerCase() === 'k' ? 'mod+k' : null
  return aliases[key] ?? key
}

/**
 * Which of the ids on offer is meant. `prefix` is what was pressed just before (`g`); an answer
 * with `waits` says that a second key is awaited.
 */
export function matchKey(
  offered: Iterable<KeyId>,
  prefix: string | null,
  name: string,
): { readonly id: KeyId } | { readonly waits: string } | null {
  const whole = prefix === null ? name : `${prefix} ${name}`
  let waits = false
  for (const id of offered) {
    const keys = bindings[id][1]
    if (keys === whole) return { id }
    if (prefix === null && keys.startsWith(`${name} `)) waits = true
  }
  return waits ? { waits: name } : null
}

/** Keys as they stand on a keyboard, one cap each. */
export const capsOf = (id: KeyId): readonly string[] =>
  bindings[id][1].split(' ').map((key) => {
    if (key === 'mod+k') return 'Ctrl K'
    if (key === 'Escape') return 'Esc'
    return /^[A-Z]$/.test(key) ? `⇧ ${key}` : key
  })
