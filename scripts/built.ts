/**
 * Set-up of vitest, which calls it once before any test: builds dist/ where something in src/ is
 * newer, because the tests of the commands run what is built.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const built = join(root, 'dist', 'main.js')

export function setup(): void {
  if (existsSync(built) && newestIn(join(root, 'src')) <= statSync(built).mtimeMs) return
  const { status, stdout, stderr } = spawnSync('npm', ['run', '--silent', 'build'], {
    cwd: root,
    encoding: 'utf8',
  })
  // A type error does not keep tsc from writing: it is for `npm run check` to fail, not for each
  // test.
  if (status !== 0) process.stderr.write(`npm run build:\n${stdout}${stderr}`)
}

function newestIn(folder: string): number {
  const times = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => statSync(join(entry.parentPath, entry.name)).mtimeMs)
  return Math.max(...times)
}
