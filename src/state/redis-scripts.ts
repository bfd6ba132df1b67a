/** The Lua verbs in lua/, read from their files once; a line `-- @include x` takes in lua/x.lua. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'

export interface Script {
  readonly name: string
  readonly body: string
  /** By which a server knows it once it was loaded. */
  readonly sha: string
}

export interface Scripts {
  readonly append: Script
  readonly compact: Script
  readonly count: Script
  readonly look: Script
  readonly stamp: Script
}

export const scriptNames = {
  append: 'append-n',
  compact: 'compact-n',
  count: 'count-n',
  look: 'look-1',
  stamp: 'stamp-1',
} as const

const textOf = (name: string): string =>
  readFileSync(new URL(`./lua/${name}.lua`, import.meta.url), 'utf8')

export function readScript(name: string): Script {
  const body = textOf(name).replace(/^-- @include (\w+)$/gm, (_, included: string) =>
    textOf(included),
  )
  return { name, body, sha: createHash('sha1').update(body).digest('hex') }
}

export function readScripts(): Scripts {
  return {
    append: readScript(scriptNames.append),
    compact: readScript(scriptNames.compact),
    count: readScript(scriptNames.count),
    look: readScript(scriptNames.look),
    stamp: readScript(scriptNames.stamp),
  }
}
