/**
 * What this machine must have before a server can start: commands in PATH, Java of a version that
 * will do. What is missing is an `Unavailable`, whose message is the one line to show.
 */
import { spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** A server cannot be had here; the message names what is missing and how to get it. */
export class Unavailable extends Error {}

const javaVersionMin = 17

/** The path of a command; looks through PATH, then through `folders`. */
export function findCommand(command: string, folders: readonly string[] = []): string | null {
  const places = [...(process.env.PATH ?? '').split(delimiter).filter(Boolean), ...folders]
  return places.map((folder) => join(folder, command)).find(isExecutable) ?? null
}

/**
 * The path of a command, in PATH or in `folders`. Root on a system with apt-get has the package
 * installed where it is missing; throws Unavailable where that is not to be or does not help.
 */
export function requireCommand(
  command: string,
  debianPackage: string,
  folders: () => readonly string[] = () => [],
): string {
  const found = findCommand(command, folders())
  if (found !== null) return found
  const installed = install(command, debianPackage) ? findCommand(command, folders()) : null
  if (installed !== null) return installed
  throw new Unavailable(`no ${command} in PATH (Debian: apt-get install ${debianPackage})`)
}

function install(command: string, debianPackage: string): boolean {
  const aptGet = findCommand('apt-get')
  if (aptGet === null || process.getuid?.() !== 0) return false
  process.stderr.write(`no ${command} here: apt-get install ${debianPackage}\n`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const runs = (...words: string[]) =>
    spawnSync(aptGet, ['-y', '-qq', ...words], { env, stdio: 'ignore' }).status === 0
  const gets = () => runs('install', '--no-install-recommends', debianPackage)
  return gets() || (runs('update') && gets())
}

/** The path of `java`, 17 or later. */
export function requireJava(): string {
  const java = requireCommand('java', 'openjdk-17-jre-headless')
  const { stderr } = spawnSync(java, ['-version'], { encoding: 'utf8' })
  const version = Number(/version "(\d+)/.exec(stderr)?.[1] ?? 0)
  if (version >= javaVersionMin) return java
  throw new Unavailable(`Java ${javaVersionMin} or later is needed, ${java} is ${version}`)
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
